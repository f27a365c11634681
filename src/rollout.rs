//! What a controller does with its pods when their template changes: in an update that goes well, in one whose new pods never become
//! ready, and when that is undone.
//!
//! The numbers come from a simulation of the controllers' own loops, or from closed formulas where there are too many pods to
//! simulate; property tests hold the two against each other, and both were held against the real controllers of 1.37.

mod expected;
mod history;
mod outlook;
mod simulation;

use crate::graph::{Graph, Versions};
use crate::resource::{Update, Workload, WorkloadKind};

pub use expected::{ANNOTATION as EXPECT_ANNOTATION, Misread, Unmet, annotated};
pub use history::History;
pub use outlook::{ClaimOutlook, FailedUpdate, Gap, GapReason, GoodUpdate, Outlook, Undo};
pub use simulation::{Controller, Course, Method, Phase, Pod, Simulation, Template};

/// Pods up to which a rollout is simulated. It takes a turn of the controller for each few pods, and each looks at all pods.
const MOST_SIMULATED: usize = 200;

/// The minor version from which a `StatefulSet`'s `maxUnavailable` counts: the gate `MaxUnavailableStatefulSet` is on by default in 1.37, and
/// in 1.35 was so up to 1.35.3 only.
const MAX_UNAVAILABLE_SINCE: u32 = 37;

/// What an update does, in numbers of pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The fewest pods that are ready while an update goes well.
    pub ready_min: usize,
    /// The most pods at once meanwhile, stopping ones not counted.
    pub pods_max: usize,
    /// The most pods at once if old pods take long to stop.
    pub pods_max_with_stopping: usize,
    /// How many pods stay ready if the new ones never become so.
    pub ready_when_broken: usize,
    /// Whether undo brings all pods back without anyone's help.
    pub recovers: bool,
}

impl Controller {
    /// The controller of a workload that wants so many pods; `None` where a placeholder decides, for what the API server refuses, and
    /// for Jobs and Pods, which no template change reaches.
    pub fn of(workload: &Workload<'_>, pods: usize, versions: Versions) -> Option<Self> {
        let ordered = workload.field("podManagementPolicy").is_none_or(|policy| policy.str() != Some("Parallel"));
        let method = match (workload.kind(), workload.update()?) {
            (WorkloadKind::Deployment, _) if workload.is_suspended() => Method::Paused,
            (_, Update::Recreate) => Method::Recreate,
            (_, update @ Update::Rolling { .. }) => {
                let (surge, unavailable) = update.fenceposts(as_i64(pods))?;
                Method::Rolling { surge: as_usize(surge), unavailable: as_usize(unavailable) }
            }
            (_, Update::Ordinal { partition, max_unavailable }) => {
                let share = if versions.newest < MAX_UNAVAILABLE_SINCE { 1 } else { max_unavailable.value.floor(as_i64(pods)).max(1) };
                Method::Ordinals { ordered, partition: as_usize(partition.value), unavailable: as_usize(share) }
            }
            (_, Update::Nodes { max_surge, max_unavailable }) => Method::Nodes {
                surge: as_usize(max_surge.value.ceil(as_i64(pods))),
                unavailable: as_usize(max_unavailable.value.ceil(as_i64(pods))),
            },
            (WorkloadKind::StatefulSet, Update::OnDelete) => Method::Kept { ordered },
            (WorkloadKind::DaemonSet, Update::OnDelete)
            | (WorkloadKind::ReplicaSet | WorkloadKind::ReplicationController, Update::None) => Method::Kept { ordered: false },
            _ => return None,
        };
        Some(Controller { method, pods })
    }

    /// What an update does, by simulation where that is quick.
    pub fn bounds(self) -> Bounds {
        if self.pods > MOST_SIMULATED { self.formulas() } else { self.simulated() }
    }

    /// The same by simulation alone.
    pub fn simulated(self) -> Bounds {
        let [first, second, broken] = [(1, true), (2, true), (3, false)].map(|(revision, works)| Template { revision, works });
        let mut simulation = Simulation::new(self, first);
        simulation.run(first);
        let with_stopping = simulation.clone().slow_to_stop().run(second).pods_max_with_stopping;
        let update = simulation.run(second);
        simulation.run(broken);
        let ready_when_broken = simulation.ready();
        simulation.run(second);
        Bounds {
            ready_min: update.ready_min,
            pods_max: update.pods_max,
            pods_max_with_stopping: with_stopping,
            ready_when_broken,
            recovers: simulation.is_whole(),
        }
    }

    /// The same by formulas.
    pub fn formulas(self) -> Bounds {
        let all = self.pods;
        let bounds = |ready: usize, most: usize, with_stopping: usize, recovers: bool| Bounds {
            ready_min: ready,
            pods_max: most,
            pods_max_with_stopping: with_stopping,
            ready_when_broken: ready,
            recovers,
        };
        match self.method {
            Method::Rolling { surge, unavailable } => {
                let surge = surge.min(all);
                bounds(all.saturating_sub(unavailable), all + surge, 2 * all, true)
            }
            Method::Recreate => bounds(0, all, all, true),
            Method::Paused => bounds(0, 0, 0, all == 0),
            Method::Ordinals { ordered, partition, unavailable } => {
                let down = unavailable.min(all.saturating_sub(partition));
                bounds(all - down, all, all, !ordered || down == 0)
            }
            Method::Nodes { surge: 0, unavailable } => bounds(all.saturating_sub(unavailable), all, all, true),
            Method::Nodes { surge, .. } => bounds(all, all + surge.min(all), 2 * all, true),
            Method::Kept { .. } => bounds(all, all, all, true),
        }
    }
}

/// All whole workloads with what is to be expected of them; see [`Outlook::of`].
pub fn outlooks<'t>(graph: &Graph<'t>, scale: Option<usize>, nodes: Option<usize>) -> Vec<Outlook<'t>> {
    let mut outlooks: Vec<_> = graph.workloads().map(|workload| Outlook::of(graph, workload, scale, nodes)).collect();
    for config in graph.unversioned_configs() {
        let of_workload = |outlook: &&mut Outlook<'t>| outlook.workload.resource().is(config.workload.resource());
        if let Some(outlook) = outlooks.iter_mut().find(of_workload) {
            outlook.add_config(&config);
        }
    }
    outlooks
}

fn as_usize(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

fn as_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
