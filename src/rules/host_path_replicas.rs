use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Volume, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// What belongs to the node, its kubelet or its container runtime, and holds nothing that a pod keeps.
const OF_THE_NODE: [&str; 18] = [
    "/boot",
    "/dev",
    "/etc/cni",
    "/etc/kubernetes",
    "/etc/localtime",
    "/etc/ssl",
    "/etc/timezone",
    "/lib/firmware",
    "/lib/modules",
    "/opt/cni",
    "/proc",
    "/run",
    "/sys",
    "/usr/share/zoneinfo",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/run",
];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(runs_anywhere) {
        let (Some(pod), Some(names)) = (workload.pod(), workload.claim_template_names()) else { continue };
        if graph.replicas(&workload).is_none_or(|replicas| replicas.most == 0) {
            continue;
        }
        let volumes: Vec<_> = pod.volumes().filter_map(|volume| Some((volume.name()?, data_path(&volume)?))).collect();
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

/// The path of a hostPath volume that may hold data.
fn data_path<'t>(volume: &Volume<'t>) -> Option<NodeRef<'t>> {
    let host_path = volume.field("hostPath")?;
    let path = host_path.get("path")?;
    let text = path.str()?.trim_end_matches('/');
    let is_below = |folder: &str| text.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let kind = host_path.get("type").filter(|kind| !kind.is_null()).map_or(Some(""), NodeRef::str)?;
    let is_device = matches!(kind, "Socket" | "CharDevice" | "BlockDevice");
    (!is_device && !OF_THE_NODE.into_iter().any(is_below)).then_some(path)
}
