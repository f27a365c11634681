use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{CLASS_ANNOTATION, Kind, Resource};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        // Claim templates of a StatefulSet can't be changed.
        let spec = request.resource().spec().filter(|_| request.resource().kind() == Kind::PersistentVolumeClaim);
        check_class(request.class_annotation(), request.field("storageClassName"), spec, report);
    }
    for volume in graph.of_kind(Kind::PersistentVolume).filter_map(Resource::persistent_volume) {
        check_class(volume.class_annotation(), volume.field("storageClassName"), volume.resource().spec(), report);
    }
}

fn check_class(annotation: Option<NodeRef<'_>>, field: Option<NodeRef<'_>>, spec: Option<NodeRef<'_>>, report: &mut Report) {
    let Some((annotation, class)) = annotation.and_then(|node| Some((node, node.value_text()?))) else { return };
    let place = annotation.key().unwrap_or(annotation);
    match field.map(NodeRef::value_text) {
        None => {
            let finding = report.at(place, format!("annotation {CLASS_ANNOTATION} is deprecated since 1.8"));
            finding.help(format!("write `storageClassName: {class:?}` in the spec"));
            if let Some(spec) = spec {
                let name = edit::set(spec, "storageClassName", Value::Str(class), &["accessModes", "capacity"]);
                finding.offer("Name the class in the spec", Safety::Safe, [edit::remove(annotation), name]);
            }
        }
        Some(Some(written)) if written != class => {
            report
                .at(place, format!("the class is `{class}`, not `{written}`: this deprecated annotation wins over storageClassName"))
                .related(field.unwrap_or(annotation), "the other class")
                .help("drop the annotation");
        }
        Some(_) => {}
    }
}
