use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::WorkloadKind;
use crate::yaml::edit;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        let Some(pod) = workload.pod() else { continue };
        for toleration in pod.tolerations() {
            let Some(entry) = toleration.node().entry("tolerationSeconds").filter(|_| toleration.seconds().is_some()) else { continue };
            if toleration.effect() != Some("NoExecute") || toleration.is_automatic(pod.uses_host_network()) != Some(true) {
                continue;
            }
            let key = toleration.key().unwrap_or_default();
            report
                .at(entry, format!("tolerationSeconds has no effect in a DaemonSet: its controller tolerates `{key}` without limit"))
                .help("remove the toleration: DaemonSet pods stay on nodes that are not ready or unreachable")
                .offer("Remove the toleration", Safety::Safe, [edit::remove(toleration.node())]);
        }
    }
}
