use crate::finding::Report;
use crate::graph::{Graph, Versions};
use crate::resource::Update;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // Manifests for more versions than that aren't judged by what a few patch releases of one did.
    if graph.world().versions != (Versions { oldest: 35, newest: 35 }) {
        return;
    }
    for set in graph.stateful_sets().filter(|set| set.is_parallel() == Some(true)) {
        let (Some(Update::Ordinal { .. }), Some(policy)) = (set.update(), set.field("podManagementPolicy")) else { continue };
        report
            .at(policy, format!("in Kubernetes 1.35.0 to 1.35.3 a broken update of {} stays, whatever template follows it", set.describe()))
            .help("update the cluster to 1.35.4, or delete the broken pods by hand");
    }
}
