use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Update, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        let fields = workload.rolling_update_fields().filter(|_| workload.strategy_type().is_some_and(|kind| !kind.is_default()));
        let Some(fields) = fields.filter(|_| workload.update() == Some(Update::OnDelete)) else { continue };
        report
            .at(fields, format!("`rollingUpdate` counts for nothing: {} is updated by OnDelete", workload.describe()))
            .help("remove it, or write `type: RollingUpdate`")
            .remove(Safety::Safe, fields);
    }
}
