//! Which Service gives the pods of a `StatefulSet` their names.

use std::collections::HashMap;
use std::ops::Range;

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
        self.pod_names_of(set).first().map(|name| name.node)
    }

    /// All texts in the unit that name single pods of a `StatefulSet` as DNS would, in the order of the files.
    pub fn pod_names_of(&self, set: &Workload<'t>) -> &[PodName<'t>] {
        let names = self.pod_names.get_or_init(|| self.find_pod_names());
        let key = || Some((self.files.get(&set.resource().source())?.unit, set.name()?));
        key().and_then(|key| names.get(&key)).map_or(&[], Vec::as_slice)
    }

    fn find_pod_names(&self) -> HashMap<(u32, &'t str), Vec<PodName<'t>>> {
        let mut names: HashMap<_, Vec<_>> = HashMap::new();
        for (number, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.by_kind.contains_key(&Kind::StatefulSet)) {
            // Few objects name a pod at all, and their text says so faster than their scalars.
            let naming = self.at_indices(&unit.all).filter(|resource| may_name_pods(resource.node()));
            for scalar in naming.flat_map(|resource| resource.node().scalars()) {
                for name in named_pods(scalar) {
                    names.entry((number as u32, name.set)).or_default().push(name);
                }
            }
        }
        names
    }

    /// The ordinals that pods of a `StatefulSet` may have, with all that patches, kustomizations and autoscalers make of it; none
    /// where it has no pods. `None` where a placeholder decides.
    pub fn ordinals(&self, set: &Workload<'t>) -> Option<Range<i64>> {
        let first = set.first_ordinal()?;
        let mut most = self.replicas(set)?.most;
        for patch in self.patches_of(set) {
            if patch.field("ordinals").is_some() {
                return None;
            }
            most = most.max(patch.replicas()?.value);
        }
        for (name, count) in self.kustomizations().flat_map(|kustomization| kustomization.replicas_set()) {
            most = most.max(if Some(name) == set.name() { count.int()? } else { 0 });
        }
        Some(first..first.saturating_add(most))
    }
}

/// The pods of a set by their names, for messages: "only web-0", "web-0 and web-1", "web-0 to web-4".
pub fn name_pods(set: &str, ordinals: &Range<i64>) -> String {
    let (first, last) = (ordinals.start, ordinals.end - 1);
    match last - first {
        0 => format!("only {set}-{first}"),
        1 => format!("{set}-{first} and {set}-{last}"),
        _ => format!("{set}-{first} to {set}-{last}"),
    }
}

/// Whether the text of an object has a dot between a digit and a letter.
fn may_name_pods(node: NodeRef<'_>) -> bool {
    let (span, text) = (node.span(), node.tree().text());
    let text = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let is_between = |at: usize| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        before.is_some_and(u8::is_ascii_digit) && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
    };
    text.match_indices('.').any(|(at, _)| is_between(at))
}

/// A text that names a single pod of a `StatefulSet` as DNS would: `web-0.web`, and more.
#[derive(Clone, Debug)]
pub struct PodName<'t> {
    /// Where it stands.
    pub node: NodeRef<'t>,
    /// The bytes of the node's text from the set's name to the subdomain.
    pub range: Range<usize>,
    /// The set's name.
    pub set: &'t str,
    /// The pod's number, as written.
    pub ordinal: &'t str,
    /// What is held to be the set's Service.
    pub subdomain: &'t str,
    /// What follows the subdomain: `.prod.svc.cluster.local:80`.
    pub rest: &'t str,
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

/// The pods that a text names as `<set>-<ordinal>.<word>`.
fn named_pods(node: NodeRef<'_>) -> impl Iterator<Item = PodName<'_>> {
    const LONGEST: usize = 63;
    let is_part_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let text = node.text();
    text.match_indices('.').filter_map(move |(at, _)| {
        let is_before_word = text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let pod = &text[..at];
        let set = pod.trim_end_matches(|last: char| last.is_ascii_digit()).strip_suffix('-').filter(|set| set.len() + 1 < at)?;
        let length = set.bytes().rev().take(LONGEST + 1).take_while(|byte| is_part_of_name(byte)).count();
        let behind = &text[at + 1..];
        let subdomain = behind.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').map_or(behind, |end| &behind[..end]);
        (is_before_word && (1..=LONGEST).contains(&length)).then(|| PodName {
            node,
            range: set.len() - length..at + 1 + subdomain.len(),
            set: &set[set.len() - length..],
            ordinal: &pod[set.len() + 1..],
            subdomain,
            rest: &behind[subdomain.len()..],
        })
    })
}

#[cfg(test)]
mod tests {
    use super::named_pods;
    use crate::source::SourceId;
    use crate::yaml::parse;

    #[test]
    fn pods_are_named_by_set_ordinal_and_subdomain() {
        let named = |text: &str| {
            let tree = parse(SourceId(0), format!("'{text}'").into());
            let root = tree.documents().next().and_then(|document| document.root).expect("a scalar is a document");
            named_pods(root).map(|name| [name.set, name.ordinal, name.subdomain, name.rest].map(str::to_owned)).collect::<Vec<_>>()
        };
        let sets = |text: &str| named(text).into_iter().map(|[set, ..]| set).collect::<Vec<_>>();
        assert_eq!(named("http://web-0.web:80/"), [["web", "0", "web", ":80/"]]);
        assert_eq!(named("db-12.db-pods.prod.svc"), [["db", "12", "db-pods", ".prod.svc"]]);
        assert_eq!(sets("http://web-0.web:80,web-12.web.prod.svc user@db-1.db-pods"), ["web", "web", "db"]);
        assert_eq!(sets("old-web-0.web"), ["old-web"]);
        for text in ["web-0", "web-0.", "web-0.1", "web-.web", "web.web", "-0.web", "0.web", "é-0.web", "", ".", "."] {
            assert!(sets(text).is_empty(), "{text}");
        }
        let long = format!("{}-0.a", "a".repeat(64));
        assert!(sets(&long).is_empty());
        assert_eq!(sets(&long[1..]), ["a".repeat(63)]);
    }
}
