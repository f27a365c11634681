use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Refusals, WorkloadKind};

/// Numbers of the specs of workloads that may not be negative
/// (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go>). Those of Jobs have a rule of their own.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads() {
        use WorkloadKind::{CronJob, DaemonSet, Deployment, Job, Pod, ReplicaSet, ReplicationController, StatefulSet};
        let keys: &[&str] = match workload.kind() {
            Deployment | ReplicaSet | ReplicationController | StatefulSet => &["replicas", "minReadySeconds"],
            DaemonSet => &["minReadySeconds"],
            Job | CronJob | Pod => continue,
        };
        let Some(spec) = workload.spec() else { continue };
        let mut refusals = Refusals::new(report, workload.resource());
        for key in keys {
            refusals.check_least(spec, key, 0);
        }
        if let Some(ordinals) = spec.get("ordinals").filter(|_| workload.kind() == StatefulSet) {
            refusals.check_least(ordinals, "start", 0);
        }
    }
}
