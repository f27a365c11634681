use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let Some(paused) = workload.field("paused").filter(|paused| paused.bool() == Some(true)) else { continue };
        if workload.is_rolled_out_in_steps() {
            continue;
        }
        let what = workload.describe();
        report
            .at(paused, format!("{what} is paused: created like this it gets no pods, changes do not roll out, and undo is refused"))
            .help("remove `paused`; to hold a rollout that is under way, `kubectl rollout pause` and `resume` need no manifest")
            .remove(Safety::Unsafe, paused);
    }
}
