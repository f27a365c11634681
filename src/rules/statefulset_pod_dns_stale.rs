use crate::finding::{Place, Report};
use crate::graph::{Graph, PodName, name_pods};
use crate::resource::{Identity, Kind, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let names = graph.pod_names_of(&set);
        let Some(service) = set.field("serviceName").filter(|_| !names.is_empty()) else { continue };
        if !is_the_only_one(graph, &set) {
            continue;
        }
        let mut reported = None;
        for name in names {
            // A list of peers is told of once.
            if reported == Some(name.node) || !is_meant(graph, name, &set) {
                continue;
            }
            let Some((reason, place)) = wrong_service(graph, name, &set, service).or_else(|| wrong_ordinal(graph, name, &set)) else {
                continue;
            };
            let text = &name.node.text()[name.range.clone()];
            let finding = report.at(Place::part(name.node, name.range.clone()), format!("`{text}` resolves to nothing: {reason}"));
            finding.help("name pods that the StatefulSet has, under its serviceName").related(place, "decided here");
            reported = Some(name.node);
        }
    }
}

/// Whether no other set of its name is applied with it, which might be meant as well.
fn is_the_only_one<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> bool {
    let same = graph.kind_in_unit_of(set.resource(), Kind::StatefulSet).filter(|other| other.name() == set.name());
    same.take(2).count() == 1
}

/// Whether a text is held for the name of a pod of the set: in a specification or in data, and in the set's namespace.
fn is_meant<'t>(graph: &Graph<'t>, name: &PodName<'t>, set: &Workload<'t>) -> bool {
    let Some(resource) = graph.resource_at(name.node.span()) else { return false };
    let is_metadata = resource.metadata().is_some_and(|metadata| {
        let (own, inner) = (metadata.span(), name.node.span());
        (own.start..own.end).contains(&inner.start)
    });
    let is_numbered = name.ordinal == "0" || !name.ordinal.starts_with('0');
    let is_beside = match namespace(name) {
        (None, _) => !name.rest.starts_with(".svc"),
        (Some(written), is_full) => set.resource().namespace().map_or(is_full, |own| own == written),
    };
    is_numbered && is_beside && !is_metadata && !is_commented(name) && !graph.are_alternatives(set.resource(), resource)
}

/// The namespace that follows the name, and whether `.svc` follows that, so that it is surely one.
fn namespace<'t>(name: &PodName<'t>) -> (Option<&'t str>, bool) {
    let Some(rest) = name.rest.strip_prefix('.') else { return (None, false) };
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(rest.len());
    let namespace = Some(&rest[..end]).filter(|namespace| !matches!(*namespace, "" | "svc"));
    (namespace, rest[end..].starts_with(".svc"))
}

/// Whether the line of a file begins as comments do.
fn is_commented(name: &PodName<'_>) -> bool {
    let before = &name.node.text()[..name.range.start];
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    ["#", "//", ";", "--"].iter().any(|comment| line.starts_with(comment))
}

/// Why a name under another Service than the set's resolves to nothing, and where the set's is written. What follows the pod's name may
/// be anything, but for a full name or the name of a Service.
fn wrong_service<'t>(graph: &Graph<'t>, name: &PodName<'t>, set: &Workload<'t>, service: NodeRef<'t>) -> Option<(String, NodeRef<'t>)> {
    let own = service.str().filter(|own| *own != name.subdomain && !own.is_empty())?;
    let identity = Identity { name: name.subdomain, ..set.resource().identity()? };
    let is_address = namespace(name).1 || graph.find(set.resource(), Kind::Service, identity).found().is_some();
    is_address.then(|| (format!("pods of {} have names under `{own}` only", set.describe()), service))
}

/// Why a name of a pod that the set doesn't have resolves to nothing, and where the number of pods is decided.
fn wrong_ordinal<'t>(graph: &Graph<'t>, name: &PodName<'t>, set: &Workload<'t>) -> Option<(String, NodeRef<'t>)> {
    let is_under_its_service = set.field("serviceName")?.str() == Some(name.subdomain);
    let ordinal: i64 = name.ordinal.parse().ok().filter(|_| is_under_its_service)?;
    let pods = graph.ordinals(set).filter(|pods| !pods.is_empty() && !pods.contains(&ordinal))?;
    let place = graph.replicas(set).and_then(|replicas| replicas.node()).unwrap_or_else(|| set.resource().nearest("spec.replicas"));
    Some((format!("{} has {}", set.describe(), name_pods(name.set, &pods)), place))
}
