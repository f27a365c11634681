use crate::finding::{Report, count};
use crate::graph::{Graph, Replicas};
use crate::resource::{Handover, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(is_replicated) {
        let Some(port) = workload.pod().and_then(|pod| pod.held_host_port()) else { continue };
        let Some(replicas) = graph.replicas(&workload) else { continue };
        let is_on_one_node = workload.is_on_one_node();
        let (number, what) = (port.text(), workload.describe());
        let message = if replicas.most >= 2 {
            // Pods that keep each other off their nodes ask for as many nodes anyway.
            if workload.spreads_over_nodes() {
                continue;
            }
            describe_several(number, &what, replicas.most, is_on_one_node)
        } else if replicas.most == 1 && replaces_new_first(&workload) {
            describe_rollout(number, &what, is_on_one_node)
        } else {
            continue;
        };
        let finding = report.at(port, message);
        finding.help(remedy(&workload, &replicas)).warning_if(!is_on_one_node).note_if(replicas.most == 1 && !is_on_one_node);
        if let Some(node) = replicas.node() {
            finding.related(node, replicas.origin());
        }
    }
}

fn is_replicated(workload: &Workload<'_>) -> bool {
    use WorkloadKind::{Deployment, ReplicaSet, ReplicationController, StatefulSet};
    matches!(workload.kind(), Deployment | ReplicaSet | ReplicationController | StatefulSet)
}

fn replaces_new_first(workload: &Workload<'_>) -> bool {
    workload.kind() == WorkloadKind::Deployment && workload.handover() == Some(Handover::NewFirst)
}

fn describe_several(port: &str, what: &str, pods: i64, is_on_one_node: bool) -> String {
    let all = count(pods, "pod");
    if is_on_one_node {
        format!("{all} of {what} need port {port} of one node: one of them starts, and the others stay Pending")
    } else {
        format!("a node has port {port} once: {all} of {what} need as many nodes, and those left over stay Pending")
    }
}

fn describe_rollout(port: &str, what: &str, is_on_one_node: bool) -> String {
    if is_on_one_node {
        format!("old and new pod of {what} need port {port} of one node: no new pod starts, and the rollout never ends")
    } else {
        format!("a node has port {port} once: each rollout of {what} needs another node on which it is free")
    }
}

fn remedy(workload: &Workload<'_>, replicas: &Replicas<'_>) -> &'static str {
    match (workload.kind(), replicas.most) {
        (WorkloadKind::Deployment, 1) => "use a Service in place of the port, or set the strategy to Recreate",
        _ => "use a Service in place of the port, or a DaemonSet",
    }
}
