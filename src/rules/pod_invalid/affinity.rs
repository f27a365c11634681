//! Which nodes and neighbours a pod asks for.

use crate::graph::PodReview;
use crate::resource::{Form, looks_replaced, number, text};
use crate::yaml::NodeRef;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const OPERATORS: [&str; 6] = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

pub(super) fn check_node_selector<'t>(review: &mut PodReview<'_, 't>, selector: NodeRef<'t>) {
    for pair in selector.entries() {
        check_syntax(review, pair.key, "", &Form::LABEL_KEY);
        check_syntax(review, pair.value, "", &Form::LABEL_VALUE);
    }
}

pub(super) fn check<'t>(review: &mut PodReview<'_, 't>, affinity: NodeRef<'t>) {
    if let Some(node) = affinity.field("nodeAffinity") {
        check_node_affinity(review, node);
    }
    for pods in ["podAffinity", "podAntiAffinity"].into_iter().filter_map(|key| affinity.field(key)) {
        for term in pods.get(REQUIRED).into_iter().flat_map(NodeRef::items) {
            check_pod_term(review, term);
        }
        for term in pods.get(PREFERRED).into_iter().flat_map(NodeRef::items) {
            check_weight(review, term);
            if let Some(term) = term.field("podAffinityTerm") {
                check_pod_term(review, term);
            }
        }
    }
}

fn check_syntax<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>, what: &str, form: &'static Form) {
    let Some(name) = node.str().filter(|name| !looks_replaced(name)) else { return };
    if let Some(fault) = form.fault(name) {
        review.refuse(node, format!("{what}`{name}` {fault}")).help(form.help);
    }
}

fn check_weight<'t>(review: &mut PodReview<'_, 't>, term: NodeRef<'t>) {
    if let Some((node, weight)) = number(term, "weight").filter(|(_, weight)| !(1..=100).contains(weight)) {
        review.refuse(node, format!("the weight is {weight}")).help("use 1 to 100");
    }
}

fn check_node_affinity<'t>(review: &mut PodReview<'_, 't>, affinity: NodeRef<'t>) {
    if let Some(terms) = affinity.field(REQUIRED).and_then(|required| required.field("nodeSelectorTerms")) {
        if review.is_whole && terms.is_sequence() && terms.is_empty() {
            review.refuse(terms, "the required node affinity has no term").help("add a term, or remove it");
        }
        for term in terms.items() {
            check_node_term(review, term, true);
        }
    }
    for term in affinity.get(PREFERRED).into_iter().flat_map(NodeRef::items) {
        check_weight(review, term);
        if let Some(preference) = term.field("preference") {
            check_node_term(review, preference, false);
        }
    }
}

fn check_node_term<'t>(review: &mut PodReview<'_, 't>, term: NodeRef<'t>, is_required: bool) {
    for expression in term.get("matchExpressions").into_iter().flat_map(NodeRef::items) {
        if let Some(key) = expression.field("key") {
            check_syntax(review, key, "", &Form::LABEL_KEY);
        }
        // Preferences are taken with any value.
        for value in expression.get("values").into_iter().flat_map(NodeRef::items).filter(|_| is_required) {
            check_syntax(review, value, "", &Form::LABEL_VALUE);
        }
        check_operator(review, expression);
    }
    for field in term.get("matchFields").into_iter().flat_map(NodeRef::items) {
        check_node_field(review, field);
    }
}

fn check_operator<'t>(review: &mut PodReview<'_, 't>, expression: NodeRef<'t>) {
    let Some((operator, name)) = text(expression, "operator") else { return };
    let values = expression.field("values");
    if values.is_some_and(|values| !values.is_sequence()) {
        return;
    }
    let count = values.map_or(0, |values| values.items().count());
    let (reason, help) = match name {
        "In" | "NotIn" if count == 0 => ("has no values", "list the values, or use Exists or DoesNotExist"),
        "Exists" | "DoesNotExist" if count > 0 => ("takes no values", "remove the values, or use In or NotIn"),
        "Gt" | "Lt" if count != 1 => ("takes one value", "write a single whole number"),
        name if !OPERATORS.contains(&name) => {
            review
                .refuse(operator, format!("`{name}` is no operator of node affinities"))
                .help("use In, NotIn, Exists, DoesNotExist, Gt or Lt");
            return;
        }
        _ => return,
    };
    review.refuse(values.unwrap_or(operator), format!("operator {name} of a node affinity {reason}")).help(help);
}

/// Of a node's fields, only the name can be asked for.
fn check_node_field<'t>(review: &mut PodReview<'_, 't>, field: NodeRef<'t>) {
    if let Some((node, key)) = text(field, "key").filter(|(_, key)| *key != "metadata.name") {
        review.refuse(node, format!("nodes can't be selected by the field `{key}`")).help("use metadata.name, or a label");
    }
    if let Some((node, operator)) = text(field, "operator").filter(|(_, operator)| !matches!(*operator, "In" | "NotIn")) {
        review.refuse(node, format!("operator {operator} does not go with matchFields")).help("use In or NotIn");
    }
    let values = field.field("values").filter(|values| values.is_sequence() && values.items().count() != 1);
    if let Some(values) = values.filter(|_| review.is_whole) {
        review.refuse(values, "an entry of matchFields takes one value").help("write a term for each node");
    }
}

fn check_pod_term<'t>(review: &mut PodReview<'_, 't>, term: NodeRef<'t>) {
    match term.field("topologyKey") {
        Some(key) if key.str() == Some("") => {
            review.refuse(key, "the topologyKey is empty").help("name a label of nodes, such as kubernetes.io/hostname");
        }
        Some(key) => check_syntax(review, key, "", &Form::LABEL_KEY),
        None => {}
    }
    for namespace in term.get("namespaces").into_iter().flat_map(NodeRef::items) {
        check_syntax(review, namespace, "the namespace ", &Form::DNS_LABEL);
    }
    check_label_keys(review, term);
}

/// `matchLabelKeys` and `mismatchLabelKeys` become expressions of each pod's selector.
fn check_label_keys<'t>(review: &mut PodReview<'_, 't>, term: NodeRef<'t>) {
    let keys = |list| term.get(list).into_iter().flat_map(NodeRef::items);
    let (selector, lists) = (term.field("labelSelector"), ["matchLabelKeys", "mismatchLabelKeys"]);
    for list in lists {
        if let Some(place) = term.entry(list).filter(|_| review.is_whole && selector.is_none() && keys(list).next().is_some()) {
            review.refuse(place, format!("{list} needs a labelSelector")).help("select the pods that are compared");
        }
        for key in keys(list) {
            check_syntax(review, key, "", &Form::LABEL_KEY);
        }
    }
    for key in keys("matchLabelKeys") {
        let is_same = |other: &NodeRef<'t>| key.str().is_some_and(|key| other.is_text(key));
        let of_pairs =
            || selector.and_then(|selector| selector.get("matchLabels")).into_iter().flat_map(NodeRef::entries).map(|pair| pair.key);
        let expressions = || selector.and_then(|selector| selector.get("matchExpressions")).into_iter().flat_map(NodeRef::items);
        if let Some(other) = keys("mismatchLabelKeys").find(is_same) {
            review
                .refuse(key, format!("`{}` stands in matchLabelKeys and mismatchLabelKeys", key.text()))
                .help("remove it from one")
                .related(other, "the other");
        } else if let Some(other) = of_pairs().chain(expressions().filter_map(|expression| expression.get("key"))).find(is_same) {
            review
                .refuse_each_pod(key, format!("`{}` stands in matchLabelKeys and in labelSelector", key.text()))
                .help("remove it from one of them")
                .related(other, "the selector's");
        }
    }
}
