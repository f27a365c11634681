use crate::finding::{Report, When};
use crate::graph::{Change, Graph, Pair, name_each};
use crate::resource::{Kind, Resource, Selector, Update, Workload, refused_changes};
use crate::yaml::{NodeRef, same_meaning};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    // An unchanged selector matters only where labels are others.
    let are_relabelled = change.changed().filter_map(Pair::workloads).any(|(old, new)| have_other_labels(&old, &new));
    for pair in change.pairs().filter(|pair| (pair.is_changed || are_relabelled) && !pair.is_partial()) {
        let Some((old, new)) = selector_of(&pair.old).zip(selector_of(&pair.new)) else { continue };
        let before: Vec<_> = change.old.selected(&pair.old, old).filter(has_pods).collect();
        if before.is_empty() {
            continue;
        }
        let after: Vec<_> = change.new.selected(&pair.new, new).collect();
        if after.is_empty() {
            lose_all(change, pair, new, &before, report);
        } else if pair.new.kind() == Kind::Service && pair.is_changed && change.old.selected(&pair.old, new).next().is_none() {
            wait_for_rollout(pair, new, &after, report);
        }
    }
}

/// Whether pods are given other labels than before.
fn have_other_labels(old: &Workload<'_>, new: &Workload<'_>) -> bool {
    match (old.pod_labels(), new.pod_labels()) {
        (Some(old), Some(new)) => !same_meaning(old, new, &mut 1000),
        (old, new) => old.is_some() || new.is_some(),
    }
}

/// What a Service, a disruption budget or a network policy selects pods by.
fn selector_of<'t>(resource: &Resource<'t>) -> Option<Selector<'t>> {
    let selector = match resource.kind() {
        Kind::Service => resource.service()?.selector(),
        Kind::PodDisruptionBudget => resource.budget()?.selector(),
        Kind::NetworkPolicy => resource.spec()?.get("podSelector").map(Selector::LabelSelector),
        _ => None,
    };
    selector.filter(|selector| !selector.is_empty())
}

fn has_pods(workload: &Workload<'_>) -> bool {
    !workload.ends() && workload.replicas().is_none_or(|replicas| replicas.value > 0)
}

/// Nothing is selected any more, though what was selected is still there.
fn lose_all<'t>(change: &Change<'_, 't>, pair: &Pair<'t>, selector: Selector<'t>, before: &[Workload<'t>], report: &mut Report) {
    let mut heirs = before.iter().filter_map(|old| change.successor(old.resource())).filter(|heir| !heir.is_partial());
    let Some((heir, old, new)) = heirs.find_map(|heir| heir.workloads().map(|(old, new)| (heir, old, new))) else { return };
    let Some(missed) = selector.mismatch(new.pod_labels()) else { return };
    if is_label_added_elsewhere(change.new, &new, missed) || change.new.may_be_selected(&pair.new, selector) {
        return;
    }
    let key = missed.get("key").or_else(|| missed.key()).map_or("", |key| key.text());
    let label = |workload: &Workload<'t>| workload.pod_labels()?.get(key).filter(|label| !label.is_null());
    let consequence = consequence(&pair.new);
    if selector.matches(old.pod_labels()) == Some(true) {
        if keeps_labels(change, heir) {
            return;
        }
        let what = if label(&new).is_some() { "is another" } else { "is gone" };
        let place = label(&new).or_else(|| new.pod_labels()).or_else(|| new.template()).unwrap_or(new.resource().node());
        let object = pair.new.describe();
        let finding = report
            .at(place, format!("the label `{key}` {what}, by which {object} selects these pods: once they are replaced, {consequence}"));
        finding.help(format!("keep the label, or take it out of {object} one release earlier"));
        finding.related(missed, "it is asked for here");
        if let Some(old) = label(&old) {
            finding.related(old, "it was here");
        }
    } else if pair.is_changed && (misses_one(selector, &new) || change.new.knows_all_pods_beside(&pair.new)) {
        let object = pair.new.describe();
        let finding =
            report.at(missed, format!("no pods have this label, by which {object} selects now: as soon as this is applied, {consequence}"));
        finding.help("give it to the pods one release earlier, and select by it when all of them have been replaced");
        finding.related(new.pod_labels().unwrap_or(new.resource().node()), format!("the pods of {}, which it selected", new.describe()));
    }
}

/// Whether the API server refuses the new labels, so that pods keep the old ones.
fn keeps_labels(change: &Change<'_, '_>, heir: &Pair<'_>) -> bool {
    let refused = refused_changes(&heir.old, &heir.new, change.new.world().versions.oldest);
    let is_about_labels = |field: &str| matches!(field, "spec.selector" | "spec.template.metadata.labels");
    !heir.new.is_recreated_on_change() && refused.iter().any(|refusal| is_about_labels(refusal.field))
}

/// Whether a selector asks for all labels of a workload's pods but one, so that surely these pods are meant.
fn misses_one<'t>(selector: Selector<'t>, workload: &Workload<'t>) -> bool {
    let pairs = || selector.pairs().into_iter().flat_map(NodeRef::entries);
    let label = |key: &str| workload.pod_labels().and_then(|labels| labels.get(key));
    let missed = pairs().filter(|pair| label(pair.key.text()).is_none_or(|value| value.text() != pair.value.text())).count();
    missed == 1 && pairs().nth(1).is_some()
}

/// Whether a kustomization or a patch may give its pods a label.
fn is_label_added_elsewhere<'t>(graph: &Graph<'t>, workload: &Workload<'t>, missed: NodeRef<'t>) -> bool {
    let is_patched = || graph.patches_of(workload).any(|patch| patch.pod_labels().is_some());
    graph.adds_label_of(workload.resource(), missed) || is_patched()
}

/// What it means that no pods are selected.
fn consequence(resource: &Resource<'_>) -> &'static str {
    match resource.kind() {
        Kind::Service => "it has no endpoints",
        Kind::PodDisruptionBudget => "it protects none of them, and a drain may evict all",
        _ => "it applies to none of them, and what it forbids is allowed",
    }
}

/// What is selected from now on is yet to be rolled out.
fn wait_for_rollout<'t>(pair: &Pair<'t>, selector: Selector<'t>, after: &[Workload<'t>], report: &mut Report) {
    let (service, pods) = (pair.new.describe(), name_each(after.iter().copied()));
    let is_held = after.iter().all(is_held);
    let until = if is_held { "someone deletes the old pods or lets the rollout go on" } else { "their first new pod is ready" };
    let message = format!("running pods of {pods} don't have these labels yet: {service} has no endpoints until {until}");
    let finding = report.at(selector.node(), message);
    finding.note_if(!is_held);
    finding.help("give pods the new label first, and select by it in the next release");
    if let Some(old) = selector_of(&pair.old) {
        finding.related(old.node(), "it selected these");
    }
    finding.step(
        When::Before,
        format!("{service} will be without endpoints for a while: roll out the pods' labels first, if that is too long"),
        [],
    );
}

/// Whether its new template is not rolled out by itself.
fn is_held(workload: &Workload<'_>) -> bool {
    workload.is_suspended() || matches!(workload.update(), Some(Update::OnDelete))
}
