use crate::finding::Report;
use crate::graph::{ClaimUse, Graph};
use crate::resource::{AccessMode, Update, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        if workload.update() != Some(Update::Recreate) || has_reason(graph, &workload) {
            continue;
        }
        let (Some(strategy), Some(replicas)) = (workload.strategy_type(), graph.replicas(&workload)) else { continue };
        let service = graph.services_selecting(&workload).next();
        let (Some(node), 1..) = (strategy.node, replicas.most) else { continue };
        if service.is_none() && replicas.most < 2 {
            continue;
        }
        let (what, pods) = (workload.describe(), replicas.describe_all());
        let finding = report.at(node, format!("each rollout and undo stops {pods} of {what} before the first new one starts"));
        finding.help("use RollingUpdate, unless two versions must never run side by side");
        if let Some(selector) = service.and_then(|service| service.selector()) {
            finding.related(selector.node(), "meanwhile this Service has no endpoints");
        }
    }
}

/// Whether old and new pods could not run side by side: they would share a claim, or a port of the node.
fn has_reason<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> bool {
    let holds_host_port = workload
        .pod()
        .is_some_and(|pod| pod.uses_host_network() || pod.all_containers().any(|container| container.host_ports().next().is_some()));
    let names_unknown_claim =
        workload.pod().is_some_and(|pod| pod.volumes().filter_map(|volume| volume.claim_name()).any(NodeRef::is_unknown));
    holds_host_port || names_unknown_claim || graph.claim_uses_by(workload).iter().any(may_clash)
}

fn may_clash(claim_use: &ClaimUse<'_>) -> bool {
    match claim_use.access_modes().map(|modes| modes.best) {
        Some(AccessMode::ReadOnlyMany) => false,
        Some(AccessMode::ReadWriteMany) => claim_use.is_written(),
        Some(AccessMode::ReadWriteOnce | AccessMode::ReadWriteOncePod) | None => true,
    }
}
