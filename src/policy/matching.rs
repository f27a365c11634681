//! Which objects a policy is about: `matchConstraints` of a policy, `matchResources` of a binding.

use std::borrow::Cow;

use crate::resource::{Resource, Selector};
use crate::yaml::NodeRef;

/// What is done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// It was not there before.
    Create,
    /// It was there.
    Update,
}

impl Operation {
    /// `CREATE` or `UPDATE`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
        }
    }
}

/// An object that may be matched.
#[derive(Clone, Debug)]
pub struct Target<'t> {
    /// The object.
    pub resource: Resource<'t>,
    /// The name of its kind in the API's paths: `deployments`. None for a kind that nothing here defines, whose plural can be guessed only.
    pub plural: Option<Cow<'t, str>>,
    /// What is done to it.
    pub operation: Operation,
    /// Its namespace's object, if it is known.
    pub namespace: Option<NodeRef<'t>>,
    /// Where it names its namespace, if it does.
    pub in_namespace: Option<NodeRef<'t>>,
    /// Whether it belongs to no namespace.
    pub is_cluster_scoped: bool,
}

impl<'t> Target<'t> {
    /// The name of its namespace, if it is known.
    pub fn namespace_name(&self) -> Option<&'t str> {
        let named = self.namespace.and_then(|namespace| namespace.at("metadata.name"));
        named.or(self.in_namespace).and_then(NodeRef::str)
    }

    /// The name of its kind in the API's paths, guessed where it has to be.
    pub fn plural(&self) -> Cow<'_, str> {
        let guessed = || Cow::Owned(plural_of(self.resource.kind_name()));
        self.plural.as_deref().map_or_else(guessed, Cow::Borrowed)
    }

    fn is_called(&self, plural: &str) -> bool {
        let kind = self.resource.kind_name();
        match &self.plural {
            Some(known) => plural == known,
            None => plural.eq_ignore_ascii_case(kind) || plural == plural_of(kind) || plural.eq_ignore_ascii_case(&format!("{kind}s")),
        }
    }
}

/// The name that the API's paths have for a kind of Kubernetes' own: `Ingress` is `ingresses`.
pub fn plural_of(kind: &str) -> String {
    let name = kind.to_lowercase();
    let stem = name.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        _ if name == "endpoints" => name,
        Some(stem) => format!("{stem}ies"),
        None if name.ends_with(['s', 'x']) || name.ends_with("ch") || name.ends_with("sh") => format!("{name}es"),
        None => format!("{name}s"),
    }
}

/// Whether an object is matched; none where that depends on what isn't known. Nothing written matches everything.
pub(super) fn matches(constraints: Option<NodeRef<'_>>, target: &Target<'_>) -> Option<bool> {
    let Some(constraints) = constraints.filter(|node| node.is_mapping()) else { return Some(true) };
    let is_exact = constraints.get("matchPolicy").and_then(NodeRef::str) == Some("Exact");
    let rules = constraints.field("resourceRules");
    let fits = |rule: NodeRef<'_>| rule_fits(rule, target, is_exact);
    let is_covered = rules.is_none_or(|rules| rules.is_empty() || rules.items().any(fits));
    let is_excluded = constraints.get("excludeResourceRules").is_some_and(|rules| rules.items().any(fits));
    if !is_covered || is_excluded {
        return Some(false);
    }
    let of_object = selected(constraints.field("objectSelector"), target.resource.metadata().and_then(|metadata| metadata.field("labels")));
    let of_namespace = match constraints.field("namespaceSelector") {
        // What belongs to no namespace is always selected, but for namespaces themselves, which are selected by their own labels.
        Some(_) if target.is_cluster_scoped && target.plural() != "namespaces" => Some(true),
        Some(selector) if target.plural() == "namespaces" => in_selected(selector, target.resource.name(), Some(target.resource.node())),
        Some(selector) => in_selected(selector, target.namespace_name(), target.namespace),
        None => Some(true),
    };
    match (of_object, of_namespace) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn selected(selector: Option<NodeRef<'_>>, labels: Option<NodeRef<'_>>) -> Option<bool> {
    let Some(selector) = selector else { return Some(true) };
    let selector = Selector::LabelSelector(selector);
    // Labels that controllers add are none of an object's own.
    if selector.is_empty() { Some(true) } else { selector.matches(labels) }
}

/// The label that every namespace has, and that says its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Whether a namespace is selected: by its labels where its object is known, and by its name. Selectors that leave out namespaces by name
/// are taken to mean others than the one that an object is applied to without writing it.
fn in_selected(selector: NodeRef<'_>, name: Option<&str>, namespace: Option<NodeRef<'_>>) -> Option<bool> {
    let labels = namespace.and_then(|namespace| namespace.at("metadata.labels"));
    let text = |node: Option<NodeRef<'_>>| node.and_then(NodeRef::value_text).map(str::to_owned);
    // None where the value is not known; else the value, if there is one.
    let value = |key: &str| match key {
        NAME_LABEL => name.map(|name| Some(name.to_owned())),
        _ => namespace.map(|_| text(labels.and_then(|labels| labels.get(key)))),
    };
    let of_pair = |key: &str, wanted: Option<&str>| value(key).map(|value| value.as_deref() == wanted);
    let of_expression = |expression: NodeRef<'_>| {
        let key = expression.get("key")?.str()?;
        let operator = expression.get("operator")?.str()?;
        let Some(value) = value(key) else { return (key == NAME_LABEL && operator == "NotIn").then_some(true) };
        let is_listed = || {
            let values = expression.get("values").into_iter().flat_map(NodeRef::items);
            value.is_some() && values.filter_map(NodeRef::value_text).any(|item| Some(item) == value.as_deref())
        };
        match operator {
            "In" => Some(is_listed()),
            "NotIn" => Some(!is_listed()),
            "Exists" => Some(value.is_some()),
            "DoesNotExist" => Some(value.is_none()),
            _ => None,
        }
    };
    let pairs = selector.get("matchLabels").into_iter().flat_map(NodeRef::entries);
    let expressions = selector.get("matchExpressions").into_iter().flat_map(NodeRef::items);
    let mut known = true;
    for answer in pairs.map(|pair| of_pair(pair.key.text(), pair.value.value_text())).chain(expressions.map(of_expression)) {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

fn rule_fits(rule: NodeRef<'_>, target: &Target<'_>, is_exact: bool) -> bool {
    let has = |key: &str, fits: &dyn Fn(&str) -> bool| {
        rule.get(key).is_some_and(|list| list.items().filter_map(NodeRef::str).any(|item| item == "*" || fits(item)))
    };
    let resource = &target.resource;
    // `pods/exec` and `*/scale` are about what no file holds.
    let fits_plural = |item: &str| item == "*/*" || target.is_called(item);
    let fits_name =
        || rule.field("resourceNames").is_none_or(|names| names.is_empty() || names.items().any(|name| name.str() == resource.name()));
    let fits_scope = match rule.get("scope").and_then(NodeRef::str) {
        Some("Cluster") => target.is_cluster_scoped,
        Some("Namespaced") => !target.is_cluster_scoped,
        _ => true,
    };
    let fits_version = |item: &str| item == resource.version() || !is_exact;
    has("apiGroups", &|item| item == resource.group())
        && has("apiVersions", &fits_version)
        && has("resources", &fits_plural)
        && has("operations", &|item| item == target.operation.name())
        && fits_scope
        && fits_name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::yaml;

    #[test]
    fn kinds_have_their_plurals() {
        let names = [
            ("Ingress", "ingresses"),
            ("NetworkPolicy", "networkpolicies"),
            ("Gateway", "gateways"),
            ("Endpoints", "endpoints"),
            ("Pod", "pods"),
        ];
        for (kind, plural) in names {
            assert_eq!(plural_of(kind), plural);
        }
    }

    #[test]
    fn namespaces_are_selected_by_name_and_labels_as_far_as_they_are_known() {
        let selected = |selector: &str, name: Option<&str>, namespace: Option<&str>| {
            let tree = yaml::parse(SourceId(0), selector.into());
            let other = namespace.map(|text| yaml::parse(SourceId(1), text.into()));
            let root = |tree: &yaml::Tree| tree.documents().next().and_then(|document| document.root).map(NodeRef::address);
            let node = root(&tree).map(|address| tree.node(address)).expect("a document");
            in_selected(node, name, other.as_ref().and_then(|tree| root(tree).map(|address| tree.node(address))))
        };
        let not_system = "{matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]}";
        assert_eq!(selected(not_system, Some("kube-system"), None), Some(false));
        assert_eq!(selected(not_system, Some("shop"), None), Some(true));
        assert_eq!(selected(not_system, None, None), Some(true));
        let in_shop = "{matchLabels: {kubernetes.io/metadata.name: shop}}";
        assert_eq!((selected(in_shop, Some("shop"), None), selected(in_shop, Some("lab"), None)), (Some(true), Some(false)));
        assert_eq!(selected(in_shop, None, None), None);
        let staged = "{matchLabels: {stage: test}, matchExpressions: [{key: exempt, operator: DoesNotExist}]}";
        assert_eq!(selected(staged, Some("lab"), None), None);
        assert_eq!(selected(staged, Some("lab"), Some("{metadata: {labels: {stage: test}}}")), Some(true));
        assert_eq!(selected(staged, Some("lab"), Some("{metadata: {labels: {stage: test, exempt: 'yes'}}}")), Some(false));
        assert_eq!(selected(staged, Some("lab"), Some("{metadata: {name: lab}}")), Some(false));
        assert_eq!(selected("{}", None, None), Some(true));
    }
}
