use crate::finding::{Place, Report, did_you_mean};
use crate::graph::Graph;
use crate::resource::{PodTerm, Selector, Workload};
use crate::yaml::NodeRef;

const ANTI_AFFINITY: &str = "podAntiAffinity";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::is_surely_whole) {
        let Some(pod) = workload.pod().filter(|pod| pod.field("affinity").is_some()) else { continue };
        for term in pod.required_pod_terms(ANTI_AFFINITY).chain(pod.preferred_pod_terms(ANTI_AFFINITY)) {
            match term.selector() {
                Some(selector) => check_selector(graph, &workload, &term, selector, report),
                None => report_missing(&workload, &term, report),
            }
        }
    }
}

fn report_missing(workload: &Workload<'_>, term: &PodTerm<'_>, report: &mut Report) {
    let Some(key) = term.topology_key().filter(|_| term.is_readable()) else { return };
    let message = format!("without labelSelector this term matches no pods: it keeps those of {} away from none", workload.describe());
    report.at(Place::from(key), message).help("add a labelSelector that matches the pods to keep away from");
}

fn check_selector<'t>(graph: &Graph<'t>, workload: &Workload<'t>, term: &PodTerm<'t>, selector: Selector<'t>, report: &mut Report) {
    let Some(mismatch) = selector.mismatch(workload.pod_labels()).filter(|_| term.stays_in_namespace()) else { return };
    if graph.adds_label_of(workload.resource(), mismatch) || graph.may_be_selected(workload.resource(), selector) {
        return;
    }
    // It may be about pods that are elsewhere.
    if !(asks_for_itself(workload, mismatch) || graph.lacks_pods_for(workload, selector)) {
        return;
    }
    let message = format!("this term matches no pods, not even those of {}: it keeps them away from none", workload.describe());
    let finding = report.at(mismatch, message);
    finding.help("make the labelSelector match the labels of the pods to keep away from");
    if let Some(labels) = workload.pod_labels() {
        finding.related(labels, "the labels of its own pods");
    }
}

/// Whether a part of a selector that doesn't hold means the workload itself: by its name, by the value of another label, or almost by
/// the value of that label. Numbers tell siblings apart and are no slip.
fn asks_for_itself<'t>(workload: &Workload<'t>, mismatch: NodeRef<'t>) -> bool {
    let wanted = || mismatch.scalars().filter_map(NodeRef::value_text);
    let labels = || workload.pod_labels().into_iter().flat_map(NodeRef::entries);
    let own = || labels().filter_map(|label| label.value.value_text()).chain(workload.name());
    let is_slip = |wanted: &str| {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let same_key = labels().filter(|label| mismatch.key().is_some_and(|key| key.is_text(label.key.text())));
        let mut near = same_key.filter_map(|label| label.value.value_text());
        near.any(|own| digits(own) == digits(wanted) && did_you_mean(wanted, [own]).is_some())
    };
    if mismatch.is_mapping() { false } else { wanted().any(|wanted| own().any(|own| own == wanted) || is_slip(wanted)) }
}
