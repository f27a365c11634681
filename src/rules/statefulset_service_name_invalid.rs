use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{WorkloadKind, is_dns_label};

/// The first minor version whose API server validates `serviceName`.
const VALIDATED_SINCE: u32 = 33;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::StatefulSet) {
        let Some(node) = set.field("serviceName") else { continue };
        let Some(name) = node.str().filter(|name| !name.is_empty() && !is_dns_label(name)) else { continue };
        let consequence = if graph.world().versions.oldest < VALIDATED_SINCE {
            format!("before 1.33 {} is accepted and gets no pods, later it is refused", set.describe())
        } else {
            format!("the API server refuses {}", set.describe())
        };
        report
            .at(node, format!("serviceName `{name}` is no DNS label; {consequence}"))
            .help("write the bare name of a Service of the same namespace: lower-case letters, digits and dashes, at most 63");
    }
}
