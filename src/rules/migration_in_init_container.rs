use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_rollouts) {
        let containers = workload.pod().into_iter().flat_map(|pod| pod.init_containers());
        for container in containers.filter(|container| !container.is_sidecar()) {
            let Some(place) = container.migration() else { continue };
            let pods = graph.pods(&workload).and_then(|pods| pods.most());
            if pods == Some(0) {
                continue;
            }
            let where_run = match (workload.kind(), pods) {
                (WorkloadKind::DaemonSet, None) => "on every node".to_owned(),
                (_, Some(pods @ 2..)) => format!("in each of {pods} pods"),
                _ => "in each new pod".to_owned(),
            };
            let overlaps = workload.update().and_then(|update| update.overlaps(pods));
            let old = if overlaps == Some(true) { "; meanwhile old pods run on the new schema" } else { "" };
            report
                .at(place, format!("{} migrates a database {where_run}: undo restores the code, not the schema{old}", name(&container)))
                .help("migrate once, in a Job before the rollout, in steps that the version before can live with")
                .note_if(overlaps == Some(false));
        }
    }
}

fn name(container: &Container<'_>) -> String {
    container.name().map_or_else(|| "an init container".to_owned(), |name| format!("init container {name}"))
}
