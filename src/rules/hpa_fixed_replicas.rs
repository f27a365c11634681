use crate::finding::{Report, Safety, count};
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let autoscalers = graph.autoscalers(&workload);
        if autoscalers.is_empty() {
            continue;
        }
        let Some(replicas) = workload.replicas().filter(|replicas| replicas.value > 0) else { continue };
        let Some(node) = replicas.node else { continue };
        let Some(autoscaler) = autoscalers.iter().find(|autoscaler| graph.are_in_one_set(autoscaler.resource(), workload.resource()))
        else {
            continue;
        };
        let bounds = autoscaler.least().zip(autoscaler.most()).map(|(least, most)| (least.value, most.value));
        if bounds.is_none_or(|bounds| bounds == (replicas.value, replicas.value)) {
            continue;
        }
        if graph.leaves_replicas_alone() {
            return;
        }
        let message = format!(
            "each apply sets {} back to {}, until {} scales it anew",
            workload.describe(),
            count(replicas.value, "pod"),
            autoscaler.resource().describe()
        );
        report
            .at(node, message)
            .help("leave replicas out and let the autoscaler decide; hand it over as the docs of the autoscaler say, or the next apply scales to 1")
            .related(autoscaler.resource().nearest("spec.scaleTargetRef"), "the autoscaler's target")
            .remove(Safety::Unsafe, node);
    }
}
