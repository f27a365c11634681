use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Workload;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_jobs) {
        let key = "activeDeadlineSeconds";
        let is_bounded = workload.job_field(key).is_some() || workload.pod().is_some_and(|pod| pod.field(key).is_some());
        if is_bounded || workload.resource().is_owned() {
            continue;
        }
        let place = workload.resource().nearest("spec.jobTemplate.spec");
        report
            .at(place, format!("{} has no time limit: a pod that hangs runs until someone looks", workload.describe()))
            .help("set activeDeadlineSeconds to more than the longest run that is still all right");
    }
}
