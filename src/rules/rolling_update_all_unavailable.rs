use crate::finding::{Report, count};
use crate::graph::{Graph, Replicas};
use crate::resource::{Autoscaler, IntOrPercent, NodePart, Update, Workload, WorkloadKind};

/// The first version in which a `StatefulSet`'s `maxUnavailable` counts unless someone switches it off.
const STATEFUL_SETS_SINCE: u32 = 37;

/// A number of nodes that few clusters have.
const MANY_NODES: i64 = 50;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(node) = workload.rolling_update_field("maxUnavailable") else { continue };
        let (Some(update), what) = (workload.update(), workload.describe()) else { continue };
        if stops_all_nodes(&workload, &update) {
            let message = format!("a rollout may stop the pods of {what} on all nodes at once");
            report.at(node, message).help("lower maxUnavailable").note_if(!is_needed_by_node(&workload));
        }
        let Some(replicas) = graph.replicas(&workload) else { continue };
        let Some(pods) = all_pods(graph, &workload, &replicas, &update) else { continue };
        let all = if pods == replicas.most { replicas.describe_all() } else { format!("all {}", count(pods, "pod")) };
        let finding = report.at(node, format!("a rollout may stop {all} of {what} at once"));
        finding.help("lower maxUnavailable, so that some pods stay available");
        if let Some(node) = replicas.node() {
            finding.related(node, replicas.origin());
        }
    }
}

fn stops_all_nodes(workload: &Workload<'_>, update: &Update<'_>) -> bool {
    let Update::Nodes { max_surge, max_unavailable } = update else { return false };
    let is_all = match max_unavailable.value {
        IntOrPercent::Percent(percent) => percent == 100,
        IntOrPercent::Int(number) => number >= MANY_NODES && is_needed_by_node(workload),
    };
    max_surge.value.is_zero() && is_all
}

/// Whether its nodes can't run other pods, or not all of them, without it.
fn is_needed_by_node(workload: &Workload<'_>) -> bool {
    matches!(workload.pod().and_then(|pod| pod.provides()), Some(NodePart::Network | NodePart::Storage))
}

/// The number of pods that are all there are and may all be down. An autoscaler may run fewer or more than `spec.replicas`.
fn all_pods<'t>(graph: &Graph<'t>, workload: &Workload<'t>, replicas: &Replicas<'t>, update: &Update<'t>) -> Option<i64> {
    if workload.kind() == WorkloadKind::StatefulSet && graph.world().versions.newest < STATEFUL_SETS_SINCE {
        return None;
    }
    let least = graph.autoscalers(workload).iter().filter_map(Autoscaler::least).map(|least| least.value);
    let numbers = least.chain([replicas.written.value, replicas.most]);
    numbers.filter(|&pods| pods >= 2 && update.unavailable(pods).is_some_and(|unavailable| unavailable >= pods)).max()
}
