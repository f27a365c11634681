use crate::finding::Report;
use crate::graph::{Graph, name_each};
use crate::resource::{Kind, Resource, Workload};

/// Labels that tell the tracks of one application apart.
const TRACK_LABELS: [&str; 6] = ["track", "version", "role", "release", "slot", "color"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service) {
        let Some(selector) = service.selector() else { continue };
        let mut workloads: Vec<Workload<'_>> = Vec::new();
        for workload in graph.selected(service.resource(), selector) {
            let is_other = |other: &Workload<'_>| !other.resource().is_same_object(workload.resource());
            let is_beside = graph.are_in_one_set(service.resource(), workload.resource());
            if workload.selects_pods() && is_beside && workloads.iter().all(is_other) {
                workloads.push(workload);
            }
        }
        if workloads.len() < 2 || are_tracks(&workloads) {
            continue;
        }
        let names = name_each(workloads.iter().copied());
        let message = format!("{} spreads its connections over {names}", service.resource().describe());
        report.at(selector.node(), message).help("intended for canaries; otherwise select by a label that only one of them has");
    }
}

/// Whether a label tells the workloads apart as the tracks of one application.
fn are_tracks(workloads: &[Workload<'_>]) -> bool {
    TRACK_LABELS.iter().any(|key| workloads.iter().all(|workload| workload.pod_labels().and_then(|labels| labels.get(key)).is_some()))
}
