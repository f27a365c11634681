//! The engine: texts and settings to findings, with those taken out that the user has judged already.
//!
//! It reads no file and prints nothing; whoever calls it brings the trees and shows the outcome. `lint` judges one set of texts, `diff`
//! the step from an old set to a new one.

mod baseline;
mod diff;
mod ignores;
mod key;
mod policies;

use rayon::prelude::*;

use crate::config::{ActiveRule, ConfigError, Settings};
use crate::finding::{Finding, ObjectName, Report, RuleId};
use crate::graph::{File, Graph};
use crate::policy::{Policies, Short};
use crate::resource::{Resource, is_object};
use crate::rules::{Check, Rule};
use crate::source::{SourceId, Sources, Span};
use crate::yaml::Tree;

pub use baseline::{Baseline, Baselined, Written};
pub use diff::{Changes, Kept, commit, diff, unknown};

/// Bytes up to which one thread is done before others have started.
const FEW_BYTES: usize = 64 * 1024;

/// One text to lint. The tree of the text at index `n` has `SourceId(n)`.
#[derive(Debug)]
pub struct Text {
    /// The path as shown, `/` between folders; `-` for standard input.
    pub name: String,
    /// What it says.
    pub tree: Tree,
    /// Whether it was named by itself (or is standard input), so that its folder's other files are not here.
    pub alone: bool,
    /// The side of a change that it belongs to.
    pub side: Side,
}

/// The side of a change that a text belongs to. Where nothing is compared, all texts are new.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Side {
    /// It is what shall be.
    #[default]
    New,
    /// It was there and is still the same.
    Both,
    /// It holds policies, and is read for them alone.
    Policy {
        /// The document in short form whose policy the text is; shown in its place.
        markdown: Option<Box<Short>>,
    },
    /// It is what was, and its name tells of which revision.
    Old {
        /// The path that it had among the new texts, where it would be another version of the text of that name.
        path: String,
    },
}

impl Side {
    /// Whether it is, or still is, what shall be.
    pub fn is_new(&self) -> bool {
        matches!(self, Side::New | Side::Both)
    }

    /// The path in its set of a text that is shown by a name.
    pub fn path<'a>(&'a self, name: &'a str) -> &'a str {
        match self {
            Side::Old { path } => path,
            Side::New | Side::Both | Side::Policy { .. } => name,
        }
    }
}

impl Text {
    /// Its path in its set.
    pub fn path(&self) -> &str {
        self.side.path(&self.name)
    }

    /// Whether it is one of the texts that shall be.
    pub fn is_new(&self) -> bool {
        self.side.is_new()
    }

    /// Whether it is one of the texts that were.
    pub fn is_old(&self) -> bool {
        matches!(self.side, Side::Both | Side::Old { .. })
    }
}

/// The path of a text of the run, or of the config.
fn path_of<'a>(source: SourceId, texts: &'a [Text], settings: &'a Settings) -> &'a str {
    match &settings.source {
        Some(config) if source == SourceId::CONFIG => &config.name,
        _ => texts[source.0 as usize].path(),
    }
}

/// The texts by id and the config, for those who show findings.
pub fn sources(texts: &[Text], settings: &Settings) -> Sources {
    let mut sources = Sources::default();
    if let Some(config) = &settings.source {
        sources.add_config(config.name.as_str(), config.text.clone());
    }
    for text in texts {
        if let Side::Policy { markdown: Some(short) } = &text.side {
            sources.add(text.name.as_str(), short.document.as_str().into());
            continue;
        }
        let add = if matches!(text.side, Side::Old { .. }) { Sources::add_old } else { Sources::add };
        add(&mut sources, text.name.as_str(), text.tree.shared_text());
    }
    sources
}

/// Why a text took no part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SkipReason {
    /// It holds no Kubernetes object.
    NotKubernetes,
    /// It is a template and has to be rendered first.
    Templated,
    /// Its bytes could not be had; only whoever reads files knows why.
    Unreadable(String),
}

/// A text that took no part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Its name.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// What was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Texts that took part.
    pub files: usize,
    /// YAML documents in them that hold something.
    pub documents: usize,
    /// Kubernetes objects in those, items of lists among them.
    pub objects: usize,
    /// Findings that the user had judged already.
    pub suppressed: usize,
    /// What the baseline covered, where there is one.
    pub baseline: Option<Baselined>,
    /// Texts that took no part, in their order.
    pub skipped: Vec<Skipped>,
}

/// What linting gives.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outcome {
    /// The findings, by text, place and rule.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub summary: Summary,
    /// Entries of the config that have expired and suppress nothing any more.
    pub expired: Vec<ConfigError>,
    /// Policies that the config or the command line speaks of and that are not there.
    pub unknown_policies: Vec<UnknownPolicy>,
    /// What has changed, where two sets were compared.
    pub changes: Option<Changes>,
    /// Whether only a part of what the rules find was asked for.
    pub is_partial: bool,
}

/// A policy that is spoken of and that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownPolicy {
    /// Its id, `policy/` and its name.
    pub id: RuleId,
    /// Line and column in the config, from 1; `None` where the command line speaks of it.
    pub place: Option<(usize, usize)>,
    /// Which one may be meant.
    pub help: Option<String>,
}

/// Lints all texts as one set.
pub fn lint(texts: &[Text], settings: &Settings) -> Outcome {
    lint_members(texts, Text::is_new, settings)
}

/// Lints some of the texts as if they were all.
pub fn lint_members(texts: &[Text], is_member: impl Fn(&Text) -> bool, settings: &Settings) -> Outcome {
    let set = Set::new(texts, is_member, settings);
    let mut outcome = set.outcome(texts, settings);
    (outcome.findings, outcome.summary.suppressed) = set.judged(texts, settings, &settings.rules());
    outcome
}

impl Outcome {
    /// Leaves only the findings that are in some of the texts, or explained there.
    #[must_use]
    pub fn only(mut self, texts: &[Text], is_given: &dyn Fn(&Text) -> bool) -> Self {
        let given: Vec<bool> = texts.iter().map(is_given).collect();
        let is_in_given = |span: Span| given.get(span.source.0 as usize).copied().unwrap_or_default();
        self.findings.retain(|finding| is_in_given(finding.span) || finding.related.iter().any(|related| is_in_given(related.span)));
        self.is_partial = true;
        self
    }
}

/// The texts of one side, and what they hold.
struct Set<'t> {
    /// The texts that take part.
    files: Vec<&'t Text>,
    skipped: Vec<Skipped>,
    graph: Graph<'t>,
    policies: Policies<'t>,
}

impl<'t> Set<'t> {
    /// What is to be told before anything is judged.
    fn outcome(&self, texts: &[Text], settings: &Settings) -> Outcome {
        let unknown_policies = policies::unknown(&self.policies, texts, settings);
        Outcome { summary: self.summary(), expired: ignores::expired(settings), unknown_policies, ..Outcome::default() }
    }

    fn new(texts: &'t [Text], is_member: impl Fn(&Text) -> bool, settings: &'t Settings) -> Self {
        let (mut files, mut skipped) = (Vec::new(), Vec::new());
        let members = || texts.iter().filter(|text| is_member(text));
        for text in members() {
            match reason_to_skip(text) {
                Some(reason) => skipped.push(Skipped { path: text.name.clone(), reason }),
                None => files.push(text),
            }
        }
        let graph = graph_of(members(), settings);
        let policies = policies::read(texts, &graph, settings);
        Set { files, skipped, graph, policies }
    }

    fn summary(&self) -> Summary {
        let documents = self.files.iter().flat_map(|text| text.tree.documents());
        Summary {
            files: self.files.len(),
            documents: documents.filter(|document| document.root.is_some()).count(),
            objects: self.graph.resources().len(),
            suppressed: 0,
            baseline: None,
            skipped: self.skipped.clone(),
        }
    }

    /// What the rules on one set find, without what the user has judged, and how much that is.
    fn judged(&self, texts: &[Text], settings: &Settings, rules: &[ActiveRule]) -> (Vec<Finding>, usize) {
        let mut findings = run(rules, &self.files, &self.graph);
        findings.append(&mut policies::findings(self, texts, settings, rules));
        locate(&mut findings, texts, &self.graph);
        sort(&mut findings);
        let policies = policies::ids(&self.policies);
        let run = ignores::Run { texts, files: &self.files, graphs: &[&self.graph], settings, rules, policies: &policies };
        let (mut findings, suppressed) = ignores::apply(&run, findings);
        sort(&mut findings);
        (findings, suppressed)
    }
}

/// All objects of the texts.
pub fn graph<'t>(texts: &'t [Text], settings: &'t Settings) -> Graph<'t> {
    graph_of(texts.iter(), settings)
}

fn graph_of<'t>(texts: impl Iterator<Item = &'t Text>, settings: &'t Settings) -> Graph<'t> {
    // A kustomization need not say that it is one, so that files without objects take part in the graph; and beside a template not all is
    // known.
    let members: Vec<File<'_>> = texts.map(|text| File { tree: &text.tree, path: text.path(), alone: text.alone }).collect();
    Graph::new(&members, &settings.world)
}

fn reason_to_skip(text: &Text) -> Option<SkipReason> {
    let tree = &text.tree;
    if tree.is_templated() {
        return Some(SkipReason::Templated);
    }
    let holds_object = || tree.documents().filter_map(|document| document.root).any(is_object);
    let takes_part =
        if tree.errors().is_empty() { holds_object() } else { text.alone || holds_object() || looks_like_kubernetes(tree.text()) };
    (!takes_part).then_some(SkipReason::NotKubernetes)
}

/// Whether a text that can't be read was meant as a manifest: a line of it starts with `apiVersion` or `kind`.
fn looks_like_kubernetes(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches([' ', '\t', '"', '\'', '-', '{', ',', '\u{feff}']);
        ["apiVersion", "kind"].iter().any(|key| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(['"', '\'', ':', ' '])))
    })
}

/// Runs every rule; the findings come in the order of the rules and texts, whatever the number of threads.
fn run(rules: &[ActiveRule], files: &[&Text], graph: &Graph<'_>) -> Vec<Finding> {
    let set = |rule: &ActiveRule| match rule.rule.check {
        Check::Set(check) => reported(rule, |report| check(graph, report)),
        _ => Vec::new(),
    };
    let text = |file: &&Text| {
        let check = |rule: &ActiveRule| match rule.rule.check {
            Check::Text(check) => reported(rule, |report| check(&file.tree, report)),
            _ => Vec::new(),
        };
        rules.iter().flat_map(check).collect::<Vec<_>>()
    };
    let bytes: usize = files.iter().map(|file| file.tree.text().len()).sum();
    if bytes <= FEW_BYTES {
        rules.iter().flat_map(set).chain(files.iter().flat_map(text)).collect()
    } else {
        rules.par_iter().flat_map_iter(set).chain(files.par_iter().flat_map_iter(text)).collect()
    }
}

/// What one rule reports, with the severities that the user wants.
fn reported(rule: &ActiveRule, check: impl FnOnce(&mut Report)) -> Vec<Finding> {
    let mut report = Report::new(rule.rule.id, rule.own);
    check(&mut report);
    let mut findings = report.into_findings();
    for finding in &mut findings {
        finding.severity = rule.severity(finding.severity);
    }
    findings
}

/// Whether a rule, or a policy where there is none, could see in this run all that it looks at in a text.
fn saw_all(rule: Option<&Rule>, text: &Text) -> bool {
    let tree = &text.tree;
    match rule.map(|rule| rule.check) {
        Some(Check::Text(_)) if rule.is_some_and(|rule| rule.id == "yaml-syntax") => true,
        Some(Check::Set(_)) => !text.alone && tree.errors().is_empty() && !tree.is_templated(),
        // What once covered a change is left over when the change is done.
        Some(Check::Change(_)) => false,
        Some(Check::Text(_) | Check::Engine) | None => tree.errors().is_empty(),
    }
}

/// Fills in which objects findings are about, and which fields. Leaves alone what lies in texts of another set.
fn locate(findings: &mut [Finding], texts: &[Text], graph: &Graph<'_>) {
    // Findings of one object mostly follow each other, and to seek its name among a million keys takes time.
    let mut last: Option<(&Resource<'_>, ObjectName)> = None;
    for finding in findings {
        let Some(resource) = graph.resource_at(finding.span) else { continue };
        let (_, name) = match last {
            Some(ref known) if known.0.is(resource) => known,
            _ => last.insert((resource, resource.object_name())),
        };
        finding.object = Some(name.clone());
        let tree = &texts[finding.span.source.0 as usize].tree;
        let Some(node) = finding.node.map(|node| tree.node(node)) else { continue };
        finding.field = Some(node.path_from(resource.node())).filter(|path| !path.is_empty());
        let is_in_list = finding.field.as_ref().is_some_and(|path| path.contains('['));
        finding.named_field = is_in_list.then(|| node.named_path_from(resource.node()));
    }
}

/// By text, place and rule; what a rule says twice of one place is told once.
fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (a.span, &a.rule, &a.message).cmp(&(b.span, &b.rule, &b.message)));
    findings.dedup_by(|a, b| (a.span, &a.rule, &a.message) == (b.span, &b.rule, &b.message));
}

#[cfg(test)]
mod tests;
