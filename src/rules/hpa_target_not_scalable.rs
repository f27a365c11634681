use crate::finding::Report;
use crate::graph::Graph;
use crate::yaml::NodeRef;

/// Kinds of the API server's own that people try to scale, and that have no scale subresource.
const NOT_SCALABLE: [&str; 7] = ["DaemonSet", "Job", "CronJob", "Pod", "Service", "Node", "Ingress"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let Some(target) = autoscaler.target_reference() else { continue };
        let Some(kind) = target.get("kind").filter(|kind| kind.str().is_some_and(|kind| NOT_SCALABLE.contains(&kind))) else { continue };
        if may_be_custom(target) {
            continue;
        }
        let message = format!("a {} can't be scaled, so that {} does nothing", kind.text(), autoscaler.resource().describe());
        let is_job_of_keda = kind.text() == "Job" && autoscaler.is_keda();
        report.at(kind, message).help(if is_job_of_keda {
            "use a ScaledJob for Jobs"
        } else {
            "target a Deployment, StatefulSet or ReplicaSet"
        });
    }
}

/// Whether a target is of a group that brings kinds of its own.
fn may_be_custom(target: NodeRef<'_>) -> bool {
    let version = target.get("apiVersion").map_or(Some(""), NodeRef::value_text);
    version.is_none_or(|version| version.split('/').next().is_some_and(|group| group.contains('.')))
}
