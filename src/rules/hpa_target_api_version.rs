use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Autoscaler;
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let (Some(target), Some((kind, _))) = (autoscaler.target_reference(), autoscaler.target()) else { continue };
        let (group, right) = match kind {
            "Deployment" | "ReplicaSet" | "StatefulSet" => ("apps", "apps/v1"),
            "ReplicationController" => ("", "v1"),
            _ => continue,
        };
        let written = target.get("apiVersion").filter(|version| !version.is_null() && !version.text().is_empty());
        // KEDA fills in apps/v1.
        if written.is_none() && autoscaler.is_keda() {
            continue;
        }
        let Some(version) = written.map_or(Some(""), NodeRef::value_text) else { continue };
        let is_refused = !group.is_empty() && !version.contains('/') && !autoscaler.is_keda();
        if is_refused && graph.world().versions.newest >= Autoscaler::TARGET_GROUP_SINCE {
            continue;
        }
        let own = version.split_once('/').map_or("", |(group, _)| group);
        if own == group || own.contains('.') {
            continue;
        }
        let what = autoscaler.resource().describe();
        let message = match written {
            Some(_) => format!("there is no {kind} in `{version}`, so that {what} doesn't find its target"),
            None => format!("without apiVersion {what} looks for a {kind} of `v1`, and finds none"),
        };
        report.at(written.unwrap_or(target), message).help(format!("write apiVersion: {right}"));
    }
}
