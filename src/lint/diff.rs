//! The step from an old set to a new one: what it brings about, and what is found in the new set only.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::{Outcome, Set, Text, ignores, locate, path_of, policies, reported, sort};
use crate::config::Settings;
use crate::finding::{Finding, ObjectName, Severity};
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
    let mut outcome = Outcome { summary: new.summary(), expired: ignores::expired(settings), ..Outcome::default() };
    outcome.changes = Some(changes(&change));
    if kept != Kept::New {
        let (findings, suppressed) = brought_about(texts, &old, &new, &change, settings);
        outcome.findings = findings;
        outcome.summary.suppressed += suppressed;
    }
    if kept != Kept::Change {
        let (mut findings, suppressed) = found_anew(texts, &old, &new, settings);
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

/// What the rules on one set find in the new set only, and how much of what they find there the user has judged.
fn found_anew(texts: &[Text], old: &Set<'_>, new: &Set<'_>, settings: &Settings) -> (Vec<Finding>, usize) {
    let mut rules = settings.rules();
    let (findings, suppressed) = new.judged(texts, settings, &rules);
    let found: HashSet<&str> = findings.iter().map(|finding| finding.rule.as_ref()).collect();
    // Only what was found can have been there before. What the engine tells of the others it tells only if they run.
    let has_engine = rules.iter().any(|rule| matches!(rule.rule.check, Check::Engine) && found.contains(rule.rule.id));
    rules.retain(|rule| has_engine || found.contains(rule.rule.id));
    let known = if rules.is_empty() { Vec::new() } else { old.judged(texts, settings, &rules).0 };
    (unknown(findings, &known, texts, settings), suppressed)
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

/// A finding as one knows it again when lines and files have moved.
#[derive(PartialEq, Eq, Hash)]
struct Key<'f> {
    rule: &'f str,
    /// Kind, namespace and name.
    object: Option<(&'f str, Option<&'f str>, Option<&'f str>)>,
    field: Option<&'f str>,
    /// What stands in no object is known by its file and message.
    outside: Option<(&'f str, &'f str)>,
}

impl<'f> Key<'f> {
    fn new(finding: &'f Finding, texts: &'f [Text], settings: &'f Settings) -> Self {
        let outside = finding.object.is_none().then(|| (path_of(finding.span.source, texts, settings), finding.message.as_str()));
        let object = |object: &'f ObjectName| (object.kind.as_str(), object.namespace.as_deref(), object.name.as_deref());
        Key { rule: &finding.rule, object: finding.object.as_ref().map(object), field: finding.field.as_deref(), outside }
    }
}

/// The findings that are not among others of the same texts, lines and files moved or not. Of several that can't be told apart as many
/// are new as there are more.
pub fn unknown(findings: Vec<Finding>, known: &[Finding], texts: &[Text], settings: &Settings) -> Vec<Finding> {
    let mut left: HashMap<Key<'_>, usize> = HashMap::new();
    for finding in known {
        *left.entry(Key::new(finding, texts, settings)).or_default() += 1;
    }
    let mut are_known = Vec::with_capacity(findings.len());
    for finding in &findings {
        let count = left.entry(Key::new(finding, texts, settings)).or_default();
        are_known.push(*count > 0);
        *count = count.saturating_sub(1);
    }
    findings.into_iter().zip(are_known).filter_map(|(finding, is_known)| (!is_known).then_some(finding)).collect()
}
