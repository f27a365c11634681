use crate::finding::{Place, Report};
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        // The pairs of a nodeSelector are about different labels.
        let Some(pod) = workload.pod().filter(|pod| pod.field("affinity").is_some()) else { continue };
        let Some((demand, other)) = pod.contradiction() else { continue };
        let message = format!(
            "no node fulfils this and the other demand on `{}`: {} can't be scheduled",
            demand.key.text(),
            workload.describe_pods()
        );
        report
            .at(Place::from(demand.node()), message)
            .help("nodeSelector and all expressions of a term must hold of one node; a second term is an alternative")
            .related(other.node(), "the other demand");
    }
}
