use crate::finding::Report;
use crate::graph::{Absence, Graph, Reference};
use crate::resource::{Kind, Resource, provisioner_of_class};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let Some(node) = request.class() else { continue };
        let Some(name) = node.value_text().filter(|name| !name.is_empty() && provisioner_of_class(name).is_none()) else { continue };
        // A volume that is made by hand may have a class that is an object nowhere.
        let has_volume =
            graph.of_kind(Kind::PersistentVolume).filter_map(Resource::persistent_volume).any(|volume| volume.class() == Some(name));
        if has_volume || request.wants_existing_volume() {
            continue;
        }
        if let Reference::Missing(Absence::Certain) = graph.reference(request.resource(), Kind::StorageClass, name) {
            let message = format!("no StorageClass `{name}` in these files: {} waits for a volume", request.describe());
            report.at(node, message).help("correct the name, or list the class under `assume` if it is made elsewhere");
        }
    }
}
