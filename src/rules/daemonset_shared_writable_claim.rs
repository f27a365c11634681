use crate::finding::Report;
use crate::graph::{ClaimUse, Graph, Hazard, Pods, Sharing};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::SharedWrites(Pods::PerNode)) = claim_use.hazard else { continue };
        let (place, message) = describe(claim_use);
        let finding = report
            .at(place, message)
            .help("use a volume of the node itself, mount it read-only, or give each node its own subPathExpr with the node's name")
            .note_if(claim_use.is_shared_only_at_start());
        claim_use.explain(finding);
    }
}

fn describe<'t>(claim_use: &ClaimUse<'t>) -> (NodeRef<'t>, String) {
    let workload = &claim_use.workload;
    let (who, mode, claim) = (workload.describe(), claim_use.mode_name(), claim_use.claim_name());
    match (claim_use.sharing(), workload.surge_node()) {
        (Some(Sharing::PathPerNode), Some(surge)) => {
            (surge, format!("a rollout of {who} runs 2 pods on a node, which write the same path of {mode} claim `{claim}`"))
        }
        _ => (claim_use.name, format!("every node's pod of {who} writes the same {mode} claim `{claim}`")),
    }
}
