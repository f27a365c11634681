use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let (Some(least), Some(most)) = (autoscaler.least(), autoscaler.most()) else { continue };
        let Some(node) = most.node.filter(|_| least.value == most.value && most.value > 0) else { continue };
        let message = format!("{} never scales: its minimum is its maximum, {}", autoscaler.resource().describe(), most.value);
        let finding = report.at(node, message);
        finding.help("give it room, or set replicas of the workload and leave the autoscaler out");
        if let Some(least) = least.node {
            finding.related(least, "the minimum");
        }
    }
}
