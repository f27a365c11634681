use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Autoscaler;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let autoscalers = graph.autoscalers(&workload);
        let Some(replicas) = workload.replicas().filter(|replicas| replicas.value == 0 && !autoscalers.is_empty()) else { continue };
        let Some(node) = replicas.node else { continue };
        let is_off = |autoscaler: &&Autoscaler<'_>| autoscaler.starts_from_zero() == Some(false);
        let beside = autoscalers.iter().filter(|autoscaler| graph.are_in_one_set(autoscaler.resource(), workload.resource()));
        let Some(autoscaler) = beside.into_iter().find(is_off) else { continue };
        let what = autoscaler.resource().describe();
        report
            .at(node, format!("{what} is off while replicas is 0, and {} stays without pods", workload.describe()))
            .help("leave replicas out; to scale from zero, set minReplicas: 0 with an external metric (since 1.37)")
            .related(autoscaler.resource().nearest("spec.scaleTargetRef"), "the autoscaler's target");
    }
}
