use std::collections::BTreeSet;

use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{ImageReference, Resource, Workload, WorkloadKind};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for old in change.removed().filter_map(set_with_claims) {
        let mut heirs = change.added().filter_map(set_with_claims).filter(|new| is_heir(&old, new));
        let (Some(new), None) = (heirs.next(), heirs.next()) else { continue };
        tell(&old, &new, report);
    }
}

fn set_with_claims<'t>(resource: &Resource<'t>) -> Option<Workload<'t>> {
    let workload = resource.workload().filter(|workload| workload.kind() == WorkloadKind::StatefulSet)?;
    let has_claims = !resource.is_partial() && workload.claim_templates().next().is_some();
    has_claims.then_some(workload)
}

/// Whether the new set is the old one under another name: in one namespace, with claims of one name and the same images.
fn is_heir(old: &Workload<'_>, new: &Workload<'_>) -> bool {
    let are_beside = old.resource().namespace() == new.resource().namespace();
    let have_same_claims = || old.claim_template_names().zip(new.claim_template_names()).is_some_and(|(old, new)| old == new);
    let have_same_images = || images(old).zip(images(new)).is_some_and(|(old, new)| old == new);
    are_beside && have_same_claims() && have_same_images()
}

/// The images of its containers, whatever their versions.
fn images<'t>(workload: &Workload<'t>) -> Option<BTreeSet<&'t str>> {
    let images = workload.pod()?.containers().map(|container| Some(ImageReference::read(container.image()?.str()?)?.name));
    images.collect::<Option<BTreeSet<_>>>().filter(|images| !images.is_empty())
}

fn tell(old: &Workload<'_>, new: &Workload<'_>, report: &mut Report) {
    let (Some(old_name), Some(new_name)) = (old.name(), new.name()) else { return };
    let Some(claim) = new.claim_templates().find_map(|template| template.name()?.value_text()) else { return };
    let first = new.first_ordinal().unwrap_or(0);
    let are_deleted = old
        .field("persistentVolumeClaimRetentionPolicy")
        .and_then(|policy| policy.get("whenDeleted"))
        .is_some_and(|when| when.text() == "Delete");
    let fate = if are_deleted { "is deleted with the old set" } else { "stays behind" };
    let message = format!(
        "a StatefulSet can't be renamed: {new_name} starts with new, empty claims (`{claim}-{new_name}-{first}`), and the data of {old_name} {fate}"
    );
    let finding = report.at(new.resource().nearest("metadata.name"), message);
    finding.help(format!("keep the name {old_name}, or bind the old volumes to claims of the new names before the new pods start"));
    finding.related(old.resource().nearest("metadata.name"), "it had this name, and its claims have it too");
    if are_deleted {
        let keep = "--patch '{\"spec\":{\"persistentVolumeClaimRetentionPolicy\":{\"whenDeleted\":\"Retain\"}}}'";
        finding.step(When::Before, format!("keep the claims of {old_name} when it is deleted"), [old.resource().kubectl("patch", keep)]);
    }
    finding.step(
        When::Before,
        format!("decide: keep the name {old_name}, or copy the data of each `{claim}-{old_name}-N` to `{claim}-{new_name}-N`"),
        [],
    );
}
