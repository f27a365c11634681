use crate::finding::{Report, When};
use crate::graph::{Change, Pair};
use crate::resource::{Kind, Quantity, Resource};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed().filter(|pair| !pair.is_partial()) {
        match pair.new.kind() {
            Kind::PersistentVolumeClaim => claim(pair, report),
            Kind::PersistentVolume => volume(pair, report),
            Kind::ConfigMap | Kind::Secret => sealed(pair, report),
            Kind::Service => service(pair, report),
            Kind::StatefulSet => claims_with_set(pair, report),
            Kind::CustomResourceDefinition => definition(pair, report),
            _ => {}
        }
    }
    for removed in change.removed().filter(|removed| !removed.is_kept_by_tools()) {
        let lost = match removed.kind() {
            Kind::Namespace => "everything in it goes with it, claims and their data among them",
            Kind::CustomResourceDefinition => "all objects of its kind go with it, in every namespace",
            _ => continue,
        };
        let place = removed.nearest("metadata.name");
        report
            .at(place, format!("{} is removed: where it is pruned, {lost}, and no undo brings them back", removed.describe()))
            .help("leave it, or have tools keep it (`helm.sh/resource-policy: keep`, `argocd.argoproj.io/sync-options: Prune=false`)")
            .step(When::Before, "decide: what is in it is deleted with it; save what is still needed", []);
    }
}

/// A field on both sides; none where a placeholder stands for either.
fn fields<'t>(pair: &Pair<'t>, path: &str) -> Option<[Option<NodeRef<'t>>; 2]> {
    let field = |resource: &Resource<'t>| resource.node().at(path).filter(|node| !node.is_null());
    let both = [field(&pair.old), field(&pair.new)];
    both.iter().flatten().all(|node| !node.is_unknown()).then_some(both)
}

/// A claim grows, or gets attributes: neither can be taken back.
fn claim(pair: &Pair<'_>, report: &mut Report) {
    if let Some([Some(old), Some(new)]) = fields(pair, "spec.resources.requests.storage")
        && let (Some(before), Some(after)) = (Quantity::read(old), Quantity::read(new))
        && before < after
    {
        let message = format!("{} grows from `{}` to `{}`, and can't shrink again", pair.new.describe(), old.text(), new.text());
        report.at(new, message).note().help("a revert of this line will be refused; the larger size stays").related(old, "it was this");
    }
    if let Some([None, Some(new)]) = fields(pair, "spec.volumeAttributesClassName") {
        let message = format!("{} gets a class of attributes, which can be changed later but not taken away", pair.new.describe());
        report.at(new, message).note().help("a revert of this line will be refused");
    }
}

/// A volume that was kept is deleted with its claim from now on.
fn volume(pair: &Pair<'_>, report: &mut Report) {
    let Some([old, Some(new)]) = fields(pair, "spec.persistentVolumeReclaimPolicy") else { return };
    if new.text() == "Delete" && old.is_none_or(|old| old.text() == "Retain") {
        let message = format!("{} is deleted with its data when its claim goes, and was kept until now", pair.new.describe());
        let finding = report.at(new, message).help("keep `Retain` for data that is needed; a revert brings nothing back that was deleted");
        if let Some(old) = old {
            finding.related(old, "it was kept");
        }
    }
}

fn sealed(pair: &Pair<'_>, report: &mut Report) {
    let Some([old, Some(new)]) = fields(pair, "immutable") else { return };
    if new.bool() == Some(true) && old.is_none_or(|old| old.bool() == Some(false)) {
        let message = format!("{} is sealed: its content and this line can't be changed any more, a revert neither", pair.new.describe());
        report.at(new, message).note().help("the next content needs a new name");
    }
}

/// A Service gives up an address that it was given.
fn service(pair: &Pair<'_>, report: &mut Report) {
    let (Some(old), Some(new)) = (pair.old.service(), pair.new.service()) else { return };
    let (Some(old_type), Some(new_type)) = (old.kind(), new.kind()) else { return };
    let is_headless = old.is_headless() != Some(false);
    let lost = match (old_type, new_type) {
        (same, other) if same == other => return,
        ("LoadBalancer", _) => "its load balancer and that one's address are",
        ("NodePort", "ClusterIP" | "ExternalName") if !has_written_ports(&pair.old) => "the ports that it was given on all nodes are",
        (_, "ExternalName") if !is_headless => "its address in the cluster is",
        _ => return,
    };
    let place = pair.new.node().at("spec.type").unwrap_or_else(|| pair.new.nearest("spec"));
    let message = format!("{lost} given up by {}, and a revert gets another", pair.new.describe());
    let finding = report
        .at(place, message)
        .help("move what uses it first: DNS records, firewalls, clients; a second Service can stand beside it meanwhile");
    finding.related(pair.old.nearest("spec.type"), format!("it was `{old_type}`"));
    finding.step(When::Before, "look who uses the old address (DNS records, firewalls, clients), and move them first", []);
}

/// Whether the ports on the nodes are chosen by hand, so that a revert chooses the same.
fn has_written_ports(service: &Resource<'_>) -> bool {
    let ports = service.node().at("spec.ports").into_iter().flat_map(NodeRef::items);
    ports.map(|port| port.get("nodePort")).all(|port| port.is_some_and(|port| !port.is_null()))
}

/// A `StatefulSet` whose claims stayed when it was deleted takes them along from now on.
fn claims_with_set(pair: &Pair<'_>, report: &mut Report) {
    let Some([old, Some(new)]) = fields(pair, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted") else { return };
    let has_claims = pair.new.workload().is_some_and(|workload| workload.claim_templates().next().is_some());
    if has_claims && new.text() == "Delete" && old.is_none_or(|old| old.text() == "Retain") {
        let message = format!("claims of {} are deleted with it, data and all, and were kept until now", pair.new.describe());
        report.at(new, message).help("keep `Retain`, and delete claims when their data is no longer needed");
    }
}

/// Versions and fields of a definition that are gone: objects that use them can't be read, or lose them when they are written.
fn definition(pair: &Pair<'_>, report: &mut Report) {
    for old in versions(&pair.old) {
        let Some(name) = old.get("name").and_then(NodeRef::str) else { continue };
        let new = versions(&pair.new).find(|version| version.get("name").is_some_and(|other| other.text() == name));
        let Some(new) = new else {
            let message =
                format!("version `{name}` is gone from {}: objects that are stored in it can't be read any more", pair.new.describe());
            let finding = report.at(pair.new.nearest("spec.versions"), message);
            finding.help("keep it, not served, until no object is stored in it and it has left `status.storedVersions`");
            finding.related(old.get("name").unwrap_or(old), "it was here");
            continue;
        };
        if let Some((path, place)) = lost_field(old.at(SCHEMA), new.at(SCHEMA), &mut 100_000) {
            let message = format!("`{path}` is gone from version `{name}`: objects lose it when they are written again");
            let finding = report.at(new.get("name").unwrap_or(new), message);
            finding.help("add a version without it, and convert; a revert doesn't bring the values back").related(place, "it was here");
        }
    }
}

fn versions<'t>(definition: &Resource<'t>) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
    definition.node().at("spec.versions").into_iter().flat_map(NodeRef::items)
}

const SCHEMA: &str = "schema.openAPIV3Schema";

/// The first property of a schema that the other one has not, by its path, where unknown properties are pruned. Looks at as many
/// properties as the budget says.
fn lost_field<'t>(old: Option<NodeRef<'t>>, new: Option<NodeRef<'t>>, budget: &mut usize) -> Option<(String, NodeRef<'t>)> {
    let (old, new) = (old?, new?);
    *budget = budget.checked_sub(1)?;
    let keeps_unknown = |schema: NodeRef<'_>| schema.get("x-kubernetes-preserve-unknown-fields").and_then(NodeRef::bool) == Some(true);
    if keeps_unknown(new) || new.get("additionalProperties").is_some() {
        return None;
    }
    if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
        return lost_field(Some(old), Some(new), budget).map(|(path, place)| (format!("[].{path}"), place));
    }
    let properties = old.get("properties")?;
    let kept = new.get("properties").filter(|properties| !properties.is_unknown())?;
    properties.entries().find_map(|property| {
        let key = property.key.text();
        match kept.get(key) {
            None => Some((key.to_owned(), property.key)),
            after => lost_field(Some(property.value), after, budget).map(|(path, place)| (join(key, &path), place)),
        }
    })
}

fn join(key: &str, path: &str) -> String {
    if path.starts_with('[') { format!("{key}{path}") } else { format!("{key}.{path}") }
}
