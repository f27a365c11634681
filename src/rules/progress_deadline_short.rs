use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Setting, Update, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// What is written for no deadline at all.
const NONE: i64 = i32::MAX as i64;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let (Some(deadline), Some(ready)) = (workload.progress_deadline_seconds(), workload.min_ready_seconds()) else { continue };
        // A deadline that is not greater than minReadySeconds is refused, and told of elsewhere.
        if deadline.value >= NONE || deadline.value <= ready.value {
            continue;
        }
        let waits = start(&workload, ready.value).into_iter().chain(stop(&workload));
        let Some(wait) = waits.filter(|wait| wait.seconds > deadline.value).max_by_key(|wait| wait.seconds) else { continue };
        let (what, default) = (workload.describe(), if deadline.is_default() { " (the default)" } else { "" });
        let place = deadline.node.unwrap_or_else(|| workload.resource().nearest("spec.progressDeadlineSeconds"));
        let message = format!(
            "{} of {what} may take {} seconds to {}, but after {}{default} the rollout is reported as failed",
            wait.who, wait.seconds, wait.what, deadline.value
        );
        report
            .at(place, message)
            .help(format!("raise progressDeadlineSeconds above {}; whatever it is, nothing is rolled back by itself", wait.seconds))
            .related(wait.node, "the time is given here");
    }
}

/// What a rollout may have to wait for while nothing else happens.
struct Wait<'t> {
    seconds: i64,
    /// Which pod.
    who: &'static str,
    /// What it does meanwhile.
    what: &'static str,
    /// Where most of the time is written.
    node: NodeRef<'t>,
}

/// The longest that a new pod may take: its sidecars start one after the other, then its containers all at once.
fn start<'t>(workload: &Workload<'t>, ready: i64) -> Option<Wait<'t>> {
    let (mut sidecars, mut slowest, mut longest) = (0_i64, 0, (0, None));
    for container in workload.pod()?.all_containers().filter(Container::is_lasting) {
        let Some(probe) = container.field("startupProbe").or_else(|| container.field("readinessProbe")) else { continue };
        let seconds = start_of(&container)?;
        if container.is_init() {
            sidecars = sidecars.saturating_add(seconds);
        } else {
            slowest = seconds.max(slowest);
        }
        if seconds > longest.0 {
            longest = (seconds, Some(probe));
        }
    }
    let seconds = sidecars.saturating_add(slowest).saturating_add(ready);
    Some(Wait { seconds, who: "a new pod", what: "become available", node: longest.1? })
}

/// The longest that a container's probes let it start. `None` where a placeholder decides.
fn start_of(container: &Container<'_>) -> Option<i64> {
    let (startup, readiness) = (container.field("startupProbe"), container.field("readinessProbe"));
    let delay = seconds(readiness, "initialDelaySeconds", 0)?;
    let Some(probe) = startup else { return Some(delay) };
    let tries = seconds(Some(probe), "failureThreshold", 3)?.saturating_mul(seconds(Some(probe), "periodSeconds", 10)?);
    Some(delay.max(seconds(Some(probe), "initialDelaySeconds", 0)?.saturating_add(tries)))
}

fn seconds(probe: Option<NodeRef<'_>>, key: &str, default: i64) -> Option<i64> {
    Setting::read(probe, key, NodeRef::int, default).map(|setting| setting.value)
}

/// The time that old pods may take to stop before the first new one starts, in an update by Recreate.
fn stop<'t>(workload: &Workload<'t>) -> Option<Wait<'t>> {
    let node = workload.pod()?.field("terminationGracePeriodSeconds").filter(|_| workload.update() == Some(Update::Recreate))?;
    Some(Wait { seconds: node.int()?, who: "an old pod", what: "stop", node })
}
