use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{ClaimRequest, is_dns_label, is_dns_subdomain};
use crate::yaml::NodeRef;

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
        for source in [source, reference].into_iter().flatten().filter(|source| source.is_mapping()) {
            check_source(&request, source, report);
        }
        if let (Some(source), Some(reference)) = (source, reference) {
            check_sources(&request, source, reference, report);
        }
    }
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
    let namespace = source.field("namespace").and_then(|node| Some((node, node.str()?)));
    if let Some((node, text)) = namespace.filter(|(_, text)| !text.is_empty() && !is_dns_label(text)) {
        let message = format!("{} names `{text}`, which is no namespace: {}", request.describe(), request.if_invalid());
        report.at(node, message);
    }
}

/// Both may be written if they say the same.
fn check_sources<'t>(request: &ClaimRequest<'t>, source: NodeRef<'t>, reference: NodeRef<'t>, report: &mut Report) {
    let differs = |key: &str| {
        let read = |node: NodeRef<'t>| node.field(key).map_or(Some(""), NodeRef::str);
        read(source).zip(read(reference)).is_some_and(|(one, other)| one != other)
    };
    let namespace = reference.field("namespace").filter(|namespace| namespace.str().is_some_and(|text| !text.is_empty()));
    let reason = match namespace {
        Some(_) => "has a dataSource beside a dataSourceRef in another namespace",
        None if ["apiGroup", "kind", "name"].into_iter().any(differs) => "has a dataSource and another dataSourceRef",
        None => return,
    };
    let message = format!("{} {reason}: {}", request.describe(), request.if_invalid());
    report.at(source, message).related(reference, "dataSourceRef here").help("keep dataSourceRef");
}
