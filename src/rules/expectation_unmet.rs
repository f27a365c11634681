use std::collections::HashSet;

use crate::finding::{Related, Report};
use crate::graph::{Demand, Graph};
use crate::rollout::{EXPECT_ANNOTATION, Outlook, Unmet, annotated, outlooks};
use crate::source::Span;

/// Nodes on which `DaemonSet`s are judged: how many there will be isn't known.
const NODES: usize = 100;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    check_annotations(graph, report);
    check_config(graph, report);
    let is_annotated = || graph.resources().iter().any(|resource| resource.annotation(EXPECT_ANNOTATION).is_some());
    if graph.world().expectations.is_empty() && !is_annotated() {
        return;
    }
    let mut told = HashSet::new();
    for outlook in outlooks(graph, None, Some(NODES)) {
        for (unmet, expected) in unmet(&outlook) {
            let finding = report.at(unmet.place, unmet.message);
            finding.help(unmet.help);
            finding.related.extend(expected.into_iter().map(|span| Related { span, message: "expected here".into() }));
        }
        for (one, other) in contradictions(&outlook.demands).filter(|(one, other)| told.insert((one.span, other.span))) {
            let message = format!("`{}` is expected to be both true and false of {}", other.target.name(), outlook.workload.describe());
            let finding = report.at_span(other.span, message);
            finding.help("remove one of the two").related.push(Related { span: one.span, message: "the other one".into() });
        }
    }
}

/// What falls short, and where it is expected: one value that falls short of several expectations is told of once.
fn unmet<'t>(outlook: &Outlook<'t>) -> Vec<(Unmet<'t>, Vec<Span>)> {
    let mut all: Vec<(Unmet<'_>, Vec<Span>)> = Vec::new();
    for demand in &outlook.demands {
        let others = all.len();
        for unmet in outlook.unmet(demand.target) {
            let is_same =
                |(other, _): &&mut (Unmet<'_>, _)| other.place.value_span().is_some_and(|span| unmet.place.value_span() == Some(span));
            match all[..others].iter_mut().find(is_same) {
                Some((_, expected)) => expected.push(demand.span),
                None => all.push((unmet, vec![demand.span])),
            }
        }
    }
    all
}

fn contradictions(demands: &[Demand]) -> impl Iterator<Item = (&Demand, &Demand)> {
    let later = demands.iter().enumerate();
    later.flat_map(|(index, other)| demands[..index].iter().filter(|one| one.target.contradicts(other.target)).map(move |one| (one, other)))
}

/// What annotations say that can't be understood or can't be expected of their object.
fn check_annotations(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources() {
        let Some(node) = resource.annotation(EXPECT_ANNOTATION) else { continue };
        if resource.workload().is_none_or(|workload| !workload.has_rollouts()) {
            report
                .at(node, format!("{} has no rollouts that anything could be expected of", resource.describe()))
                .help("expect it of a Deployment, a StatefulSet or a DaemonSet");
            continue;
        }
        for misread in annotated(resource).1 {
            report.at(misread.place, misread.message).help(misread.help);
        }
    }
}

/// What the config expects of nothing. Whether that is so is known only where all is there that it speaks of.
fn check_config(graph: &Graph<'_>, report: &mut Report) {
    if !graph.world().is_all {
        return;
    }
    for expectation in &graph.world().expectations {
        if !graph.all_workloads().any(|workload| expectation.matcher.matches(&workload)) {
            let finding = report.at_span(expectation.span, "no workload matches this, so nothing is expected of any");
            finding.help("remove it, or correct `kind`, `name` or `namespace`, as the manifests write them").warning_if(true);
        }
    }
}
