use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Refusals, Resource, is_dns_1035_label};
use crate::yaml::{Entry, NodeRef};

const APPROVAL: &str = "api-approved.kubernetes.io";
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// Generated schemas are structural, and long.
const GENERATOR: &str = "controller-gen.kubebuilder.io/version";
/// Nodes of a definition above which no one wrote it by hand.
const MOST_WRITTEN: usize = 5_000;

/// `ValidateCustomResourceDefinition` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in
        graph.resources().iter().filter(|resource| resource.kind() == Kind::CustomResourceDefinition && resource.version() == "v1")
    {
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        check_name(resource, spec, &mut refusals);
        check_names(spec, &mut refusals);
        check_group(resource, spec, &mut refusals);
        check_versions(resource, spec, &mut refusals);
        check_conversion(spec, &mut refusals);
        if let Some(preserve) = spec.field("preserveUnknownFields").filter(|node| node.bool() == Some(true)) {
            let help = "remove it, and set `x-kubernetes-preserve-unknown-fields: true` in the schema where it is meant";
            refusals.at(preserve, "preserveUnknownFields may not be true").help(help);
        }
    }
}

fn check_name<'t>(resource: &Resource<'t>, spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let plural = spec.at("names.plural").and_then(NodeRef::str);
    let (Some(name), Some(plural), Some(group)) = (resource.name(), plural, spec.field("group").and_then(NodeRef::str)) else { return };
    if name.strip_suffix(group).and_then(|name| name.strip_suffix('.')) != Some(plural) {
        let place = resource.nearest("metadata.name");
        refusals
            .at(place, format!("the name must be plural, dot and group: `{plural}.{group}`"))
            .help("rename it, or change plural or group");
    }
}

fn check_names<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(names) = spec.field("names").filter(|names| names.is_mapping()) else { return };
    for key in ["plural", "singular"] {
        refusals.check_form_if_set(names.field(key), key, &Form::DNS_1035_LABEL);
    }
    for key in ["shortNames", "categories"] {
        for name in names.field(key).into_iter().flat_map(NodeRef::items) {
            refusals.check_form(Some(name), "name", &Form::DNS_1035_LABEL);
        }
    }
    let kinds = ["kind", "listKind"].map(|key| names.field(key).and_then(|node| Some((node, node.str()?))));
    for (node, kind) in kinds.into_iter().flatten() {
        if !kind.is_empty() && !is_dns_1035_label(&kind.to_ascii_lowercase()) {
            refusals.at(node, format!("`{kind}` is no name of a kind")).help("use letters and digits, a letter first");
        }
    }
    if let [Some((_, kind)), Some((node, list))] = kinds
        && kind == list
    {
        refusals.at(node, "the list of a kind has the same name as the kind").help(format!("use {kind}List"));
    }
}

fn check_group<'t>(resource: &Resource<'t>, spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some((node, group)) = spec.field("group").and_then(|node| Some((node, node.str()?))) else { return };
    if group.is_empty() || !refusals.check_form(Some(node), "group", &Form::DNS_SUBDOMAIN) {
        return;
    }
    if !group.contains('.') {
        refusals.at(node, format!("group `{group}` is no domain: it has no dot")).help("use a domain of yours, such as shop.example.com");
    }
    let is_protected =
        ["k8s.io", "kubernetes.io"].iter().any(|domain| group.strip_suffix(domain).is_some_and(|own| own.is_empty() || own.ends_with('.')));
    if !is_protected || !refusals.is_whole() {
        return;
    }
    let approval = resource.annotation(APPROVAL);
    let is_url =
        |text: &str| text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/'));
    let is_approved = |node: NodeRef<'t>| node.str().is_none_or(|text| text.starts_with("unapproved") || is_url(text));
    if !approval.is_some_and(is_approved) {
        let reason = format!("the groups of Kubernetes itself need the annotation `{APPROVAL}`, and `{group}` is one");
        refusals.at(approval.unwrap_or(node), reason).help("use a domain of yours");
    }
}

fn check_versions<'t>(resource: &Resource<'t>, spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let list = spec.field("versions").filter(|list| list.is_sequence());
    let versions: Vec<_> = list.into_iter().flat_map(NodeRef::items).filter(|version| version.is_mapping()).collect();
    let mut names: HashMap<&str, NodeRef<'t>> = HashMap::new();
    for &version in &versions {
        refusals.check_form_if_set(version.field("name"), "version", &Form::DNS_1035_LABEL);
        if let Some((node, name)) = version.field("name").and_then(|node| Some((node, node.str()?)))
            && let Some(first) = names.insert(name, node).filter(|_| refusals.is_whole())
        {
            refusals.at(node, format!("version {name} is there twice")).related(first, "the other one").help("remove one of them");
        }
        check_schema(resource, version, refusals);
    }
    let Some(list) = list.filter(|_| refusals.is_whole()) else { return };
    let mut stored = versions.iter().filter_map(|version| version.field("storage")).filter(|storage| storage.bool() != Some(false));
    match (stored.next(), stored.next()) {
        (None, _) => {
            refusals.at(list, "no version is the one that is stored").help("set `storage: true` in one version");
        }
        (Some(first), Some(second)) if first.bool().is_some() && second.bool().is_some() => {
            let finding = refusals.at(second, "a second version is marked as stored");
            finding.related(first, "the other one").help("set `storage: true` in one version only");
        }
        _ => {}
    }
}

fn check_schema<'t>(resource: &Resource<'t>, version: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(root) = version.at("schema.openAPIV3Schema").filter(|root| root.is_mapping()) else { return };
    let kind = root.field("type");
    if kind.is_none_or(|kind| kind.str().is_some_and(|kind| kind != "object")) {
        refusals.at(kind.unwrap_or(root), "the schema of an object must have the type object").help("set `type: object`");
    }
    if let Some(entry) = root.entry("additionalProperties").filter(|entry| entry.value.is_mapping() || entry.value.bool().is_some()) {
        refusals
            .at(entry, "the schema of an object may not have additionalProperties at its top")
            .help("name its fields under `properties`");
    } else if resource.annotation(GENERATOR).is_none() && resource.node().size() < MOST_WRITTEN {
        check_parts(root, refusals);
    }
}

/// Each part of a structural schema has a type:
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>.
fn check_parts<'t>(schema: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let (mut fields, mut kind) = (None, None);
    for entry in schema.entries() {
        match entry.key.text() {
            "type" => kind = Some(entry.value),
            "properties" => {
                fields = Some(entry);
                entry.value.entries().filter(|field| field.value.is_mapping()).for_each(|field| check_part(field, refusals));
            }
            "items" | "additionalProperties" if entry.value.is_mapping() => check_part(entry, refusals),
            "uniqueItems" if entry.value.bool() == Some(true) => {
                refusals.at(entry, "uniqueItems may not be true").help("use `x-kubernetes-list-type: set`");
            }
            "$ref" => {
                refusals.at(entry, "a schema may refer to no other one").help("write it out");
            }
            "x-kubernetes-preserve-unknown-fields" if entry.value.bool() == Some(false) => {
                refusals.at(entry, "x-kubernetes-preserve-unknown-fields is true or left out, never false").help("remove it");
            }
            "patternProperties" | "definitions" if entry.value.is_mapping() && !entry.value.is_empty() => {
                refusals.at(entry, format!("schemas of custom resources have no {}", entry.key.text())).help("write it out, or remove it");
            }
            "anyOf" | "oneOf" | "allOf" | "not" => check_junction(entry, refusals),
            _ => {}
        }
    }
    let is_array = kind.is_some_and(|kind| kind.str() == Some("array"));
    if let Some(kind) = kind.filter(|_| is_array && schema.field("items").is_none()) {
        refusals.at(kind, "an array needs `items`").help("say what its items are");
    }
    let takes_any = |entry: &Entry<'t>| entry.value.is_null() || entry.value.is_unknown() || entry.value.bool() == Some(true);
    if let (Some(fields), Some(other)) = (
        fields.filter(|fields| fields.value.is_mapping() && !fields.value.is_empty()),
        schema.entry("additionalProperties").filter(|entry| !takes_any(entry)),
    ) {
        let finding = refusals.at(other, "a schema has either properties or additionalProperties");
        finding.related(fields, "properties here").help("keep one of the two: unknown fields are dropped anyway");
    }
    if let Some(kind) = kind.filter(|kind| kind.str().is_some_and(|kind| !TYPES.contains(&kind))) {
        refusals.at(kind, format!("there is no type `{}`", kind.text())).help(format!("use {}", TYPES.join(", ")));
    }
}

/// What lies below `anyOf` and the like only restricts values: types are given outside. One pattern is left alone, that of numbers
/// or texts.
fn check_junction<'t>(junction: Entry<'t>, refusals: &mut Refusals<'_, 't>) {
    let items: Vec<_> = if junction.key.text() == "not" { vec![junction.value] } else { junction.value.items().collect() };
    let is_just = |item: &NodeRef<'t>, kind: &str| item.entries().count() == 1 && item.field("type").and_then(NodeRef::str) == Some(kind);
    if matches!(&items[..], [number, text] if is_just(number, "integer") && is_just(text, "string")) {
        return;
    }
    items.into_iter().filter(|item| item.is_mapping()).for_each(|item| check_restriction(item, junction.key.text(), refusals));
}

fn check_restriction<'t>(schema: NodeRef<'t>, junction: &str, refusals: &mut Refusals<'_, 't>) {
    for entry in schema.entries() {
        match entry.key.text() {
            "type" if entry.value.str().is_some_and(|kind| !kind.is_empty()) => {
                let help = format!("write the type beside `{junction}`, not below it");
                refusals.at(entry, format!("a schema below `{junction}` can't have a type")).help(help);
            }
            "properties" => {
                let fields = entry.value.entries().filter(|field| field.value.is_mapping());
                fields.for_each(|field| check_restriction(field.value, junction, refusals));
            }
            "items" if entry.value.is_mapping() => check_restriction(entry.value, junction, refusals),
            "anyOf" | "oneOf" | "allOf" | "not" => check_junction(entry, refusals),
            _ => {}
        }
    }
}

fn check_part<'t>(part: Entry<'t>, refusals: &mut Refusals<'_, 't>) {
    let is_on = |key: &str| part.value.field(key).is_some_and(|node| node.bool() != Some(false));
    let may_be_untyped = is_on("x-kubernetes-int-or-string") || is_on("x-kubernetes-preserve-unknown-fields");
    if part.value.field("type").is_none() && !may_be_untyped && part.value.get("$ref").is_none() {
        refusals
            .at(part, format!("`{}` has no type in the schema", part.key.text()))
            .help("add `type`; `x-kubernetes-preserve-unknown-fields: true` takes anything");
    }
    check_parts(part.value, refusals);
}

fn check_conversion<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(conversion) = spec.field("conversion").filter(|conversion| conversion.is_mapping()) else { return };
    let strategy = conversion.field("strategy").and_then(|node| Some((node, node.str()?)));
    match (strategy, conversion.entry("webhook").filter(|entry| !entry.value.is_null())) {
        (Some((node, "Webhook")), None) if refusals.is_whole() => {
            refusals
                .at(node, "conversion by a webhook needs `webhook`")
                .help("add `webhook` with clientConfig and conversionReviewVersions");
        }
        (Some((node, "None")), Some(webhook)) => {
            refusals.at(webhook, "without conversion there is no webhook").related(node, "None here").help("remove it, or use Webhook");
        }
        _ => {}
    }
}
