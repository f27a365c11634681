use crate::finding::{Finding, Report, Safety};
use crate::graph::{ClaimUse, Graph, Hazard, Pods, SharedClaim, name_workloads};
use crate::resource::AccessMode;

const HELP: &str = "give each pod a claim of its own (volumeClaimTemplates), or use another access mode";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let finding = match claim_use.hazard {
            Some(Hazard::OnePod(pods)) => needed_by_several(claim_use, &pods, report),
            Some(Hazard::OnePodInRollout) => needed_twice_in_rollout(claim_use, report),
            _ => continue,
        };
        claim_use.explain(finding);
    }
    for shared in graph.shared_claims() {
        if shared.mode == AccessMode::ReadWriteOncePod {
            needed_by_workloads(&shared, report);
        }
    }
}

fn needed_by_several<'r>(claim_use: &ClaimUse<'_>, pods: &Pods<'_>, report: &'r mut Report) -> &'r mut Finding {
    let (who, claim) = (pods.describe(&claim_use.workload), claim_use.claim_name());
    let are_runs = matches!(pods, Pods::Runs(_));
    let (what, help) =
        if are_runs { ("the later one waits", "set concurrencyPolicy to Forbid") } else { ("only one can run at a time", HELP) };
    let finding = report.at(claim_use.name, format!("claim `{claim}` is ReadWriteOncePod, but {who} need it: {what}"));
    if are_runs {
        finding.offer("Let a run wait for the one before it", Safety::Unsafe, [claim_use.workload.forbid_overlap()]);
    }
    finding.help(help).warning_if(are_runs)
}

fn needed_twice_in_rollout<'r>(claim_use: &ClaimUse<'_>, report: &'r mut Report) -> &'r mut Finding {
    let workload = &claim_use.workload;
    let (who, claim, why) = (workload.describe(), claim_use.claim_name(), workload.surge_origin().unwrap_or_default());
    let message = format!(
        "a rollout of {who} hangs: the new pod waits for ReadWriteOncePod claim `{claim}`, the old pod for the new one ({why}: 1 extra pod)"
    );
    report
        .at(workload.surge_node().unwrap_or(claim_use.name), message)
        .help("let the old pod stop first: strategy.type Recreate without rollingUpdate, or maxSurge 0 and maxUnavailable 1")
        .offer("Set the strategy to Recreate", Safety::Unsafe, workload.recreate())
}

fn needed_by_workloads(shared: &SharedClaim<'_, '_>, report: &mut Report) {
    let users = shared.users();
    let [first, second, others @ ..] = users.as_slice() else { return };
    let (who, claim) = (name_workloads(&users), first.claim_name());
    let finding = report
        .at(second.name, format!("claim `{claim}` is ReadWriteOncePod, but {who} need it: only one pod can run at a time"))
        .help(HELP)
        .note_if(users.iter().all(|user| user.workload.ends()));
    for other in [first].into_iter().chain(others) {
        finding.related(other.name, format!("{} uses it here", other.workload.describe()));
    }
    second.show_mode(finding);
}
