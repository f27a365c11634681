use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let seconds = set.pod().and_then(|pod| pod.field("terminationGracePeriodSeconds"));
        let Some(seconds) = seconds.filter(|seconds| seconds.int() == Some(0)) else { continue };
        report
            .at(
                seconds,
                format!("a pod of {} is forgotten before it has stopped: a second one of its name may run beside it", set.describe()),
            )
            .help("give it the seconds it needs to stop, and at least 1");
    }
}
