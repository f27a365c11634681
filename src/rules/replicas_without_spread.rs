use crate::finding::{Place, Report, count};
use crate::graph::Graph;
use crate::resource::{PodSpec, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(serves) {
        let Some(pod) = workload.pod().filter(|pod| !says_where(pod)) else { continue };
        let Some(replicas) = graph.replicas(&workload).filter(|replicas| replicas.most >= 2) else { continue };
        if pod.held_host_port().is_some() || workload.is_on_one_node() || graph.services_selecting(&workload).next().is_none() {
            continue;
        }
        let place = replicas.node().map_or(Place::from(workload.resource().nearest("spec.replicas")), Place::from);
        let pods = count(replicas.most, "pod");
        report
            .at(place, format!("nothing keeps the {pods} of {} on different nodes, and one failed node may stop all", workload.describe()))
            .help("add topologySpreadConstraints by `kubernetes.io/hostname` or by zone");
    }
}

fn serves(workload: &Workload<'_>) -> bool {
    matches!(workload.kind(), WorkloadKind::Deployment | WorkloadKind::StatefulSet)
}

/// Whether the spec says anything of where its pods run beside each other, or may do so by a placeholder.
fn says_where(pod: &PodSpec<'_>) -> bool {
    let is_spread = pod.field("topologySpreadConstraints").is_some_and(|constraints| !constraints.is_empty());
    is_spread || pod.field("affinity").is_some_and(|affinity| affinity.is_unknown() || affinity.get("podAntiAffinity").is_some())
}
