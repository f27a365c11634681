use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, is_versioned_name};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in [Kind::ConfigMap, Kind::Secret].into_iter().flat_map(|kind| graph.of_kind(kind)) {
        let Some(immutable) = resource.node().get("immutable").filter(|immutable| immutable.bool() == Some(true)) else { continue };
        if resource.name().is_none_or(is_one_of_many) || is_replaced(resource) {
            continue;
        }
        report
            .at(immutable, format!("the next change of {} is refused, and `immutable` can't be taken back", resource.describe()))
            .help("put a version or a hash into its name, and name the new one in the pod template");
    }
}

/// Whether the name says which content it is, or ends in a number as that of a release does.
fn is_one_of_many(name: &str) -> bool {
    is_versioned_name(name) || name.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether the old object goes before the new one comes.
fn is_replaced(resource: &Resource<'_>) -> bool {
    let options = resource.annotation("argocd.argoproj.io/sync-options").map_or("", NodeRef::text);
    resource.is_hook() || resource.is_owned() || options.contains("Replace=true")
}
