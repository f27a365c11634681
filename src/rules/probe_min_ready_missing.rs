use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Update, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_rollouts) {
        let is_probed = workload.pod().is_some_and(|pod| pod.containers().any(|container| container.field("readinessProbe").is_some()));
        let is_rolling = matches!(workload.update(), Some(Update::Rolling { .. } | Update::Ordinal { .. } | Update::Nodes { .. }));
        let Some(ready) = workload.min_ready_seconds().filter(|ready| ready.value == 0 && is_probed && is_rolling) else { continue };
        if !graph.pods(&workload).is_some_and(|pods| pods.are_several()) {
            continue;
        }
        let place = ready.node.unwrap_or_else(|| workload.resource().nearest("spec.minReadySeconds"));
        report
            .at(place, format!("one good answer of a new pod of {} counts: the rollout goes on before it can crash", workload.describe()))
            .help("set minReadySeconds to the time after which a bad version would have shown itself");
    }
}
