use crate::finding::{Report, Safety};
use crate::graph::{ClaimUse, Graph, Hazard};
use crate::resource::Handover;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::SharedWritesInRollout(handover)) = claim_use.hazard else { continue };
        let is_stopping = handover == Handover::OldFirst;
        let finding = report
            .at(claim_use.workload.surge_node().unwrap_or(claim_use.name), message(claim_use, is_stopping))
            .help("set strategy.type to Recreate without rollingUpdate, mount the claim read-only, or give each pod its own subPathExpr")
            .note_if(is_stopping || claim_use.is_shared_only_at_start());
        if !is_stopping {
            finding.offer("Set the strategy to Recreate", Safety::Unsafe, claim_use.workload.recreate());
        }
        claim_use.explain(finding);
    }
}

fn message(claim_use: &ClaimUse<'_>, is_stopping: bool) -> String {
    let (workload, claim) = (&claim_use.workload, claim_use.claim_name());
    let who = workload.describe();
    if is_stopping {
        return format!("in a rollout of {who} the old pod may still be stopping while the new one writes the same claim `{claim}`");
    }
    let one = match workload.replicas() {
        Some(replicas) if replicas.is_default() => "replicas defaults to 1",
        Some(replicas) if replicas.value == 1 => "replicas is 1",
        _ => "there is 1 pod",
    };
    let why = workload.surge_origin().unwrap_or_default();
    format!("{one}, but each rollout of {who} runs 2 pods that write claim `{claim}` ({why}: 1 extra pod)")
}
