use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Setting, Update};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Change, Value};

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
        if let Some(fields) = workload.rolling_update_fields() {
            finding.offer("Stop old pods first", Safety::Unsafe, stop_first(fields));
        }
        match (port, pod.field("hostNetwork")) {
            (Some(port), _) => finding.related(port, "the node has it once"),
            (None, Some(network)) => finding.related(network, "both pods use the node's network"),
            (None, None) => finding,
        };
    }
}

/// By default no more pods than nodes run, and one node at a time is without.
fn stop_first(fields: NodeRef<'_>) -> Vec<Option<Change>> {
    let one = Value::Word("1");
    match fields.field("maxUnavailable") {
        None => vec![edit::put_in_place(fields, "maxSurge", "maxUnavailable", one)],
        Some(_) => vec![edit::set(fields, "maxSurge", Value::Word("0"), &[]), edit::set(fields, "maxUnavailable", one, &[])],
    }
}
