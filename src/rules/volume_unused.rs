use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::Workload;
use crate::yaml::edit;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::is_surely_whole) {
        let Some(pod) = workload.pod().filter(|pod| pod.volumes().next().is_some()) else { continue };
        let (Some(mounted), Some(templates)) = (pod.mounted_names(), workload.claim_template_names()) else { continue };
        for volume in pod.volumes() {
            let (Some(name), Some(node)) = (volume.name(), volume.node().get("name")) else { continue };
            if mounted.contains(name) || templates.contains(name) || graph.patches_of(&workload).next().is_some() {
                continue;
            }
            let message = if volume.claim_name().is_some() {
                format!("no container of {} mounts volume `{name}`, whose claim is attached all the same", workload.describe())
            } else {
                format!("no container of {} mounts volume `{name}`", workload.describe())
            };
            let safety = if volume.claim_name().is_some() { Safety::Unsafe } else { Safety::Safe };
            report.at(node, message).help("remove the volume, or add a volumeMount").offer(
                "Remove the volume",
                safety,
                [edit::remove(volume.node())],
            );
        }
    }
}
