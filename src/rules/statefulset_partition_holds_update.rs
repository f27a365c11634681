use crate::finding::{Report, Safety, count};
use crate::graph::Graph;
use crate::resource::{Autoscaler, Setting, Update, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets().filter(|set| !set.is_canary()) {
        let Some(Update::Ordinal { partition: Setting { value: partition, node: Some(node) }, .. }) = set.update() else { continue };
        let (Some(replicas), Some(first)) = (least_pods(graph, &set), set.first_ordinal()) else { continue };
        // Without pods there are none to hold back.
        if partition <= 0 || replicas.value <= 0 {
            continue;
        }
        let (pods, what, reached) = (count(replicas.value, "pod"), set.describe(), (replicas.value - partition).max(0));
        let from = first.saturating_add(partition);
        let (message, help) = if reached == 0 {
            let (all, reach) = match replicas.value {
                1 => ("the only pod".to_owned(), "doesn't reach it"),
                _ => (format!("all {pods}"), "reaches none of them"),
            };
            let default = if replicas.is_default() { " (replicas defaults to 1)" } else { "" };
            let message = format!("partition {partition} holds back {all} of {what}{default}: a new template {reach}");
            (message, "`kubectl rollout status` reports success all the same".to_owned())
        } else {
            let message =
                format!("partition {partition}: a new template of {what} reaches only ordinals from {from} on ({reached} of {pods})");
            (message, format!("`kubectl rollout status` waits for ordinals from {from} on only"))
        };
        let finding = report.at(node, message);
        finding.help(format!("remove it when the update is meant for all pods; {help}")).note_if(reached > 0);
        // A lower one is in the midst of a rollout by hand.
        if reached == 0 {
            finding.remove(Safety::Unsafe, node);
        }
        if let Some(replicas) = replicas.node {
            finding.related(replicas, pods);
        }
    }
}

/// The pods that it has at least: `spec.replicas`, or an autoscaler's minimum. `None` where a placeholder decides.
fn least_pods<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> Option<Setting<'t, i64>> {
    let written = set.replicas()?;
    let scaled: Vec<_> = graph.autoscalers(set).iter().map(Autoscaler::least).collect::<Option<_>>()?;
    let is_off = written.value <= 0;
    scaled.into_iter().filter(|_| !is_off).chain([written]).max_by_key(|pods| pods.value)
}
