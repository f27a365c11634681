use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim in graph.of_kind(Kind::PersistentVolumeClaim).filter(|claim| !claim.is_owned()) {
        let Some((volume, pod)) = graph.ephemeral_volume_named_like(claim) else { continue };
        let (Some(name), Some(volume_name)) = (claim_name(claim), volume.name()) else { continue };
        let message = format!(
            "claim `{}` has the name that the claim of {} gets in pod {pod}: that pod never starts",
            name.text(),
            volume.describe()
        );
        report.at(name, message).related(volume_name, "the ephemeral volume").help("rename the claim or the volume");
    }
}

fn claim_name<'t>(claim: &Resource<'t>) -> Option<crate::yaml::NodeRef<'t>> {
    claim.metadata()?.get("name")
}
