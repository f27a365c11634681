use crate::finding::Report;
use crate::graph::{Governing, Graph};
use crate::resource::{Service, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Governing::Found { name, service } = graph.governing_service(&set) else { continue };
        if service.is_headless() != Some(false) {
            continue;
        }
        let finding = report.at(name, message(&set, name.text(), &service));
        finding.help("add a second Service with `clusterIP: None` and name that one; the address of an existing Service can't be removed");
        finding.note_if(!graph.has_peers(&set));
        let address = service.address().unwrap_or_else(|| service.resource().nearest("spec.clusterIP"));
        finding.related(address, "not `clusterIP: None`");
    }
}

fn message(set: &Workload<'_>, name: &str, service: &Service<'_>) -> String {
    let pod = format!("{}-{}.{name}", set.name().unwrap_or_default(), set.first_ordinal().unwrap_or_default());
    match service.kind() {
        Some("ExternalName") => format!("Service `{name}` is an alias of a name outside the cluster, so `{pod}` doesn't resolve"),
        _ => format!("Service `{name}` has an address of its own; only a headless one is sure to make names such as `{pod}` resolve"),
    }
}
