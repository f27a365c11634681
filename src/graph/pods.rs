//! How many pods of a workload run side by side.

use super::{Graph, Replicas};
use crate::finding::count;
use crate::resource::{Setting, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// The pods of a workload that run side by side while no rollout is under way.
#[derive(Clone, Copy, Debug)]
pub enum Pods<'t> {
    /// As many as `spec.replicas` or an autoscaler wants.
    Replicas(Replicas<'t>),
    /// One on every node that a `DaemonSet` may use.
    PerNode,
    /// Those of one Job. A `CronJob` whose runs don't overlap is one Job at a time.
    Parallel(Setting<'t, i64>),
    /// Those of all the runs of a `CronJob` that may overlap.
    Runs(Setting<'t, &'t str>),
    /// A Pod, or a `DaemonSet` that is pinned to one node.
    One,
    /// A Job or `CronJob` is suspended.
    Suspended,
}

impl<'t> Pods<'t> {
    /// The most of them; `None` where nothing bounds them.
    pub fn most(&self) -> Option<i64> {
        match self {
            Pods::Replicas(replicas) => Some(replicas.most),
            Pods::Parallel(pods) => Some(pods.value.max(0)),
            Pods::One => Some(1),
            Pods::Suspended => Some(0),
            Pods::PerNode | Pods::Runs(_) => None,
        }
    }

    /// Whether two may run at once.
    pub fn are_several(&self) -> bool {
        self.most().is_none_or(|most| most > 1)
    }

    /// Whether there is just one, so that only a rollout can run two at once.
    pub fn is_one(&self) -> bool {
        self.most() == Some(1)
    }

    /// Who they are, for messages: "3 pods of Deployment counter".
    pub fn describe(&self, workload: &Workload<'_>) -> String {
        let workload = workload.describe();
        match self {
            Pods::Replicas(Replicas { most, autoscaler: Some(_), .. }) => format!("up to {} of {workload}", count(*most, "pod")),
            Pods::Replicas(Replicas { most, .. }) => format!("{} of {workload}", count(*most, "pod")),
            Pods::Parallel(pods) => format!("{} of {workload}", count(pods.value, "parallel pod")),
            Pods::PerNode => format!("the pods of {workload} on all nodes"),
            Pods::Runs(policy) => {
                let is = if policy.is_default() { "defaults to" } else { "is" };
                format!("overlapping runs of {workload} (concurrencyPolicy {is} {})", policy.value)
            }
            Pods::One | Pods::Suspended => format!("the pod of {workload}"),
        }
    }

    /// Where their number is decided, with what it says there; nothing where a default decides.
    pub fn origin(&self) -> Option<(NodeRef<'t>, String)> {
        match self {
            Pods::Replicas(replicas) => Some((replicas.node()?, replicas.origin())),
            Pods::Parallel(pods) => Some((pods.node?, format!("{} at once", count(pods.value, "pod")))),
            Pods::Runs(policy) => Some((policy.node?, format!("runs may overlap: {}", policy.value))),
            Pods::PerNode | Pods::One | Pods::Suspended => None,
        }
    }
}

impl<'t> Graph<'t> {
    /// The pods of a workload that run side by side; `None` where a placeholder decides.
    pub fn pods(&self, workload: &Workload<'t>) -> Option<Pods<'t>> {
        match workload.kind() {
            WorkloadKind::Pod => Some(Pods::One),
            WorkloadKind::DaemonSet if workload.is_pinned() => Some(Pods::One),
            WorkloadKind::DaemonSet => Some(Pods::PerNode),
            WorkloadKind::Job | WorkloadKind::CronJob => job_pods(workload),
            _ => self.replicas(workload).map(Pods::Replicas),
        }
    }
}

fn job_pods<'t>(workload: &Workload<'t>) -> Option<Pods<'t>> {
    if Setting::read(workload.spec(), "suspend", NodeRef::bool, false)?.value {
        return Some(Pods::Suspended);
    }
    let pods = workload.job_pods()?;
    let policy = workload.concurrency_policy()?;
    let may_overlap = workload.kind() == WorkloadKind::CronJob && policy.value == "Allow" && pods.value > 0;
    Some(if may_overlap { Pods::Runs(policy) } else { Pods::Parallel(pods) })
}
