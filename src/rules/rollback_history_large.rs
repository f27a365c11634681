use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};

/// More than anyone goes back.
const MANY: i64 = 25;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(Workload::has_rollouts) {
        let Some(limit) = workload.revision_history_limit().filter(|limit| limit.value > MANY) else { continue };
        let Some(node) = limit.node else { continue };
        let kept = if workload.kind() == WorkloadKind::Deployment { "ReplicaSets" } else { "ControllerRevisions" };
        report
            .at(node, format!("up to {} old {kept} of {} are kept", limit.value, workload.describe()))
            .help("remove revisionHistoryLimit; it defaults to 10")
            .remove(Safety::Unsafe, node);
    }
}
