use crate::finding::Report;
use crate::graph::{Graph, Protection};
use crate::resource::{Budget, Workload};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for protection in graph.protections() {
        let own = protection.budget.resource();
        let Some((workload, earlier)) = protection.workloads.iter().find_map(|workload| earlier(graph, protection, workload)) else {
            continue;
        };
        let (what, other) = (workload.describe(), earlier.resource().describe());
        let message = format!("every eviction of a pod of {what} fails with an error: {other} covers it, too");
        let finding = report.at(own.nearest("spec.selector"), message);
        finding.help("keep one budget a pod: merge them, or select different pods");
        finding.related(earlier.resource().nearest("spec.selector"), "the other budget's selector");
    }
}

/// A budget written before this one that covers the same workload.
fn earlier<'t>(graph: &Graph<'t>, protection: &Protection<'t>, workload: &Workload<'t>) -> Option<(Workload<'t>, Budget<'t>)> {
    let own = protection.budget.resource();
    let mut others = graph.budgets(workload).filter(|other| other.resource().node().span() < own.node().span());
    let found = others.find(|other| !other.resource().is_same_object(own) && graph.are_in_one_set(other.resource(), own));
    found.map(|other| (*workload, other))
}
