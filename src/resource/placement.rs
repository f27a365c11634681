//! Where the pods of a workload may run: on one node only, or surely on several.

use super::{Selector, Workload};
use crate::yaml::NodeRef;

const HOSTNAME: &str = "kubernetes.io/hostname";

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

    /// Whether a required term by host name matches the pods themselves. A term without a selector matches no pod.
    fn has_own_term(&self, affinity: &str) -> bool {
        let Some(pod) = self.pod() else { return false };
        pod.required_terms(affinity).any(|term| {
            term.get("topologyKey").and_then(NodeRef::str) == Some(HOSTNAME)
                && ["namespaces", "namespaceSelector", "matchLabelKeys", "mismatchLabelKeys"].iter().all(|key| term.get(key).is_none())
                && self.selects_itself(term)
        })
    }

    fn selects_itself(&self, term: NodeRef<'t>) -> bool {
        let selector = term.get("labelSelector").filter(|selector| !selector.is_null()).map(Selector::LabelSelector);
        selector.is_some_and(|selector| selector.matches(self.pod_labels()) == Some(true))
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
