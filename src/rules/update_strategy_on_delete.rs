use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Resource, Update};
use crate::yaml::NodeRef;

/// Labels of operators that delete the pods of their `OnDelete` sets themselves, from their sources; as of 2026-11:
/// Rook, the etcd operators, Elastic Cloud on Kubernetes, Strimzi.
const OPERATOR_LABELS: [&str; 4] = ["rook_cluster", "etcd_cluster", "elasticsearch.k8s.elastic.co/cluster-name", "strimzi.io/cluster"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads() {
        let resource = workload.resource();
        let Some(strategy) = workload.strategy_type() else { continue };
        if workload.update() != Some(Update::OnDelete) || has_operator(resource) || (strategy.is_default() && resource.is_partial()) {
            continue;
        }
        let what = workload.describe();
        let default = if strategy.is_default() { "updateStrategy defaults to OnDelete in this API version: " } else { "" };
        report
            .at(
                strategy.node.unwrap_or_else(|| resource.nearest("spec.updateStrategy.type")),
                format!("{default}updates and rollbacks of {what} reach a pod only when someone deletes it"),
            )
            .help("use RollingUpdate, or have something delete the pods after each change; `kubectl rollout status` can't tell when it is done");
    }
}

fn has_operator(resource: &Resource<'_>) -> bool {
    let manager = resource.label("app.kubernetes.io/managed-by").map_or("", NodeRef::text);
    resource.is_owned() || manager.contains("operator") || OPERATOR_LABELS.iter().any(|label| resource.label(label).is_some())
}
