use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{ImageReference, Resource, Workload, WorkloadKind};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let removed = by_likeness(change.removed());
    if removed.is_empty() {
        return;
    }
    let added = by_likeness(change.added());
    for (likeness, old) in &removed {
        if let ([old], Some([new])) = (old.as_slice(), added.get(likeness).map(Vec::as_slice)) {
            tell(old, new, report);
        }
    }
}

/// What two sets have in common if one is the other under a new name: the namespace, and the names of claims and images.
type Likeness<'t> = (Option<&'t str>, BTreeSet<&'t str>, BTreeSet<&'t str>);

fn by_likeness<'r, 't: 'r>(resources: impl Iterator<Item = &'r Resource<'t>>) -> BTreeMap<Likeness<'t>, Vec<Workload<'t>>> {
    let mut sets: BTreeMap<Likeness<'t>, Vec<Workload<'t>>> = BTreeMap::new();
    for workload in resources.filter_map(set_with_claims) {
        let (Some(claims), Some(images)) = (workload.claim_template_names(), images(&workload)) else { continue };
        let likeness = (workload.resource().namespace(), claims.into_iter().collect(), images);
        sets.entry(likeness).or_default().push(workload);
    }
    sets
}

fn set_with_claims<'t>(resource: &Resource<'t>) -> Option<Workload<'t>> {
    let workload = resource.workload().filter(|workload| workload.kind() == WorkloadKind::StatefulSet)?;
    let has_claims = !resource.is_partial() && workload.claim_templates().next().is_some();
    has_claims.then_some(workload)
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
        "a StatefulSet can't be renamed: {new_name} starts with new, empty claims (`{claim}-{new_name}-{first}`), \
         and the data of {old_name} {fate}"
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
