use crate::finding::{Report, Safety};
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let versions = graph.world().versions;
    for (api_version, resource, lifecycle) in graph.ending_api_versions() {
        let Some(removed) = lifecycle.removed.filter(|removed| *removed <= versions.newest) else { continue };
        let is_gone = removed <= versions.oldest;
        let (written, kind) = (api_version.text(), resource.kind_name());
        let consequence = if is_gone { "the API server refuses it" } else { "newer API servers refuse it" };
        let finding = report.at(api_version, format!("Kubernetes serves no {kind} of {written} since 1.{removed}: {consequence}"));
        finding.help(lifecycle.advice()).warning_if(!is_gone);
        if let Some(replacement) = lifecycle.rename() {
            finding.replace(format!("Use {replacement}"), Safety::Safe, api_version, replacement);
        }
    }
}
