use crate::finding::Report;
use crate::graph::{Graph, Hazard, Pods};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::OneNode(Pods::PerNode)) = claim_use.hazard else { continue };
        let (who, mode, claim) = (claim_use.workload.describe(), claim_use.mode_name(), claim_use.claim_name());
        let message = format!("{mode} claim `{claim}` attaches to one node: the pods of {who} on all others stay in ContainerCreating");
        let finding = report
            .at(claim_use.name, message)
            .help("use a volume of the node itself, ReadWriteMany storage, or pin the DaemonSet to one node");
        claim_use.explain(finding);
    }
}
