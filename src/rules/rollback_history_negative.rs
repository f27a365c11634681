use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};

/// The first version that refuses it for a `StatefulSet`.
const STATEFUL_SETS_REFUSED_SINCE: u32 = 33;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(Workload::has_rollouts) {
        let Some(limit) = workload.revision_history_limit().filter(|limit| limit.value < 0) else { continue };
        let Some(node) = limit.node else { continue };
        let is_accepted = workload.kind() == WorkloadKind::StatefulSet && graph.world().versions.newest < STATEFUL_SETS_REFUSED_SINCE;
        let outcome = if is_accepted { "it crashes the controller manager" } else { "the API server refuses it" };
        report
            .at(node, format!("revisionHistoryLimit is {}, less than 0: {outcome}", limit.value))
            .help("remove revisionHistoryLimit (it defaults to 10)");
    }
}
