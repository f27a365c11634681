//! The objects of a run and what they have to do with each other, to be drawn.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, Severity};
use crate::graph::{Governing, Graph, Reference};
use crate::lint::Text;
use crate::resource::{Kind, Resource, Workload};
use crate::source::{SourceId, Sources};

/// What is drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    /// What is applied together, each a box around its objects; in the order of the files.
    pub units: Vec<String>,
    /// The objects, those of one unit after another.
    pub objects: Vec<Drawn>,
    /// Who refers to whom.
    pub links: Vec<Link>,
}

/// An object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// `StatefulSet`
    pub kind: String,
    /// Its name, after its namespace where one is written.
    pub name: String,
    /// What it is for.
    pub family: Family,
    /// The index of its unit.
    pub unit: usize,
    /// File and line; none for what is only referred to.
    pub place: Option<String>,
    /// What is found on it, the worst first.
    pub hazards: Vec<Hazard>,
}

/// A finding on an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hazard {
    /// The rule.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is so.
    pub message: String,
    /// File and line.
    pub place: String,
}

/// What an object is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// It runs pods.
    Workload,
    /// It leads to pods.
    Network,
    /// It keeps data.
    Storage,
    /// It is read by pods.
    Config,
    /// It changes how many pods there are, or may be.
    Scaling,
    /// Anything else, which is drawn for what is found on it.
    Other,
    /// It is referred to, and is not here.
    Missing,
}

/// A reference from one object to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The index of the object that refers.
    pub from: usize,
    /// The index of the other one.
    pub to: usize,
    /// What it does with it: `mounts`.
    pub verb: &'static str,
}

impl Drawn {
    /// The severity of the worst hazard.
    pub fn worst(&self) -> Option<Severity> {
        self.hazards.first().map(|hazard| hazard.severity)
    }
}

impl Picture {
    /// Draws the objects of a graph with what was found on them. Objects that nothing draws to the picture (roles, say) are left out
    /// unless something is found on them.
    pub fn of(graph: &Graph<'_>, findings: &[Finding], texts: &[Text], sources: &Sources) -> Self {
        let mut painter = Painter { graph, texts, sources, picture: Picture::default(), units: HashMap::new(), indices: HashMap::new() };
        let hazards = painter.hazards(findings);
        for resource in graph.resources() {
            let found = hazards.get(&key(resource));
            if family(resource.kind()) != Family::Other && !resource.is_partial() || found.is_some() {
                painter.add(resource, found.cloned().unwrap_or_default());
            }
        }
        painter.link();
        painter.picture.sorted()
    }

    /// The objects of one unit after another, without double links.
    fn sorted(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.objects.len()).collect();
        order.sort_by_key(|&index| (self.objects[index].unit, index));
        let mut index_now = vec![0; order.len()];
        for (now, &before) in order.iter().enumerate() {
            index_now[before] = now;
        }
        for link in &mut self.links {
            (link.from, link.to) = (index_now[link.from], index_now[link.to]);
        }
        self.links.sort_by_key(|link| (link.from, link.to, link.verb));
        self.links.dedup();
        let mut objects: Vec<Option<Drawn>> = self.objects.drain(..).map(Some).collect();
        self.objects.extend(order.into_iter().filter_map(|before| objects[before].take()));
        self
    }
}

/// What an object of a kind is for.
fn family(kind: Kind) -> Family {
    match kind {
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::Job
        | Kind::CronJob
        | Kind::Pod => Family::Workload,
        Kind::Service | Kind::Ingress => Family::Network,
        Kind::PersistentVolumeClaim | Kind::PersistentVolume => Family::Storage,
        Kind::ConfigMap | Kind::Secret => Family::Config,
        Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::PodDisruptionBudget => Family::Scaling,
        _ => Family::Other,
    }
}

/// By what an object is known: where it begins.
type Key = (SourceId, u32);

fn key(resource: &Resource<'_>) -> Key {
    (resource.source(), resource.node().span().start)
}

struct Painter<'p, 't> {
    graph: &'p Graph<'t>,
    texts: &'p [Text],
    sources: &'p Sources,
    picture: Picture,
    units: HashMap<u32, usize>,
    indices: HashMap<Key, usize>,
}

impl<'t> Painter<'_, 't> {
    fn hazards(&self, findings: &[Finding]) -> HashMap<Key, Vec<Hazard>> {
        let mut hazards: HashMap<Key, Vec<Hazard>> = HashMap::new();
        for finding in findings {
            let Some(resource) = self.graph.resource_at(finding.span) else { continue };
            let source = self.sources.get(finding.span.source);
            let place = format!("{}:{}", source.name(), source.line_column(finding.span.start).line);
            let (rule, message) = (finding.rule.to_string(), finding.message.clone());
            hazards.entry(key(resource)).or_default().push(Hazard { rule, severity: finding.severity, message, place });
        }
        for hazards in hazards.values_mut() {
            hazards.sort_by_key(|hazard| Reverse(hazard.severity));
        }
        hazards
    }

    fn unit(&mut self, resource: &Resource<'t>) -> usize {
        let number = self.graph.unit_number(resource).unwrap_or(u32::MAX);
        *self.units.entry(number).or_insert_with(|| {
            let path = self.texts[resource.source().0 as usize].path();
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            let name = if self.picture.units.iter().any(|unit| unit == folder) || path == "-" { path } else { folder };
            self.picture.units.push(name.to_owned());
            self.picture.units.len() - 1
        })
    }

    fn add(&mut self, resource: &Resource<'t>, hazards: Vec<Hazard>) -> usize {
        if let Some(&index) = self.indices.get(&key(resource)) {
            return index;
        }
        let source = self.sources.get(resource.source());
        let place = format!("{}:{}", source.name(), source.line_column(resource.node().span().start).line);
        let name = resource.name().unwrap_or("(no name)");
        let name = resource.namespace().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"));
        let (kind, family, unit) = (resource.kind_name().to_owned(), family(resource.kind()), self.unit(resource));
        self.picture.objects.push(Drawn { kind, name, family, unit, place: Some(place), hazards });
        self.indices.insert(key(resource), self.picture.objects.len() - 1);
        self.picture.objects.len() - 1
    }

    /// The object that is not here, but is referred to by that name from a unit.
    fn add_absent(&mut self, from: &Resource<'t>, kind: &str, name: &str, family: Family) -> usize {
        let unit = self.unit(from);
        let known = self
            .picture
            .objects
            .iter()
            .position(|object| object.unit == unit && object.place.is_none() && object.kind == kind && object.name == name);
        known.unwrap_or_else(|| {
            let drawn = Drawn { kind: kind.to_owned(), name: name.to_owned(), family, unit, place: None, hazards: Vec::new() };
            self.picture.objects.push(drawn);
            self.picture.objects.len() - 1
        })
    }

    fn draw(&mut self, from: &Resource<'t>, verb: &'static str, to: &Resource<'t>) {
        let (from, to) = (self.add(from, Vec::new()), self.add(to, Vec::new()));
        self.picture.links.push(Link { from, to, verb });
    }

    fn draw_absent(&mut self, from: &Resource<'t>, verb: &'static str, kind: &str, name: &str) {
        let (to, from) = (self.add_absent(from, kind, name, Family::Missing), self.add(from, Vec::new()));
        self.picture.links.push(Link { from, to, verb });
    }

    fn link(&mut self) {
        let graph = self.graph;
        for claim_use in graph.claim_uses() {
            let workload = claim_use.workload.resource();
            match &claim_use.claim {
                Some(claim) => self.draw(workload, "mounts", claim.resource()),
                None if graph.absence_of_claim(claim_use).is_some() => {
                    self.draw_absent(workload, "mounts", "PersistentVolumeClaim", claim_use.claim_name());
                }
                None => {}
            }
        }
        for workload in graph.workloads() {
            self.link_workload(&workload);
        }
        for claim in graph.of_kind(Kind::PersistentVolumeClaim) {
            for request in claim.claim_requests() {
                if let Some(volume) = graph.volume_of(&request) {
                    self.draw(claim, "is bound to", volume.resource());
                }
            }
        }
        for autoscaler in graph.all_autoscalers() {
            match (graph.target(&autoscaler), autoscaler.target()) {
                (Reference::Found(workload), _) => self.draw(autoscaler.resource(), "scales", &workload),
                (Reference::Missing(_), Some((kind, name))) => self.draw_absent(autoscaler.resource(), "scales", kind, name),
                _ => {}
            }
        }
        for protection in graph.protections() {
            for workload in &protection.workloads {
                self.draw(protection.budget.resource(), "protects", workload.resource());
            }
        }
        for kind in [Kind::ConfigMap, Kind::Secret] {
            for (workload, _, config) in graph.configs_needed(kind) {
                self.draw(workload.resource(), "reads", &config);
            }
            for (workload, demand, _) in graph.missing_configs(kind) {
                self.draw_absent(workload.resource(), "reads", &format!("{kind:?}"), demand.name.text());
            }
        }
        self.link_ingresses();
    }

    /// Claim templates, the Services that select its pods, and the one that it names itself.
    fn link_workload(&mut self, workload: &Workload<'t>) {
        let resource = workload.resource();
        for template in workload.claim_templates() {
            let Some(name) = template.name() else { continue };
            let set = workload.name().unwrap_or_default();
            let to = self.add_absent(resource, "claim for each pod", &format!("{}-{set}-0 …", name.text()), Family::Storage);
            let from = self.add(resource, Vec::new());
            self.picture.links.push(Link { from, to, verb: "makes" });
        }
        let mut selecting = HashSet::new();
        for service in self.graph.services_selecting(workload) {
            selecting.insert(key(service.resource()));
            self.draw(service.resource(), "selects", resource);
        }
        match self.graph.governing_service(workload) {
            Governing::Found { service, .. } if !selecting.contains(&key(service.resource())) => {
                self.draw(resource, "is governed by", service.resource());
            }
            Governing::Missing { name, .. } => self.draw_absent(resource, "is governed by", "Service", name.text()),
            _ => {}
        }
    }

    fn link_ingresses(&mut self) {
        for ingress in self.graph.of_kind(Kind::Ingress) {
            for backend in ingress.backends() {
                let Some(name) = backend.service.value_text() else { continue };
                match self.graph.reference(ingress, Kind::Service, name) {
                    Reference::Found(service) => self.draw(ingress, "leads to", &service),
                    Reference::Missing(_) => self.draw_absent(ingress, "leads to", "Service", name),
                    Reference::Unknown => {}
                }
            }
        }
    }
}
