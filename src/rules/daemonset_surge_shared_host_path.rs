use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Setting, Update};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(Update::Nodes { max_surge: Setting { value, node: Some(surge) }, .. }) = workload.update() else { continue };
        let Some(pod) = workload.pod().filter(|_| !value.is_zero()) else { continue };
        // Pods that need one port never run side by side: another rule's finding.
        if pod.held_host_port().is_some() {
            continue;
        }
        let mut shared = pod.volumes().filter(|volume| pod.writes(volume)).filter_map(|volume| volume.host_data());
        let Some(path) = shared.next() else { continue };
        let message = format!(
            "a rollout runs the old and the new pod of {} on one node at once, and both write hostPath `{}`",
            workload.describe(),
            path.text()
        );
        report.at(surge, message).related(path, "both pods mount this").help("set maxSurge to 0 and maxUnavailable to 1");
    }
}
