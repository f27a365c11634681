use std::ops::Range;

use crate::finding::{Place, Report};
use crate::graph::{Change, Graph, Pair, Reference};
use crate::resource::{Kind, Resource, Selector, Service};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed_of(Kind::Service).filter(|pair| !pair.is_partial()) {
        let Some((old, new)) = pair.old.service().zip(pair.new.service()) else { continue };
        if new.kind().is_none_or(|kind| kind == "ExternalName") {
            continue;
        }
        for gone in gone_ports(&old, &new) {
            let mut clients = Clients { graph: change.new, pair, gone, report: &mut *report };
            clients.find_ingresses();
            clients.find_monitors();
            clients.find_addresses();
        }
    }
}

/// A port that a Service has no more.
struct Gone<'t> {
    node: NodeRef<'t>,
    /// Its number, unless another port has it.
    number: Option<i64>,
    /// Its name, unless another port has it.
    name: Option<&'t str>,
}

/// The ports whose numbers or names are gone; none where a placeholder may stand for one.
fn gone_ports<'t>(old: &Service<'t>, new: &Service<'t>) -> Vec<Gone<'t>> {
    let is_known = |port: NodeRef<'t>| {
        port.get("port").is_some_and(|number| number.int().is_some()) && port.get("name").is_none_or(|name| !name.is_unknown())
    };
    let ports: Vec<_> = new.ports().collect();
    if ports.is_empty() || !ports.iter().copied().all(is_known) {
        return Vec::new();
    }
    let number = |port: NodeRef<'t>| port.get("port").and_then(NodeRef::int);
    let name = |port: NodeRef<'t>| port.get("name").and_then(NodeRef::str).filter(|name| !name.is_empty());
    let gone = old.ports().map(|node| Gone {
        node,
        number: number(node).filter(|_| ports.iter().all(|port| number(*port) != number(node))),
        name: name(node).filter(|_| ports.iter().all(|port| name(*port) != name(node))),
    });
    gone.filter(|gone| gone.number.is_some() || gone.name.is_some()).collect()
}

/// Who still uses a port that is gone.
struct Clients<'c, 'g, 't> {
    graph: &'g Graph<'t>,
    pair: &'c Pair<'t>,
    gone: Gone<'t>,
    report: &'c mut Report,
}

impl<'t> Clients<'_, '_, 't> {
    fn find_ingresses(&mut self) {
        for ingress in self.graph.of_kind(Kind::Ingress) {
            for backend in ingress.backends().filter(|backend| backend.service.value_text() == self.pair.new.name()) {
                let Some(port) = backend.port else { continue };
                let is_gone = match port.int() {
                    Some(number) => self.gone.number == Some(number),
                    None => port.str().is_some_and(|name| self.gone.name == Some(name)),
                };
                let is_it = || {
                    let found = self.graph.reference(ingress, Kind::Service, backend.service.text());
                    matches!(found, Reference::Found(service) if service.is(&self.pair.new))
                };
                if is_gone && is_it() {
                    self.tell(port, port.text(), ingress, "sends requests there, and answers them with an error");
                }
            }
        }
    }

    /// The `ServiceMonitor`s of the Prometheus operator.
    fn find_monitors(&mut self) {
        let Some(name) = self.gone.name else { return };
        let labels = self.pair.new.metadata().and_then(|metadata| metadata.get("labels"));
        let monitors = self
            .graph
            .unit_of(&self.pair.new)
            .filter(|other| other.group() == "monitoring.coreos.com" && other.kind_name() == "ServiceMonitor");
        for monitor in monitors {
            let selects = monitor
                .spec()
                .and_then(|spec| spec.get("selector"))
                .map(Selector::LabelSelector)
                .and_then(|selector| selector.matches(labels));
            let endpoints = monitor.spec().and_then(|spec| spec.get("endpoints")).filter(|_| selects == Some(true));
            let ports = endpoints.into_iter().flat_map(NodeRef::items).filter_map(|endpoint| endpoint.get("port"));
            for port in ports.filter(|port| port.str() == Some(name)) {
                self.tell(port, name, monitor, "scrapes it, and gets no metrics");
            }
        }
    }

    /// Addresses in variables, arguments and `ConfigMap`s: `web:8080`, `web.shop.svc:8080`.
    fn find_addresses(&mut self) {
        let (Some(number), Some(name)) = (self.gone.number, self.pair.new.name()) else { return };
        let namespace = self.pair.new.namespace();
        for other in self.graph.unit_of(&self.pair.new).filter(|other| other.namespace() == namespace) {
            for text in texts(other) {
                if let Some(range) = address(text.text(), name, namespace, number) {
                    self.tell(Place::part(text, range), &number.to_string(), other, "uses this address, and connections to it fail");
                }
            }
        }
    }

    fn tell(&mut self, place: impl Into<Place<'t>>, port: &str, client: &Resource<'t>, what: &str) {
        let service = self.pair.new.describe();
        let finding = self.report.at(place, format!("{service} has no port `{port}` any more: {} {what}", client.describe()));
        finding.help("change both in one step, or better: let the Service have the old port beside the new one until nothing uses it");
        finding.related(self.pair.new.nearest("spec.ports"), "the Service's ports");
        finding.related(self.gone.node, "it was this one");
    }
}

/// The texts of an object that may hold addresses.
fn texts<'t>(resource: &Resource<'t>) -> Vec<NodeRef<'t>> {
    if resource.kind() == Kind::ConfigMap {
        return resource.node().get("data").into_iter().flat_map(NodeRef::entries).map(|entry| entry.value).collect();
    }
    let containers = resource.workload().and_then(|workload| workload.pod()).into_iter().flat_map(|pod| pod.all_containers());
    let of_container = |container: crate::resource::Container<'t>| {
        let variables = container.field("env").into_iter().flat_map(NodeRef::items).filter_map(|variable| variable.get("value"));
        let words = ["command", "args"].into_iter().filter_map(move |key| container.field(key)).flat_map(NodeRef::items);
        variables.chain(words).collect::<Vec<_>>()
    };
    containers.flat_map(of_container).collect()
}

/// Where a text has the address of a Service with that port.
fn address(text: &str, service: &str, namespace: Option<&str>, port: i64) -> Option<Range<usize>> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    text.match_indices(service).find_map(|(start, _)| {
        let is_whole = !text[..start].ends_with(is_of_name);
        let rest = &text[start + service.len()..];
        let domain = &rest[..rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len())];
        let after = rest[domain.len()..].strip_prefix(':')?;
        let digits = &after[..after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len())];
        let is_beside = domain.is_empty()
            || domain.strip_prefix('.').is_some_and(|domain| {
                let (first, more) = domain.split_once('.').unwrap_or((domain, "svc"));
                namespace == Some(first) && (more == "svc" || more.starts_with("svc."))
            });
        let end = start + service.len() + domain.len() + 1 + digits.len();
        (is_whole && is_beside && digits.parse() == Ok(port)).then_some(start..end)
    })
}
