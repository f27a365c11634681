use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Workload, WorkloadKind};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| selects_by_hand(workload) && has_template(workload)) {
        let (Some(selector), labels) = (workload.selector(), workload.pod_labels()) else { continue };
        let Some(mismatch) = selector.mismatch(labels) else { continue };
        if graph.adds_label_of(workload.resource(), mismatch) {
            continue;
        }
        let key = mismatch.get("key").or_else(|| mismatch.key()).map_or("", NodeRef::text);
        let finding = report.at(mismatch, message(mismatch, key, labels));
        finding.help("give selector and template the same labels; of an object that exists the selector can't be changed");
        if let Some(labels) = labels {
            finding.related(labels, "the template's labels");
            if let Some(wanted) = mismatch.str().filter(|_| !mismatch.is_mapping()) {
                finding.offer("Label the pods as selected", Safety::Unsafe, [edit::set(labels, key, Value::Str(wanted), &[])]);
            }
        } else if let Some(template) = workload.template() {
            finding.related(template, "this template sets no labels");
        }
    }
}

fn message(mismatch: NodeRef<'_>, key: &str, labels: Option<NodeRef<'_>>) -> String {
    let set = labels.and_then(|labels| labels.get(key)).filter(|label| !label.is_null());
    let what = match set {
        _ if mismatch.is_mapping() => format!("the selector's expression on `{key}` doesn't hold of the template's labels"),
        Some(set) => format!("the selector asks for `{key}: {}`, but the template sets `{key}: {}`", mismatch.text(), set.text()),
        None => format!("the selector asks for `{key}: {}`, which the template doesn't set", mismatch.text()),
    };
    format!("{what}: the API server refuses it")
}

/// Whether its selector is the user's to write. Jobs make their own unless told not to.
fn selects_by_hand(workload: &Workload<'_>) -> bool {
    let is_manual = || workload.field("manualSelector").and_then(NodeRef::bool) == Some(true);
    workload.selects_pods() || (workload.kind() == WorkloadKind::Job && is_manual())
}

fn has_template(workload: &Workload<'_>) -> bool {
    workload.pod().is_some_and(|pod| pod.containers().next().is_some())
}
