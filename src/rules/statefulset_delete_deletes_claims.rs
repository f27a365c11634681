use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Some(policy) = set.field("persistentVolumeClaimRetentionPolicy").and_then(|policy| policy.get("whenDeleted")) else { continue };
        if policy.str() == Some("Delete") && set.claim_templates().next().is_some() {
            report
                .at(policy, format!("deleting {}, or renaming it, deletes its claims with their data", set.describe()))
                .help("set whenDeleted: Retain, the default, where the data matters");
        }
    }
}
