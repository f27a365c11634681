use crate::finding::Report;
use crate::graph::{Governing, Graph};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Governing::OtherNamespace { name, service } = graph.governing_service(&set) else { continue };
        let (own, other) = (set.resource().namespace().unwrap_or_default(), service.resource().namespace().unwrap_or_default());
        let message =
            format!("Service `{}` is in namespace {other} and {} in {own}: its pods get no DNS names", name.text(), set.describe());
        let finding = report.at(name, message);
        finding.help(format!("create the headless Service in namespace {own}; pods look for theirs in their own namespace only"));
        finding.related(service.resource().nearest("metadata.namespace"), "the Service is here");
    }
}
