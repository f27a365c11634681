use crate::finding::Report;
use crate::graph::{Graph, Versions};
use crate::resource::{IntOrPercent, Setting, Update};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let Some(versions) = dropping(graph.world().versions) else { return };
    for set in graph.stateful_sets() {
        let Some(Update::Ordinal { max_unavailable: Setting { value, node: Some(node) }, .. }) = set.update() else { continue };
        let Some(replicas) = graph.replicas(&set) else { continue };
        // What comes to one pod is what it is without the field.
        if matches!(value, IntOrPercent::Int(1)) || value.floor(replicas.most) <= 1 {
            continue;
        }
        report
            .at(node, format!("{versions} drops maxUnavailable: {} is updated one pod at a time", set.describe()))
            .help("the feature gate MaxUnavailableStatefulSet is on by default since 1.37");
    }
}

/// The versions that drop the field, for messages: all before 1.37, but for 1.35.0 to 1.35.3.
fn dropping(versions: Versions) -> Option<String> {
    let newest = versions.newest.min(36);
    match (versions.oldest, newest) {
        (oldest, newest) if oldest > newest => None,
        (35, 35) => Some("Kubernetes 1.35 (from 1.35.4 on)".to_owned()),
        (oldest, newest) if oldest == newest => Some(format!("Kubernetes 1.{oldest}")),
        (oldest, newest) => Some(format!("Kubernetes 1.{oldest} to 1.{newest}")),
    }
}
