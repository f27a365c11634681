use crate::finding::Report;
use crate::graph::{Absence, Governing, Graph};
use crate::resource::{Service, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Governing::Missing { name, absence } = graph.governing_service(&set) else { continue };
        if let Some(near) = graph.service_spelt_like(&set, name.text()) {
            report_near_miss(&set, name, &near, report);
        } else if absence != Absence::Unknown {
            let message =
                format!("no Service `{}` in these files: without it the pods of {} get no DNS names", name.text(), set.describe());
            report.at(name, message).help(remedy(graph, &set)).note_if(absence == Absence::Likely);
        }
    }
}

fn report_near_miss(set: &Workload<'_>, name: NodeRef<'_>, near: &Service<'_>, report: &mut Report) {
    let meant = near.name().unwrap_or_default();
    let message = format!("no Service `{}` in these files, but `{meant}` selects the pods of {}", name.text(), set.describe());
    let finding = report.at(name, message);
    finding
        .help(format!("did you mean `{meant}`? serviceName of a StatefulSet that exists can't be changed; its Service can be named anew"));
    if let Some(other) = near.resource().metadata().and_then(|metadata| metadata.get("name")) {
        finding.related(other, "almost the same name");
    }
}

fn remedy<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> String {
    let headless = graph.services_selecting(set).find(|service| service.is_headless() == Some(true));
    match headless.as_ref().and_then(Service::name) {
        Some(name) => format!("name the headless Service `{name}`, which selects these pods, or add one of this name"),
        None => "add a Service of this name with `clusterIP: None` that selects the pods, or list it under `assume` if it is elsewhere"
            .to_owned(),
    }
}
