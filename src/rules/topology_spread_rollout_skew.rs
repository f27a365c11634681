use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Selector, Update, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(pod) = workload.pod().filter(|pod| pod.field("topologySpreadConstraints").is_some()) else { continue };
        if !matches!(workload.update(), Some(Update::Rolling { .. })) {
            continue;
        }
        for constraint in pod.spread_constraints().filter(|constraint| is_strict(&workload, *constraint)) {
            let place = constraint.get("maxSkew").map_or(Place::from(constraint), Place::from);
            let message = format!(
                "a rollout of {} counts old and new pods together: when the old ones are gone, the new ones may be spread unevenly",
                workload.describe()
            );
            report.at(place, message).help("add `matchLabelKeys: [pod-template-hash]`");
        }
    }
}

/// Whether it holds its own pods to a skew of 1 and tells those of a rollout apart by nothing.
fn is_strict<'t>(workload: &Workload<'t>, constraint: NodeRef<'t>) -> bool {
    let field = |key: &str| constraint.get(key).filter(|node| !node.is_null());
    field("maxSkew").and_then(NodeRef::int) == Some(1)
        && field("whenUnsatisfiable").and_then(NodeRef::str) == Some("DoNotSchedule")
        && field("matchLabelKeys").is_none()
        && workload.is_selected_by(field("labelSelector").map(Selector::LabelSelector)) == Some(true)
}
