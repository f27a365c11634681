use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Update;

/// How long an update may take for the sake of `minReadySeconds` alone, in seconds.
const LONG: i64 = 1800;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Some(ready) = set.min_ready_seconds().filter(|ready| ready.value > 0) else { continue };
        let (Some(node), Some(replicas), Some(Update::Ordinal { .. })) = (ready.node, graph.replicas(&set), set.update()) else { continue };
        let seconds = ready.value.saturating_mul(replicas.most);
        if seconds <= LONG {
            continue;
        }
        let finding = report.at(
            node,
            format!("an update of {} takes at least {} minutes, {} seconds for each pod", set.describe(), seconds / 60, ready.value),
        );
        finding.help("pods are updated one after the other");
        if let Some(node) = replicas.node() {
            finding.related(node, replicas.origin());
        }
    }
}
