use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{ClaimRequest, is_dns_subdomain};
use crate::yaml::NodeRef;

const SNAPSHOTS: &str = "snapshot.storage.k8s.io";

/// The rest of `ValidatePersistentVolumeClaimSpec` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>: access modes and the request have
/// rules of their own.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let Some(spec) = request.spec().filter(|spec| spec.is_mapping()) else { continue };
        for key in ["storageClassName", "volumeAttributesClassName"] {
            check_class(&request, key, spec, report);
        }
        let (source, reference) = (spec.field("dataSource"), spec.field("dataSourceRef"));
        let elsewhere = reference.and_then(|reference| reference.field("namespace")).filter(|namespace| namespace.str() != Some(""));
        if let Some(namespace) = elsewhere {
            tell_elsewhere(&request, namespace, report);
            continue;
        }
        if let (Some(source), None, false) = (source, reference, request.is_template()) {
            check_lone_source(&request, source, report);
            continue;
        }
        for source in [source, reference].into_iter().flatten().filter(|source| source.is_mapping()) {
            check_source(&request, source, report);
        }
        if let (Some(source), Some(reference)) = (source, reference) {
            check_sources(&request, source, reference, report);
        }
    }
}

/// Without an alpha gate a reference to another namespace is dropped before anything is looked at: `DropDisabledFields` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/api/persistentvolumeclaim/util.go>.
fn tell_elsewhere<'t>(request: &ClaimRequest<'t>, namespace: NodeRef<'t>, report: &mut Report) {
    if namespace.str().is_some() {
        let message = format!("{} takes content from another namespace: the API server drops dataSourceRef", request.describe());
        report
            .at(namespace, message)
            .warning_if(true)
            .help("where the gate CrossNamespaceVolumeDataSource is on, ignore this finding; else the volume may start empty");
    }
}

/// `EnforceDataSourceBackwardsCompatibility`: what is neither a claim nor a snapshot is dropped from a dataSource without dataSourceRef.
fn check_lone_source<'t>(request: &ClaimRequest<'t>, source: NodeRef<'t>, report: &mut Report) {
    let (group, kind) = (source.field("apiGroup"), source.field("kind"));
    let Some((name, node, text)) = group.map_or(Some(""), NodeRef::str).zip(kind).and_then(|(name, kind)| Some((name, kind, kind.str()?)))
    else {
        return;
    };
    if text.is_empty() || matches!((name, text), ("", "PersistentVolumeClaim") | (SNAPSHOTS, "VolumeSnapshot")) {
        return;
    }
    let help = match text {
        "VolumeSnapshot" => format!("write `apiGroup: {SNAPSHOTS}`"),
        "PersistentVolumeClaim" => "leave out `apiGroup`".to_owned(),
        _ => "use dataSourceRef, which takes other kinds".to_owned(),
    };
    let of = if name.is_empty() { "no API group".to_owned() } else { format!("the API group `{name}`") };
    let message = format!("{} has a `{text}` of {of} as dataSource, which is dropped: the volume starts empty", request.describe());
    report.at(group.filter(|_| !name.is_empty()).unwrap_or(node), message).warning_if(true).help(help);
}

/// An empty class is none.
fn check_class<'t>(request: &ClaimRequest<'t>, key: &str, spec: NodeRef<'t>, report: &mut Report) {
    let Some((node, text)) = spec.field(key).and_then(|node| Some((node, node.str()?))) else { return };
    if !text.is_empty() && !is_dns_subdomain(text) {
        let message = format!("{} asks for {key} `{text}`, which no class can be called: {}", request.describe(), request.if_invalid());
        report.at(node, message).help("use lower-case letters, digits, inner dashes and dots");
    }
}

fn check_source<'t>(request: &ClaimRequest<'t>, source: NodeRef<'t>, report: &mut Report) {
    let group = source.field("apiGroup");
    let Some(name) = group.map_or(Some(""), NodeRef::str) else { return };
    let kind = source.field("kind");
    if let Some(kind) = kind.filter(|kind| name.is_empty() && kind.str().is_some_and(|kind| kind != "PersistentVolumeClaim")) {
        let message = format!(
            "{} takes content from a `{}` of no API group, and only claims are of none: {}",
            request.describe(),
            kind.text(),
            request.if_invalid()
        );
        report.at(kind, message).help("add `apiGroup`; that of VolumeSnapshot is snapshot.storage.k8s.io");
    }
    if let Some(group) = group.filter(|_| !name.is_empty() && !is_dns_subdomain(name)) {
        let message = format!("{} names `{name}`, which is no API group: {}", request.describe(), request.if_invalid());
        report.at(group, message).help("write the group without its version");
    }
}

/// Both may be written if they say the same.
fn check_sources<'t>(request: &ClaimRequest<'t>, source: NodeRef<'t>, reference: NodeRef<'t>, report: &mut Report) {
    let differs = |key: &str| {
        let read = |node: NodeRef<'t>| node.field(key).map_or(Some(""), NodeRef::str);
        read(source).zip(read(reference)).is_some_and(|(one, other)| one != other)
    };
    if ["apiGroup", "kind", "name"].into_iter().any(differs) {
        let message = format!("{} has a dataSource and another dataSourceRef: {}", request.describe(), request.if_invalid());
        report.at(source, message).related(reference, "dataSourceRef here").help("keep dataSourceRef");
    }
}
