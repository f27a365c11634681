use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::CronJob) {
        let Some(suspend) = workload.field("suspend").filter(|suspend| suspend.bool() == Some(true)) else { continue };
        report
            .at(suspend, format!("{} is suspended: it never runs by its schedule", workload.describe()))
            .help("remove `suspend` when it is to run again");
    }
}
