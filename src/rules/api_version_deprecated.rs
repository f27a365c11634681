use crate::finding::{Report, Safety};
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let newest = graph.world().versions.newest;
    for (api_version, resource, lifecycle) in graph.ending_api_versions() {
        let is_served = lifecycle.removed.is_none_or(|removed| newest < removed);
        if !is_served || newest < lifecycle.deprecated {
            continue;
        }
        let (written, kind, since) = (api_version.text(), resource.kind_name(), lifecycle.deprecated);
        let end = lifecycle.removed.map_or_else(String::new, |removed| format!(", and 1.{removed} does not serve it any more"));
        let finding = report.at(api_version, format!("{kind} of {written} is deprecated since Kubernetes 1.{since}{end}"));
        finding.help(lifecycle.advice()).note_if(lifecycle.removed.is_none());
        if let Some(replacement) = lifecycle.rename() {
            finding.replace(format!("Use {replacement}"), Safety::Safe, api_version, replacement);
        }
    }
}
