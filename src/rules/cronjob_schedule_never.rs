use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Schedule, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::CronJob) {
        let Some(node) = workload.field("schedule") else { continue };
        let Some(text) = node.str().filter(|text| Schedule::parse(text).is_ok_and(|schedule| schedule.never_comes())) else { continue };
        report
            .at(node, format!("{} never runs: no date fits the schedule `{text}`", workload.describe()))
            .help("the third field is the day of the month, the fourth the month");
    }
}
