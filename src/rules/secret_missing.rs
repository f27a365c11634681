use crate::finding::Report;
use crate::graph::{Graph, References};
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // Secrets are mostly kept out of repositories.
    let is_complete = graph.world().references == References::Complete;
    for (workload, demand, _) in graph.missing_configs(Kind::Secret) {
        let name = demand.name.text();
        let near = graph.spelt_like(workload.resource(), Kind::Secret, name);
        if !is_complete && near.is_none() {
            continue;
        }
        let finding =
            report.at(demand.name, format!("no Secret `{name}` in these files: {} can't start without it", workload.describe_pods()));
        graph.explain_missing(
            finding,
            demand.name,
            near,
            "add it, set `optional: true`, or list it under `assume` if it is made elsewhere",
        );
    }
}
