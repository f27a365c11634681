//! The step from an old set to a new one: what it brings about, and what is found in the new set only.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::key::Key;
use super::{Outcome, Set, Side, Text, ignores, locate, path_of, policies, reported, sort};
use crate::config::Settings;
use crate::finding::{Finding, Severity};
use crate::graph::Change;
use crate::rules::Check;
use crate::source::Span;

/// Which findings on a change are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Kept {
    /// What the step itself brings about.
    Change,
    /// What is found in the new set and was not found in the old one.
    New,
    /// Both.
    #[default]
    All,
}

/// How many objects a change touches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Changes {
    /// Objects that say something else than before.
    pub changed: usize,
    /// Objects that were not there before.
    pub added: usize,
    /// Objects that are not there any more.
    pub removed: usize,
    /// Objects that stand in another file than before, changed or not.
    pub moved: usize,
}

/// Lints the step from the old texts to the new ones.
pub fn diff(texts: &[Text], settings: &Settings, kept: Kept) -> Outcome {
    let new = Set::new(texts, Text::is_new, settings);
    let old = Set::new(texts, Text::is_old, settings);
    let (old_unread, new_unread) = (half_read(texts, Text::is_old), half_read(texts, Text::is_new));
    let change = Change::between((&old.graph, &old_unread), (&new.graph, &new_unread));
    let mut outcome = new.outcome(texts, settings);
    outcome.changes = Some(changes(&change));
    outcome.is_partial = true;
    if kept != Kept::New {
        let (findings, suppressed) = brought_about(texts, &old, &new, &change, settings);
        outcome.findings = findings;
        outcome.summary.suppressed += suppressed;
    }
    if kept != Kept::Change {
        let (found, suppressed) = new.judged(texts, settings, &settings.rules());
        let mut findings = found_anew(found, texts, &old, settings);
        let told = told(&outcome.findings);
        findings.retain(|finding| told.get(&finding.span).is_none_or(|severity| *severity < finding.severity));
        outcome.findings.append(&mut findings);
        outcome.summary.suppressed += suppressed;
    }
    sort(&mut outcome.findings);
    outcome
}

/// The paths of texts of which some or all could not be read.
fn half_read(texts: &[Text], is_member: fn(&Text) -> bool) -> HashSet<&str> {
    let is_half_read = |text: &&Text| is_member(text) && (text.tree.is_templated() || !text.tree.errors().is_empty());
    texts.iter().filter(is_half_read).map(Text::path).collect()
}

fn changes(change: &Change<'_, '_>) -> Changes {
    Changes {
        changed: change.changed().count(),
        added: change.added().count(),
        removed: change.removed().count(),
        moved: change.pairs().filter(|pair| change.is_moved(pair)).count(),
    }
}

/// What the rules on changes find, without what the user has judged, and how much that is.
fn brought_about<'t>(texts: &[Text], old: &Set<'t>, new: &Set<'t>, change: &Change<'_, 't>, settings: &Settings) -> (Vec<Finding>, usize) {
    let rules = settings.rules();
    let found = rules.par_iter().flat_map_iter(|rule| match rule.rule.check {
        Check::Change(check) => reported(rule, |report| check(change, report)),
        _ => Vec::new(),
    });
    let mut findings: Vec<Finding> = found.collect();
    findings.append(&mut policies::findings_of_change(new, change, settings));
    locate(&mut findings, texts, &new.graph);
    locate(&mut findings, texts, &old.graph);
    sort(&mut findings);
    // A text of both sides is among the new ones.
    let of_old = old.files.iter().filter(|text| !text.is_new());
    let files: Vec<&Text> = new.files.iter().chain(of_old).copied().collect();
    let policies = policies::ids(&new.policies);
    let run = ignores::Run { texts, files: &files, graphs: &[&new.graph, &old.graph], settings, rules: &rules, policies: &policies };
    ignores::cover(&run, findings)
}

/// Lints the new texts as one set, and tells what is found in some of them, and in the others what was not found in the old set: their
/// verdict has changed with something else.
pub fn commit(texts: &[Text], settings: &Settings, is_given: &dyn Fn(&Text) -> bool) -> Outcome {
    let new = Set::new(texts, Text::is_new, settings);
    let mut outcome = Outcome { is_partial: true, ..new.outcome(texts, settings) };
    let (findings, suppressed) = new.judged(texts, settings, &settings.rules());
    outcome.summary.suppressed = suppressed;
    let given: Vec<bool> = texts.iter().map(is_given).collect();
    let is_of_given = |finding: &Finding| given.get(finding.span.source.0 as usize).copied().unwrap_or_default();
    let (mut told, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_of_given);
    if !others.is_empty() && texts.iter().any(|text| !matches!(text.side, Side::Both)) {
        let old = Set::new(texts, Text::is_old, settings);
        told.append(&mut found_anew(others, texts, &old, settings));
    }
    sort(&mut told);
    outcome.findings = told;
    outcome
}

/// Those of the findings in the new set that the rules don't find in the old one.
fn found_anew(findings: Vec<Finding>, texts: &[Text], old: &Set<'_>, settings: &Settings) -> Vec<Finding> {
    let mut rules = settings.rules();
    let found: HashSet<&str> = findings.iter().map(|finding| finding.rule.as_ref()).collect();
    // Only what was found can have been there before. What the engine tells of the others it tells only if they run.
    let has_engine = rules.iter().any(|rule| matches!(rule.rule.check, Check::Engine) && found.contains(rule.rule.id));
    rules.retain(|rule| has_engine || found.contains(rule.rule.id));
    let known = if rules.is_empty() { Vec::new() } else { old.judged(texts, settings, &rules).0 };
    unknown(findings, &known, texts, settings)
}

/// Where findings on the change point at, and how much they weigh: what else is found there and weighs no more is the same mistake.
fn told(of_change: &[Finding]) -> HashMap<Span, Severity> {
    let mut told: HashMap<Span, Severity> = HashMap::new();
    for finding in of_change {
        for span in finding.related.iter().map(|related| related.span).chain([finding.span]) {
            let severity = told.entry(span).or_insert(finding.severity);
            *severity = finding.severity.max(*severity);
        }
    }
    told
}

/// The findings that are not among others of the same texts, lines and files moved or not. Of several that can't be told apart as many
/// are new as there are more.
pub fn unknown(findings: Vec<Finding>, known: &[Finding], texts: &[Text], settings: &Settings) -> Vec<Finding> {
    // What stands in no object is known by its file, too; objects may have moved.
    let file = |finding: &Finding| finding.object.is_none().then(|| path_of(finding.span.source, texts, settings));
    let key = |finding| (Key::new(finding), file(finding));
    let mut left: HashMap<(Key, Option<&str>), usize> = HashMap::new();
    for finding in known {
        *left.entry(key(finding)).or_default() += 1;
    }
    let mut are_known = Vec::with_capacity(findings.len());
    for finding in &findings {
        let count = left.entry(key(finding)).or_default();
        are_known.push(*count > 0);
        *count = count.saturating_sub(1);
    }
    findings.into_iter().zip(are_known).filter_map(|(finding, is_known)| (!is_known).then_some(finding)).collect()
}
