use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, Selector};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for budget in graph.of_kind(Kind::PodDisruptionBudget).filter_map(Resource::budget) {
        let resource = budget.resource();
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let selector = spec.get("selector").filter(|node| !node.is_null());
        if selector.is_some_and(|node| !Selector::LabelSelector(node).is_empty()) {
            continue;
        }
        let what = resource.describe();
        let finding = match selector {
            None => report.at(resource.nearest("spec.selector"), format!("{what} has no selector, so that it protects no pod")),
            Some(node) if resource.version() == "v1" => {
                report.at(node, format!("{what} covers every pod of its namespace, Jobs and other budgets' pods among them"))
            }
            Some(node) => report.at(node, format!("{what} protects no pod: before policy/v1 an empty selector matches none")),
        };
        finding.help("name the pods by their labels");
    }
}
