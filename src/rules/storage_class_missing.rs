use crate::finding::Report;
use crate::graph::{Absence, Graph};
use crate::resource::{Kind, Resource, provisioner_of_class};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let Some(node) = request.class() else { continue };
        let Some(name) = node.value_text().filter(|name| !name.is_empty() && provisioner_of_class(name).is_none()) else { continue };
        if request.wants_existing_volume() || graph.absence_of(request.resource(), Kind::StorageClass, name) != Some(Absence::Certain) {
            continue;
        }
        // A volume that is made by hand may have a class that is an object nowhere.
        let volumes = graph.of_kind(Kind::PersistentVolume).filter_map(Resource::persistent_volume);
        if volumes.into_iter().any(|volume| volume.class() == Some(name)) {
            continue;
        }
        let message = format!("no StorageClass `{name}` in these files: {} waits for a volume", request.describe());
        report.at(node, message).help("correct the name, or list the class under `assume` if it is made elsewhere");
    }
}
