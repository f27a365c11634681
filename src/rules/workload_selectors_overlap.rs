use std::collections::BTreeSet;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Selector, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// How many others a finding shows.
const MANY: usize = 4;

/// Labels and parts of names that tell the tracks of one application apart.
const TRACK_LABELS: [&str; 6] = ["track", "version", "role", "release", "slot", "color"];
const TRACKS: [&str; 9] = ["canary", "stable", "baseline", "primary", "preview", "active", "blue", "green", "experiment"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(selector) = own_selector(&workload) else { continue };
        let others: Vec<_> = overlapping(graph, &workload, selector).take(MANY).collect();
        let Some(first) = others.first() else { continue };
        let are_daemons = others.iter().chain([&workload]).all(|each| each.kind() == WorkloadKind::DaemonSet);
        let outcome = if are_daemons { "Services and budgets take both" } else { "autoscalers and budgets count both" };
        let (what, other) = (workload.describe(), first.describe());
        let finding = report.at(selector.node(), format!("the selector of {what} also matches {other}'s pods: {outcome}"));
        finding.help("give each a label of its own, in selector and template");
        for other in &others {
            let labels = other.pod_labels().unwrap_or(other.resource().node());
            finding.related(labels, format!("the labels of {}'s pods", other.describe()));
        }
        finding.note_if(others.iter().all(|other| are_meant(graph, &workload, other)));
    }
}

/// The selector of a controller that keeps its pods itself.
fn own_selector<'t>(workload: &Workload<'t>) -> Option<Selector<'t>> {
    let selector = workload.selector().filter(|selector| workload.selects_pods() && !selector.is_empty())?;
    let is_hashed = selector.keys().any(|key| key.text() == "pod-template-hash");
    (!is_hashed && workload.resource().identity().is_some() && !workload.resource().is_owned()).then_some(selector)
}

/// The others whose pods the selector matches. Where two match each other, the later one is told about the earlier.
fn overlapping<'g, 't>(
    graph: &'g Graph<'t>,
    workload: &'g Workload<'t>,
    selector: Selector<'t>,
) -> impl Iterator<Item = Workload<'t>> + 'g {
    graph.selected(workload.resource(), selector).filter(move |other| {
        let (own, theirs) = (workload.resource(), other.resource());
        if own.is_same_object(theirs) || graph.are_alternatives(own, theirs) {
            return false;
        }
        let Some(selector) = own_selector(other) else { return false };
        let is_later = theirs.node().span() > own.node().span();
        !(is_later && selector.matches(workload.pod_labels()) == Some(true))
    })
}

fn are_meant<'t>(graph: &Graph<'t>, a: &Workload<'t>, b: &Workload<'t>) -> bool {
    are_tracks(graph, a, b) || are_on_other_nodes(a, b) || are_forms_of_one(a, b)
}

/// Whether both are tracks of one application (stable and canary, blue and green) that share its Service on purpose, and no autoscaler
/// counts their pods.
fn are_tracks<'t>(graph: &Graph<'t>, a: &Workload<'t>, b: &Workload<'t>) -> bool {
    let differs = |key: &str| label(a, key).is_some() && label(b, key).is_some() && label(a, key) != label(b, key);
    let is_scaled = !graph.autoscalers(a).is_empty() || !graph.autoscalers(b).is_empty();
    let are_named_so = untracked_name(a) == untracked_name(b) || TRACK_LABELS.iter().any(|key| differs(key));
    a.kind() == b.kind() && !is_scaled && are_named_so
}

/// Whether both are `DaemonSet`s for different nodes: nothing scales their pods.
fn are_on_other_nodes<'t>(a: &Workload<'t>, b: &Workload<'t>) -> bool {
    let are_daemons = a.kind() == WorkloadKind::DaemonSet && b.kind() == WorkloadKind::DaemonSet;
    are_daemons && a.pod().zip(b.pod()).is_some_and(|(a, b)| a.is_on_other_nodes_than(&b))
}

/// Whether they run the same images as different kinds in different files: one application, to be deployed in either way.
fn are_forms_of_one(a: &Workload<'_>, b: &Workload<'_>) -> bool {
    a.kind() != b.kind() && a.resource().source() != b.resource().source() && !images(a).is_empty() && images(a) == images(b)
}

fn images<'t>(workload: &Workload<'t>) -> BTreeSet<&'t str> {
    let containers = workload.pod().into_iter().flat_map(|pod| pod.containers());
    containers.filter_map(|container| container.image()?.value_text()).collect()
}

fn label<'t>(workload: &Workload<'t>, key: &str) -> Option<&'t str> {
    workload.pod_labels()?.get(key).and_then(NodeRef::value_text)
}

/// The name without the words that tell tracks apart.
fn untracked_name<'t>(workload: &Workload<'t>) -> Vec<&'t str> {
    let is_version = |word: &str| word.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let words = workload.name().unwrap_or_default().split('-');
    words.filter(|word| !TRACKS.contains(word) && !is_version(word)).collect()
}
