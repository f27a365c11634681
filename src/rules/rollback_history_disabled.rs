use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::Workload;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(Workload::has_rollouts) {
        let Some(limit) = workload.revision_history_limit().filter(|limit| limit.value == 0) else { continue };
        let Some(node) = limit.node else { continue };
        let what = workload.describe();
        report
            .at(node, format!("{what} keeps no old revision: after a completed update `kubectl rollout undo` has nothing to return to"))
            .help("remove revisionHistoryLimit (it defaults to 10); at 0, undo works only while an update is still under way")
            .note_if(workload.resource().is_kept_from_a_repository())
            .remove(Safety::Unsafe, node);
    }
}
