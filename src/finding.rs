//! What a rule reports: a place, a message, a remedy.

use std::borrow::Cow;
use std::fmt;

use crate::source::Span;
use crate::yaml::edit::{self, Change};
use crate::yaml::{Address, Entry, Kind, NodeRef};

pub use crate::yaml::edit::Edit;

/// How much a finding matters. Sorts from least to most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// An expectation to know.
    Note,
    /// A hazard.
    Warning,
    /// The API server refuses it, or the rollout or the pods are surely stuck.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity of that name.
    pub fn from_name(name: &str) -> Option<Severity> {
        [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A part of the text that a finding points at, and the node it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Place<'t> {
    node: NodeRef<'t>,
    span: Span,
}

impl Place<'_> {
    /// Its span, if it is a single value and not what something is missing from.
    pub fn value_span(&self) -> Option<Span> {
        (self.node.kind() == Kind::Scalar).then_some(self.span)
    }
}

impl<'t> From<NodeRef<'t>> for Place<'t> {
    /// The node itself; the key of a mapping or sequence, or of a value that isn't written, so that the place is short and on one line.
    fn from(node: NodeRef<'t>) -> Self {
        let is_long = !node.is_empty()
            || node.span().is_empty()
            || node.tree().text()[node.span().start as usize..node.span().end as usize].contains('\n');
        let shown = if is_long { node.key().or_else(|| first_key(node)).unwrap_or(node) } else { node };
        Place { node, span: shown.span() }
    }
}

/// An item or a document has no key: its first key stands for it.
fn first_key(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    node.entries().next().map(|entry| entry.key)
}

impl<'t> From<Entry<'t>> for Place<'t> {
    /// The key.
    fn from(entry: Entry<'t>) -> Self {
        Place { node: entry.value, span: entry.key.span() }
    }
}

impl<'t> Place<'t> {
    /// The bytes that are shown.
    pub fn span(&self) -> Span {
        self.span
    }

    /// A part of a scalar: `range` counts bytes of its text.
    pub fn part(node: NodeRef<'t>, range: std::ops::Range<usize>) -> Self {
        Place { node, span: node.span_of(range) }
    }
}

/// Another place that explains a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// The object that a finding is about.
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectName {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// As written; nothing where none is.
    pub namespace: Option<String>,
    /// As written; nothing for a generated name.
    pub name: Option<String>,
}

/// Whether pods behave differently after a fix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Safety {
    /// They don't.
    Safe,
    /// They may.
    Unsafe,
}

impl Safety {
    /// `safe` or `unsafe`.
    pub fn name(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        }
    }
}

/// A remedy that can be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, as an order: "Set the strategy to Recreate".
    pub title: String,
    /// Whether it changes what runs.
    pub safety: Safety,
    /// The edits, all or none of which apply.
    pub edits: Vec<Edit>,
}

/// When something is due that people do by hand for a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum When {
    /// Before the new manifests are applied.
    Before,
    /// After that.
    After,
}

/// Something that people do by hand, so that a change gets through and nothing is lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// When it is due.
    pub when: When,
    /// What it is for, in a line.
    pub purpose: String,
    /// Command lines in their order; none where people have to decide or look for themselves.
    pub commands: Vec<String>,
}

/// The id of what found something: a rule's, or one that is made up at run time, such as a policy's.
pub type RuleId = Cow<'static, str>;

/// One hazard or mistake at one place.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: RuleId,
    /// How much it matters.
    pub severity: Severity,
    /// What to change, or where the mistake shows.
    pub span: Span,
    /// What is so and what follows, in a line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// A remedy that can be applied.
    pub fix: Option<Fix>,
    /// What to do by hand, in its order.
    pub steps: Vec<Step>,
    /// The object it is about; set by the engine.
    pub object: Option<ObjectName>,
    /// The path of the field inside the object; set by the engine.
    pub field: Option<String>,
    /// The same path with list items by their names, where they have any: it stays when others come before them. Set by the engine.
    pub named_field: Option<String>,
    /// The node it points at, from which the engine finds object and field.
    pub node: Option<Address>,
}

impl Finding {
    /// Adds what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that explains the finding.
    pub fn related<'t>(&mut self, place: impl Into<Place<'t>>, message: impl Into<String>) -> &mut Self {
        let span = place.into().span;
        if span != self.span {
            self.related.push(Related { span, message: message.into() });
        }
        self
    }

    /// Offers to change the text, unless one of the changes can't be made. A change that takes a comment away is never safe.
    pub fn offer(&mut self, title: impl Into<String>, safety: Safety, changes: impl IntoIterator<Item = Option<Change>>) -> &mut Self {
        let Some(changes) = changes.into_iter().collect::<Option<Vec<Change>>>().filter(|changes| !changes.is_empty()) else { return self };
        let safety = if changes.iter().any(|change| change.takes_comment) { Safety::Unsafe } else { safety };
        let edits = changes.into_iter().map(|change| change.edit).collect();
        self.fix = Some(Fix { title: title.into(), safety, edits });
        self
    }

    /// Offers to take an entry out, whose value the node is.
    pub fn remove(&mut self, safety: Safety, value: NodeRef<'_>) -> &mut Self {
        let title = format!("Remove `{}`", value.key().map_or("", NodeRef::text));
        self.offer(title, safety, [edit::remove(value)])
    }

    /// Offers to write another string in a scalar's place.
    pub fn replace(&mut self, title: impl Into<String>, safety: Safety, node: NodeRef<'_>, text: &str) -> &mut Self {
        self.offer(title, safety, [edit::replace(node, text)])
    }

    /// Says which candidate a name may mean, and offers to write it; where none is close, what else to do.
    pub fn suggest<'a>(&mut self, name: NodeRef<'_>, candidates: impl IntoIterator<Item = &'a str>, otherwise: &str) -> &mut Self {
        let Some(meant) = closest(name.text(), candidates) else { return self.help(otherwise) };
        self.help(format!("did you mean `{meant}`?")).replace(format!("Write `{meant}`"), Safety::Unsafe, name, meant)
    }

    /// Adds something to do by hand; without commands, something to decide or look at.
    pub fn step(&mut self, when: When, purpose: impl Into<String>, commands: impl IntoIterator<Item = String>) -> &mut Self {
        self.steps.push(Step { when, purpose: purpose.into(), commands: commands.into_iter().collect() });
        self
    }

    /// Lowers the finding to a note, for a case that the rule's document names.
    pub fn note(&mut self) -> &mut Self {
        self.severity = Severity::Note;
        self
    }

    /// Lowers an error to a warning where a condition holds, for a case that the rule's document names.
    pub fn warning_if(&mut self, condition: bool) -> &mut Self {
        if condition {
            self.severity = self.severity.min(Severity::Warning);
        }
        self
    }

    /// Lowers the finding to a note where a condition holds.
    pub fn note_if(&mut self, condition: bool) -> &mut Self {
        if condition { self.note() } else { self }
    }
}

/// Takes the findings of one rule.
#[derive(Debug)]
pub struct Report {
    rule: RuleId,
    severity: Severity,
    findings: Vec<Finding>,
}

impl Report {
    /// A report of the rule with that id, whose findings have that severity.
    pub fn new(rule: impl Into<RuleId>, severity: Severity) -> Self {
        Report { rule: rule.into(), severity, findings: Vec::new() }
    }

    /// Reports a finding. What lies behind an alias is reported at the alias's use, with the anchor beside it.
    pub fn at<'t>(&mut self, place: impl Into<Place<'t>>, message: impl Into<String>) -> &mut Finding {
        let place = place.into();
        let related = place.node.anchor().map(|span| Related { span, message: "the anchored value".into() });
        self.push(place.span, message.into(), related, Some(place.node.address()))
    }

    /// Reports a finding at bytes that belong to no node, such as a syntax error or a comment.
    pub fn at_span(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.push(span, message.into(), None, None)
    }

    fn push(&mut self, span: Span, message: String, related: Option<Related>, node: Option<Address>) -> &mut Finding {
        let (rule, severity) = (self.rule.clone(), self.severity);
        let related = related.into_iter().collect();
        let finding = Finding {
            rule,
            severity,
            span,
            message,
            help: None,
            related,
            fix: None,
            steps: Vec::new(),
            object: None,
            field: None,
            named_field: None,
            node,
        };
        self.findings.push(finding);
        self.findings.last_mut().expect("a finding was pushed")
    }

    /// All findings, in the order of their report.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// "1 pod", "3 pods".
pub fn count(number: i64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// "did you mean `x`?", if a candidate is close enough to what was written.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(written, candidates).map(|closest| format!("did you mean `{closest}`?"))
}

/// The candidate that is closest to what was written, if it is close enough.
pub fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (written, length) = (written.to_lowercase(), written.chars().count());
    let allowed = |candidate: &str| (candidate.chars().count() / 3).max(1);
    // Lengths that differ by more say so before the letters are compared.
    let near = candidates.into_iter().filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed(candidate));
    let distances = near.map(|candidate| (strsim::damerau_levenshtein(&written, &candidate.to_lowercase()), candidate));
    let (distance, closest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed(closest)).then_some(closest)
}
