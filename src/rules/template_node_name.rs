use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() != WorkloadKind::Pod) {
        let Some(name) = workload.pod().and_then(|pod| pod.node_name()) else { continue };
        let Some(node) = name.value_text() else { continue };
        report
            .at(name, format!("nodeName pins pods of {} to node `{node}` and skips all scheduling checks", workload.describe()))
            .help("use a nodeSelector with `kubernetes.io/hostname`, so that taints, resources and ports are checked");
    }
}
