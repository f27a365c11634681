use crate::finding::Report;
use crate::graph::{Governing, Graph};
use crate::resource::{Service, Workload};

/// The newest minor version whose `OpenAPI` schema lists `serviceName` as required.
const REQUIRED_BY_SCHEMA_UNTIL: u32 = 32;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        if !matches!(graph.governing_service(&set), Governing::Unnamed) {
            continue;
        }
        let mention = graph.names_a_pod_of(&set);
        let place = set.resource().nearest("spec.serviceName");
        let finding = report.at(place, format!("{} has no serviceName, so its pods get no stable DNS names", set.describe()));
        finding.help(remedy(graph, &set)).note_if(!graph.has_peers(&set) && mention.is_none());
        if let Some(mention) = mention {
            finding.related(mention, "a pod is named here");
        }
    }
}

fn remedy<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> String {
    let mut headless = graph.services_selecting(set).filter(|service| service.is_headless() == Some(true));
    let only = headless.next().filter(|_| headless.next().is_none());
    let first = match only.as_ref().and_then(Service::name) {
        Some(name) => format!("set serviceName to `{name}`, the headless Service that selects these pods, "),
        None => "create a headless Service that selects these pods and set serviceName to its name ".to_owned(),
    };
    let validators = if graph.world().versions.oldest <= REQUIRED_BY_SCHEMA_UNTIL {
        "; Helm and schema validators of 1.32 and before refuse a StatefulSet without it"
    } else {
        ""
    };
    format!("{first}before the first apply: it can't be changed later{validators}")
}
