use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Setting, Update};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(Update::Nodes { max_surge: Setting { value, node: Some(surge) }, .. }) = workload.update() else { continue };
        let Some(pod) = workload.pod().filter(|_| !value.is_zero()) else { continue };
        let port = pod.held_host_port();
        if port.is_none() && !pod.uses_host_network() {
            continue;
        }
        let described = workload.describe();
        let message = match port {
            Some(port) => format!(
                "old and new pod of {described} need port {} of the same node: no new pod starts, and the rollout never ends",
                port.text()
            ),
            None => format!("old and new pod of {described} run on the network of the same node; what both listen on fails in the new one"),
        };
        let finding = report.at(surge, message);
        finding.help("set maxSurge to 0 and maxUnavailable to 1").warning_if(port.is_none());
        match (port, pod.field("hostNetwork")) {
            (Some(port), _) => finding.related(port, "the node has it once"),
            (None, Some(network)) => finding.related(network, "both pods use the node's network"),
            (None, None) => finding,
        };
    }
}
