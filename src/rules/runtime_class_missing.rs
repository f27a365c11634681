use crate::finding::Report;
use crate::graph::{Absence, Graph};
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(node) = workload.pod().and_then(|pod| pod.field("runtimeClassName")) else { continue };
        let Some(name) = node.value_text().filter(|name| !name.is_empty()) else { continue };
        if graph.absence_of(workload.resource(), Kind::RuntimeClass, name) == Some(Absence::Certain) {
            let message =
                format!("no RuntimeClass `{name}` in these files: the API server refuses {} without it", workload.describe_pods());
            report.at(node, message).help("correct the name, or list the class under `assume` if it is made elsewhere");
        }
    }
}
