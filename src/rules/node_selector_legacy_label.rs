use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{CONTROL_PLANE, LabelFate, LegacyLabel, NodeChoice, NodeDemand, PodSpec, legacy_label};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for pod in graph.all_workloads().filter_map(|workload| workload.pod()) {
        let selector = NodeChoice { demands: pod.node_selector().collect(), by_field: false };
        let required: Vec<_> = pod.node_terms().collect();
        let preferred: Vec<_> = pod.preferred_node_terms().collect();
        check_choices(&[selector], false, &pod, report);
        check_choices(&required, false, &pod, report);
        check_choices(&preferred, true, &pod, report);
    }
}

/// Checks choices of which each may hold. Where one asks for the new label, another may ask for the old one.
fn check_choices(choices: &[NodeChoice<'_>], is_preference: bool, pod: &PodSpec<'_>, report: &mut Report) {
    let names = |key: &str| choices.iter().flat_map(|choice| &choice.demands).any(|demand| demand.is_about(key));
    for demand in choices.iter().flat_map(|choice| &choice.demands) {
        let Some(label) = legacy_label(demand.key.text()) else { continue };
        if names(label.replacement) {
            continue;
        }
        if label.fate != LabelFate::Gone {
            report_deprecated(demand, &label, report);
        } else if demand.allows(Some("")) != demand.allows(None) {
            report_gone(demand, &label, is_preference, pod, report);
        }
    }
}

fn report_deprecated(demand: &NodeDemand<'_>, label: &LegacyLabel, report: &mut Report) {
    let (key, since) = (label.key, label.since);
    let is_kept = label.fate == LabelFate::Kept;
    let outcome = if is_kept { "the API server warns of each use" } else { "nodes may lose it" };
    report
        .at(demand.key, format!("node label `{key}` is deprecated since 1.{since}, and {outcome}"))
        .help(format!("use `{}`", label.replacement))
        .note_if(is_kept)
        .replace(format!("Use `{}`", label.replacement), Safety::Safe, demand.key, label.replacement);
}

fn report_gone(demand: &NodeDemand<'_>, label: &LegacyLabel, is_preference: bool, pod: &PodSpec<'_>, report: &mut Report) {
    let (what, is_harmless) = match demand.allows(None) {
        Some(false) if is_preference => ("this prefers no node", true),
        Some(false) => ("this matches no node", false),
        Some(true) if is_preference => ("this no longer keeps pods off control-plane nodes", true),
        Some(true) => ("this no longer keeps pods off control-plane nodes", pod.tolerates(CONTROL_PLANE) == Some(false)),
        None => return,
    };
    report
        .at(demand.key, format!("kubeadm gives no node the label `{}` since 1.{}: {what}", label.key, label.since))
        .help(format!("use `{}`", label.replacement))
        .note_if(is_harmless)
        .replace(format!("Use `{}`", label.replacement), Safety::Unsafe, demand.key, label.replacement);
}
