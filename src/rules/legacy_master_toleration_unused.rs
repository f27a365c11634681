use crate::finding::{Place, Report, Safety};
use crate::graph::Graph;
use crate::resource::{CONTROL_PLANE, MASTER};
use crate::yaml::edit;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for pod in graph.all_workloads().filter_map(|workload| workload.pod()) {
        let Some(toleration) = pod.tolerations().find(|toleration| toleration.key() == Some(MASTER.key)) else { continue };
        // What lacks the new one is another rule's.
        if pod.tolerates(CONTROL_PLANE) != Some(true) {
            continue;
        }
        let place = toleration.node().get("key").map_or(Place::from(toleration.node()), Place::from);
        report
            .at(place, format!("kubeadm has not set the taint `{}` since 1.25: tolerating it has no effect", MASTER.key))
            .help("remove the toleration once no older cluster is left")
            .offer("Remove the toleration", Safety::Safe, [edit::remove(toleration.node())]);
    }
}
