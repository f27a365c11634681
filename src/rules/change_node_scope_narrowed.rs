use crate::finding::{Report, When};
use crate::graph::{Change, Cluster, Pair};
use crate::resource::{CONTROL_PLANE, Kind, NodeChoice, NodeDemand, PodSpec, Taint, Toleration, Update, Workload, legacy_label};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed_of(Kind::DaemonSet).filter(|pair| !pair.is_partial()) {
        let Some((old, new)) = pair.workloads() else { continue };
        let Some((before, after)) = old.pod().zip(new.pod()) else { continue };
        if let Some(demand) = narrowing(&before, &after) {
            tell_of_demand(pair, &before, demand, report);
        }
        let is_managed = change.new.world().cluster == Cluster::Managed;
        let may_matter = |toleration: &Toleration<'_>| !(is_managed && toleration.key() == Some(CONTROL_PLANE.key));
        let mut relevant = before.tolerations().filter(may_matter);
        let lost = relevant.find_map(|toleration| Some((toleration, lost_effect(&toleration, &after)?)));
        if let Some((toleration, effect)) = lost {
            tell_of_toleration(pair, &new, (&toleration, effect), report);
        }
    }
}

/// What pods ask of a node now, and did not: by the first way to fulfil the old demands that fulfils none of the new ones.
fn narrowing<'t>(before: &PodSpec<'t>, after: &PodSpec<'t>) -> Option<NodeDemand<'t>> {
    let (before, after) = (before.node_choices()?, after.node_choices()?);
    if after.iter().any(|choice| choice.by_field) {
        return None;
    }
    let lost = before.iter().find(|old| !after.iter().any(|new| unmet(old, new).is_none()))?;
    unmet(lost, after.first()?)
}

/// The first demand of a choice that nodes of another one need not fulfil.
fn unmet<'t>(old: &NodeChoice<'t>, new: &NodeChoice<'t>) -> Option<NodeDemand<'t>> {
    new.demands.iter().find(|demand| !is_of_every_node(demand) && !old.demands.iter().any(|other| implies(other, demand))).copied()
}

/// Whether nodes for which the image was built have it anyway, as far as one can tell.
fn is_of_every_node(demand: &NodeDemand<'_>) -> bool {
    let key = demand.key.text();
    let is_linux = matches!(key, "kubernetes.io/os" | "beta.kubernetes.io/os") && demand.allows(Some("linux")) != Some(false);
    is_linux
        || matches!(key, "kubernetes.io/arch" | "beta.kubernetes.io/arch")
        || demand.key.is_unknown()
        || demand.allows(None) == Some(true)
}

/// Whether each node that fulfils one demand fulfils another, or may for all that is known.
fn implies<'t>(old: &NodeDemand<'t>, new: &NodeDemand<'t>) -> bool {
    let today = |demand: &NodeDemand<'t>| legacy_label(demand.key.text()).map_or(demand.key.text(), |label| label.replacement);
    if today(old) != today(new) {
        return false;
    }
    match old.values() {
        Some(values) => values.iter().all(|value| new.allows(Some(value)) != Some(false)),
        None => new.values().is_none() || old.node().is_unknown() || old.node().scalars().any(NodeRef::is_unknown),
    }
}

fn tell_of_demand<'t>(pair: &Pair<'t>, before: &PodSpec<'t>, demand: NodeDemand<'t>, report: &mut Report) {
    let object = pair.new.describe();
    let message = format!("pods of {object} are deleted at once from nodes that don't fulfil this demand on `{}`", demand.key.text());
    let finding = report.at(demand.node(), message);
    finding.help("label the nodes that shall keep it first: `kubectl label node NAME KEY=VALUE`");
    let was = before.field("nodeSelector").or_else(|| before.field("affinity")).unwrap_or_else(|| before.node());
    finding.related(was, "its nodes were chosen here");
    finding.step(When::Before, format!("label the nodes on which {object} shall go on to run, as it asks from now on"), []);
}

/// The effect of the taint for which a toleration was, if no other toleration takes its place: `NoExecute` before `NoSchedule`.
fn lost_effect(old: &Toleration<'_>, after: &PodSpec<'_>) -> Option<&'static str> {
    const GONE: [&str; 2] = ["node-role.kubernetes.io/master", "node.alpha.kubernetes.io/"];
    let (key, effect, operator, value) = (old.key()?, old.effect()?, old.operator()?, old.value()?);
    if GONE.iter().any(|gone| key.starts_with(gone)) || old.seconds().is_some() || old.is_automatic(after.uses_host_network())? {
        return None;
    }
    // A taint that only a toleration without key, or without value, tolerates.
    let key = if key.is_empty() { "example.com/any" } else { key };
    let value = if operator == "Exists" { "any" } else { value };
    let effects = ["NoExecute", "NoSchedule"].into_iter().filter(|one| effect.is_empty() || effect == *one);
    effects.into_iter().find(|effect| after.tolerates(Taint { key, value, effect }) == Some(false) && !is_automatic_taint(key))
}

/// Whether the controller tolerates the taint for each of its pods.
fn is_automatic_taint(key: &str) -> bool {
    key.starts_with("node.kubernetes.io/")
}

fn tell_of_toleration<'t>(pair: &Pair<'t>, new: &Workload<'t>, (lost, effect): (&Toleration<'t>, &str), report: &mut Report) {
    let on_delete = matches!(new.update(), Some(Update::OnDelete));
    let object = pair.new.describe();
    let taint = lost.key().filter(|key| !key.is_empty()).map_or_else(|| "taints of any key".to_owned(), |key| format!("the taint `{key}`"));
    let verb = if taint.starts_with("taints") { "are" } else { "is" };
    let what_follows = match effect {
        "NoExecute" => "are deleted at once",
        _ if on_delete => "stay until they are deleted, and don't come back",
        _ => "go with this rollout, and don't come back",
    };
    let place = pair.new.nearest("spec.template.spec.tolerations");
    let message = format!("{taint} ({effect}) {verb} no longer tolerated: pods of {object} on such nodes {what_follows}");
    let finding = report.at(place, message);
    finding.help(
        "keep the toleration as long as it shall run on such nodes; what taints there are: `kubectl get nodes --output \
         'custom-columns=NAME:.metadata.name,TAINTS:.spec.taints'`",
    );
    finding.related(lost.node(), "it was tolerated here");
}
