use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Uniqueness, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    use WorkloadKind::{DaemonSet, Deployment, ReplicaSet, ReplicationController};
    for claim_use in graph.claim_uses() {
        let workload = &claim_use.workload;
        if !matches!(workload.kind(), Deployment | ReplicaSet | ReplicationController | DaemonSet) {
            continue;
        }
        for mount in claim_use.writable_mounts().filter(|mount| mount.uniqueness(workload) == Some(Uniqueness::PerPod)) {
            let Some(path) = mount.sub_path() else { continue };
            let message = format!(
                "each new pod of {} begins with an empty folder of claim `{}`, and the folders of old ones stay",
                workload.describe(),
                claim_use.claim_name()
            );
            report.at(path, message).help(if workload.kind() == DaemonSet {
                "name the folder after the node (spec.nodeName) if it is to be found again"
            } else {
                "use a StatefulSet if a pod is to find its data again: its pods keep their names"
            });
        }
    }
}
