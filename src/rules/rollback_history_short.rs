use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Workload;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(Workload::has_rollouts) {
        let limit = workload.revision_history_limit().filter(|limit| limit.value == 1);
        let Some(node) = limit.and_then(|limit| limit.node) else { continue };
        report
            .at(
                node,
                format!("one old revision of {} is kept: after a second bad update there is no way back by undo", workload.describe()),
            )
            .help("remove revisionHistoryLimit; it defaults to 10");
    }
}
