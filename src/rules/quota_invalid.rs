use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Quantity, Refusals};
use crate::yaml::NodeRef;

/// Objects that can be counted by a plain name.
const COUNTED: [&str; 9] = [
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
const COMPUTED: [&str; 6] = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
const STORED: [&str; 4] = ["ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage", "requests.storage"];
const BOUNDS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
/// Which bound may not be above which.
const ORDER: [(&str, &str); 6] = [
    ("min", "max"),
    ("min", "defaultRequest"),
    ("defaultRequest", "max"),
    ("defaultRequest", "default"),
    ("min", "default"),
    ("default", "max"),
];

/// `ValidateResourceQuota` and `ValidateLimitRange` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources() {
        let mut refusals = Refusals::new(report, resource);
        match (resource.kind(), resource.spec()) {
            (Kind::ResourceQuota, Some(spec)) => check_quota(spec, &mut refusals),
            (Kind::LimitRange, Some(spec)) => check_limits(spec, &mut refusals),
            _ => {}
        }
    }
}

fn check_quota<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let hard = spec.field("hard");
    for entry in hard.into_iter().flat_map(NodeRef::entries).filter(|entry| !entry.key.is_unknown()) {
        let name = entry.key.text();
        if !is_countable(name) {
            let help = "use a name such as requests.cpu or pods, count/deployments.apps for objects, or requests.example.com/device";
            refusals.at(entry, format!("`{name}` is nothing that a quota limits")).help(help);
        }
        let Some(quantity) = Quantity::read(entry.value) else { continue };
        if quantity < Quantity::default() {
            refusals.at(entry.value, format!("{name} is `{}`, less than 0", entry.value.text()));
        } else if COUNTED.contains(&name) && !quantity.is_whole() {
            refusals.at(entry.value, format!("{name} is `{}`, no whole number", entry.value.text()));
        }
    }
    let scopes: Vec<_> = spec.field("scopes").into_iter().flat_map(NodeRef::items).collect();
    let selected = spec.field("scopeSelector").and_then(|selector| selector.field("matchExpressions"));
    let expressions: Vec<_> = selected.into_iter().flat_map(NodeRef::items).filter(|item| item.is_mapping()).collect();
    for expression in &expressions {
        check_expression(*expression, refusals);
    }
    let names = expressions.iter().filter_map(|expression| expression.field("scopeName"));
    for names in [scopes, names.collect()] {
        check_scopes(&names, hard, refusals);
    }
}

fn is_countable(name: &str) -> bool {
    if name.contains('/') {
        return (Form::QUALIFIED_NAME.holds)(name);
    }
    let is_known = [&COUNTED[..], &COMPUTED, &STORED].iter().any(|names| names.contains(&name));
    is_known || name.strip_prefix("requests.").unwrap_or(name).starts_with("hugepages-")
}

/// `validateResourceQuotaScopes`
fn check_scopes<'t>(scopes: &[NodeRef<'t>], hard: Option<NodeRef<'t>>, refusals: &mut Refusals<'_, 't>) {
    let find = |name: &str| scopes.iter().find(|scope| scope.str() == Some(name)).copied();
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if let (Some(one), Some(other)) = (find(one), find(other)) {
            let finding = refusals.at(other, format!("scopes {} and {} exclude each other", one.text(), other.text()));
            finding.related(one, "the other one").help("make two quotas of it");
        }
    }
    for &scope in scopes {
        let is_limited = |name: &str| match scope.str() {
            Some("BestEffort") => name == "pods",
            Some("Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity") => {
                name == "pods" || COMPUTED.contains(&name)
            }
            _ => true,
        };
        let is_known = |name: &str| [&COUNTED[..], &COMPUTED, &STORED].iter().any(|names| names.contains(&name));
        let mut entries = hard.into_iter().flat_map(NodeRef::entries);
        let foreign = entries.find(|entry| is_known(entry.key.text()) && !is_limited(entry.key.text()));
        if let Some(entry) = foreign {
            let reason = format!("the scope {} is about pods, and {} is not one of their limits", scope.text(), entry.key.text());
            refusals.at(scope, reason).related(entry, "the limit").help("move the limit to a quota without scope");
        }
    }
}

fn check_expression<'t>(expression: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some((node, operator)) = expression.field("operator").and_then(|node| Some((node, node.str()?))) else { return };
    let scope = expression.field("scopeName").and_then(NodeRef::str);
    let values = expression.field("values").filter(|values| !values.is_sequence() || !values.is_empty());
    if let Some(scope) = scope.filter(|scope| !matches!(*scope, "PriorityClass" | "VolumeAttributesClass") && operator != "Exists") {
        refusals.at(node, format!("the scope {scope} takes no operator but Exists")).help("use Exists, without values");
        return;
    }
    match (operator, values) {
        ("In" | "NotIn", None) => {
            refusals.at(node, format!("the operator {operator} needs values")).help("add `values`");
        }
        ("Exists" | "DoesNotExist", Some(values)) => {
            refusals.at(values, format!("the operator {operator} takes no values")).help("remove them, or use In");
        }
        _ => {}
    }
}

fn check_limits<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let mut types: Vec<NodeRef<'t>> = Vec::new();
    for item in spec.field("limits").into_iter().flat_map(NodeRef::items).filter(|item| item.is_mapping()) {
        let kind = item.field("type").and_then(|node| Some((node, node.str()?)));
        if let Some((node, name)) = kind {
            if let Some(first) = types.iter().find(|other| other.str() == Some(name)) {
                let finding = refusals.at(node, format!("there are two items for {name}"));
                finding.related(*first, "the other one").help("make one item of both");
            }
            types.push(node);
            if !name.contains('/') && !matches!(name, "Pod" | "Container" | "PersistentVolumeClaim") {
                refusals.at(node, format!("there are no limits for `{name}`")).help("use Pod, Container or PersistentVolumeClaim");
            }
        }
        check_item(item, kind.map(|(_, name)| name), refusals);
    }
}

fn check_item<'t>(item: NodeRef<'t>, kind: Option<&str>, refusals: &mut Refusals<'_, 't>) {
    if kind == Some("Pod") {
        for key in ["default", "defaultRequest"] {
            if let Some(entry) = item.entry(key).filter(|entry| !entry.value.is_empty()) {
                refusals.at(entry, format!("limits of pods have no {key}")).help("put it into an item of type Container");
            }
        }
    }
    let has_storage = |key: &str| item.field(key).is_some_and(|bound| !bound.is_mapping() || bound.field("storage").is_some());
    if kind == Some("PersistentVolumeClaim") && !has_storage("min") && !has_storage("max") && refusals.is_whole() {
        let place = item.field("type").unwrap_or(item);
        refusals.at(place, "limits of claims need a min or a max of storage").help("add `max: {storage: 100Gi}`");
    }
    let bound = |key: &str, name: &str| item.field(key)?.field(name).and_then(|node| Some((node, Quantity::read(node)?)));
    let mut names: Vec<&str> = Vec::new();
    for entry in BOUNDS.iter().filter_map(|key| item.field(key)).flat_map(NodeRef::entries) {
        if !names.contains(&entry.key.text()) {
            names.push(entry.key.text());
        }
    }
    for name in names {
        let mut told: Vec<&str> = Vec::new();
        for (low, high) in ORDER {
            let (Some((low_node, least)), Some((high_node, most))) = (bound(low, name), bound(high, name)) else { continue };
            if least > most && !told.contains(&low) {
                told.push(low);
                let reason = format!("{low} of {name} is `{}`, above {high} `{}`", low_node.text(), high_node.text());
                refusals.at(low_node, reason).related(high_node, format!("{high} here")).help("keep min ≤ defaultRequest ≤ default ≤ max");
            }
        }
        let one = Quantity::parse("1").unwrap_or_default();
        if let Some((node, _)) = bound("maxLimitRequestRatio", name).filter(|(_, ratio)| *ratio < one) {
            refusals.at(node, format!("a limit is never less than {} of the request", node.text())).help("write 1 or more");
        }
    }
}
