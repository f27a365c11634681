use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{ClaimRequest, Identity, Kind, PersistentVolume, Quantity, Resource};
use crate::yaml::NodeRef;

/// Why a claim can't have a volume, and the fields that say so.
struct Mismatch<'t> {
    of_claim: NodeRef<'t>,
    of_volume: NodeRef<'t>,
    reason: String,
    /// Whether it depends on the cluster's default class.
    depends: bool,
}

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim in graph.of_kind(Kind::PersistentVolumeClaim).filter_map(Resource::claim).filter(|claim| !claim.is_bound()) {
        check_wanted_volume(graph, &claim, report);
    }
    for volume in graph.of_kind(Kind::PersistentVolume).filter_map(Resource::persistent_volume) {
        check_reserved_volume(graph, &volume, report);
    }
}

/// A claim that names its volume gets that one or none: `checkVolumeSatisfyClaim` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/volume/persistentvolume/pv_controller.go>. Where the volume is
/// reserved for the claim, nothing else is asked.
fn check_wanted_volume<'t>(graph: &Graph<'t>, claim: &ClaimRequest<'t>, report: &mut Report) {
    let Some(volume) = graph.volume_of(claim) else { return };
    let mismatch = match (volume.field("claimRef"), volume.reserved_for()) {
        (None, _) => size(claim, &volume)
            .or_else(|| volume_mode(claim, &volume))
            .or_else(|| access_modes(claim, &volume))
            .or_else(|| class(claim, &volume)),
        (Some(_), Some(other)) => reservation(claim, &volume, other),
        (Some(_), None) => None,
    };
    let Some(mismatch) = mismatch else { return };
    let condition = if mismatch.depends { " where the cluster has a default class, which it gets" } else { "" };
    let volume = claim.volume_name().unwrap_or_default();
    let message = format!("{} stays Pending{condition}: volume `{volume}` {}", claim.describe(), mismatch.reason);
    report.at(mismatch.of_claim, message).warning_if(mismatch.depends).related(mismatch.of_volume, "the volume's").help(HELP);
}

const HELP: &str = "make class, size, access modes and volumeMode of both agree";

/// A volume that is reserved for a claim is taken by it where size, volume mode and access modes suffice: `FindMatchingVolume` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go>.
fn check_reserved_volume<'t>(graph: &Graph<'t>, volume: &PersistentVolume<'t>, report: &mut Report) {
    let (Some(identity), Some(name)) = (volume.reserved_for(), volume.resource().name()) else { return };
    let claim = graph.find(volume.resource(), Kind::PersistentVolumeClaim, identity).found().and_then(|claim| claim.claim());
    let Some(claim) = claim.filter(|claim| !claim.is_bound() && claim.field("volumeName").is_none()) else { return };
    let mismatch = size(&claim, volume).or_else(|| volume_mode(&claim, volume)).or_else(|| access_modes(&claim, volume));
    let Some(mismatch) = mismatch else { return };
    let message = format!("{} can't have volume `{name}`, which is reserved for it and {}", claim.describe(), mismatch.reason);
    report.at(mismatch.of_claim, message).warning_if(true).related(mismatch.of_volume, "the volume's").help(HELP);
}

fn size<'t>(claim: &ClaimRequest<'t>, volume: &PersistentVolume<'t>) -> Option<Mismatch<'t>> {
    let (wanted, offered) = (claim.spec()?.at("resources.requests.storage")?, volume.capacity()?);
    let is_too_small = Quantity::read(offered)? < Quantity::read(wanted)?;
    let reason = || format!("has {}, too little for {}", offered.text(), wanted.text());
    is_too_small.then(|| Mismatch { of_claim: wanted, of_volume: offered, reason: reason(), depends: false })
}

fn volume_mode<'t>(claim: &ClaimRequest<'t>, volume: &PersistentVolume<'t>) -> Option<Mismatch<'t>> {
    let mode = |node: Option<NodeRef<'t>>| node.map_or(Some("Filesystem"), NodeRef::str);
    let (wanted, offered) = (mode(claim.field("volumeMode"))?, mode(volume.field("volumeMode"))?);
    let of_volume = volume.field("volumeMode").unwrap_or_else(|| volume.resource().nearest("spec"));
    let reason = || format!("has volumeMode {offered}, not {wanted}");
    (wanted != offered).then(|| Mismatch { of_claim: claim.nearest("spec.volumeMode"), of_volume, reason: reason(), depends: false })
}

fn access_modes<'t>(claim: &ClaimRequest<'t>, volume: &PersistentVolume<'t>) -> Option<Mismatch<'t>> {
    let (wanted, offered) = (claim.field("accessModes")?, volume.field("accessModes")?);
    let names: Vec<_> = offered.items().map(NodeRef::str).collect::<Option<_>>()?;
    let of_claim = wanted.items().find(|mode| mode.str().is_some_and(|mode| !names.contains(&mode)))?;
    let reason = format!("does not offer {}", of_claim.text());
    Some(Mismatch { of_claim, of_volume: offered, reason, depends: false })
}

/// A claim without a class gets the cluster's default one, if there is one.
fn class<'t>(claim: &ClaimRequest<'t>, volume: &PersistentVolume<'t>) -> Option<Mismatch<'t>> {
    let of_volume = || volume.field("storageClassName").unwrap_or_else(|| volume.resource().nearest("spec"));
    let offered = volume.class()?;
    let called = if offered.is_empty() { "has no class".to_owned() } else { format!("has class `{offered}`") };
    match claim.class() {
        Some(class) => {
            let wanted = class.value_text()?;
            let reason = || format!("{called}, not {}", if wanted.is_empty() { "none".to_owned() } else { format!("`{wanted}`") });
            (wanted != offered).then(|| Mismatch { of_claim: class, of_volume: of_volume(), reason: reason(), depends: false })
        }
        None => offered.is_empty().then(|| Mismatch {
            of_claim: claim.nearest("spec.storageClassName"),
            of_volume: of_volume(),
            reason: called,
            depends: true,
        }),
    }
}

fn reservation<'t>(claim: &ClaimRequest<'t>, volume: &PersistentVolume<'t>, other: Identity<'t>) -> Option<Mismatch<'t>> {
    let own = claim.resource().identity()?;
    let is_other = own.name != other.name || own.namespace.is_some_and(|own| Some(own) != other.namespace);
    let of_claim = claim.field("volumeName")?;
    let reason = || format!("is reserved for claim `{}` of namespace `{}`", other.name, other.namespace.unwrap_or_default());
    is_other.then(|| Mismatch { of_claim, of_volume: volume.resource().nearest("spec.claimRef"), reason: reason(), depends: false })
}
