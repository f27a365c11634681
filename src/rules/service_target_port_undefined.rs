use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Kind, Resource, Service, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service) {
        let is_by_name = |port: &NodeRef<'_>| port.get("targetPort").is_some_and(|target| target.str().is_some_and(is_name));
        for port in service.ports().filter(is_by_name) {
            check_port(graph, &service, port, report);
        }
    }
}

fn check_port<'t>(graph: &Graph<'t>, service: &Service<'t>, port: NodeRef<'t>, report: &mut Report) {
    let (Some(target), Some(protocol)) = (port.get("targetPort"), protocol(port)) else { return };
    let serving = workloads(graph, service);
    let lacks = |workload: &&Workload<'t>| names_port(graph, workload, target.text(), protocol) == Some(false);
    let Some(without) = serving.iter().find(lacks) else { return };
    let is_partly_served = !serving.iter().all(|workload| lacks(&workload));
    let outcome = if is_partly_served { "leaves its pods out" } else { "leads nowhere" };
    let (what, name) = (without.describe(), target.text());
    let message = format!("no container port of {what} is named `{name}`: this port of {} {outcome}", service.resource().describe());
    let finding = report.at(target, message);
    finding.note_if(is_partly_served);
    match port_names(without, protocol).as_slice() {
        [] => finding.help("name the container's port, or use its number"),
        others => finding.help(format!("its {protocol} ports are named {}; or use the number", others.join(", "))),
    };
    if let Some(container) = without.pod().and_then(|pod| pod.containers().next()) {
        finding.related(container.field("ports").or_else(|| container.field("name")).unwrap_or(container.node()), "its ports");
    }
}

/// Whether a target port is a name, which has a letter, and no number in quotes, which is refused.
fn is_name(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn protocol(port: NodeRef<'_>) -> Option<&str> {
    port.get("protocol").filter(|protocol| !protocol.is_null()).map_or(Some("TCP"), NodeRef::str)
}

/// The workloads whose pods the Service connects to, but for those that run once.
fn workloads<'t>(graph: &Graph<'t>, service: &Service<'t>) -> Vec<Workload<'t>> {
    let Some(selector) = service.selector() else { return Vec::new() };
    let selected = graph.selected(service.resource(), selector);
    let lasting = selected.filter(|workload| !workload.ends() && !workload.resource().is_hook() && workload.has_whole_containers());
    lasting.filter(|workload| !graph.are_alternatives(service.resource(), workload.resource())).collect()
}

/// Whether a container of the pods, sidecars among them, gives a port that name (`FindPort` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/pod/util.go>). `None` where a placeholder or a patch may.
fn names_port<'t>(graph: &Graph<'t>, workload: &Workload<'t>, name: &str, protocol_wanted: &str) -> Option<bool> {
    let mut known = graph.patches_of(workload).next().is_none();
    for container in workload.pod()?.all_containers().filter(Container::is_lasting) {
        known &= container.field("ports").is_none_or(NodeRef::is_sequence);
        for port in container.ports() {
            let Some(written) = port.get("name").filter(|name| !name.is_null()) else { continue };
            match (written.value_text(), protocol(port)) {
                (Some(written), Some(protocol)) if written == name && protocol == protocol_wanted => return Some(true),
                (Some(_), Some(_)) => {}
                _ => known = false,
            }
        }
    }
    known.then_some(false)
}

fn port_names<'t>(workload: &Workload<'t>, protocol_wanted: &str) -> Vec<&'t str> {
    let containers = workload.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(Container::is_lasting);
    let ports = containers.flat_map(|container| container.ports()).filter(|port| protocol(*port) == Some(protocol_wanted));
    ports.filter_map(|port| port.get("name")?.value_text()).take(4).collect()
}
