use crate::finding::{Place, Report, Safety};
use crate::graph::Graph;
use crate::resource::{Container, NodePart, PodSpec, Taint, WorkloadKind};

/// What the node lifecycle controller puts on a node whose kubelet reports that it isn't ready: `nodeConditionToTaintKeyStatusMap` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/nodelifecycle/node_lifecycle_controller.go>.
const NOT_READY: Taint<'static> = Taint { key: "node.kubernetes.io/not-ready", value: "", effect: "NoSchedule" };

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let daemons = graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet && workload.is_surely_whole());
    for workload in daemons {
        let Some(pod) = workload.pod().filter(PodSpec::uses_host_network) else { continue };
        if pod.provides() != Some(NodePart::Network) || pod.tolerates(NOT_READY) != Some(false) || pod.node_name().is_some() {
            continue;
        }
        let network = pod.all_containers().find_map(|container| network_of(&container));
        if network == Some(Network::Chained) {
            continue;
        }
        let place = Place::from(workload.resource().nearest("spec.template.spec.tolerations"));
        let message = format!(
            "new nodes never become ready: {} sets up their network, but doesn't start on them, for it doesn't tolerate {}:{}",
            workload.describe(),
            NOT_READY.key,
            NOT_READY.effect
        );
        report
            .at(place, message)
            .help(format!("tolerate it: `key: {}`, `operator: Exists`, `effect: {}`", NOT_READY.key, NOT_READY.effect))
            .warning_if(network.is_none())
            .offer("Tolerate nodes that are not ready", Safety::Unsafe, [pod.tolerate(NOT_READY, None)]);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    /// Nodes are not ready without it.
    Main,
    /// It adds to another one.
    Chained,
}

/// Which of the known networks a container's image is.
fn network_of(container: &Container<'_>) -> Option<Network> {
    let image = container.image()?.str()?;
    let lines = include_str!("../resource/data/network-images.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (_, kind) = lines.filter_map(|line| line.split_once(' ')).find(|(part, _)| image.contains(part))?;
    Some(if kind.trim() == "main" { Network::Main } else { Network::Chained })
}
