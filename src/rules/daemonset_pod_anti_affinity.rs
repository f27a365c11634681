use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{PodTerm, Setting, Update, Workload, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        for term in workload.terms_against_itself() {
            let what = workload.describe();
            let Some((place, message)) = (if term.is_by_hostname() { in_rollout(&workload, &what) } else { in_place(&term, &what) }) else {
                continue;
            };
            report
                .at(place, message)
                .help("remove the anti-affinity: a DaemonSet runs one pod on a node anyway")
                .related(term.node(), "this keeps its pods from each other")
                .warning_if(!term.is_by_hostname());
        }
    }
}

/// With a surge, the new pod of a node waits for the old one, and the old one for the new one.
fn in_rollout<'t>(workload: &Workload<'t>, what: &str) -> Option<(NodeRef<'t>, String)> {
    let Update::Nodes { max_surge: Setting { value, node: Some(surge) }, .. } = workload.update()? else { return None };
    let message = format!("no new pod of {what} may run beside the old one, which stays until it is ready: the rollout never ends");
    (!value.is_zero()).then_some((surge, message))
}

fn in_place<'t>(term: &PodTerm<'t>, what: &str) -> Option<(NodeRef<'t>, String)> {
    let key = term.topology_key()?;
    let message = format!("of nodes with the same `{}` only one gets a pod of {what}: those of the others stay Pending", key.text());
    Some((key, message))
}
