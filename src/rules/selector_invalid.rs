use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Form, Kind, PodSpec, Refusals, Resource, WorkloadKind, looks_replaced, text};
use crate::yaml::NodeRef;

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

/// `ValidateLabelSelector` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        let workload = review.workload;
        let selects = workload.selects_pods() || workload.kind() == WorkloadKind::Job;
        if let Some(selector) = workload.field("selector").filter(|_| selects) {
            let is_map = workload.kind() == WorkloadKind::ReplicationController;
            let mut faults = Vec::new();
            if is_map {
                add_pair_faults(selector, &mut faults);
            } else {
                add_faults(selector, &mut faults);
            }
            for fault in faults {
                review.refuse_workload(fault.place, fault.reason).help(fault.help);
            }
        }
        let mut faults = Vec::new();
        pod_selectors(review.pod).for_each(|selector| add_faults(selector, &mut faults));
        for fault in faults {
            review.refuse(fault.place, fault.reason).help(fault.help);
        }
    });
    for resource in graph.resources() {
        let mut faults = Vec::new();
        add_object_faults(resource, &mut faults);
        let mut refusals = Refusals::new(report, resource);
        for fault in faults {
            refusals.at(fault.place, fault.reason).help(fault.help);
        }
    }
}

/// The faults in the selectors of an object that makes no pods.
fn add_object_faults<'t>(resource: &Resource<'t>, faults: &mut Vec<Fault<'t>>) {
    let field = |key: &str| resource.spec().and_then(|spec| spec.field(key));
    let mut selectors = Vec::new();
    match resource.kind() {
        Kind::Service => {
            if let Some(pairs) = field("selector") {
                add_pair_faults(pairs, faults);
            }
        }
        Kind::PodDisruptionBudget | Kind::PersistentVolumeClaim => selectors.extend(field("selector")),
        Kind::NetworkPolicy => {
            selectors.extend(field("podSelector"));
            for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
                let rules = field(direction).into_iter().flat_map(NodeRef::items);
                let peers = rules.filter_map(|rule| rule.field(peers)).flat_map(NodeRef::items);
                selectors
                    .extend(peers.flat_map(|peer| ["podSelector", "namespaceSelector"].into_iter().filter_map(move |key| peer.field(key))));
            }
        }
        _ => {}
    }
    for selector in selectors {
        add_faults(selector, faults);
    }
}

/// The selectors by which a pod asks for other pods and their namespaces.
fn pod_selectors(pod: PodSpec<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let affinities = pod
        .field("affinity")
        .into_iter()
        .flat_map(|affinity| ["podAffinity", "podAntiAffinity"].into_iter().filter_map(move |key| affinity.get(key)));
    let terms = affinities.flat_map(|affinity| {
        let items = move |key| affinity.get(key).into_iter().flat_map(NodeRef::items);
        let preferred = items("preferredDuringSchedulingIgnoredDuringExecution").filter_map(|term| term.get("podAffinityTerm"));
        items("requiredDuringSchedulingIgnoredDuringExecution").chain(preferred)
    });
    let constraints = pod.field("topologySpreadConstraints").into_iter().flat_map(NodeRef::items);
    terms.chain(constraints).flat_map(move |term| ["labelSelector", "namespaceSelector"].into_iter().filter_map(move |key| term.field(key)))
}

struct Fault<'t> {
    place: Place<'t>,
    reason: String,
    help: &'static str,
}

fn add_faults<'t>(selector: NodeRef<'t>, faults: &mut Vec<Fault<'t>>) {
    if let Some(pairs) = selector.get("matchLabels") {
        add_pair_faults(pairs, faults);
    }
    for expression in selector.get("matchExpressions").into_iter().flat_map(NodeRef::items) {
        if let Some((node, _)) = text(expression, "key") {
            add_syntax_fault(node, "key", &Form::LABEL_KEY, faults);
        }
        for value in expression.get("values").into_iter().flat_map(NodeRef::items) {
            add_syntax_fault(value, "value", &Form::LABEL_VALUE, faults);
        }
        add_operator_fault(expression, faults);
    }
}

fn add_pair_faults<'t>(pairs: NodeRef<'t>, faults: &mut Vec<Fault<'t>>) {
    for pair in pairs.entries() {
        add_syntax_fault(pair.key, "key", &Form::LABEL_KEY, faults);
        add_syntax_fault(pair.value, "value", &Form::LABEL_VALUE, faults);
    }
}

fn add_syntax_fault<'t>(node: NodeRef<'t>, what: &str, form: &Form, faults: &mut Vec<Fault<'t>>) {
    let Some(name) = node.str().filter(|name| !looks_replaced(name)) else { return };
    if let Some(fault) = form.fault(name) {
        let reason = format!("the selector's {what} `{name}` {fault}");
        faults.push(Fault { place: Place::from(node), reason, help: form.help });
    }
}

fn add_operator_fault<'t>(expression: NodeRef<'t>, faults: &mut Vec<Fault<'t>>) {
    let Some((operator, name)) = text(expression, "operator") else { return };
    let values = expression.field("values");
    let has_some = values.is_some_and(|values| values.items().next().is_some());
    let has_none = values.is_none_or(|values| values.is_sequence() && values.is_empty());
    let (place, reason, help) = match name {
        "In" | "NotIn" if has_none => {
            let help = "list the values, or use operator Exists or DoesNotExist";
            (values.unwrap_or(operator), format!("operator {name} of a selector has no values"), help)
        }
        "Exists" | "DoesNotExist" if has_some => {
            let help = "remove the values, or use operator In or NotIn";
            (values.unwrap_or(operator), format!("operator {name} of a selector takes no values"), help)
        }
        name if !OPERATORS.contains(&name) => {
            (operator, format!("`{name}` is no operator of label selectors"), "use In, NotIn, Exists or DoesNotExist")
        }
        _ => return,
    };
    faults.push(Fault { place: Place::from(place), reason, help });
}
