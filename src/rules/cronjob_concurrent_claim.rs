use crate::finding::{Report, Safety};
use crate::graph::{ClaimUse, Graph, Hazard};
use crate::resource::Setting;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::OverlappingRuns { are_writing }) = claim_use.hazard else { continue };
        let Some(policy) = claim_use.workload.concurrency_policy() else { continue };
        let finding = report
            .at(policy.node.unwrap_or(claim_use.name), message(claim_use, &policy, are_writing))
            .help("set concurrencyPolicy to Forbid, so that a run waits for the one before it")
            .note_if(!are_writing || claim_use.is_shared_only_at_start());
        finding.offer("Let a run wait for the one before it", Safety::Unsafe, [claim_use.workload.forbid_overlap()]);
        claim_use.explain(finding);
    }
}

fn message(claim_use: &ClaimUse<'_>, policy: &Setting<'_, &str>, are_writing: bool) -> String {
    let (who, claim) = (claim_use.workload.describe(), claim_use.claim_name());
    let is = if policy.is_default() { "defaults to" } else { "is" };
    let policy = format!("concurrencyPolicy {is} {}", policy.value);
    if are_writing {
        return format!("runs of {who} can overlap and write the same claim `{claim}` ({policy})");
    }
    let mode = claim_use.mode_name();
    format!("runs of {who} can overlap, and then the later one waits if {mode} claim `{claim}` is on another node ({policy})")
}
