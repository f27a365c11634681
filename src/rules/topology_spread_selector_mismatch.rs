use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Selector, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::is_surely_whole) {
        for constraint in workload.pod().into_iter().flat_map(|pod| pod.spread_constraints()) {
            check_constraint(graph, &workload, constraint, report);
        }
    }
}

fn check_constraint<'t>(graph: &Graph<'t>, workload: &Workload<'t>, constraint: NodeRef<'t>, report: &mut Report) {
    let what = workload.describe();
    let written = constraint.get("labelSelector").filter(|selector| !selector.is_null());
    let Some(selector) = written.map(Selector::LabelSelector) else {
        // A placeholder may stand for all of it.
        if constraint.is_mapping() && constraint.entries().all(|entry| !entry.key.is_unknown()) {
            let place = constraint.get("topologyKey").map_or(Place::from(constraint), Place::from);
            let message = format!("without labelSelector this constraint counts no pods, and does not spread those of {what}");
            report.at(place, message).help("add a labelSelector that matches the pods' own labels");
        }
        return;
    };
    let Some(mismatch) = selector.mismatch(workload.pod_labels()) else { return };
    if graph.adds_label_of(workload.resource(), mismatch) {
        return;
    }
    let message = match graph.selected(workload.resource(), selector).next() {
        Some(other) => format!("this constraint counts the pods of {} and none of {what}, which it does not spread", other.describe()),
        None => format!("this constraint counts none of the pods of {what}, and does not spread them"),
    };
    let finding = report.at(mismatch, message);
    finding.help("make the labelSelector match the pods' own labels");
    if let Some(labels) = workload.pod_labels() {
        finding.related(labels, "the labels of its pods");
    }
}
