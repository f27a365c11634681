use crate::finding::Report;
use crate::graph::{Graph, Hazard};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::SharedWritesOnNode(pods)) = claim_use.hazard else { continue };
        let (who, claim) = (pods.describe(&claim_use.workload), claim_use.claim_name());
        let finding = report
            .at(claim_use.name, format!("{who} write the same claim `{claim}`: ReadWriteOnce keeps out other nodes, not other pods"))
            .help("use ReadWriteOncePod with one replica, give each pod a claim of its own, or mount it read-only")
            .note_if(claim_use.is_shared_only_at_start());
        claim_use.explain(finding);
    }
}
