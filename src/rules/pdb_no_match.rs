use crate::finding::Report;
use crate::graph::{Graph, References};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for protection in graph.protections().iter().filter(|protection| protection.workloads.is_empty()) {
        let budget = protection.budget.resource();
        let Some(selector) = protection.budget.selector().filter(|selector| !selector.is_empty()) else { continue };
        if graph.surely_selects_nothing(budget, selector) {
            let message = format!("{} protects nothing: no pod in these files has these labels", budget.describe());
            let finding = report.at(selector.node(), message);
            finding.help("compare the selector with the labels of the pod templates");
            match graph.almost_selected(budget, selector) {
                Some(near) => finding.related(near, "these are almost the labels"),
                None => finding.note_if(graph.world().references != References::Complete),
            };
        }
    }
}
