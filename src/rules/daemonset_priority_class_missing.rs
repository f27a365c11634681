use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{NodePart, PodSpec, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let daemons = graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet && workload.is_surely_whole());
    for workload in daemons {
        let Some(pod) = workload.pod() else { continue };
        if ["priorityClassName", "priority"].into_iter().any(|key| pod.field(key).is_some()) {
            continue;
        }
        let Some(purpose) = purpose(&workload, &pod) else { continue };
        let message =
            format!("{} {purpose}, and its pods have no priority: ordinary ones may take their place on a full node", workload.describe());
        report
            .at(Place::from(workload.resource().nearest("spec.template.spec.priorityClassName")), message)
            .help("set `priorityClassName: system-node-critical`");
    }
}

/// What its nodes miss without it.
fn purpose(workload: &Workload<'_>, pod: &PodSpec<'_>) -> Option<&'static str> {
    let is_of_system = || workload.resource().namespace() == Some("kube-system");
    match pod.provides() {
        Some(NodePart::Network) => Some("sets up the pod network"),
        Some(NodePart::Storage) => Some("mounts volumes"),
        Some(NodePart::Device) => Some("offers devices"),
        None if pod.uses_host_network() && is_of_system() => Some("belongs to the system and uses its nodes' network"),
        None => None,
    }
}
