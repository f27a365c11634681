use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::yaml::edit;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(pod) = workload.pod() else { continue };
        for template in workload.claim_templates().filter_map(|template| template.name()) {
            let Some(name) = template.value_text() else { continue };
            let Some(volume) = pod.volumes().find(|volume| volume.name() == Some(name)) else { continue };
            let place = volume.node().get("name").unwrap_or(volume.node());
            let message = format!("claim template `{name}` replaces this volume, which no pod of {} gets", workload.describe());
            let is_stub = volume.node().entries().count() == 1;
            let finding = report.at(place, message).note_if(is_stub);
            finding.related(template, "the claim template").help("remove the volume, or rename one of the two");
            finding.offer("Remove the volume", Safety::Safe, [edit::remove(volume.node())]);
        }
    }
}
