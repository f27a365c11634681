use crate::finding::Report;
use crate::graph::Change;
use crate::resource::{Setting, Update, Workload, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for (old, new) in change.accepted_workloads() {
        let has_pods = new.kind() == WorkloadKind::DaemonSet || change.new.replicas(&new).is_some_and(|replicas| replicas.most > 0);
        if !has_pods || new.resource().is_owned() || new.is_rolled_out_in_steps() {
            continue;
        }
        let Some(hold) = Hold::of(change, &new) else { continue };
        let Some(difference) = old.template_difference(&new) else { continue };
        let finding = report.at(difference.new_place(), hold.message(&new));
        finding.help(hold.help(&new)).note_if(matches!(hold, Hold::OnDelete(_)));
        if let Some(node) = hold.node() {
            finding.related(node, "this holds it back");
        }
        finding.related(difference.old_place(), "this is what it was");
    }
}

/// What keeps a new template from the pods.
enum Hold<'t> {
    /// A Deployment is paused.
    Paused(NodeRef<'t>),
    /// Only pods that someone deletes are replaced.
    OnDelete(Option<NodeRef<'t>>),
    /// All ordinals are below the partition.
    Partition(Setting<'t, i64>, i64),
    /// Its kind never replaces pods.
    NoRollout,
}

impl<'t> Hold<'t> {
    fn of(change: &Change<'_, 't>, workload: &Workload<'t>) -> Option<Self> {
        use WorkloadKind::{Deployment, ReplicaSet, ReplicationController};
        match (workload.kind(), workload.update()?) {
            (Deployment, _) if workload.is_suspended() => workload.field("paused").map(Hold::Paused),
            (ReplicaSet | ReplicationController, _) => Some(Hold::NoRollout),
            (_, Update::OnDelete) => Some(Hold::OnDelete(workload.strategy_type()?.node)),
            (_, Update::Ordinal { partition, .. }) if !workload.is_canary() => {
                let most = change.new.replicas(workload)?.most;
                (partition.value >= most).then_some(Hold::Partition(partition, most))
            }
            _ => None,
        }
    }

    fn node(&self) -> Option<NodeRef<'t>> {
        match self {
            Hold::Paused(node) => Some(*node),
            Hold::OnDelete(node) => *node,
            Hold::Partition(partition, _) => partition.node,
            Hold::NoRollout => None,
        }
    }

    fn message(&self, workload: &Workload<'_>) -> String {
        let what = workload.describe();
        match self {
            Hold::Paused(_) => format!("this change reaches no pod: {what} is paused"),
            Hold::OnDelete(_) => {
                format!("this change reaches a pod of {what} only when someone deletes it: its updateStrategy is OnDelete")
            }
            Hold::Partition(partition, 1) => {
                format!("this change reaches no pod: partition {} holds back the only one of {what}", partition.value)
            }
            Hold::Partition(partition, pods) => {
                format!("this change reaches no pod: partition {} holds back all {pods} of {what}", partition.value)
            }
            Hold::NoRollout => format!("this change reaches no pod that runs: {what} doesn't replace its pods"),
        }
    }

    fn help(&self, workload: &Workload<'_>) -> String {
        let (resource, name) = (workload.resource(), workload.name().unwrap_or_default());
        match self {
            Hold::Paused(_) => format!("remove `paused`, or `{}` until it is applied again", resource.kubectl("rollout resume", "")),
            Hold::OnDelete(_) if workload.kind() == WorkloadKind::StatefulSet => {
                let ordinal = workload.first_ordinal().unwrap_or(0);
                let last = workload.replicas().map_or(ordinal, |replicas| ordinal + replicas.value.max(1) - 1);
                let delete = resource.kubectl_on("delete", "pod", &format!("{name}-{last}"), "");
                format!("delete its pods one by one, each when the one before is ready: `{delete}` first")
            }
            Hold::OnDelete(_) => "delete its pods one by one, each when the one before is ready".into(),
            Hold::Partition(..) => {
                "lower `partition` as far as the update shall go; `kubectl rollout status` reports success all the same".into()
            }
            Hold::NoRollout => "delete its pods one by one, or make it a Deployment, which replaces them and can go back".into(),
        }
    }
}
