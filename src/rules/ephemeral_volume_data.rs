use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Mount, WorkloadKind, is_data_directory};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.selects_pods() || workload.kind() == WorkloadKind::Pod) {
        let Some(pod) = workload.pod().filter(|pod| pod.volumes().any(|volume| volume.field("ephemeral").is_some())) else { continue };
        let mounts = pod.mounts_by_volume();
        for volume in pod.volumes() {
            let (Some(source), Some(name)) = (volume.node().entry("ephemeral"), volume.name()) else { continue };
            let holds_data = |mount: &&Mount<'_>| !mount.is_read_only() && is_data_directory(mount);
            let Some(mount) = mounts.get(name).and_then(|mounts| mounts.iter().find(holds_data)) else { continue };
            let message = format!(
                "`{}` of {} is an ephemeral volume: its claim is deleted with the pod",
                mount.path().unwrap_or_default(),
                workload.describe()
            );
            let finding = report.at(source, message);
            finding.help("use volumeClaimTemplates of a StatefulSet, or a claim that is there before the pod");
            if let Some(path) = mount.node().get("mountPath") {
                finding.related(path, "data is kept here");
            }
        }
    }
}
