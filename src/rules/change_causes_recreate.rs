use crate::finding::{Finding, Report, When};
use crate::graph::Change;
use crate::resource::{Kind, RefusedBecause, RefusedChange, Resource, refused_changes};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let oldest = change.new.world().versions.oldest;
    for pair in change.changed().filter(|pair| !pair.is_partial() && !pair.new.is_hook()) {
        let Some(force) = pair.new.forced_recreation().filter(|force| !force.is_unknown()) else { continue };
        let Some(consequence) = consequence(&pair.new) else { continue };
        let Some(refusal) = refused_changes(&pair.old, &pair.new, oldest).into_iter().find(is_certain) else { continue };
        let object = pair.new.describe();
        let place = Some(refusal.difference.new_place()).filter(|place| *place != pair.new.node());
        let message =
            format!("`{}` can't be changed, so {object} is deleted and made anew, as an annotation says: {consequence}", refusal.field);
        let finding = report.at(place.unwrap_or_else(|| pair.new.nearest("kind")), message);
        finding.related(force, "it is forced here").related(refusal.difference.old_place(), "this is what it was");
        advise(&pair.new, finding);
    }
}

/// Whether each version refuses it, whatever the cluster has.
fn is_certain(refusal: &RefusedChange<'_>) -> bool {
    !matches!(refusal.why, RefusedBecause::Until(_) | RefusedBecause::UnlessAllocated)
}

/// What goes when an object is deleted; none where that is what people mean by it.
fn consequence(resource: &Resource<'_>) -> Option<&'static str> {
    let deletes_claims =
        || resource.node().at("spec.persistentVolumeClaimRetentionPolicy.whenDeleted").and_then(NodeRef::str) == Some("Delete");
    Some(match resource.kind() {
        Kind::StatefulSet if deletes_claims() => "all its pods stop, and its claims are deleted with their data",
        Kind::StatefulSet | Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => "all its pods stop before new ones start",
        Kind::PersistentVolumeClaim => "its data is deleted, unless its volume is retained",
        Kind::Service => "until then it has no address, and gets another",
        Kind::CustomResourceDefinition => "all objects of its kind are deleted with it",
        _ => return None,
    })
}

fn advise(new: &Resource<'_>, finding: &mut Finding) {
    if new.workload().is_none() {
        finding.help("take the change back, or make the new one under another name and move to it");
        finding.step(When::Before, "decide: take the change back, or save what is deleted with the old object", []);
        return;
    }
    let delete = new.kubectl("delete", "--cascade=orphan");
    let left = if new.kind() == Kind::StatefulSet {
        "are taken over where labels fit"
    } else {
        "have to be deleted by hand when new ones are ready"
    };
    finding.help(format!("to keep its pods running, `{delete}` before this is applied; pods that it leaves behind {left}"));
    finding.step(When::Before, "delete it alone, so that its pods run on until the new ones are ready", [delete]);
}
