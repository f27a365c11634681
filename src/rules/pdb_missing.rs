use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        if !matches!(workload.kind(), WorkloadKind::Deployment | WorkloadKind::StatefulSet) || !workload.is_surely_whole() {
            continue;
        }
        let Some(pods) = graph.fewest_pods(&workload).filter(|pods| *pods >= 2) else { continue };
        if graph.budgets(&workload).next().is_some() || !graph.knows_all_pods_beside(workload.resource()) {
            continue;
        }
        let Some(service) = graph.services_selecting(&workload).next() else { continue };
        let message =
            format!("a drain of several nodes may evict all {pods} pods of {} at once: no budget covers them", workload.describe());
        let place = workload.replicas().and_then(|replicas| replicas.node).unwrap_or_else(|| workload.resource().nearest("metadata.name"));
        report
            .at(place, message)
            .help("add a PodDisruptionBudget with maxUnavailable: 1")
            .related(service.resource().nearest("metadata.name"), "this Service depends on them");
    }
}
