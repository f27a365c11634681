use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(Workload::has_jobs) {
        let parallelism = workload.job_field("parallelism").filter(|parallelism| parallelism.int() == Some(0));
        let suspend = workload.job_field("suspend").filter(|suspend| suspend.bool() == Some(true));
        let Some(node) = suspend.or(parallelism) else { continue };
        if workload.is_job_of_another_controller() {
            continue;
        }
        let what = match workload.kind() {
            WorkloadKind::CronJob => format!("each run of {}", workload.describe()),
            _ => workload.describe(),
        };
        let (message, help) = match suspend {
            Some(_) => (format!("{what} is created suspended: it gets no pods until someone resumes it"), "remove `suspend`"),
            None => {
                (format!("{what} gets no pods: its parallelism is 0"), "remove `parallelism`, or write how many pods are to run at once")
            }
        };
        report.at(node, message).help(help);
    }
}
