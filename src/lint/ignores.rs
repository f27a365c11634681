//! What the user has judged already: comments, annotations and the config's entries that take findings out.
//!
//! A comment `# kubeshoal: ignore[rule-a, rule-b] reason` covers what it stands on or above, `# kubeshoal: ignore-file[rule]` its
//! file, the annotation `kubeshoal.dev/ignore: "rule-a, rule-b; reason"` its object. What covers nothing is reported in its turn.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Text, locate, path_of, saw_all, sort};
use crate::config::{self, ActiveRule, ConfigError, POLICY_PREFIX, Settings};
use crate::finding::{Finding, Report, RuleId, did_you_mean};
use crate::graph::Graph;
use crate::resource::Resource;
use crate::rules::{Check, RULES, rule};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Address, Comment, Tree};

const ANNOTATION: &str = "kubeshoal.dev/ignore";
const MARKER: &str = "kubeshoal:";
const UNUSED_IGNORE: &str = "unused-ignore";
const WITHOUT_REASON: &str = "ignore-without-reason";
/// Mistakes that are told of one run. Nobody mends more in one go, and hostile texts could be made of nothing else.
const MOST_MISTAKES: usize = 10_000;

/// What ignores are judged by.
pub(super) struct Run<'r, 't> {
    pub texts: &'r [Text],
    pub files: &'r [&'r Text],
    /// Of one set, or of both sides of a change.
    pub graphs: &'r [&'r Graph<'t>],
    pub settings: &'r Settings,
    pub rules: &'r [ActiveRule],
    /// The ids of the policies that were evaluated.
    pub policies: &'r [RuleId],
}

impl Run<'_, '_> {
    fn active(&self, id: &str) -> Option<&ActiveRule> {
        self.rules.iter().find(|active| active.rule.id == id)
    }

    /// The id, if there is a rule or policy of that name. Without policies in the config theirs are not known.
    fn known(&self, id: &str) -> Option<RuleId> {
        let is_policy =
            |id: &str| id.starts_with(POLICY_PREFIX) && (self.policies.is_empty() || self.policies.iter().any(|policy| policy == id));
        rule(id).map(|rule| rule.id.into()).or_else(|| is_policy(id).then(|| id.to_owned().into()))
    }

    fn text(&self, source: SourceId) -> &Text {
        &self.texts[source.0 as usize]
    }

    /// Whether a rule that reported nothing had nothing to report: it ran, on all that it looks at.
    fn has_judged(&self, id: &str, source: SourceId) -> bool {
        let is_all = || if source == SourceId::CONFIG { self.settings.world.is_all } else { saw_all(rule(id), self.text(source)) };
        let has_run = match rule(id) {
            Some(rule) => self.active(rule.id).is_some(),
            None => self.policies.iter().any(|policy| policy == id),
        };
        has_run && is_all()
    }

    /// Whether an entry of the config that covers nothing had everything before it that it could cover.
    fn has_judged_for(&self, ignore: &config::Ignore) -> bool {
        let has_run = |id: &RuleId| match rule(id) {
            Some(rule) => self.active(rule.id).is_some() && !matches!(rule.check, Check::Change(_)),
            None => self.policies.contains(id),
        };
        let have_run = if ignore.rules.is_empty() {
            self.settings.select.is_empty() && self.settings.deselect.is_empty()
        } else {
            ignore.rules.iter().all(has_run)
        };
        let is_half_read = |text: &&Text| text.tree.is_templated() || !text.tree.errors().is_empty();
        let may_be_covered = |text: &Text| ignore.covers_path(self.settings.from_config(text.path()).as_deref());
        self.settings.world.is_all && have_run && !self.texts.iter().filter(is_half_read).any(may_be_covered)
    }
}

/// Takes out what is ignored and counts it; adds what `unused-ignore` has to say. The findings come in the order of the texts.
pub(super) fn apply(run: &Run<'_, '_>, mut findings: Vec<Finding>) -> (Vec<Finding>, usize) {
    if run.settings.no_ignores {
        return (findings, 0);
    }
    let mut ignores = Ignores::collect(run);
    let mut suppressed = 0;
    let mut take_out = |findings: &mut Vec<Finding>, ignores: &mut Ignores| suppressed += ignores.take_out(run, findings);
    take_out(&mut findings, &mut ignores);
    if let Some(active) = run.active(UNUSED_IGNORE) {
        let mut unused = ignores.unused(run, active, |id| id != UNUSED_IGNORE);
        unused.append(&mut ignores.mistakes(run, active));
        unused.append(&mut ignores.unused_in_config(run, active, |entry| !covers_unused(entry)));
        sort(&mut unused);
        take_out(&mut unused, &mut ignores);
        findings.append(&mut unused);
        // An ignore of `unused-ignore` that is unused itself can't be allowed to cover itself.
        let mut unused = ignores.unused(run, active, |id| id == UNUSED_IGNORE);
        take_out(&mut unused, &mut Ignores::of_config(run));
        findings.append(&mut unused);
        findings.append(&mut ignores.unused_in_config(run, active, covers_unused));
    }
    if let Some(active) = run.active(WITHOUT_REASON) {
        let mut bare = ignores.without_reason(run, active);
        // Nor can one that lacks a reason cover that.
        take_out(&mut bare, &mut Ignores::of_config(run));
        findings.append(&mut bare);
    }
    (findings, suppressed)
}

/// Takes out what is ignored and counts it, and tells nothing of what covers nothing. The findings come in the order of the texts.
pub(super) fn cover(run: &Run<'_, '_>, mut findings: Vec<Finding>) -> (Vec<Finding>, usize) {
    if run.settings.no_ignores {
        return (findings, 0);
    }
    let suppressed = Ignores::collect(run).take_out(run, &mut findings);
    (findings, suppressed)
}

/// Whether an entry of the config may cover what is told of ignores that cover nothing.
fn covers_unused(entry: &config::Ignore) -> bool {
    entry.rules.is_empty() || entry.rules.iter().any(|rule| rule == UNUSED_IGNORE)
}

/// The config's entries whose last day is over.
pub(super) fn expired(settings: &Settings) -> Vec<ConfigError> {
    let expired = settings.ignores.iter().filter(|ignore| !settings.no_ignores && ignore.has_expired(settings.today));
    let remark = |ignore: &config::Ignore| {
        let until = ignore.until.map(|until| until.to_string()).unwrap_or_default();
        let (line, column) = ignore.line_column;
        let help = "mend what it covered, or judge it anew and set another `until`";
        ConfigError {
            line,
            column,
            message: format!("this ignore ended on {until}; what it covered is reported again"),
            help: Some(help.into()),
        }
    };
    expired.map(remark).collect()
}

/// How far an ignore reaches.
#[derive(Clone, Copy)]
enum Reach {
    Node,
    Object,
    File,
}

/// One rule in one ignore.
struct Ignore {
    rule: RuleId,
    reach: Reach,
    covers: Option<Span>,
    /// The whole comment or annotation, whose own findings it covers too.
    written: Span,
    /// What to remove if it is unused.
    at: Span,
    node: Option<Address>,
    is_one_of_many: bool,
    used: bool,
}

impl Ignore {
    fn describe_unused(&self) -> String {
        let place = match self.reach {
            Reach::Node => "here",
            Reach::Object => "in this object",
            Reach::File => "in this file",
        };
        if self.covers.is_none() {
            return format!("nothing begins on this line or below it that `{}` could be ignored for", self.rule);
        }
        format!("nothing {place} is reported by `{}`", self.rule)
    }

    fn help(&self) -> String {
        match (self.covers, self.is_one_of_many) {
            (None, _) => "put it on the line of an entry or item, or on a line of its own above".into(),
            (_, true) => format!("take `{}` out of the list", self.rule),
            (_, false) => "remove this ignore".into(),
        }
    }
}

/// An ignore that can't mean anything.
struct Mistake {
    at: Span,
    node: Option<Address>,
    message: String,
    help: String,
}

/// Where an ignore is written, and the bytes that parts of it have.
struct Site<'s> {
    written: Span,
    covers: Option<Span>,
    reach: Reach,
    node: Option<Address>,
    span_of: &'s dyn Fn(Range<usize>) -> Span,
}

/// The ignores of one rule in one text, held against its findings in the order of the text. One of two ranges that share a byte lies
/// in the other, since each is a comment or a part of the tree.
#[derive(Default)]
struct RuleIgnores {
    all: Vec<Ignore>,
    /// Start, end and ignore of each range that begins further on; the next one last.
    ahead: Vec<(u32, Reverse<u32>, usize)>,
    /// The ranges around the place that was reached, the innermost last.
    around: Vec<Around>,
}

/// A range around the place that was reached.
struct Around {
    end: u32,
    ignore: usize,
    /// Whether it has covered a finding, and so all ranges around it too.
    used: bool,
}

impl RuleIgnores {
    fn add(&mut self, ignore: Ignore) {
        let ranges = ignore.covers.into_iter().chain([ignore.written]);
        self.ahead.extend(ranges.map(|span| (span.start, Reverse(span.end), self.all.len())));
        self.all.push(ignore);
    }

    /// Whether the finding that begins there is covered; marks all that cover it as used. No finding comes before an earlier one.
    fn cover(&mut self, place: u32) -> bool {
        while let Some((start, Reverse(end), ignore)) = self.ahead.pop_if(|(start, ..)| *start <= place) {
            self.leave(start);
            self.around.push(Around { end, ignore, used: false });
        }
        self.leave(place);
        for around in self.around.iter_mut().rev().take_while(|around| !around.used) {
            around.used = true;
            self.all[around.ignore].used = true;
        }
        !self.around.is_empty()
    }

    /// Forgets the ranges that have ended.
    fn leave(&mut self, place: u32) {
        while self.around.pop_if(|around| around.end <= place).is_some() {}
    }
}

/// All ignores of a run.
#[derive(Default)]
struct Ignores {
    by_rule: BTreeMap<(SourceId, RuleId), RuleIgnores>,
    mistakes: Vec<Mistake>,
    /// Those that give no reason, and where one would stand.
    bare: Vec<(Span, Option<Address>, &'static str)>,
    /// Which of the config's entries have covered a finding.
    used_in_config: Vec<bool>,
}

impl Ignores {
    /// None in texts.
    fn of_config(run: &Run<'_, '_>) -> Self {
        Ignores { used_in_config: vec![false; run.settings.ignores.len()], ..Ignores::default() }
    }

    fn collect(run: &Run<'_, '_>) -> Self {
        let mut ignores = Ignores::of_config(run);
        for file in run.files {
            for comment in file.tree.comments() {
                ignores.comment(run, &file.tree, comment);
            }
        }
        if let Some(config) = run.settings.source.as_ref().filter(|config| config.text.contains(MARKER)) {
            let tree = yaml::parse(SourceId::CONFIG, config.text.clone());
            tree.comments().for_each(|comment| ignores.comment(run, &tree, comment));
        }
        for resource in run.graphs.iter().flat_map(|graph| graph.resources()) {
            ignores.annotation(run, resource);
        }
        for ignores in ignores.by_rule.values_mut() {
            ignores.ahead.sort_unstable_by_key(|&range| Reverse(range));
        }
        ignores
    }

    fn comment(&mut self, run: &Run<'_, '_>, tree: &Tree, comment: Comment) {
        let source = comment.span.source;
        let text = &tree.text()[comment.span.start as usize..comment.span.end as usize];
        let Some(hash) = directive(text) else { return };
        let span_of = |range: Range<usize>| {
            let start = comment.span.start + hash as u32;
            Span { source, start: start + range.start as u32, end: start + range.end as u32 }
        };
        let text = text[hash..].trim_end();
        let written = span_of(0..text.len());
        let (reach, ids) = match rule_list(text) {
            Ok(list) => list,
            Err(message) => {
                let help = "write `# kubeshoal: ignore[rule-id] reason`".into();
                self.mistake(|| Mistake { at: written, node: None, message: message.into(), help });
                return;
            }
        };
        let covers = match reach {
            Reach::File => Some(Span { source, start: 0, end: u32::MAX }),
            _ => tree.commented(comment),
        };
        if text[ids.end + 1..].trim().is_empty() {
            self.bare.push((written, None, "say why behind the brackets"));
        }
        self.add(run, &Site { written, covers, reach, node: None, span_of: &span_of }, text, ids);
    }

    fn annotation(&mut self, run: &Run<'_, '_>, resource: &Resource<'_>) {
        let Some(value) = resource.annotation(ANNOTATION).filter(|value| !value.is_unknown()) else { return };
        let (at, node, text) = (value.span(), Some(value.address()), value.text());
        let ids = text.find(';').unwrap_or(text.len());
        if text[..ids].trim().is_empty() {
            let message = "this annotation names no rule and suppresses nothing".into();
            let help = format!("write `{ANNOTATION}: \"rule-id; reason\"`");
            self.mistake(|| Mistake { at, node, message, help });
            return;
        }
        if text[ids..].trim_start_matches(';').trim().is_empty() {
            self.bare.push((at, node, "say why behind a semicolon: `rule-id; reason`"));
        }
        let site =
            Site { written: at, covers: Some(resource.node().span()), reach: Reach::Object, node, span_of: &|range| value.span_of(range) };
        self.add(run, &site, text, 0..ids);
    }

    /// Adds an ignore for each of the ids that stand, with commas between them, in a range of the text.
    fn add(&mut self, run: &Run<'_, '_>, site: &Site<'_>, text: &str, ids: Range<usize>) {
        // More than all rules can't be meant.
        let ids: Vec<Range<usize>> = split_list(text, ids).take(RULES.len()).collect();
        for range in &ids {
            let id = &text[range.clone()];
            let Some(id) = run.known(id) else {
                self.mistake(|| {
                    let policies = run.policies.iter().map(AsRef::as_ref);
                    let help = did_you_mean(id, RULES.iter().map(|rule| rule.id).chain(policies));
                    let help = help.unwrap_or_else(|| "`kubeshoal rules` lists them".into());
                    let message = format!("there is no rule `{id}`, so this suppresses nothing");
                    Mistake { at: (site.span_of)(range.clone()), node: site.node, message, help }
                });
                continue;
            };
            let is_one_of_many = ids.len() > 1;
            let at = if is_one_of_many { (site.span_of)(range.clone()) } else { site.written };
            let Site { written, covers, reach, node, .. } = *site;
            let ignore = Ignore { rule: id.clone(), reach, covers, written, at, node, is_one_of_many, used: false };
            self.by_rule.entry((written.source, id)).or_default().add(ignore);
        }
    }

    fn mistake(&mut self, mistake: impl FnOnce() -> Mistake) {
        if self.mistakes.len() < MOST_MISTAKES {
            self.mistakes.push(mistake());
        }
    }

    /// Takes out what is ignored; how much that is.
    fn take_out(&mut self, run: &Run<'_, '_>, findings: &mut Vec<Finding>) -> usize {
        let before = findings.len();
        // What covers a finding is in use, though something else covers it too.
        findings.retain(|finding| !(self.cover(finding) | self.cover_by_config(run, finding)));
        before - findings.len()
    }

    fn cover(&mut self, finding: &Finding) -> bool {
        let ignores = self.by_rule.get_mut(&(finding.span.source, finding.rule.clone()));
        ignores.is_some_and(|ignores| ignores.cover(finding.span.start))
    }

    fn cover_by_config(&mut self, run: &Run<'_, '_>, finding: &Finding) -> bool {
        let settings = run.settings;
        let mut entries =
            settings.ignores.iter().zip(&mut self.used_in_config).filter(|(entry, _)| !entry.has_expired(settings.today)).peekable();
        if entries.peek().is_none() {
            return false;
        }
        let path = settings.from_config(path_of(finding.span.source, run.texts, settings));
        let mut is_covered = false;
        for (_, used) in entries.filter(|(entry, _)| entry.covers(finding, path.as_deref())) {
            (*used, is_covered) = (true, true);
        }
        is_covered
    }

    fn unused_in_config(&self, run: &Run<'_, '_>, active: &ActiveRule, is_asked_for: fn(&config::Ignore) -> bool) -> Vec<Finding> {
        let mut report = Report::new(UNUSED_IGNORE, active.severity(active.own));
        let unused =
            run.settings.ignores.iter().zip(&self.used_in_config).filter(|(entry, used)| !**used && !entry.has_expired(run.settings.today));
        for (entry, _) in unused.filter(|(entry, _)| is_asked_for(entry) && run.has_judged_for(entry)) {
            let places = entry.span.into_iter();
            places.for_each(|span| _ = report.at_span(span, "nothing is found that this entry covers").help("remove this entry"));
        }
        report.into_findings()
    }

    fn without_reason(&self, run: &Run<'_, '_>, active: &ActiveRule) -> Vec<Finding> {
        let mut report = Report::new(WITHOUT_REASON, active.severity(active.own));
        let in_config = run.settings.ignores.iter().filter(|entry| entry.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()));
        let in_config = in_config.filter_map(|entry| Some((entry.span?, None, "add `reason: …`")));
        for (span, node, help) in self.bare.iter().copied().chain(in_config) {
            report.at_span(span, "this ignore gives no reason").help(help).node = node;
        }
        located(run, report)
    }

    fn unused(&self, run: &Run<'_, '_>, active: &ActiveRule, is_asked_for: fn(&str) -> bool) -> Vec<Finding> {
        let mut report = Report::new(UNUSED_IGNORE, active.severity(active.own));
        for ((source, id), ignores) in &self.by_rule {
            for ignore in ignores.all.iter().filter(|ignore| !ignore.used && is_asked_for(id) && run.has_judged(&ignore.rule, *source)) {
                report.at_span(ignore.at, ignore.describe_unused()).help(ignore.help()).node = ignore.node;
            }
        }
        located(run, report)
    }

    fn mistakes(&mut self, run: &Run<'_, '_>, active: &ActiveRule) -> Vec<Finding> {
        let mut report = Report::new(UNUSED_IGNORE, active.severity(active.own));
        for mistake in self.mistakes.drain(..) {
            report.at_span(mistake.at, mistake.message).help(mistake.help).node = mistake.node;
        }
        located(run, report)
    }
}

fn located(run: &Run<'_, '_>, report: Report) -> Vec<Finding> {
    let mut findings = report.into_findings();
    run.graphs.iter().for_each(|graph| locate(&mut findings, run.texts, graph));
    findings
}

/// Where in a comment the `#` stands that `kubeshoal:` follows; other tools' comments may come before it.
fn directive(comment: &str) -> Option<usize> {
    comment.match_indices(MARKER).find_map(|(at, _)| {
        let before = comment[..at].trim_end();
        before.ends_with('#').then(|| before.len() - 1)
    })
}

/// The part of `# kubeshoal: ignore[rule-a, rule-b] reason` between the brackets, or why there is none.
fn rule_list(text: &str) -> Result<(Reach, Range<usize>), &'static str> {
    let after = text.find(MARKER).map_or(text.len(), |at| at + MARKER.len());
    let rest = text[after..].trim_start();
    let Some(rest) = rest.strip_prefix("ignore") else {
        return Err("`kubeshoal:` is followed by neither `ignore[…]` nor `ignore-file[…]`, so this suppresses nothing");
    };
    let (reach, rest) = rest.strip_prefix("-file").map_or((Reach::Node, rest), |rest| (Reach::File, rest));
    let Some(list) = rest.trim_start().strip_prefix('[') else {
        return Err("this ignore names no rule in brackets and suppresses nothing");
    };
    let Some(length) = list.find(']') else {
        return Err("the `]` behind this ignore's rules is missing, so it suppresses nothing");
    };
    if list[..length].replace(',', "").trim().is_empty() {
        return Err("the brackets of this ignore are empty, so it suppresses nothing");
    }
    let start = text.len() - list.len();
    Ok((reach, start..start + length))
}

/// The ranges of what stands between commas, blanks left out.
fn split_list(text: &str, list: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut next = list.start;
    text[list].split(',').filter_map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len() + 1;
        let part = part.trim();
        (!part.is_empty()).then(|| start..start + part.len())
    })
}
