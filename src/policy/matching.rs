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
    /// Whether it belongs to no namespace.
    pub is_cluster_scoped: bool,
}

impl Target<'_> {
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
        Some(selector) => match target.namespace {
            Some(namespace) => selected(Some(selector), namespace.at("metadata.labels")),
            None if Selector::LabelSelector(selector).is_empty() => Some(true),
            None => None,
        },
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
