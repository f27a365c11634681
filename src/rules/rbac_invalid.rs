use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Refusals};
use crate::yaml::NodeRef;

const GROUP: &str = "rbac.authorization.k8s.io";

/// `ValidateRole` and the like in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources() {
        let mut refusals = Refusals::new(report, resource);
        match resource.kind() {
            Kind::Role | Kind::ClusterRole => check_role(&mut refusals),
            Kind::RoleBinding | Kind::ClusterRoleBinding => check_binding(graph, &mut refusals),
            _ => {}
        }
    }
}

fn check_role(refusals: &mut Refusals<'_, '_>) {
    let role = refusals.object().node();
    for rule in role.field("rules").into_iter().flat_map(NodeRef::items).filter(|rule| rule.is_mapping()) {
        check_rule(rule, refusals);
    }
    let selectors = role.field("aggregationRule").filter(|rule| rule.is_mapping());
    if let Some(aggregation) = selectors.filter(|rule| rule.field("clusterRoleSelectors").is_none_or(is_empty_list)) {
        refusals
            .at(aggregation, "an aggregationRule needs a clusterRoleSelector")
            .help("add a selector of ClusterRoles, or remove the rule");
    }
}

fn is_empty_list(node: NodeRef<'_>) -> bool {
    node.is_sequence() && node.is_empty()
}

/// `validatePolicyRule`. That there are verbs is not asked here.
fn check_rule<'t>(rule: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let list = |key: &str| rule.field(key).filter(|list| !is_empty_list(*list));
    if let Some(urls) = rule.entry("nonResourceURLs").filter(|_| list("nonResourceURLs").is_some()) {
        if refusals.object().kind() == Kind::Role {
            refusals.at(urls, "the rules of a Role are about resources of its namespace").help("put nonResourceURLs into a ClusterRole");
        }
        if let Some(other) = ["apiGroups", "resources", "resourceNames"].into_iter().find_map(list) {
            let finding = refusals.at(urls, "a rule is either about resources or about nonResourceURLs");
            finding.related(other, "resources here").help("make two rules of it");
        }
        return;
    }
    for (key, noun, help) in [
        ("apiGroups", "an API group", "add `apiGroups`; that of Pods and Services is \"\""),
        ("resources", "a resource", "add `resources`, or `nonResourceURLs`"),
    ] {
        if list(key).is_none() {
            let place = rule.get(key).filter(|list| is_empty_list(*list)).unwrap_or(rule);
            refusals.at(place, format!("a rule about resources needs {noun}")).help(help);
        }
    }
}

fn check_binding<'t>(graph: &Graph<'t>, refusals: &mut Refusals<'_, 't>) {
    let binding = refusals.object().node();
    if let Some(role) = binding.field("roleRef").filter(|role| role.is_mapping()) {
        check_role_ref(role, refusals);
    }
    for subject in binding.field("subjects").into_iter().flat_map(NodeRef::items).filter(|subject| subject.is_mapping()) {
        check_subject(graph, subject, refusals);
    }
}

fn check_role_ref<'t>(role: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let kind = role.field("kind").filter(|kind| kind.str() == Some("Role") && refusals.object().kind() == Kind::ClusterRoleBinding);
    if let Some(kind) = kind {
        refusals.at(kind, "a ClusterRoleBinding can't bind a Role").help("use a ClusterRole, or a RoleBinding");
    }
    refusals.check_form_if_set(role.field("name"), "name", &Form::PATH_SEGMENT);
}

/// The group may be left out, and is then set.
fn check_group<'t>(subject: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    if let Some((node, group)) = subject.field("apiGroup").and_then(|node| Some((node, node.str()?)))
        && group != GROUP
        && !group.is_empty()
    {
        refusals
            .at(node, format!("users and groups belong to the API group {GROUP}, not to `{group}`"))
            .help(format!("write {GROUP}, or leave apiGroup out"));
    }
}

fn check_subject<'t>(graph: &Graph<'t>, subject: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some((node, kind)) = subject.field("kind").and_then(|node| Some((node, node.str()?))) else { return };
    match kind {
        "ServiceAccount" => check_account(graph, subject, node, refusals),
        "User" | "Group" => check_group(subject, refusals),
        _ => {}
    }
}

fn check_account<'t>(graph: &Graph<'t>, subject: NodeRef<'t>, kind: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    refusals.check_form_if_set(subject.field("name"), "name", &Form::DNS_SUBDOMAIN);
    if let Some((node, group)) = subject.field("apiGroup").and_then(|node| Some((node, node.str()?)))
        && !group.is_empty()
    {
        refusals.at(node, format!("service accounts belong to no API group, and this one names `{group}`")).help("remove apiGroup");
    }
    let namespace = subject.field("namespace");
    let has_none = namespace.is_none_or(|namespace| namespace.str() == Some(""));
    if !has_none || refusals.object().kind() != Kind::ClusterRoleBinding || !refusals.is_whole() {
        return;
    }
    let place = namespace.unwrap_or(kind);
    if graph.is_namespace_added_to(refusals.object()) {
        if is_completed(graph, subject) {
            return;
        }
        refusals
            .note_at(place, "this service account gets no namespace from the kustomization, which doesn't list it, and has none of its own")
    } else {
        refusals.at(place, "a service account needs a namespace: the binding has none of its own")
    }
    .help("add `namespace` to the subject");
}

/// Whether kustomize writes the namespace that it sets into a subject, too: it does where it sets that of the account, and for `default`
/// (<https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/namespace/namespace.go> and `setMapping` in
/// <https://github.com/kubernetes-sigs/kustomize/blob/master/api/filters/nameref/nameref.go>).
fn is_completed(graph: &Graph<'_>, subject: NodeRef<'_>) -> bool {
    let Some(name) = subject.field("name").and_then(NodeRef::str) else { return true };
    name == "default" || graph.named(Kind::ServiceAccount, name).any(|account| graph.is_namespace_added_to(account))
}
