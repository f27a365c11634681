//! Where the pods of a workload may run: on one node only, surely on several, near other pods or away from them.

use super::{PodSpec, Selector, Workload};
use crate::yaml::NodeRef;

const HOSTNAME: &str = "kubernetes.io/hostname";

/// A term of `podAffinity` or `podAntiAffinity`.
#[derive(Clone, Copy, Debug)]
pub struct PodTerm<'t> {
    node: NodeRef<'t>,
}

impl<'t> PodTerm<'t> {
    /// The term itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// Whether no placeholder stands for any of its fields.
    pub fn is_readable(&self) -> bool {
        self.node.is_mapping() && self.node.entries().all(|entry| !entry.key.is_unknown())
    }

    /// The pods that it is about; none of any namespace where it isn't written.
    pub fn selector(&self) -> Option<Selector<'t>> {
        self.field("labelSelector").map(Selector::LabelSelector)
    }

    /// The label of nodes whose values tell its places apart.
    pub fn topology_key(&self) -> Option<NodeRef<'t>> {
        self.field("topologyKey").filter(|key| key.str().is_some())
    }

    /// Whether its places are single nodes.
    pub fn is_by_hostname(&self) -> bool {
        self.topology_key().is_some_and(|key| key.text() == HOSTNAME)
    }

    /// Whether it is about pods of the workload's own namespace only.
    pub fn stays_in_namespace(&self) -> bool {
        ["namespaces", "namespaceSelector"].iter().all(|key| self.field(key).is_none())
    }

    /// Whether labels of the pod itself decide too, such as the hash of its template.
    pub fn compares_labels(&self) -> bool {
        ["matchLabelKeys", "mismatchLabelKeys"].iter().any(|key| self.field(key).is_some())
    }
}

impl<'t> PodSpec<'t> {
    /// The required terms of `podAffinity` or `podAntiAffinity`, all of which must hold.
    pub fn required_pod_terms(&self, affinity: &str) -> impl Iterator<Item = PodTerm<'t>> + use<'t> {
        self.required_terms(affinity).map(|node| PodTerm { node })
    }

    /// The preferred terms of `podAffinity` or `podAntiAffinity`.
    pub fn preferred_pod_terms(&self, affinity: &str) -> impl Iterator<Item = PodTerm<'t>> + use<'t> {
        let preferred = self.affinity(affinity).and_then(|node| node.get("preferredDuringSchedulingIgnoredDuringExecution"));
        preferred.into_iter().flat_map(NodeRef::items).filter_map(|term| term.get("podAffinityTerm")).map(|node| PodTerm { node })
    }

    /// The constraints on how its pods are spread.
    pub fn spread_constraints(&self) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        self.field("topologySpreadConstraints").into_iter().flat_map(NodeRef::items)
    }
}

impl<'t> Workload<'t> {
    /// Whether all its pods land on one node: pinned by name or host name, or drawn to each other by a required affinity.
    pub fn is_on_one_node(&self) -> bool {
        self.is_pinned() || self.has_own_term("podAffinity")
    }

    /// Whether its pods can only run on one node, named in the template.
    pub fn is_pinned(&self) -> bool {
        let Some(pod) = self.pod() else { return false };
        let by_name = pod.field("nodeName").is_some_and(|name| !name.text().is_empty());
        let by_selector = pod.field("nodeSelector").is_some_and(|labels| labels.get(HOSTNAME).is_some());
        by_name || by_selector || is_pinned_to_one_host(pod.required_terms("nodeAffinity"))
    }

    /// Whether no two of its pods may share a node: a required anti-affinity by host name that matches the pods themselves. A strict
    /// topology spread is less: on a cluster of one node it lets all pods share it.
    pub fn spreads_over_nodes(&self) -> bool {
        self.has_own_term("podAntiAffinity")
    }

    /// The required anti-affinity terms, of whatever topology, that keep its pods from each other: no two share a place.
    pub fn terms_against_itself(&self) -> impl Iterator<Item = PodTerm<'t>> {
        self.own_terms("podAntiAffinity")
    }

    /// Whether a required term by host name matches the pods themselves.
    fn has_own_term(&self, affinity: &str) -> bool {
        self.own_terms(affinity).any(|term| term.is_by_hostname())
    }

    fn own_terms(&self, affinity: &str) -> impl Iterator<Item = PodTerm<'t>> {
        let terms = self.pod().into_iter().flat_map(move |pod| pod.required_pod_terms(affinity));
        terms.filter(|term| term.stays_in_namespace() && !term.compares_labels() && self.is_selected_by(term.selector()) == Some(true))
    }

    /// Whether a selector matches its own pods; one that isn't written matches none.
    pub fn is_selected_by(&self, selector: Option<Selector<'t>>) -> Option<bool> {
        selector.map_or(Some(false), |selector| selector.matches(self.pod_labels()))
    }
}

/// Whether node selector terms, any of which suffices, all name the same single host.
pub(crate) fn is_pinned_to_one_host<'t>(terms: impl Iterator<Item = NodeRef<'t>>) -> bool {
    let mut host: Option<&str> = None;
    for term in terms {
        match (term_host(term), host) {
            (Some(named), None) => host = Some(named),
            (Some(named), Some(known)) if named == known => {}
            _ => return false,
        }
    }
    host.is_some()
}

/// The one host that a term asks for.
fn term_host(term: NodeRef<'_>) -> Option<&str> {
    let named = |list: &str, key: &'static str| {
        term.get(list).into_iter().flat_map(NodeRef::items).find_map(move |expression| single_value(expression, key))
    };
    named("matchExpressions", HOSTNAME).or_else(|| named("matchFields", "metadata.name"))
}

fn single_value<'t>(expression: NodeRef<'t>, key: &str) -> Option<&'t str> {
    let asks = expression.get("key")?.text() == key && expression.get("operator")?.text() == "In";
    let mut values = expression.get("values")?.items();
    let only = values.next()?;
    (asks && values.next().is_none()).then(|| only.text())
}
