use crate::finding::Report;
use crate::graph::{Absence, Graph};
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for (workload, demand, absence) in graph.missing_configs(Kind::ConfigMap) {
        let name = demand.name.text();
        let near = graph.spelt_like(workload.resource(), Kind::ConfigMap, name);
        if absence != Absence::Certain && near.is_none() {
            continue;
        }
        let finding =
            report.at(demand.name, format!("no ConfigMap `{name}` in these files: {} can't start without it", workload.describe_pods()));
        graph.explain_missing(
            finding,
            demand.name,
            near,
            "add it, set `optional: true`, or list it under `assume` if it is made elsewhere",
        );
    }
}
