use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Selector, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let is_set_by_kustomize = graph.kustomizations().any(|kustomization| kustomization.selector_labels().next().is_some());
    for workload in graph.workloads().filter(requires_selector) {
        let resource = workload.resource();
        let fault = match workload.field("selector") {
            _ if is_set_by_kustomize => continue,
            None if is_complete_otherwise(&workload) => "has no selector",
            Some(selector) if selector.is_mapping() && workload.selector().is_some_and(Selector::is_empty) => "has an empty selector",
            _ => continue,
        };
        let what = workload.describe();
        let api = format!("{}/{}", resource.group(), resource.version());
        report
            .at(resource.nearest("spec.selector"), format!("{what} {fault}: {api} requires one, and the API server refuses it"))
            .help("set `selector.matchLabels` to labels that the template sets and that will never change");
    }
}

/// Before `apps/v1beta2` the selector defaulted to the template's labels.
fn requires_selector(workload: &Workload<'_>) -> bool {
    let resource = workload.resource();
    workload.selects_pods() && resource.group() == "apps" && resource.version() != "v1beta1"
}

/// Whether nothing else is missing, so that it can't be a patch of an object that stands elsewhere.
fn is_complete_otherwise(workload: &Workload<'_>) -> bool {
    let Some(pod) = workload.pod() else { return false };
    let mut containers = pod.containers().peekable();
    let is_whole =
        containers.peek().is_some() && containers.all(|container| container.image().is_some() && container.field("name").is_some());
    is_whole && workload.pod_labels().is_some_and(|labels: NodeRef<'_>| !labels.is_empty())
}
