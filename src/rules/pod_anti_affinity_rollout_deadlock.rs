use crate::finding::{Report, count};
use crate::graph::Graph;
use crate::resource::{Autoscaler, PodTerm, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let Some(term) = workload.terms_against_itself().next() else { continue };
        let (Some(key), Some(pods)) = (term.topology_key(), fewest_pods(graph, &workload)) else { continue };
        if pods == 0 || !waits_for_new_pods(&workload, pods) {
            continue;
        }
        let is_pinned = term.is_by_hostname() && workload.is_pinned();
        let finding = report.at(key, message(&workload, &term, pods, is_pinned));
        finding.help("set maxUnavailable to 1, or add `matchLabelKeys: [pod-template-hash]` to the term");
        finding.warning_if(!is_pinned).note_if(!is_pinned && pods == 1);
        if let Some(surge) = workload.surge_node() {
            finding.related(surge, "new pods start before old ones stop");
        }
    }
}

/// The fewest pods that it has while it runs.
fn fewest_pods<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> Option<i64> {
    let written = workload.replicas()?.value;
    let scaled = graph.autoscalers(workload).iter().filter_map(Autoscaler::least).map(|least| least.value).min();
    Some(scaled.filter(|&least| least > 0 && written > 0).unwrap_or(written))
}

/// Whether a rollout stops no old pod before a new one is ready.
fn waits_for_new_pods(workload: &Workload<'_>, pods: i64) -> bool {
    let fenceposts = workload.update().and_then(|update| update.fenceposts(pods));
    fenceposts.is_some_and(|(_, unavailable)| unavailable == 0)
}

fn message(workload: &Workload<'_>, term: &PodTerm<'_>, pods: i64, is_pinned: bool) -> String {
    let what = workload.describe();
    let place = if term.is_by_hostname() { "node" } else { "place" };
    if is_pinned {
        return format!("pods of {what} may not share a node and may run on one only: the new pod of a rollout stays Pending");
    }
    let places = count(pods.saturating_add(1), place);
    format!("a rollout of {what} needs {places}: no two pods may share one, and an old one stays until a new one is ready")
}
