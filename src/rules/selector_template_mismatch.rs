use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| selects_by_hand(workload) && has_template(workload)) {
        let (Some(selector), labels) = (workload.selector(), workload.pod_labels()) else { continue };
        let Some(mismatch) = selector.mismatch(labels) else { continue };
        let key = mismatch.get("key").or_else(|| mismatch.key()).map_or("", NodeRef::text);
        if graph.selector_labels_added_to(workload.resource()).is_some_and(|added| added.contains(key)) {
            continue;
        }
        let what = workload.describe();
        let finding =
            report.at(mismatch, format!("the selector of {what} does not match its own template's labels: the API server refuses it"));
        finding.help("give selector and template the same labels; of an object that exists the selector can't be changed");
        if let Some(labels) = labels.or_else(|| workload.template()) {
            finding.related(labels, "the template's labels");
        }
    }
}

/// Whether its selector is the user's to write. Jobs make their own unless told not to.
fn selects_by_hand(workload: &Workload<'_>) -> bool {
    let is_manual = || workload.field("manualSelector").and_then(NodeRef::bool) == Some(true);
    workload.selects_pods() || (workload.kind() == WorkloadKind::Job && is_manual())
}

fn has_template(workload: &Workload<'_>) -> bool {
    workload.pod().is_some_and(|pod| pod.containers().next().is_some())
}
