use crate::finding::Report;
use crate::graph::{Graph, References};
use crate::resource::{Kind, Selector};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for policy in graph.of_kind(Kind::NetworkPolicy) {
        let selector = policy.spec().and_then(|spec| spec.get("podSelector")).filter(|node| !node.is_null()).map(Selector::LabelSelector);
        let Some(selector) = selector.filter(|selector| !selector.is_empty()) else { continue };
        if graph.selected(policy, selector).next().is_some() || !graph.surely_selects_nothing(policy, selector) {
            continue;
        }
        let message = format!("{} restricts nothing: no pod in these files has these labels", policy.describe());
        let finding = report.at(selector.node(), message);
        finding.help("compare podSelector with the labels of the pod templates");
        match graph.almost_selected(policy, selector) {
            Some(near) => finding.related(near, "these are almost the labels"),
            None => finding.note_if(graph.world().references != References::Complete),
        };
    }
}
