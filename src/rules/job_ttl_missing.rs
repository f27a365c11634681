use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Resource, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Job) {
        if workload.field("ttlSecondsAfterFinished").is_some() || is_cleared(workload.resource()) {
            continue;
        }
        report
            .at(
                workload.resource().nearest("spec"),
                format!("{} stays with its pods when it has finished, until someone deletes it", workload.describe()),
            )
            .help("set ttlSecondsAfterFinished");
    }
}

/// Whether something else deletes the finished Job.
fn is_cleared(resource: &Resource<'_>) -> bool {
    resource.is_hook() || resource.is_owned()
}
