use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for protection in graph.protections() {
        let Some(demand) = protection.budget.demand().filter(|demand| protection.is_unsupported(demand)) else { continue };
        let Some(workload) = protection.workloads.iter().find(|workload| workload.replicas().is_none()) else { continue };
        let (key, what) = (demand.key, workload.describe());
        let message = format!("no pod that this covers can be evicted: {key} asks each owner for its scale, and {what} has none");
        report
            .at(demand.node, message)
            .help("use minAvailable with a number, or leave these pods out of the selector")
            .related(workload.pod_labels().unwrap_or(workload.resource().node()), "the labels of its pods");
    }
}
