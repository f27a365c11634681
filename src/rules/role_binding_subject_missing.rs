use crate::finding::Report;
use crate::graph::{Absence, Graph, Lookup};
use crate::resource::{Identity, Kind, Resource};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for binding in [Kind::RoleBinding, Kind::ClusterRoleBinding].into_iter().flat_map(|kind| graph.of_kind(kind)) {
        for subject in binding.node().get("subjects").into_iter().flat_map(NodeRef::items) {
            if subject.get("kind").and_then(NodeRef::str) == Some("ServiceAccount") {
                check_subject(graph, binding, subject, report);
            }
        }
    }
}

fn check_subject<'t>(graph: &Graph<'t>, binding: &Resource<'t>, subject: NodeRef<'t>, report: &mut Report) {
    let Some(node) = subject.get("name") else { return };
    let Some(name) = node.value_text().filter(|name| !name.is_empty() && *name != "default") else { return };
    let namespace = match subject.get("namespace") {
        Some(namespace) => namespace.value_text(),
        None => binding.namespace(),
    };
    // Kustomizations set the namespaces of accounts and subjects alike, so that an account of that name anywhere may be meant.
    let is_known = graph.named(Kind::ServiceAccount, name).next().is_some();
    let identity = Identity { namespace, name };
    let is_absent = matches!(graph.find(binding, Kind::ServiceAccount, identity), Lookup::Absent);
    if is_known || !is_absent || graph.absence(binding, Kind::ServiceAccount, identity) != Absence::Certain {
        return;
    }
    let message = format!("no ServiceAccount `{name}` in these files: {} gives its rights to nobody", binding.describe());
    report.at(node, message).help("correct the name, or list the account under `assume` if it is made elsewhere");
}
