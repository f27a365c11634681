use crate::finding::Report;
use crate::graph::{Governing, Graph};
use crate::resource::{Kind, Service};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Governing::Found { name, service } = graph.governing_service(&set) else { continue };
        if service.is_headless() != Some(true) || service.selects_pods_of(&set) != Some(false) {
            continue;
        }
        if service.selector().is_none() && has_endpoints(graph, &service) {
            continue;
        }
        let place = service.resource().nearest("spec.selector");
        let finding = report.at(place, format!("Service `{}` selects no pod of {}, so they get no DNS names", name.text(), set.describe()));
        finding.help("select labels that the pod template has");
        finding.related(set.resource().nearest("spec.template.metadata.labels"), "the pods' labels").related(name, "named here");
    }
}

/// Whether someone keeps the Service's endpoints by hand.
fn has_endpoints<'t>(graph: &Graph<'t>, service: &Service<'t>) -> bool {
    graph.kind_in_unit_of(service.resource(), Kind::EndpointSlice).any(|endpoints| {
        let label = endpoints.label("kubernetes.io/service-name").map(NodeRef::text);
        (label.is_some() && label == service.name()) || endpoints.name() == service.name()
    })
}
