use crate::finding::{Place, Report, Safety};
use crate::graph::Graph;
use crate::resource::WorkloadKind;
use crate::yaml::edit;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        let Some(pod) = workload.pod() else { continue };
        for toleration in pod.tolerations() {
            // A time limit is another rule's.
            if toleration.seconds().is_some() || toleration.is_automatic(pod.uses_host_network()) != Some(true) {
                continue;
            }
            let key = toleration.key().unwrap_or_default();
            let place = toleration.node().get("key").map_or(Place::from(toleration.node()), Place::from);
            report.at(place, format!("the DaemonSet controller tolerates `{key}` already")).help("remove the toleration").offer(
                "Remove the toleration",
                Safety::Safe,
                [edit::remove(toleration.node())],
            );
        }
    }
}
