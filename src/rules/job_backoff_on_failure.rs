use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Workload;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_jobs) {
        let policy = workload.pod().and_then(|pod| pod.field("restartPolicy")).filter(|policy| policy.str() == Some("OnFailure"));
        let Some(policy) = policy else { continue };
        report
            .at(policy, format!("when {} has failed for good its pods are deleted, and their logs with them", workload.describe()))
            .help("with restartPolicy Never each attempt is a pod of its own, and the failed ones stay");
    }
}
