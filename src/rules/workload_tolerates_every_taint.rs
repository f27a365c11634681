use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{PodSpec, Taint, Toleration, Workload, WorkloadKind};

/// What the node lifecycle controller puts on nodes that have failed.
const NOT_READY: Taint<'static> = Taint { key: "node.kubernetes.io/not-ready", value: "", effect: "NoExecute" };
const UNREACHABLE: Taint<'static> = Taint { key: "node.kubernetes.io/unreachable", value: "", effect: "NoExecute" };

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(is_replaced_elsewhere) {
        let Some(pod) = workload.pod().filter(|pod| !is_critical(pod)) else { continue };
        let Some((toleration, when)) = endless_wildcard(&pod) else { continue };
        let taints = if toleration.effect() == Some("") { "taint" } else { "NoExecute taint" };
        let message = format!("pods of {} are never evicted from {when} nodes: this tolerates every {taints}", workload.describe());
        report
            .at(toleration.node(), message)
            .help("tolerate the taints that are meant by their keys, or set effect NoSchedule, or effect NoExecute with tolerationSeconds");
    }
}

/// Whether the controller would start a lost pod again on another node: the pods of a `DaemonSet` belong to theirs.
fn is_replaced_elsewhere(workload: &Workload<'_>) -> bool {
    !matches!(workload.kind(), WorkloadKind::DaemonSet | WorkloadKind::Pod)
}

fn is_critical(pod: &PodSpec<'_>) -> bool {
    let class = pod.field("priorityClassName");
    class.is_some_and(|class| class.is_unknown() || matches!(class.text(), "system-node-critical" | "system-cluster-critical"))
}

/// The toleration of every key without a time limit that decides for failed nodes, and which of them. The first toleration that fits
/// a taint decides how long a pod stays: `GetMatchingTolerations` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/helper/helpers.go>.
fn endless_wildcard<'t>(pod: &PodSpec<'t>) -> Option<(Toleration<'t>, &'static str)> {
    let first = |taint| {
        let toleration = pod.tolerations().find(|toleration| toleration.tolerates(taint) != Some(false))?;
        let is_endless = toleration.key() == Some("") && toleration.operator() == Some("Exists") && toleration.seconds().is_none();
        (is_endless && toleration.tolerates(taint) == Some(true)).then_some(toleration)
    };
    match (first(NOT_READY), first(UNREACHABLE)) {
        (Some(toleration), Some(_)) => Some((toleration, "not-ready or unreachable")),
        (Some(toleration), None) => Some((toleration, "not-ready")),
        (None, Some(toleration)) => Some((toleration, "unreachable")),
        (None, None) => None,
    }
}
