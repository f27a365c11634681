use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Resource, Update};
use crate::yaml::NodeRef;

/// Labels of operators that delete the pods of their `OnDelete` sets themselves, from their sources; as of 2026-11:
/// Rook, the etcd operators, Elastic Cloud on Kubernetes, Strimzi.
const OPERATOR_LABELS: [&str; 4] = ["rook_cluster", "etcd_cluster", "elasticsearch.k8s.elastic.co/cluster-name", "strimzi.io/cluster"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads() {
        // No cluster serves the old API versions any more that defaulted to it.
        let Some(node) = workload.strategy_type().and_then(|strategy| strategy.node) else { continue };
        if workload.update() != Some(Update::OnDelete) || has_operator(workload.resource()) {
            continue;
        }
        report.at(node, format!("updates and rollbacks of {} reach a pod only when someone deletes it", workload.describe())).help(
            "use RollingUpdate, or have something delete the pods after each change; `kubectl rollout status` can't tell when it is done",
        );
    }
}

fn has_operator(resource: &Resource<'_>) -> bool {
    let manager = resource.label("app.kubernetes.io/managed-by").map_or("", NodeRef::text);
    resource.is_owned() || manager.contains("operator") || OPERATOR_LABELS.iter().any(|label| resource.label(label).is_some())
}
