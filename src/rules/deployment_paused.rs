use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Resource, WorkloadKind};
use crate::yaml::NodeRef;

/// Annotations of tools that pause a Deployment while they roll it out in steps of their own.
const STEPPERS: [&str; 4] = ["flagger.app/", "rollout.argoproj.io/", "rollouts.argoproj.io/", "rollouts.kruise.io/"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let Some(paused) = workload.field("paused").filter(|paused| paused.bool() == Some(true)) else { continue };
        if is_rolled_out_in_steps(workload.resource()) {
            continue;
        }
        let what = workload.describe();
        report
            .at(paused, format!("{what} is paused: created like this it gets no pods, changes do not roll out, and undo is refused"))
            .help("remove `paused`; to hold a rollout that is under way, `kubectl rollout pause` and `resume` need no manifest");
    }
}

fn is_rolled_out_in_steps(resource: &Resource<'_>) -> bool {
    let annotations = resource.metadata().and_then(|metadata| metadata.get("annotations"));
    let mut keys = annotations.into_iter().flat_map(NodeRef::entries).map(|entry| entry.key.text());
    keys.any(|key| STEPPERS.iter().any(|stepper| key.starts_with(stepper)))
}
