use crate::finding::{Report, count};
use crate::graph::{Graph, Replicas};
use crate::resource::{Autoscaler, IntOrPercent, Update, Workload, WorkloadKind};

/// The first version in which a `StatefulSet`'s `maxUnavailable` counts unless someone switches it off.
const STATEFUL_SETS_SINCE: u32 = 37;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(update) = workload.update() else { continue };
        let (Some(node), what) = (workload.rolling_update_field("maxUnavailable"), workload.describe()) else { continue };
        if stops_all_nodes(&update) {
            report.at(node, format!("a rollout may stop the pods of {what} on all nodes at once")).help("lower maxUnavailable").note();
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

fn stops_all_nodes(update: &Update<'_>) -> bool {
    matches!(update, Update::Nodes { max_surge, max_unavailable }
        if max_surge.value.is_zero() && max_unavailable.value == IntOrPercent::Percent(100))
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
