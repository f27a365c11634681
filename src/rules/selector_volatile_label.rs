use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Resource, Workload, WorkloadKind};
use crate::yaml::{Entry, NodeRef};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let keeps_selector = |workload: &Workload<'_>| workload.selects_pods() && workload.kind() != WorkloadKind::ReplicationController;
    for workload in graph.all_workloads().filter(|workload| keeps_selector(workload) && !workload.resource().is_owned()) {
        let Some(pairs) = workload.field("selector").and_then(|selector| selector.get("matchLabels")) else { continue };
        for pair in pairs.entries().filter(|pair| is_volatile(pair, workload.resource())) {
            let key = pair.key.text();
            report
                .at(
                    Place::from(pair),
                    format!(
                        "`{key}` in the selector changes with releases, and a selector can't change: the next release can't be applied"
                    ),
                )
                .help(
                    "keep the label in the template only; taking it out of an existing object's selector means to delete and recreate it",
                );
        }
    }
}

fn is_volatile(pair: &Entry<'_>, resource: &Resource<'_>) -> bool {
    let Some(value) = pair.value.value_text() else { return false };
    match pair.key.text() {
        "pod-template-hash" | "controller-revision-hash" => true,
        "helm.sh/chart" | "app.kubernetes.io/version" | "chart" | "version" => {
            value.bytes().any(|byte| byte.is_ascii_digit()) && !is_in_name(value, resource)
        }
        _ => is_commit(value) && !is_in_name(value, resource),
    }
}

/// Whether the object is one of several, a version each, that are never updated to another: `reviews-v2` with `version: v2`.
fn is_in_name(value: &str, resource: &Resource<'_>) -> bool {
    let name = resource.metadata().and_then(|metadata| metadata.get("name")).map_or("", NodeRef::text);
    name.contains(value) || name.contains(&value.replace('.', "-"))
}

/// Whether it looks like a commit: 7 to 40 hexadecimal digits, letters and numbers among them.
fn is_commit(value: &str) -> bool {
    matches!(value.len(), 7..=40)
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
}
