//! What the user's policies find, as findings.

use super::{Set, Side, Text, UnknownPolicy};
use crate::config::{ActiveRule, POLICY_PREFIX, Settings};
use crate::finding::{Finding, Place, Report, RuleId, Severity, did_you_mean};
use crate::policy::{self, Action, Cause, Fault, Found, Policies, Policy, Short, Violation};
use crate::resource::{Resource, is_object};
use crate::source::{SourceId, Span};
use crate::yaml::NodeRef;

const INVALID: &str = "policy-invalid";
const UNBOUND: &str = "policy-unbound";
const UNDECIDED: &str = "policy-undecided";
/// Annotations of policies that say what no field of theirs does.
const HELP: &str = "kubeshoal.dev/help";
const URL: &str = "kubeshoal.dev/url";
const AT: &str = "kubeshoal.dev/at";

/// The policies of a set: those among its objects, and those that the config names.
pub(super) fn read<'t>(texts: &'t [Text], graph: &crate::graph::Graph<'t>, settings: &Settings) -> Policies<'t> {
    let beside: Vec<NodeRef<'t>> = texts
        .iter()
        .filter(|text| matches!(text.side, Side::Policy { .. }))
        .flat_map(|text| text.tree.documents().filter_map(|document| document.root).filter(|root| is_object(*root)))
        .collect();
    let is_applied = |node: NodeRef<'t>| {
        let text = &texts[node.tree().source().0 as usize];
        matches!(text.side, Side::Policy { .. }) || settings.policies.from_manifests || settings.holds_policies(text.path())
    };
    Policies::new(graph, &beside, settings.world.versions.oldest, settings.policies.project_pods, is_applied)
}

/// The ids of the policies that are evaluated.
pub(super) fn ids(policies: &Policies<'_>) -> Vec<RuleId> {
    policies.applied().map(|policy| id(policy).into()).collect()
}

/// The policies that the config or the command line speaks of and that are not there. Nothing is said where some can't be read, or lie
/// among manifests of which not all are here.
pub(super) fn unknown(policies: &Policies<'_>, texts: &[Text], settings: &Settings) -> Vec<UnknownPolicy> {
    let is_read = |text: &Text| match &text.side {
        Side::Policy { markdown } => text.tree.errors().is_empty() && markdown.as_ref().is_none_or(|short| short.mistakes.is_empty()),
        _ => true,
    };
    let on_command_line = settings.select.iter().chain(&settings.deselect).filter(|name| name.starts_with(POLICY_PREFIX));
    let on_command_line = on_command_line.map(|id| (RuleId::from(id.clone()), None));
    let in_config = settings.policies.named.iter().map(|(id, place)| (id.clone(), Some(*place)));
    let mut named = in_config.chain(on_command_line).peekable();
    let is_open = settings.policies.from_manifests && !settings.world.is_all;
    if named.peek().is_none() || is_open || policies.faults().next().is_some() || !texts.iter().all(is_read) {
        return Vec::new();
    }
    let known: Vec<String> = policies.all().map(id).collect();
    let unknown = named.filter(|(id, _)| !known.iter().any(|known| known == id));
    unknown.map(|(id, place)| UnknownPolicy { help: did_you_mean(&id, known.iter().map(String::as_str)), id, place }).collect()
}

fn id(policy: &Policy<'_>) -> String {
    format!("{POLICY_PREFIX}{}", policy.name())
}

/// What is wrong with the policies of a set, and what they have against its objects.
pub(super) fn findings(set: &Set<'_>, texts: &[Text], settings: &Settings, rules: &[ActiveRule]) -> Vec<Finding> {
    let policies = &set.policies;
    let mut findings = by_rule(rules, INVALID, |report| tell_mistakes(texts, report));
    if policies.is_empty() {
        return findings;
    }
    findings.append(&mut about_policies(policies, rules));
    let found = policies.check(&set.graph);
    findings.append(&mut violations(&found, settings));
    findings.append(&mut doubts(&found, settings, rules));
    show_documents(&mut findings, texts);
    findings
}

/// The short form that a text stands for.
fn short_form(source: SourceId, texts: &[Text]) -> Option<&Short> {
    match &texts.get(source.0 as usize)?.side {
        Side::Policy { markdown } => markdown.as_deref(),
        _ => None,
    }
}

/// What is wrong with documents in short form.
fn tell_mistakes(texts: &[Text], report: &mut Report) {
    for (index, text) in texts.iter().enumerate() {
        let Side::Policy { markdown: Some(short) } = &text.side else { continue };
        for mistake in &short.mistakes {
            let (start, end) = mistake.range;
            let span = Span { source: SourceId(index as u32), start, end };
            report.at_span(span, mistake.message.clone()).help.clone_from(&mistake.help);
        }
    }
}

/// Points into documents in short form, and not into the policies that they stand for.
fn show_documents(findings: &mut [Finding], texts: &[Text]) {
    for finding in findings.iter_mut().filter(|finding| finding.node.is_some()) {
        if let Some(short) = short_form(finding.span.source, texts) {
            finding.span = short.place_in_document(finding.span);
            finding.node = None;
        }
        for related in &mut finding.related {
            if let Some(short) = short_form(related.span.source, texts) {
                related.span = short.place_in_document(related.span);
            }
        }
    }
}

/// What the policies of a set have against the change of its objects.
pub(super) fn findings_of_change<'t>(set: &Set<'t>, change: &crate::graph::Change<'_, 't>, settings: &Settings) -> Vec<Finding> {
    if set.policies.is_empty() { Vec::new() } else { violations(&set.policies.check_change(change), settings) }
}

/// What one of the rules about policies themselves reports, unless it is off.
fn by_rule(rules: &[ActiveRule], id: &str, tell: impl FnOnce(&mut Report)) -> Vec<Finding> {
    rules.iter().find(|rule| rule.rule.id == id).map(|rule| super::reported(rule, tell)).unwrap_or_default()
}

fn about_policies(policies: &Policies<'_>, rules: &[ActiveRule]) -> Vec<Finding> {
    let mut findings = by_rule(rules, INVALID, |report| policies.faults().for_each(|(_, fault)| tell_fault(fault, report)));
    findings.append(&mut by_rule(rules, UNBOUND, |report| {
        for policy in policies.unbound() {
            let message = "no binding of this policy is among these files: without one, a cluster does not enforce it";
            report.at(name_of(policy.node()), message).help("add a ValidatingAdmissionPolicyBinding with its `policyName`");
        }
    }));
    findings
}

/// The name of an object, or the object.
fn name_of(node: NodeRef<'_>) -> NodeRef<'_> {
    node.at("metadata.name").unwrap_or(node)
}

fn tell_fault(fault: &Fault<'_>, report: &mut Report) {
    let place = match fault.offset {
        Some(offset) => Place::part(fault.node, word_at(fault.node.text(), offset)),
        None => fault.node.into(),
    };
    let finding = report.at(place, fault.message.clone());
    finding.help.clone_from(&fault.help);
    finding.warning_if(!fault.is_refused);
}

/// The word, or else the one character, that begins at a byte.
fn word_at(text: &str, start: usize) -> std::ops::Range<usize> {
    let rest = &text[start..];
    let word = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
    let length = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
    start..start + length
}

fn violations(found: &Found<'_, '_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for violation in &found.violations {
        let own = match violation.action {
            Some(Action::Deny) => Severity::Error,
            Some(Action::Warn) | None => Severity::Warning,
            Some(Action::Audit) => Severity::Note,
        };
        let id = id(violation.policy);
        let Some(severity) = settings.policy_severity(&id, own) else { continue };
        let mut report = Report::new(id, severity);
        tell_violation(violation, &mut report);
        findings.append(&mut report.into_findings());
    }
    findings
}

/// Tells each reason at its place; without any, at the field that the policy names, or at the object's name.
fn tell_violation(violation: &Violation<'_, '_>, report: &mut Report) {
    let failing = &violation.failing;
    let advice = advice(violation.policy);
    if failing.reasons.is_empty() {
        let finding = report.at(fallback(violation), failing.message.clone());
        finding.help = advice;
        return;
    }
    for reason in &failing.reasons {
        let Some((first, rest)) = reason.split_first() else { continue };
        let finding = report.at(place(first, &violation.resource), failing.message.clone());
        for other in rest {
            finding.related(place(other, &violation.resource), "this counts too");
        }
        let missing = first.missing.as_ref().map(|_| format!("`{}` is not written here", first.path_from(violation.resource.node())));
        let help: Vec<String> = missing.into_iter().chain(advice.clone()).collect();
        finding.help = (!help.is_empty()).then(|| help.join("; "));
    }
}

/// What the policy's annotations say to do.
fn advice(policy: &Policy<'_>) -> Option<String> {
    let annotation = |key: &str| policy.node().at("metadata.annotations")?.get(key)?.value_text();
    match (annotation(HELP), annotation(URL)) {
        (Some(help), Some(url)) => Some(format!("{help} ({url})")),
        (Some(text), None) | (None, Some(text)) => Some(text.to_owned()),
        (None, None) => None,
    }
}

fn place<'t>(place: &policy::Place<'t>, resource: &Resource<'t>) -> Place<'t> {
    if place.node == resource.node() { name_of(place.node).into() } else { place.node.into() }
}

/// The field that an annotation names, or the nearest node above it; else the object's name.
fn fallback<'t>(violation: &Violation<'_, 't>) -> Place<'t> {
    let annotations = violation.policy.node().at("metadata.annotations");
    let path = annotations.and_then(|all| all.get(&format!("{AT}.{}", violation.failing.index)).or_else(|| all.get(AT)));
    match path.and_then(NodeRef::value_text) {
        Some(path) if violation.resource.nearest(path) != violation.resource.node() => violation.resource.nearest(path).into(),
        _ => name_of(violation.resource.node()).into(),
    }
}

/// An expression, or the name of a policy that is undecided as a whole.
fn place_of(node: NodeRef<'_>) -> NodeRef<'_> {
    if node.is_mapping() { name_of(node) } else { node }
}

fn doubts(found: &Found<'_, '_>, settings: &Settings, rules: &[ActiveRule]) -> Vec<Finding> {
    let mut findings = by_rule(rules, INVALID, |report| {
        for doubt in found.doubts.iter().filter(|doubt| doubt.cause == Cause::Cost) {
            let message = format!("for {} this costs more than the API server grants an expression", doubt.resource.describe());
            report.at(place_of(doubt.node), message).help("go over fewer elements, or bound what is nested");
        }
    });
    let mut undecided = by_rule(rules, UNDECIDED, |report| {
        for doubt in found.doubts.iter().filter(|doubt| doubt.cause != Cause::Cost) {
            let others = match doubt.count {
                1 => String::new(),
                count => format!(" and {}", crate::finding::count(count - 1, "other object")),
            };
            let (about, reason) = (doubt.resource.describe(), &doubt.reason);
            let message = match doubt.cause {
                Cause::Error => format!("goes wrong for {about}{others}, and the API server refuses what it goes wrong for: {reason}"),
                _ => format!("can't be decided for {about}{others}: {reason}"),
            };
            report.at(place_of(doubt.node), message);
        }
    });
    if settings.policies.strict {
        for finding in &mut undecided {
            finding.severity = Severity::Error;
        }
    }
    findings.append(&mut undecided);
    findings
}
