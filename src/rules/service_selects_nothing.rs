use crate::finding::Report;
use crate::graph::{Graph, References};
use crate::resource::{Kind, Resource};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service) {
        let Some(selector) = service.selector().filter(|_| !service.resource().is_owned()) else { continue };
        let resource = service.resource();
        if graph.selected(resource, selector).next().is_some() || !graph.surely_selects_nothing(resource, selector) {
            continue;
        }
        let message = format!("{} leads nowhere: no pod in these files has these labels", resource.describe());
        let finding = report.at(selector.node(), message);
        finding.help("compare the selector with the labels of the pod templates");
        match graph.almost_selected(resource, selector) {
            Some(near) => finding.related(near, "these are almost the labels"),
            None => finding.note_if(graph.world().references != References::Complete),
        };
    }
}
