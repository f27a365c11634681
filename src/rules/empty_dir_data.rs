use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Mount, Volume, is_data_directory};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let (Some(pod), Some(templates)) = (set.pod(), set.claim_template_names()) else { continue };
        let volumes =
            || pod.volumes().filter(|volume| keeps_on_disk(volume) && volume.name().is_some_and(|name| !templates.contains(name)));
        if volumes().next().is_none() {
            continue;
        }
        let mounts = pod.mounts_by_volume();
        for volume in volumes() {
            let holds_data = |mount: &&Mount<'_>| !mount.is_read_only() && is_data_directory(mount);
            let Some(mount) = volume.name().and_then(|name| mounts.get(name)?.iter().find(holds_data)) else { continue };
            let Some(source) = volume.node().entry("emptyDir") else { continue };
            let message = format!(
                "`{}` of {} is an emptyDir: what it holds is deleted with its pod",
                mount.path().unwrap_or_default(),
                set.describe()
            );
            let finding = report.at(source, message);
            finding.help("use volumeClaimTemplates: each pod gets a claim of its own, which outlives it");
            if let Some(path) = mount.node().get("mountPath") {
                finding.related(path, "data is kept here");
            }
        }
    }
}

/// Whether it is an emptyDir that isn't meant to be lost at any moment, as one in memory is.
fn keeps_on_disk(volume: &Volume<'_>) -> bool {
    volume.field("emptyDir").is_some_and(|source| source.get("medium").is_none_or(|medium| medium.is_null() || medium.text().is_empty()))
}
