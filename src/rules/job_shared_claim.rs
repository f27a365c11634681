use crate::finding::Report;
use crate::graph::{Graph, Hazard, Pods};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::SharedWrites(pods @ Pods::Parallel(_))) = claim_use.hazard else { continue };
        let (who, mode, claim) = (pods.describe(&claim_use.workload), claim_use.mode_name(), claim_use.claim_name());
        let finding = report.at(claim_use.name, format!("{who} write the same {mode} claim `{claim}`"));
        finding.help("use completionMode: Indexed with `subPathExpr: $(JOB_COMPLETION_INDEX)`, or mount it read-only");
        claim_use.explain(finding);
    }
}
