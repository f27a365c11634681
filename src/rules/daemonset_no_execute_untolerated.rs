use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{NodePart, PodSpec, Toleration, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        let Some(pod) = workload.pod() else { continue };
        let Some(toleration) = pod.tolerations().find(|toleration| is_for_all_keys(toleration, "NoSchedule")) else { continue };
        // Devices are on some nodes only.
        if tolerates_all_no_execute(&pod) || !matches!(pod.provides(), Some(NodePart::Network | NodePart::Storage)) {
            continue;
        }
        let place = toleration.node().get("effect").map_or(Place::from(toleration.node()), Place::from);
        let message =
            format!("{} tolerates every NoSchedule taint, but NoExecute taints still evict it from its nodes", workload.describe());
        report.at(place, message).help("add `operator: Exists`, `effect: NoExecute`");
    }
}

fn is_for_all_keys(toleration: &Toleration<'_>, effect: &str) -> bool {
    toleration.key() == Some("") && toleration.operator() == Some("Exists") && toleration.effect() == Some(effect)
}

/// Whether one toleration may be for all `NoExecute` taints, whatever their keys.
fn tolerates_all_no_execute(pod: &PodSpec<'_>) -> bool {
    pod.tolerations().any(|toleration| {
        let may_be = |text: Option<&str>, values: &[&str]| text.is_none_or(|text| values.contains(&text));
        may_be(toleration.key(), &[""]) && may_be(toleration.effect(), &["", "NoExecute"])
    })
}
