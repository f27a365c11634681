use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, PodSpec, Service, Update, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(rolls_out_at_once) {
        let Some(pod) = workload.pod() else { continue };
        if graph.replicas(&workload).is_some_and(|replicas| replicas.most == 0) {
            continue;
        }
        for container in pod.containers().filter(|container| !is_probed(container)) {
            let mut services = graph.services_selecting(&workload).filter(|service| !service.publishes_not_ready());
            let Some(port) = services.find_map(|service| port_served(&service, &container, &pod)) else { continue };
            let name = container.name().map(|name| format!(" {name}")).unwrap_or_default();
            let what = workload.describe();
            report
                .at(
                    container.node(),
                    format!("container{name} of {what} is ready as soon as it starts: a rollout replaces every pod, even by a version that never answers"),
                )
                .help("add a readinessProbe that succeeds once the container can answer")
                .related(port, "connections of this Service's port go to the container");
        }
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

/// The Service's port whose connections the container serves. Where no container declares ports, a single one serves all.
fn port_served<'t>(service: &Service<'t>, container: &Container<'t>, pod: &PodSpec<'t>) -> Option<NodeRef<'t>> {
    let declares_none = pod.all_containers().all(|container| container.ports().next().is_none());
    let is_alone = pod.containers().nth(1).is_none();
    service.ports().find(|port| {
        let target = port.get("targetPort").filter(|target| !target.is_null()).or_else(|| port.get("port"));
        let Some(target) = target.filter(|target| !target.is_unknown() && !is_scraped(*port)) else { return false };
        if declares_none { is_alone } else { container.ports().any(|port| is_target(port, target) && !is_scraped(port)) }
    })
}

/// Whether only a monitoring system connects to a port.
fn is_scraped(port: NodeRef<'_>) -> bool {
    port.get("name").is_some_and(|name| name.text().contains("metrics"))
}

fn is_target(port: NodeRef<'_>, target: NodeRef<'_>) -> bool {
    match target.int() {
        Some(number) => port.get("containerPort").and_then(NodeRef::int) == Some(number),
        None => target.str().is_some_and(|name| port.get("name").and_then(NodeRef::str) == Some(name)),
    }
}
