use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Autoscaler, Container, Kind, PodSpec, Resource, Utilization, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let autoscalers = graph.autoscalers(&workload);
        let Some(pod) = workload.pod().filter(|_| !autoscalers.is_empty()) else { continue };
        if graph.patches_of(&workload).next().is_some() || has_limit_range(graph, &workload) {
            continue;
        }
        for autoscaler in autoscalers.iter().filter(|autoscaler| graph.are_in_one_set(autoscaler.resource(), workload.resource())) {
            for metric in autoscaler.utilizations() {
                if let Some(container) = first_without(&pod, &metric) {
                    tell(&workload, autoscaler, &metric, &container, report);
                }
            }
        }
    }
}

/// The first container that a metric counts and that doesn't request what it measures.
fn first_without<'t>(pod: &PodSpec<'t>, metric: &Utilization<'t>) -> Option<Container<'t>> {
    let requests = |resources: Option<NodeRef<'t>>| resources.is_some_and(|resources| may_request(resources, metric.resource));
    if requests(pod.field("resources")) {
        return None;
    }
    let is_counted =
        |container: &Container<'t>| container.is_lasting() && metric.container.is_none_or(|name| container.name() == Some(name));
    pod.all_containers().filter(is_counted).find(|container| !requests(container.field("resources")))
}

fn tell(workload: &Workload<'_>, autoscaler: &Autoscaler<'_>, metric: &Utilization<'_>, container: &Container<'_>, report: &mut Report) {
    let name = container.name().map_or_else(|| "a container".to_owned(), |name| format!("container {name}"));
    let (scaler, what, resource) = (autoscaler.resource().describe(), workload.describe(), metric.resource);
    let message = format!("{scaler} never scales {what}: {name} requests no {resource}, so that there is no utilization of it");
    report
        .at(container.field("resources").or_else(|| container.field("name")).unwrap_or(container.node()), message)
        .help(format!("request {resource}, or scale by an averageValue"))
        .related(metric.node, "the metric");
}

/// Whether resources request one, or a limit that the request defaults to; placeholders may.
fn may_request(resources: NodeRef<'_>, resource: &str) -> bool {
    if !resources.is_mapping() {
        return !resources.is_null();
    }
    ["requests", "limits"].into_iter().filter_map(|key| resources.get(key)).any(|list| {
        let written = list.get(resource).is_some_and(|amount| !amount.is_null());
        written || !(list.is_mapping() || list.is_null())
    })
}

fn has_limit_range<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> bool {
    let namespace = workload.resource().beside("").and_then(|identity| identity.namespace);
    let is_beside = |range: &Resource<'t>| {
        let theirs = range.beside("").and_then(|identity| identity.namespace);
        theirs.is_none() || namespace.is_none() || theirs == namespace
    };
    graph.of_kind(Kind::LimitRange).any(is_beside)
}
