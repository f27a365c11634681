use std::cell::LazyCell;

use crate::finding::Report;
use crate::graph::{Governing, Graph, Monitors};
use crate::resource::{Container, Service, Update, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let monitors = LazyCell::new(|| graph.monitors());
    for workload in graph.workloads() {
        let Some(pod) = workload.pod() else { continue };
        let mut unprobed = pod.containers().filter(|container| !is_probed(container)).peekable();
        if unprobed.peek().is_none() || !rolls_out_at_once(&workload) {
            continue;
        }
        let services = services(graph, &workload);
        if services.is_empty() || graph.replicas(&workload).is_some_and(|replicas| replicas.most == 0) {
            continue;
        }
        let watched = pod.all_containers().filter(Container::is_lasting).find(is_probed);
        for container in unprobed {
            let Some(port) = services.iter().find_map(|service| port_served(service, &container, &workload, &monitors)) else { continue };
            report
                .at(container.field("name").unwrap_or(container.node()), message(&workload, &container, watched.as_ref()))
                .help(help(graph, &workload))
                .note_if(watched.is_some())
                .related(port, "connections of this Service's port go to the container");
        }
    }
}

fn message(workload: &Workload<'_>, container: &Container<'_>, watched: Option<&Container<'_>>) -> String {
    let (what, name) = (workload.describe(), describe(container, "a container"));
    match watched {
        Some(watched) => {
            let watched = describe(watched, "another container");
            format!("nothing tells whether {name} of {what} answers; the pod's readiness only watches {watched}")
        }
        None => format!("nothing holds back a rollout of {what}: {name} is ready as soon as it starts"),
    }
}

fn describe(container: &Container<'_>, nameless: &str) -> String {
    container.name().map_or_else(|| nameless.to_owned(), |name| format!("container {name}"))
}

/// Pods of a `StatefulSet` often need each other's names to become ready, and get them from a Service that knows ready pods only.
fn help<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> &'static str {
    match graph.governing_service(workload) {
        Governing::Found { service, .. } if service.is_headless() == Some(true) && !service.publishes_not_ready() => {
            "add a readinessProbe that succeeds once the container can answer, and set publishNotReadyAddresses on the Service that its peers use"
        }
        _ => "add a readinessProbe that succeeds once the container can answer",
    }
}

/// Whether a new pod counts as available the moment its containers are ready, and the next old one goes.
fn rolls_out_at_once(workload: &Workload<'_>) -> bool {
    let is_rolling = matches!(workload.update(), Some(Update::Rolling { .. } | Update::Ordinal { .. } | Update::Nodes { .. }));
    let has_gates = workload.pod().and_then(|pod| pod.field("readinessGates")).is_some_and(|gates| !gates.is_empty());
    is_rolling && !has_gates && workload.min_ready_seconds().is_some_and(|seconds| seconds.value == 0)
}

fn is_probed(container: &Container<'_>) -> bool {
    container.field("readinessProbe").is_some() || container.field("startupProbe").is_some()
}

/// The Services that connect to ready pods only, those of the same file first.
fn services<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> Vec<Service<'t>> {
    let mut services: Vec<_> = graph.services_selecting(workload).filter(|service| !service.publishes_not_ready()).collect();
    services.sort_by_key(|service| service.resource().source() != workload.resource().source());
    services
}

/// The Service's port whose connections the container serves. A container that is alone serves the ports, too, that it doesn't declare.
fn port_served<'t>(
    service: &Service<'t>,
    container: &Container<'t>,
    workload: &Workload<'t>,
    monitors: &LazyCell<Monitors<'t>, impl FnOnce() -> Monitors<'t>>,
) -> Option<NodeRef<'t>> {
    let is_alone = workload.pod()?.all_containers().filter(Container::is_lasting).nth(1).is_none();
    let is_headless = service.is_headless() == Some(true);
    let ports = service.ports().filter(|&port| !(is_scraped(port) || (is_headless && monitors.name_port_of_service(service, port))));
    ports.into_iter().find(|port| {
        let target = port.get("targetPort").filter(|target| !target.is_null()).or_else(|| port.get("port"));
        let Some(target) = target.filter(|target| !target.is_unknown()) else { return false };
        match container.ports().find(|&port| is_target(port, target)) {
            Some(declared) => !(is_scraped(declared) || (is_headless && monitors.name_port_of_pod(workload, declared))),
            None => is_alone && target.int().is_some(),
        }
    })
}

/// Whether only a monitoring system connects to a port.
fn is_scraped(port: NodeRef<'_>) -> bool {
    port.get("name").is_some_and(|name| ["metrics", "exporter", "prometheus"].iter().any(|word| name.text().contains(word)))
}

fn is_target(port: NodeRef<'_>, target: NodeRef<'_>) -> bool {
    match target.int() {
        Some(number) => port.get("containerPort").and_then(NodeRef::int) == Some(number),
        None => target.str().is_some_and(|name| port.get("name").and_then(NodeRef::str) == Some(name)),
    }
}
