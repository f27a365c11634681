use std::collections::HashSet;

use crate::finding::Report;
use crate::graph::{Absence, Graph, Reference};
use crate::resource::{Backend, Kind, Resource};
use crate::yaml::NodeRef;

/// The port that the AWS load balancer controller reads as "what the annotation of the Service's name says".
const BY_ANNOTATION: &str = "use-annotation";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for ingress in graph.of_kind(Kind::Ingress) {
        let mut told: HashSet<(&str, &str)> = HashSet::new();
        for backend in ingress.backends() {
            let Some(name) = backend.service.value_text() else { continue };
            let port = backend.port.map_or("", NodeRef::text);
            if port == BY_ANNOTATION || !told.insert((name, port)) {
                continue;
            }
            match graph.reference(ingress, Kind::Service, name) {
                Reference::Found(service) => check_port(ingress, &backend, &service, report),
                Reference::Missing(absence) => report_missing(graph, ingress, &backend, absence, report),
                Reference::Unknown => {}
            }
        }
    }
}

fn report_missing<'t>(graph: &Graph<'t>, ingress: &Resource<'t>, backend: &Backend<'t>, absence: Absence, report: &mut Report) {
    let name = backend.service.text();
    let near = graph.spelt_like(ingress, Kind::Service, name);
    if absence != Absence::Certain && near.is_none() {
        return;
    }
    let message = format!("no Service `{name}` in these files: {} answers its requests with an error", ingress.describe());
    let finding = report.at(backend.service, message);
    graph.explain_missing(
        finding,
        backend.service,
        near,
        "correct the name, add the Service, or list it under `assume` if it is elsewhere",
    );
}

fn check_port<'t>(ingress: &Resource<'t>, backend: &Backend<'t>, service: &Resource<'t>, report: &mut Report) {
    let (Some(port), Some(service)) = (backend.port, service.service()) else { return };
    let ports: Vec<_> = service.ports().collect();
    let is_known =
        |port: &NodeRef<'t>| port.is_mapping() && ["port", "name"].iter().all(|key| port.get(key).is_none_or(|it| !it.is_unknown()));
    if port.is_unknown() || ports.is_empty() || !ports.iter().all(is_known) {
        return;
    }
    let is_meant = |one: &NodeRef<'t>| match port.int() {
        Some(number) => one.get("port").and_then(NodeRef::int) == Some(number),
        None => one.get("name").is_some_and(|name| name.text() == port.text()),
    };
    if ports.iter().any(is_meant) {
        return;
    }
    let what = service.resource().describe();
    let message = format!("{what} has no port {}: {} answers its requests with an error", port.text(), ingress.describe());
    let list: Vec<_> = ports.iter().take(4).filter_map(|port| port.get("port")).map(NodeRef::text).collect();
    let is_target = ports.iter().any(|one| one.get("targetPort").is_some_and(|target| target.text() == port.text()));
    let hint = if is_target { " (that is the port of the pods)" } else { "" };
    let finding = report.at(port, message);
    finding.help(format!("its ports are {}{hint}", list.join(", ")));
    finding.related(service.resource().nearest("spec.ports"), "the Service's ports");
}
