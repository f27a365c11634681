//! Label selectors, in full, with three answers: yes, no, and not known.

use crate::yaml::{Entry, NodeRef};

/// Labels that controllers add to the pods they make, so that no template writes them but selectors may use them.
pub const CONTROLLER_LABELS: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "job-name",
    "controller-uid",
];

/// What selects pods by their labels.
#[derive(Clone, Copy, Debug)]
pub enum Selector<'t> {
    /// A plain map: every pair must be there (Service, `ReplicationController`).
    Map(NodeRef<'t>),
    /// A `LabelSelector`: `matchLabels` and `matchExpressions`.
    LabelSelector(NodeRef<'t>),
}

impl<'t> Selector<'t> {
    /// The node that holds the selector.
    pub fn node(self) -> NodeRef<'t> {
        match self {
            Selector::Map(node) | Selector::LabelSelector(node) => node,
        }
    }

    /// Whether it asks for nothing, and so matches everything.
    pub fn is_empty(self) -> bool {
        match self {
            Selector::Map(node) => is_map(node) && node.is_empty(),
            Selector::LabelSelector(node) => {
                self.is_written_out()
                    && self.pairs().is_none_or(NodeRef::is_empty)
                    && node.get("matchExpressions").is_none_or(NodeRef::is_empty)
            }
        }
    }

    /// Whether no placeholder, or anything else that is no part of a selector, stands for a part of it.
    fn is_written_out(self) -> bool {
        match self {
            Selector::Map(node) => is_map(node),
            Selector::LabelSelector(node) => {
                let expressions = node.get("matchExpressions");
                is_map(node) && self.pairs().is_none_or(is_map) && expressions.is_none_or(|list| list.is_sequence() || list.is_null())
            }
        }
    }

    /// The labels and values that it asks for.
    pub(crate) fn pairs(self) -> Option<NodeRef<'t>> {
        match self {
            Selector::Map(node) => Some(node),
            Selector::LabelSelector(node) => node.get("matchLabels").filter(|labels| !labels.is_null()),
        }
    }

    /// The keys it asks about, as written.
    pub fn keys(self) -> impl Iterator<Item = NodeRef<'t>> {
        let pairs = self.pairs().into_iter().flat_map(|pairs| pairs.entries().map(|entry| entry.key));
        pairs.chain(self.expressions().filter_map(|expression| expression.get("key")))
    }

    /// The first pair or expression that surely does not hold of these labels: of a pair the value, of an expression its mapping.
    pub fn mismatch(self, labels: Option<NodeRef<'t>>) -> Option<NodeRef<'t>> {
        if self.matches(labels) != Some(false) {
            return None;
        }
        let pairs = self.pairs().into_iter().flat_map(NodeRef::entries);
        let pair = pairs.filter(|pair| pair_matches(pair, labels) == Some(false)).map(|pair| pair.value).next();
        pair.or_else(|| self.expressions().find(|expression| expression_matches(*expression, labels) == Some(false)))
    }

    fn expressions(self) -> impl Iterator<Item = NodeRef<'t>> {
        let expressions = match self {
            Selector::Map(_) => None,
            Selector::LabelSelector(node) => node.get("matchExpressions"),
        };
        expressions.into_iter().flat_map(NodeRef::items)
    }

    /// Whether it matches these labels (a map, or none at all). Labels that controllers add count as fitting where the map doesn't
    /// write them. `None` where a placeholder or a wrong type decides.
    pub fn matches(self, labels: Option<NodeRef<'t>>) -> Option<bool> {
        if !self.is_written_out() || !labels.is_none_or(is_map) {
            return None;
        }
        let pairs = self.pairs().into_iter().flat_map(NodeRef::entries).map(|pair| pair_matches(&pair, labels));
        all_of(pairs.chain(self.expressions().map(|expression| expression_matches(expression, labels))))
    }
}

/// No wins over not known, not known over yes.
fn all_of(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// Whether a node is a mapping, or the null that stands for an empty one, with no placeholder among its keys.
fn is_map(node: NodeRef<'_>) -> bool {
    node.is_null() || (node.is_mapping() && node.entries().all(|entry| !entry.key.is_unknown()))
}

fn label<'t>(labels: Option<NodeRef<'t>>, key: &str) -> Option<NodeRef<'t>> {
    labels?.get(key)
}

fn pair_matches<'t>(pair: &Entry<'t>, labels: Option<NodeRef<'t>>) -> Option<bool> {
    let key = pair.key.value_text()?;
    let Some(label) = label(labels, key) else { return Some(CONTROLLER_LABELS.contains(&key)) };
    Some(label.value_text()? == pair.value.value_text()?)
}

fn expression_matches<'t>(expression: NodeRef<'t>, labels: Option<NodeRef<'t>>) -> Option<bool> {
    let key = expression.get("key")?.value_text()?;
    let label = label(labels, key);
    let operator = expression.get("operator")?.str()?;
    if label.is_none() && CONTROLLER_LABELS.contains(&key) {
        return (operator != "DoesNotExist").then_some(true);
    }
    let is_listed = || {
        let Some(label) = label else { return Some(false) };
        let value = label.value_text()?;
        let values = expression.get("values");
        let mut known = values.is_none_or(|values| !values.is_unknown());
        for item in values.into_iter().flat_map(NodeRef::items) {
            match item.value_text() {
                Some(text) if text == value => return Some(true),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(false)
    };
    match operator {
        "In" => is_listed(),
        "NotIn" => is_listed().map(|listed| !listed),
        "Exists" => Some(label.is_some()),
        "DoesNotExist" => Some(label.is_none()),
        _ => None,
    }
}
