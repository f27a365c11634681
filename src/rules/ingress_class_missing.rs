use crate::finding::Report;
use crate::graph::{Absence, Graph};
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for ingress in graph.of_kind(Kind::Ingress) {
        let Some(node) = ingress.spec().and_then(|spec| spec.get("ingressClassName")) else { continue };
        let Some(name) = node.value_text().filter(|name| !name.is_empty()) else { continue };
        if graph.absence_of(ingress, Kind::IngressClass, name) == Some(Absence::Certain) {
            let message = format!("no IngressClass `{name}` in these files: no controller takes {} up", ingress.describe());
            report.at(node, message).help("correct the name, or list the class under `assume` if it is made elsewhere");
        }
    }
}
