use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let (Some(deadline), Some(ready)) = (workload.progress_deadline_seconds(), workload.min_ready_seconds()) else { continue };
        let is_known = !workload.resource().is_partial() || !(deadline.is_default() || ready.is_default());
        let Some(place) = deadline.node.or(ready.node).filter(|_| is_known && deadline.value <= ready.value) else { continue };
        let default = |is_default: bool| if is_default { " (the default)" } else { "" };
        let message = format!(
            "progressDeadlineSeconds {}{} is not greater than minReadySeconds {}{}: the API server refuses it",
            deadline.value,
            default(deadline.is_default()),
            ready.value,
            default(ready.is_default()),
        );
        let finding = report.at(place, message);
        finding.help("raise progressDeadlineSeconds well above minReadySeconds plus the time a pod takes to start");
        if let Some(node) = ready.node {
            finding.related(node, "a pod has to be ready for this long");
        }
    }
}
