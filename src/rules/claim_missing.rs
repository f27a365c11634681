use crate::finding::{Finding, Report};
use crate::graph::{Absence, ClaimUse, Graph, References};
use crate::resource::{Kind, Resource};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // A folder that holds claims may still not hold all.
    let is_guessed = graph.world().references != References::Complete;
    for claim_use in graph.claim_uses() {
        let Some(absence) = graph.absence_of_claim(claim_use) else { continue };
        if absence != Absence::Certain {
            continue;
        }
        let name = claim_use.claim_name();
        let message = format!("no claim `{name}` in these files: {} can't start without it", claim_use.workload.describe_pods());
        let finding = report.at(claim_use.name, message).warning_if(is_guessed);
        remedy(graph, claim_use, finding);
    }
}

fn remedy<'t>(graph: &Graph<'t>, claim_use: &ClaimUse<'t>, finding: &mut Finding) {
    let resource = claim_use.workload.resource();
    let name = claim_use.claim_name();
    if let Some(namespace) = graph.named(Kind::PersistentVolumeClaim, name).find_map(Resource::namespace) {
        finding.help(format!("claim `{name}` of namespace `{namespace}` can't be mounted from another one: make one here"));
        return;
    }
    let claims = graph.kind_in_unit_of(resource, Kind::PersistentVolumeClaim);
    let beside = claims.filter(|claim| claim.namespace() == resource.namespace()).filter_map(Resource::name);
    finding.suggest(claim_use.name, beside, "add the PersistentVolumeClaim, or list it under `assume` if it is elsewhere");
}
