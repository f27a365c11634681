use crate::finding::Report;
use crate::graph::{Absence, Graph};
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !workload.resource().is_hook()) {
        let Some(pod) = workload.pod() else { continue };
        let Some(node) = pod.field("serviceAccountName").or_else(|| pod.field("serviceAccount")) else { continue };
        let Some(name) = node.value_text().filter(|name| !name.is_empty() && *name != "default") else { continue };
        let Some(absence) = graph.absence_of(workload.resource(), Kind::ServiceAccount, name) else { continue };
        let near = graph.spelt_like(workload.resource(), Kind::ServiceAccount, name);
        if absence != Absence::Certain && near.is_none() {
            continue;
        }
        let message = format!("no ServiceAccount `{name}` in these files: {} can't make a pod without it", workload.describe());
        let finding = report.at(node, message);
        graph.explain_missing(finding, node, near, "add it, or list it under `assume` if it is made elsewhere");
    }
}
