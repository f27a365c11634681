use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// Words in the names of Pods that someone looks into a cluster with, and deletes afterwards.
const TOOLS: [&str; 7] = ["test", "tests", "debug", "dnsutils", "netshoot", "kafkacat", "kcat"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !is_meant_so(workload)) {
        let what = workload.describe();
        let message = match workload.kind() {
            WorkloadKind::Pod => {
                format!("{what} has no controller: nothing replaces it when it or its node fails, and there is no rollout and no undo")
            }
            WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController => {
                format!("a changed template reaches no running pod of {what}: this kind has no rolling update and no undo")
            }
            _ => continue,
        };
        let kind = workload.resource().node().get("kind").unwrap_or(workload.resource().node());
        report.at(kind, message).help("use a Deployment, StatefulSet or DaemonSet; a Job for what runs once");
    }
}

/// Whether a controller owns it, a release tool runs it at some point, or it is a Pod that ends, is tested with, or is the kubelet's own.
fn is_meant_so(workload: &Workload<'_>) -> bool {
    let resource = workload.resource();
    let is_static = resource.namespace() == Some("kube-system") && workload.pod().is_some_and(|pod| pod.uses_host_network());
    let name = resource.metadata().and_then(|metadata| metadata.get("name")).map_or("", NodeRef::text);
    let is_tool = name.split(['-', '.']).any(|word| TOOLS.contains(&word));
    resource.is_owned() || resource.is_hook() || (workload.kind() == WorkloadKind::Pod && (workload.ends() || is_static || is_tool))
}
