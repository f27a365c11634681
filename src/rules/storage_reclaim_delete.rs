use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for (class, request) in graph.used_classes(|request| request.resource().kind() == Kind::StatefulSet && !request.is_ephemeral()) {
        let policy = class.field("reclaimPolicy");
        if policy.is_some_and(|policy| policy.str() != Some("Delete")) {
            continue;
        }
        let is = if policy.is_some() { "is" } else { "defaults to" };
        let message = format!("reclaimPolicy of {} {is} Delete: deleting a claim deletes its data", class.resource().describe());
        let finding = report.at(policy.unwrap_or_else(|| class.resource().nearest("provisioner")), message);
        finding.help("set reclaimPolicy: Retain for what is hard to get back; it holds for volumes made from then on");
        if let Some(used) = request.class() {
            finding.related(used, format!("used by {}", request.resource().describe()));
        }
    }
}
