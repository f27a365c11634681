use crate::finding::Report;
use crate::graph::{Graph, Hazard, Pods};
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::SharedWrites(pods @ Pods::Replicas(_))) = claim_use.hazard else { continue };
        let workload = &claim_use.workload;
        if workload.kind() != WorkloadKind::StatefulSet {
            continue;
        }
        let (who, mode, claim) = (pods.describe(workload), claim_use.mode_name(), claim_use.claim_name());
        let finding = report
            .at(claim_use.name, format!("{who} write the same {mode} claim `{claim}`, which is not one per pod"))
            .help("move it to volumeClaimTemplates, mount it read-only, or give each pod its own subPathExpr")
            .note_if(claim_use.is_shared_only_at_start());
        claim_use.explain(finding);
    }
}
