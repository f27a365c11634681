use crate::finding::{Report, count};
use crate::graph::Graph;
use crate::resource::{Setting, Update, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets().filter(|set| !is_canary(set)) {
        let Some(Update::Ordinal { partition: Setting { value: partition, node: Some(node) }, .. }) = set.update() else { continue };
        let (Some(replicas), Some(first)) = (set.replicas(), set.first_ordinal()) else { continue };
        // Without pods there are none to hold back.
        if partition <= 0 || replicas.value <= 0 {
            continue;
        }
        let holds_all = partition >= replicas.value;
        let pods = count(replicas.value, "pod");
        let message = if holds_all {
            let all = if replicas.value == 1 { "the only pod".to_owned() } else { format!("all {pods}") };
            let default = if replicas.is_default() { " (replicas defaults to 1)" } else { "" };
            format!("partition {partition} holds back {all} of {}{default}: a new template reaches none", set.describe())
        } else {
            let held = first + partition;
            format!("partition {partition} of {pods}: a new template of {} reaches ordinals from {held} on only", set.describe())
        };
        let finding = report.at(node, message);
        finding
            .help("remove it when the update is meant for all pods; `kubectl rollout status` reports success either way")
            .note_if(!holds_all);
        if let Some(replicas) = replicas.node {
            finding.related(replicas, pods);
        }
    }
}

/// Whether an annotation says that the partition is moved step by step.
fn is_canary(set: &Workload<'_>) -> bool {
    let annotations = set.resource().metadata().and_then(|metadata| metadata.get("annotations"));
    annotations.is_some_and(|annotations| annotations.entries().any(|entry| entry.key.text().contains("canary")))
}
