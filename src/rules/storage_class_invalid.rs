use std::collections::HashSet;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Refusals};
use crate::yaml::NodeRef;

const MOST_PARAMETERS: usize = 512;
const MOST_PARAMETER_BYTES: usize = 256 * 1024;
const SHORTEST_TOKEN_SECONDS: i64 = 600;

/// `ValidateStorageClass`, `ValidateVolumeAttributesClass` and `ValidateCSIDriver` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources() {
        let mut refusals = Refusals::new(report, resource);
        match resource.kind() {
            Kind::StorageClass => check_class(&mut refusals),
            Kind::VolumeAttributesClass => check_attributes(&mut refusals),
            Kind::CsiDriver => check_driver(&mut refusals),
            _ => {}
        }
    }
}

fn check_class(refusals: &mut Refusals<'_, '_>) {
    let class = refusals.object().node();
    check_driver_name(class.field("provisioner"), "provisioner", refusals);
    check_parameters(refusals);
    for term in class.field("allowedTopologies").into_iter().flat_map(NodeRef::items) {
        let mut seen = HashSet::new();
        for expression in term.field("matchLabelExpressions").into_iter().flat_map(NodeRef::items) {
            refusals.check_form(expression.field("key"), "key", &Form::LABEL_KEY);
            if let Some((key, text)) = expression.field("key").and_then(|key| Some((key, key.str()?)))
                && !seen.insert(text)
            {
                refusals.at(key, format!("`{text}` is there twice in one term")).help("put all values into one list");
            }
            check_values(expression, refusals);
        }
    }
}

fn check_values<'t>(expression: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let values = expression.field("values");
    if values.is_none_or(|values| values.is_sequence() && values.is_empty()) && expression.is_mapping() && refusals.is_whole() {
        let place = values.or(expression.field("key")).unwrap_or(expression);
        refusals.at(place, "a topology needs a value").help("name the zones or nodes under `values`");
    }
    let Some(values) = values.filter(|values| values.is_sequence()) else { return };
    let mut seen = HashSet::new();
    for item in values.items() {
        if item.str().is_some_and(|text| !seen.insert(text)) {
            refusals.at(item, format!("`{}` is there twice", item.text())).help("remove one of them");
        }
    }
}

fn check_parameters(refusals: &mut Refusals<'_, '_>) {
    let Some(parameters) = refusals.object().node().field("parameters").filter(|parameters| parameters.is_mapping()) else { return };
    let entries: Vec<_> = parameters.entries().collect();
    let bytes: usize = entries.iter().map(|entry| entry.key.text().len() + entry.value.text().len()).sum();
    if entries.len() > MOST_PARAMETERS || bytes > MOST_PARAMETER_BYTES {
        refusals.at(parameters, format!("there are more than {MOST_PARAMETERS} parameters or {MOST_PARAMETER_BYTES} bytes in them"));
    }
    for entry in entries.into_iter().filter(|entry| entry.key.str() == Some("")) {
        refusals.at(entry, "a parameter has no name");
    }
}

fn check_attributes(refusals: &mut Refusals<'_, '_>) {
    let class = refusals.object().node();
    check_driver_name(class.field("driverName"), "driver", refusals);
    check_parameters(refusals);
    let parameters = class.field("parameters");
    if parameters.is_none_or(|parameters| parameters.is_mapping() && parameters.is_empty()) && refusals.is_whole() {
        let place = refusals.object().nearest("parameters");
        refusals.at(place, "a VolumeAttributesClass needs parameters").help("say what the driver is to change");
    }
}

/// `validateProvisioner`: a qualified name whose case doesn't count.
fn check_driver_name<'t>(driver: Option<NodeRef<'t>>, what: &str, refusals: &mut Refusals<'_, 't>) {
    let Some((node, text)) = driver.and_then(|node| Some((node, node.str()?))) else { return };
    if !text.is_empty() && !(Form::QUALIFIED_NAME.holds)(&text.to_ascii_lowercase()) {
        refusals.at(node, format!("`{text}` can't be the name of a {what}")).help("name the driver, such as ebs.csi.aws.com");
    }
}

fn check_driver(refusals: &mut Refusals<'_, '_>) {
    let object = *refusals.object();
    let mut audiences = HashSet::new();
    let requests = object.spec().and_then(|spec| spec.field("tokenRequests"));
    for request in requests.into_iter().flat_map(NodeRef::items).filter(|request| request.is_mapping()) {
        let audience = request.field("audience");
        if audience.map_or(Some(""), NodeRef::str).is_some_and(|text| !audiences.insert(text)) {
            refusals.at(audience.unwrap_or(request), "two tokens are for the same audience").help("remove one of them");
        }
        refusals.check_least(request, "expirationSeconds", SHORTEST_TOKEN_SECONDS);
    }
}
