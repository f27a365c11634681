//! Which Service gives the pods of a `StatefulSet` their names.

use std::collections::HashMap;

use super::unit::climb;
use super::{Absence, Graph, Lookup, Placed};
use crate::resource::{Identity, Kind, Resource, Service, Workload, WorkloadKind, is_dns_label};
use crate::yaml::NodeRef;

/// What a `StatefulSet`'s `serviceName` leads to.
#[derive(Clone, Copy, Debug)]
pub enum Governing<'t> {
    /// It isn't written, or is empty.
    Unnamed,
    /// It can be no Service's name, or can't be told: a placeholder, several Services, a namespace written on one side only.
    Unknown,
    /// A Service of the set's namespace.
    Found {
        /// `serviceName`
        name: NodeRef<'t>,
        /// The Service.
        service: Service<'t>,
    },
    /// A Service of the same unit, but of another namespace.
    OtherNamespace {
        /// `serviceName`
        name: NodeRef<'t>,
        /// The Service.
        service: Service<'t>,
    },
    /// Nothing that is here.
    Missing {
        /// `serviceName`
        name: NodeRef<'t>,
        /// Whether that means that there is none.
        absence: Absence,
    },
}

impl<'t> Graph<'t> {
    /// The `StatefulSet`s that are whole.
    pub fn stateful_sets(&self) -> impl Iterator<Item = Workload<'t>> {
        self.workloads().filter(|workload| workload.kind() == WorkloadKind::StatefulSet)
    }

    /// What a `StatefulSet`'s `serviceName` leads to. Pods look for the Service in their own namespace only.
    pub fn governing_service(&self, set: &Workload<'t>) -> Governing<'t> {
        let Some(name) = set.field("serviceName").filter(|name| name.str() != Some("")) else { return Governing::Unnamed };
        let (Some(text), Some(own)) = (name.str().filter(|text| is_dns_label(text)), set.resource().identity()) else {
            return Governing::Unknown;
        };
        let identity = Identity { name: text, ..own };
        match self.find(set.resource(), Kind::Service, identity) {
            Lookup::Found(found) => found.service().map_or(Governing::Unknown, |service| Governing::Found { name, service }),
            Lookup::Ambiguous => Governing::Unknown,
            Lookup::Absent => self.service_elsewhere(set, name, identity),
        }
    }

    fn service_elsewhere(&self, set: &Workload<'t>, name: NodeRef<'t>, identity: Identity<'_>) -> Governing<'t> {
        let is_half_known = |service: &Resource<'t>| service.namespace().is_some() != identity.namespace.is_some();
        let is_unknown = self.named(Kind::Service, identity.name).any(is_half_known)
            || self.is_assumed(Kind::Service, identity)
            || self.is_made_by_an_operator(set.resource(), identity.name);
        if is_unknown {
            return Governing::Unknown;
        }
        let unit = |resource: &Resource<'t>| self.files.get(&resource.source()).map(|file| file.unit);
        let mut services = self.named(Kind::Service, identity.name).filter(|service| unit(service) == unit(set.resource()));
        match services.find_map(Resource::service) {
            Some(_) if self.is_put_into_a_namespace(set.resource()) => Governing::Unknown,
            Some(service) => Governing::OtherNamespace { name, service },
            None => Governing::Missing { name, absence: self.absence(set.resource(), Kind::Service, identity) },
        }
    }

    /// Whether a kustomization of the folder puts all its objects into one namespace.
    pub(super) fn is_put_into_a_namespace(&self, resource: &Resource<'t>) -> bool {
        let path = |source| self.files.get(&source).map_or("", |file: &Placed<'t>| file.path);
        let is_beside = |node: &&NodeRef<'t>| climb(path(resource.source()), path(node.tree().source())) == 1;
        self.kustomizations.iter().filter(is_beside).any(|node| node.get("namespace").is_some())
    }

    /// Whether a custom resource that is applied with an object may be where something of that name comes from: operators name what
    /// they make after what they make it for.
    pub(super) fn is_made_by_an_operator(&self, made_for: &Resource<'t>, name: &str) -> bool {
        let is_custom = |resource: &&Resource<'t>| resource.group().contains('.') && !resource.group().ends_with(".k8s.io");
        let mut makers = self.kind_in_unit_of(made_for, Kind::Other).filter(is_custom);
        let mut looked_at = makers.by_ref().take(MANY_MAKERS);
        let is_one = looked_at.any(|maker| {
            let rest = maker.name().and_then(|maker| name.strip_prefix(maker));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        is_one || makers.next().is_some()
    }

    /// The Service that a misspelt `serviceName` may mean: of almost that name, selecting the set's pods.
    pub fn service_spelt_like(&self, set: &Workload<'t>, name: &str) -> Option<Service<'t>> {
        let services = self.kind_in_unit_of(set.resource(), Kind::Service).take(MANY_SERVICES).filter_map(Resource::service);
        let own = set.resource().identity()?.namespace;
        services.filter(|service| is_spelt_like(service, name)).find(|service| {
            let is_beside = service.resource().identity().is_some_and(|identity| identity.namespace == own);
            is_beside && service.selector().is_some() && service.selects_pods_of(set) == Some(true)
        })
    }

    /// Whether a `StatefulSet` may have more than one pod.
    pub fn has_peers(&self, set: &Workload<'t>) -> bool {
        self.replicas(set).is_some_and(|replicas| replicas.most > 1)
    }

    /// A text in the unit that names a single pod of a `StatefulSet` as DNS would: `web-0.web`.
    pub fn names_a_pod_of(&self, set: &Workload<'t>) -> Option<NodeRef<'t>> {
        let names = self.pod_names.get_or_init(|| self.find_pod_names());
        let unit = self.files.get(&set.resource().source())?.unit;
        names.get(&(unit, set.name()?)).copied()
    }

    fn find_pod_names(&self) -> HashMap<(u32, &'t str), NodeRef<'t>> {
        let mut names = HashMap::new();
        for resource in &self.resources {
            let Some(file) = self.files.get(&resource.source()) else { continue };
            for scalar in resource.node().scalars() {
                for name in named_pods(scalar.text()) {
                    names.entry((file.unit, name)).or_insert(scalar);
                }
            }
        }
        names
    }
}

/// Services that are applied together above which no misspelt name is looked for.
const MANY_SERVICES: usize = 200;

/// Custom resources that are applied together above which one is held to be the maker of anything.
const MANY_MAKERS: usize = 1000;

/// Whether a Service's name is almost another. The Service that balances over a set's pods is often named much like the one that names
/// them (`db-hs`, `db-cs`), so that one with an address is told by a missing or doubled letter only.
fn is_spelt_like(service: &Service<'_>, name: &str) -> bool {
    let Some(other) = service.name().filter(|other| name.len() > 2 && name.len().abs_diff(other.len()) <= 2) else { return false };
    let most = if name.len() < 8 { 1 } else { 2 };
    let distance = strsim::osa_distance(name, other);
    let is_letter_more_or_less = distance == 1 && name.len() != other.len();
    is_letter_more_or_less || (distance <= most && service.is_headless() == Some(true))
}

/// The names of those whose pods a text names as `<name>-<ordinal>.<word>`.
fn named_pods(text: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 63;
    let is_part_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    text.match_indices('.').filter_map(move |(at, _)| {
        let is_before_word = text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let pod = &text[..at];
        let set = pod.trim_end_matches(|last: char| last.is_ascii_digit()).strip_suffix('-').filter(|set| set.len() + 1 < at)?;
        let length = set.bytes().rev().take(LONGEST + 1).take_while(|byte| is_part_of_name(byte)).count();
        (is_before_word && (1..=LONGEST).contains(&length)).then(|| &set[set.len() - length..])
    })
}

#[cfg(test)]
mod tests {
    use super::named_pods;

    #[test]
    fn pods_are_named_by_set_ordinal_and_subdomain() {
        let named = |text| named_pods(text).collect::<Vec<_>>();
        assert_eq!(named("http://web-0.web:80,web-12.web.prod.svc user@db-1.db-pods"), ["web", "web", "db"]);
        assert_eq!(named("old-web-0.web"), ["old-web"]);
        for text in ["web-0", "web-0.", "web-0.1", "web-.web", "web.web", "-0.web", "0.web", "é-0.web", "", ".", "."] {
            assert_eq!(named(text), [""; 0], "{text}");
        }
        let long = format!("{}-0.a", "a".repeat(64));
        assert_eq!(named(&long), [""; 0]);
        assert_eq!(named(&long[1..]), ["a".repeat(63)]);
    }
}
