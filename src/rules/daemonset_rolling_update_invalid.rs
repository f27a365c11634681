use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{IntOrPercent, Update, Workload, WorkloadKind};
use crate::yaml::edit::{self, Value};
use crate::yaml::{NodeRef, Scalar};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        if workload.strategy_type().is_none_or(|strategy| strategy.value != "RollingUpdate") {
            continue;
        }
        let fields = ["maxSurge", "maxUnavailable"].map(|key| (key, workload.rolling_update_field(key)));
        let written = fields.iter().filter_map(|&(key, node)| Some((key, node?)));
        let mistakes: Vec<_> = written.filter_map(|(key, node)| Some((node, value_mistake(key, node)?))).collect();
        if mistakes.is_empty() {
            check_pair(&workload, report);
        }
        for (node, mistake) in mistakes {
            let finding = report.at(node, format!("{mistake}; the API server refuses {}", workload.describe()));
            finding.help("write a number of nodes, or a percentage up to \"100%\"");
            IntOrPercent::offer_meant(node, finding);
        }
    }
}

/// What is wrong with one of the fields by itself.
fn value_mistake(key: &str, node: NodeRef<'_>) -> Option<String> {
    let text = node.text();
    match (IntOrPercent::read(node), node.scalar()) {
        (Some(IntOrPercent::Int(number)), _) if number < 0 => Some(format!("{key} is negative")),
        (Some(IntOrPercent::Percent(percent)), _) if percent > 100 => Some(format!("{key} is more than 100%")),
        (None, Scalar::Str(_)) => Some(format!("{key} is the text `{text}`, neither a number nor a percentage")),
        _ => None,
    }
}

/// Exactly one of the two must be more than nothing: `ValidateRollingUpdateDaemonSet` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go>.
fn check_pair(workload: &Workload<'_>, report: &mut Report) {
    let Some(Update::Nodes { max_surge, max_unavailable }) = workload.written_update() else { return };
    // What a patch doesn't write stands elsewhere.
    let is_open = workload.resource().is_partial() && (max_surge.is_default() || max_unavailable.is_default());
    if is_open || max_surge.value.is_zero() != max_unavailable.value.is_zero() {
        return;
    }
    let shown = |key: &str, value: IntOrPercent, is_default: bool| {
        if is_default { format!("{key} defaults to {value}") } else { format!("{key} is {value}") }
    };
    let unavailable = shown("maxUnavailable", max_unavailable.value, max_unavailable.is_default());
    let surge = shown("maxSurge", max_surge.value, max_surge.is_default());
    let refusal = format!("the API server refuses {}", workload.describe());
    let (message, help) = if max_surge.value.is_zero() {
        let help = "set maxUnavailable to 1 or more, or maxSurge where the new pod is to start first";
        (format!("{unavailable} and {surge}, so no pod could be replaced; {refusal}"), help)
    } else {
        let help = "set maxUnavailable to 0 to start new pods first, or remove maxSurge to stop old ones first";
        (format!("{surge} and {unavailable}, of which one must be 0; {refusal}"), help)
    };
    let place = if max_surge.value.is_zero() { max_unavailable.node.or(max_surge.node) } else { max_surge.node.or(max_unavailable.node) };
    let Some(place) = place else { return };
    let finding = report.at(place, message).help(help);
    let Some(fields) = workload.rolling_update_fields() else { return };
    if max_surge.value.is_zero() {
        finding.offer("Replace one pod at a time", Safety::Unsafe, [edit::set(fields, "maxUnavailable", Value::Word("1"), &[])]);
    } else {
        finding.offer("Start new pods first", Safety::Safe, [edit::set(fields, "maxUnavailable", Value::Word("0"), &["maxSurge"])]);
    }
}
