use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Selector, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| graph.selector_labels_added_to(workload.resource()).is_none()) {
        let Some(fault) = fault(&workload) else { continue };
        report
            .at(workload.resource().nearest("spec.selector"), format!("{} {fault}", workload.describe()))
            .help("set `selector.matchLabels` to labels that the template sets and that will never change");
    }
}

fn fault(workload: &Workload<'_>) -> Option<String> {
    let resource = workload.resource();
    if workload.kind() == WorkloadKind::ReplicationController {
        let has_none = workload.has_whole_containers() && workload.selector().is_none_or(Selector::is_empty);
        return has_none.then(|| "has no selector, nor labels in its template to make one of: the API server refuses it".to_owned());
    }
    // Before `apps/v1beta2` the selector defaulted to the template's labels.
    if !workload.selects_pods() || resource.group() != "apps" || resource.version() == "v1beta1" {
        return None;
    }
    let what = match workload.field("selector") {
        None if workload.has_whole_template() => "no selector",
        Some(selector) if selector.is_mapping() && workload.selector().is_some_and(Selector::is_empty) => "an empty selector",
        _ => return None,
    };
    Some(format!("has {what}: apps/{} requires one, and the API server refuses it", resource.version()))
}
