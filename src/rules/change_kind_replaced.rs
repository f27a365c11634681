use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{Resource, Workload, WorkloadKind};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for old in change.removed().filter_map(controller) {
        let mut heirs = change.added().filter_map(controller).filter(|new| takes_over(&old, new));
        if let (Some(new), None) = (heirs.next(), heirs.next()) {
            tell(&old, &new, report);
        }
    }
}

/// A workload that keeps pods running.
fn controller<'t>(resource: &Resource<'t>) -> Option<Workload<'t>> {
    let workload = resource.workload().filter(Workload::selects_pods)?;
    (!resource.is_partial() && !resource.is_hook()).then_some(workload)
}

/// Whether the new one is of another kind, and has the old one's name, or selects its pods.
fn takes_over(old: &Workload<'_>, new: &Workload<'_>) -> bool {
    let are_beside = old.resource().namespace() == new.resource().namespace();
    let selects = || {
        let matches = |one: &Workload<'_>, other: &Workload<'_>| {
            one.selector().is_some_and(|selector| !selector.is_empty() && selector.matches(other.pod_labels()) == Some(true))
        };
        matches(old, new) && matches(new, old)
    };
    old.kind() != new.kind() && are_beside && (old.name() == new.name() || selects())
}

fn tell(old: &Workload<'_>, new: &Workload<'_>, report: &mut Report) {
    let (before, after) = (old.describe(), new.describe());
    let message =
        format!("{after} takes the place of {before}: no rollout leads from one to the other, and no undo back{}", claims(old, new));
    let finding = report.at(new.resource().nearest("kind"), message);
    let (wait, delete) = (new.resource().kubectl_status(), old.resource().kubectl("delete", ""));
    finding.help(format!(
        "where the old one is pruned, its pods stop whether or not new ones are ready; where it isn't, both run and get requests of the same \
         Services: keep it from being pruned, and `{delete}` when the new one is ready"
    ));
    finding.related(old.resource().nearest("kind"), "it was of this kind");
    if new.has_rollouts() {
        finding.step(When::After, format!("wait for {after}, then delete {before}, if nothing has pruned it"), [wait, delete]);
    }
}

/// What becomes of the data that a `StatefulSet` keeps for each pod.
fn claims(old: &Workload<'_>, new: &Workload<'_>) -> String {
    let claim = |workload: &Workload<'_>| {
        let name = workload.claim_templates().next()?.name()?.value_text()?;
        Some(format!("`{name}-{}-{}`", workload.name()?, workload.first_ordinal().unwrap_or(0)))
    };
    match (old.kind(), new.kind()) {
        (WorkloadKind::StatefulSet, _) => {
            claim(old).map_or_else(String::new, |claim| format!("; the data in its claims ({claim}) stays behind"))
        }
        (_, WorkloadKind::StatefulSet) => claim(new).map_or_else(String::new, |claim| format!("; its claims ({claim}) start empty")),
        _ => String::new(),
    }
}
