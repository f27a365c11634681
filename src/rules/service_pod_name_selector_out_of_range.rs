use crate::finding::Report;
use crate::graph::{Graph, name_pods};
use crate::resource::{Identity, Kind, Resource, Selector, Service, Workload, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service) {
        let Some(selector) = service.selector().map(Selector::node) else { continue };
        let by_name = selector.get("statefulset.kubernetes.io/pod-name").and_then(|node| named_pod(graph, &service, node));
        let by_index = || selector.get("apps.kubernetes.io/pod-index").and_then(|node| indexed_pod(graph, &service, node));
        let Some(Pod { node, set, ordinal }) = by_name.or_else(by_index) else { continue };
        let Some(pods) = graph.ordinals(&set).filter(|pods| !pods.is_empty() && !pods.contains(&ordinal)) else { continue };
        let (name, what) = (set.name().unwrap_or_default(), set.describe());
        report
            .at(node, format!("no pod is ever selected: {what} has {}", name_pods(name, &pods)))
            .help("select a pod that the StatefulSet has, or raise its replicas")
            .related(set.resource().nearest("spec.replicas"), "the number of pods");
    }
}

/// The pod that a Service selects.
struct Pod<'t> {
    node: NodeRef<'t>,
    set: Workload<'t>,
    ordinal: i64,
}

/// The pod of that name, if its `StatefulSet` is here.
fn named_pod<'t>(graph: &Graph<'t>, service: &Service<'t>, node: NodeRef<'t>) -> Option<Pod<'t>> {
    let (name, ordinal) = node.str()?.rsplit_once('-')?;
    let is_number = !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit());
    let identity = Identity { name, ..service.resource().identity().filter(|_| is_number)? };
    let set = graph.find(service.resource(), Kind::StatefulSet, identity).found()?.workload()?;
    Some(Pod { node, set, ordinal: ordinal.parse().ok()? })
}

/// The pod of that index of the one `StatefulSet` that the Service selects pods of.
fn indexed_pod<'t>(graph: &Graph<'t>, service: &Service<'t>, node: NodeRef<'t>) -> Option<Pod<'t>> {
    let mut selected = graph.selected(service.resource(), service.selector()?);
    let (Some(set), None) = (selected.next(), selected.next()) else { return None };
    let is_set = set.kind() == WorkloadKind::StatefulSet;
    Some(Pod { node, set, ordinal: node.value_text().filter(|_| is_set)?.parse().ok()? })
}
