use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(runs_anywhere) {
        let (Some(pod), Some(names)) = (workload.pod(), workload.claim_template_names()) else { continue };
        if graph.replicas(&workload).is_none_or(|replicas| replicas.most == 0) {
            continue;
        }
        let volumes: Vec<_> = pod.volumes().filter_map(|volume| Some((volume.name()?, volume.host_data()?))).collect();
        let mounts = if volumes.is_empty() { HashMap::new() } else { pod.mounts_by_volume() };
        for (name, path) in volumes {
            let is_written = mounts.get(name).is_some_and(|mounts| mounts.iter().any(|mount| !mount.is_read_only()));
            if !is_written || names.contains(name) {
                continue;
            }
            let message = format!(
                "what {} writes to hostPath `{}` stays on one node: a pod on another finds another directory",
                workload.describe(),
                path.text()
            );
            report.at(path, message).help("use a claim; or pin the pods to the node, mount the path readOnly, or use a DaemonSet");
        }
    }
}

fn runs_anywhere(workload: &Workload<'_>) -> bool {
    use WorkloadKind::{Deployment, ReplicaSet, ReplicationController, StatefulSet};
    matches!(workload.kind(), Deployment | ReplicaSet | ReplicationController | StatefulSet) && !workload.is_on_one_node()
}
