use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for protection in graph.protections() {
        let Some(demand) = protection.budget.demand().filter(|demand| !demand.is_absolute()) else { continue };
        let resource = protection.budget.resource();
        let policy = resource.spec().and_then(|spec| spec.get("unhealthyPodEvictionPolicy")).filter(|node| !node.is_null());
        if policy.is_some_and(|policy| policy.str() != Some("IfHealthyBudget")) {
            continue;
        }
        let counts: Option<Vec<i64>> = protection.workloads.iter().map(|workload| graph.fewest_pods(workload)).collect();
        let pods: i64 = counts.map_or(0, |counts| counts.iter().sum());
        let keeps_none = pods > 0 && demand.keeps(pods) == 0;
        let message = if keeps_none {
            format!("while the only pods that {} covers are not ready, they can't be evicted, and a drain hangs", resource.describe())
        } else {
            format!("a drain waits for pods that {} covers and that never become ready", resource.describe())
        };
        let place: NodeRef<'_> = policy.unwrap_or_else(|| resource.nearest("spec"));
        let finding = report.at(place, message).help("set unhealthyPodEvictionPolicy: AlwaysAllow").note_if(!keeps_none);
        if let Some(spec) = resource.spec() {
            let value = Value::Str("AlwaysAllow");
            let always = edit::set(spec, "unhealthyPodEvictionPolicy", value, &["minAvailable", "maxUnavailable"]);
            finding.offer("Let pods go that are not ready", Safety::Unsafe, [always]);
        }
    }
}
