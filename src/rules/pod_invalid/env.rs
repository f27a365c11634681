//! Where containers get their variables from, and what variables and files tell them of their pod.

use crate::graph::PodReview;
use crate::resource::{Form, Quantity, is_qualified_name, looks_replaced, text};
use crate::yaml::NodeRef;

const SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
/// The fields of a pod that a variable can take.
const ENV_FIELDS: [&str; 10] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.host",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// The fields of a pod that a file can hold.
const FILE_FIELDS: [&str; 5] = ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];
const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const BYTE_UNITS: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

pub(super) fn check_variables<'t>(review: &mut PodReview<'_, 't>, env: NodeRef<'t>) {
    for entry in env.items() {
        check_variable(review, entry);
    }
}

pub(super) fn check_sources<'t>(review: &mut PodReview<'_, 't>, env_from: NodeRef<'t>) {
    for source in env_from.items() {
        check_source(review, source);
    }
}

/// The files of volumes that tell of the pod.
pub(super) fn check_files<'t>(review: &mut PodReview<'_, 't>, volumes: NodeRef<'t>) {
    for volume in volumes.items() {
        let projected = volume.get("projected").and_then(|projected| projected.get("sources"));
        let sources = projected.into_iter().flat_map(NodeRef::items).chain([volume]);
        for file in sources.filter_map(|source| source.get("downwardAPI")?.get("items")).flat_map(NodeRef::items) {
            check_file(review, file);
        }
    }
}

/// A file that tells of the pod: `validateDownwardAPIVolumeFile`.
fn check_file<'t>(review: &mut PodReview<'_, 't>, file: NodeRef<'t>) {
    let [field, resource] = ["fieldRef", "resourceFieldRef"].map(|key| file.field(key));
    if let Some(field) = field {
        check_field(review, field, &FILE_FIELDS);
    }
    if let Some(resource) = resource.filter(|_| field.is_none()) {
        check_resource(review, resource, true);
    }
    match (field, resource) {
        (Some(_), Some(resource)) if review.is_whole => {
            review.refuse(resource, "a file of downwardAPI has fieldRef and resourceFieldRef").help("write two items");
        }
        (None, None) if review.is_whole && file.is_mapping() && file.entries().all(|entry| !entry.key.is_unknown()) => {
            review.refuse(file, "a file of downwardAPI has no content").help("add fieldRef or resourceFieldRef");
        }
        _ => {}
    }
}

fn check_variable<'t>(review: &mut PodReview<'_, 't>, entry: NodeRef<'t>) {
    if let Some((node, name)) = text(entry, "name").filter(|(_, name)| !name.is_empty())
        && let Some(fault) = Form::VARIABLE.fault(name)
    {
        review.refuse(node, format!("`{name}` {fault}")).help(Form::VARIABLE.help);
    }
    let Some(value_from) = entry.field("valueFrom").filter(|node| node.is_mapping()) else { return };
    if review.is_whole {
        check_number_of_sources(review, entry, value_from);
    }
    if let Some(field) = value_from.field("fieldRef") {
        check_field(review, field, &ENV_FIELDS);
    }
    if let Some(resource) = value_from.field("resourceFieldRef") {
        check_resource(review, resource, false);
    }
    for key in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = value_from.field(key) {
            check_key_reference(review, key, reference);
        }
    }
}

fn check_number_of_sources<'t>(review: &mut PodReview<'_, 't>, entry: NodeRef<'t>, value_from: NodeRef<'t>) {
    let name = entry.get("name").map_or("", NodeRef::text);
    let sources: Vec<_> = SOURCES.into_iter().filter(|key| value_from.field(key).is_some()).collect();
    let is_known = value_from.entries().all(|entry| !entry.key.is_unknown());
    match sources[..] {
        [] if is_known => {
            review
                .refuse(value_from, format!("valueFrom of `{name}` names no source"))
                .help("add fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef, or write a value");
        }
        [first, second, ..] => {
            let place = value_from.entry(second).expect("the source is written");
            review.refuse(place, format!("valueFrom of `{name}` has two sources, {first} and {second}")).help("keep one of them");
        }
        _ => {
            if let Some((value, _)) = text(entry, "value").filter(|(_, value)| !value.is_empty()) {
                review.refuse(value, format!("`{name}` has both value and valueFrom")).help("keep one of them");
            }
        }
    }
}

/// `validateObjectFieldSelector`, for a variable or a file.
fn check_field<'t>(review: &mut PodReview<'_, 't>, field: NodeRef<'t>, allowed: &[&str]) {
    let Some((node, path)) = text(field, "fieldPath").filter(|(_, path)| !path.is_empty()) else { return };
    let subscripted = path.strip_suffix("']").and_then(|path| path.split_once("['"));
    match subscripted {
        Some(("metadata.labels", key)) if is_qualified_name(key) => {}
        Some(("metadata.annotations", key)) if is_qualified_name(&key.to_ascii_lowercase()) => {}
        Some(("metadata.labels" | "metadata.annotations", key)) => {
            review.refuse(node, format!("`{key}` is not a label key")).help(Form::LABEL_KEY.help);
        }
        _ if allowed.contains(&path) => {}
        _ => {
            let help = match path.split_once('[') {
                Some(("metadata.labels" | "metadata.annotations", _)) => {
                    "write the key in single quotes: metadata.labels['key']".to_owned()
                }
                _ => format!("use one of {}, metadata.labels['key'] and metadata.annotations['key']", allowed.join(", ")),
            };
            review.refuse(node, format!("no pod gives its containers the field `{path}`")).help(help);
        }
    }
}

/// `validateContainerResourceFieldSelector`, for a variable or a file.
fn check_resource<'t>(review: &mut PodReview<'_, 't>, reference: NodeRef<'t>, is_file: bool) {
    if is_file && review.is_whole && reference.field("containerName").is_none() {
        review.refuse(reference, "resourceFieldRef of a volume has no containerName").help("name the container");
    }
    let Some((node, path)) = text(reference, "resource").filter(|(_, path)| !path.is_empty()) else { return };
    let resource = path.strip_prefix("limits.").or_else(|| path.strip_prefix("requests."));
    let Some(resource) = resource.filter(|resource| RESOURCES.contains(resource) || resource.starts_with("hugepages-")) else {
        let help = "use limits or requests of cpu, memory, ephemeral-storage or hugepages-<size>";
        review.refuse(node, format!("`{path}` is no resource of a container")).help(help);
        return;
    };
    let Some((divisor, amount)) = reference.field("divisor").and_then(|node| Some((node, Quantity::read(node)?))) else { return };
    let units: &[&str] = if resource == "cpu" { &["1", "1m"] } else { &BYTE_UNITS };
    let is_unit = units.iter().any(|unit| Quantity::parse(unit) == Some(amount)) || !(amount.is_positive() || amount.is_negative());
    if !is_unit {
        review
            .refuse(divisor, format!("{resource} can't be divided by {}", divisor.text()))
            .help(format!("use one of {}", units.join(", ")));
    }
}

fn check_key_reference<'t>(review: &mut PodReview<'_, 't>, kind: &str, reference: NodeRef<'t>) {
    check_reference(review, kind, reference);
    if let Some((node, key)) = text(reference, "key").filter(|(_, key)| !key.is_empty() && !looks_replaced(key))
        && let Some(fault) = Form::CONFIG_KEY.fault(key)
    {
        review.refuse(node, format!("`{key}` {fault}")).help(Form::CONFIG_KEY.help);
    }
}

/// The name of a `ConfigMap` or Secret that a variable takes its value from.
fn check_reference<'t>(review: &mut PodReview<'_, 't>, kind: &str, reference: NodeRef<'t>) {
    let name = reference.field("name");
    if let Some((node, name)) = text(reference, "name").filter(|(_, name)| !name.is_empty() && !looks_replaced(name)) {
        if let Some(fault) = Form::DNS_SUBDOMAIN.fault(name) {
            review.refuse(node, format!("`{name}` {fault}")).help(Form::DNS_SUBDOMAIN.help);
        }
    } else if review.is_whole && name.is_none_or(|name| name.str() == Some("")) {
        review.refuse(name.unwrap_or(reference), format!("{kind} has no name")).help("name the object");
    }
}

fn check_source<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>) {
    let [map, secret] = ["configMapRef", "secretRef"].map(|key| source.field(key));
    if let Some((node, prefix)) = text(source, "prefix").filter(|(_, prefix)| !prefix.is_empty())
        && let Some(fault) = Form::VARIABLE.fault(prefix)
    {
        review.refuse(node, format!("the prefix `{prefix}` {fault}")).help(Form::VARIABLE.help);
    }
    for (key, reference) in [("configMapRef", map), ("secretRef", secret)] {
        if let Some(reference) = reference {
            check_reference(review, key, reference);
        }
    }
    if !review.is_whole || !source.is_mapping() || source.entries().any(|entry| entry.key.is_unknown()) {
        return;
    }
    match (map, secret) {
        (Some(_), Some(secret)) => {
            review.refuse(secret, "an entry of envFrom has configMapRef and secretRef").help("write two entries");
        }
        (None, None) => {
            review.refuse(source, "an entry of envFrom has no source").help("add configMapRef or secretRef");
        }
        _ => {}
    }
}
