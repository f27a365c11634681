use crate::finding::Report;
use crate::graph::{Graph, PodReview};
use crate::resource::{Form, looks_replaced, number, repeated, text};
use crate::yaml::NodeRef;

/// `validateTopologySpreadConstraints` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        let Some(constraints) = review.pod.field("topologySpreadConstraints") else { return };
        for constraint in constraints.items() {
            check_numbers(review, constraint);
            check_label_keys(review, constraint);
        }
        if review.is_whole {
            check_repeated(review, constraints);
        }
    });
}

fn check_numbers<'t>(review: &mut PodReview<'_, 't>, constraint: NodeRef<'t>) {
    for key in ["maxSkew", "minDomains"] {
        if let Some((node, value)) = number(constraint, key)
            && value <= 0
        {
            review.refuse(node, format!("{key} is {value}")).help("use 1 or more");
        }
    }
    if let (Some(domains), Some((_, action @ "ScheduleAnyway"))) = (constraint.field("minDomains"), text(constraint, "whenUnsatisfiable")) {
        review
            .refuse(constraint.entry("minDomains").map_or(domains, |entry| entry.key), format!("minDomains does not go with {action}"))
            .help("remove minDomains, or use whenUnsatisfiable DoNotSchedule");
    }
}

fn check_label_keys<'t>(review: &mut PodReview<'_, 't>, constraint: NodeRef<'t>) {
    let Some(keys) = constraint.field("matchLabelKeys").filter(|keys| keys.items().next().is_some()) else { return };
    let Some(selector) = constraint.field("labelSelector") else {
        if review.is_whole {
            review.refuse(keys, "matchLabelKeys needs a labelSelector").help("select the pods that are spread by their labels, too");
        }
        return;
    };
    for key in keys.items() {
        let Some(name) = key.str().filter(|name| !looks_replaced(name)) else { continue };
        if let Some(fault) = Form::LABEL_KEY.fault(name) {
            review.refuse(key, format!("`{name}` {fault}")).help(Form::LABEL_KEY.help);
        } else if let Some(place) = asked_for(selector, name) {
            review
                .refuse(key, format!("`{name}` stands in matchLabelKeys and in labelSelector"))
                .help("remove it from one of them")
                .related(place, "the selector's");
        }
    }
}

/// Where a selector asks for a label.
fn asked_for<'t>(selector: NodeRef<'t>, label: &str) -> Option<NodeRef<'t>> {
    let pair = selector.get("matchLabels").and_then(|pairs| pairs.entry(label)).map(|entry| entry.key);
    let mut keys = selector.get("matchExpressions").into_iter().flat_map(NodeRef::items).filter_map(|expression| expression.get("key"));
    pair.or_else(|| keys.find(|key| key.is_text(label)))
}

fn check_repeated<'t>(review: &mut PodReview<'_, 't>, constraints: NodeRef<'t>) {
    let pairs = constraints.items().filter_map(|constraint| {
        let (node, topology) = text(constraint, "topologyKey")?;
        let (_, action) = text(constraint, "whenUnsatisfiable")?;
        Some(((topology, action), node))
    });
    for (second, first) in repeated(pairs) {
        let topology = second.text();
        review
            .refuse(second, format!("two constraints have topologyKey {topology} and the same whenUnsatisfiable"))
            .help("merge them into one")
            .related(first, "the first");
    }
}
