use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !workload.may_be_patch()) {
        let (Some(pod), Some(names)) = (workload.pod(), workload.volume_names()) else { continue };
        for mount in pod.mounts() {
            let Some(name) = mount.volume().filter(|name| !names.contains(name)) else { continue };
            let Some(place) = mount.node().get("name") else { continue };
            if graph.patches_of(&workload).any(|patch| patch.volume_names().is_none_or(|names| names.contains(name))) {
                continue;
            }
            let wanted = if workload.kind() == WorkloadKind::StatefulSet { "volume or claim template" } else { "volume" };
            let message = format!("no {wanted} is named `{name}`: {} can't run", workload.describe());
            report.at(place, message).suggest(place, names.iter().copied(), "add it under volumes, or remove the mount");
        }
    }
}
