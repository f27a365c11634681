use crate::finding::Report;
use crate::graph::{ClaimUse, Graph, Hazard, Pods};
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(Hazard::OneNode(pods)) = claim_use.hazard else { continue };
        let Some(most) = pods.most() else { continue };
        let finding = report.at(claim_use.name, message(claim_use, &pods, most - 1)).help(help(claim_use.workload.kind()));
        claim_use.explain(finding.warning_if(!claim_use.workload.spreads_over_nodes()));
    }
}

fn message(claim_use: &ClaimUse<'_>, pods: &Pods<'_>, others: i64) -> String {
    let (who, mode, claim) = (pods.describe(&claim_use.workload), claim_use.mode_name(), claim_use.claim_name());
    let consequence = if claim_use.workload.spreads_over_nodes() {
        "which may not share a node, only 1 can start".to_owned()
    } else {
        format!("{others} can stay in ContainerCreating")
    };
    format!("{mode} claim `{claim}` attaches to one node: of {who}, {consequence}")
}

fn help(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::StatefulSet => "move it to volumeClaimTemplates, so that each pod has its own, or use ReadWriteMany storage",
        WorkloadKind::Job | WorkloadKind::CronJob => "use ReadWriteMany storage, or set parallelism to 1",
        _ => "use a StatefulSet with volumeClaimTemplates, ReadWriteMany storage, or 1 replica",
    }
}
