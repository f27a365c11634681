use crate::finding::{Report, Safety};
use crate::graph::{ClaimUse, Graph, Hazard};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::OneNodeInRollout) = claim_use.hazard else { continue };
        let finding = report
            .at(claim_use.workload.surge_node().unwrap_or(claim_use.name), message(claim_use))
            .help("set strategy.type to Recreate without rollingUpdate, or maxSurge to 0 and maxUnavailable to 1")
            .offer("Set the strategy to Recreate", Safety::Unsafe, claim_use.workload.recreate());
        claim_use.explain(finding.warning_if(!claim_use.workload.spreads_over_nodes()));
    }
}

fn message(claim_use: &ClaimUse<'_>) -> String {
    let workload = &claim_use.workload;
    let (who, mode, claim) = (workload.describe(), claim_use.mode_name(), claim_use.claim_name());
    let why = workload.surge_origin().unwrap_or_default();
    let hangs = if workload.spreads_over_nodes() { "hangs" } else { "can hang" };
    format!("a rollout of {who} {hangs}: its new pod waits for {mode} claim `{claim}`, the old one for it ({why}: 1 extra pod)")
}
