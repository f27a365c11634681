use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{PodTerm, Selector, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::is_surely_whole) {
        for term in workload.pod().into_iter().flat_map(|pod| pod.required_pod_terms("podAffinity")) {
            match term.selector() {
                Some(selector) => check_selector(graph, &workload, &term, selector, report),
                None => report_missing(&workload, &term, report),
            }
        }
    }
}

fn report_missing(workload: &Workload<'_>, term: &PodTerm<'_>, report: &mut Report) {
    let Some(key) = term.topology_key().filter(|_| term.is_readable()) else { return };
    let message = format!("without labelSelector this term matches no pods: those of {} stay Pending", workload.describe());
    report.at(Place::from(key), message).help("add a labelSelector that matches the pods to run beside");
}

fn check_selector<'t>(graph: &Graph<'t>, workload: &Workload<'t>, term: &PodTerm<'t>, selector: Selector<'t>, report: &mut Report) {
    // The first of pods that are drawn to each other is let through.
    let Some(mismatch) = selector.mismatch(workload.pod_labels()).filter(|_| term.stays_in_namespace()) else { return };
    if graph.adds_label_of(workload.resource(), mismatch) || !graph.lacks_pods_for(workload, selector) {
        return;
    }
    let message =
        format!("no pods in these files match this required affinity: those of {} stay Pending without them", workload.describe());
    report.at(mismatch, message).help("make the labelSelector match the labels of the pods to run beside, or prefer them only");
}
