use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Autoscaler;
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let Some(WrongGroup { kind, target, written, version, right }) = WrongGroup::of(graph, &autoscaler) else { continue };
        let what = autoscaler.resource().describe();
        let message = match written {
            Some(_) => format!("there is no {kind} in `{version}`, so that {what} doesn't find its target"),
            None => format!("without apiVersion {what} looks for a {kind} of `v1`, and finds none"),
        };
        report.at(written.unwrap_or(target), message).help(format!("write apiVersion: {right}"));
    }
}

/// A target that is looked for in an API group which has no such kind.
pub(super) struct WrongGroup<'t> {
    kind: &'t str,
    target: NodeRef<'t>,
    written: Option<NodeRef<'t>>,
    version: &'t str,
    right: &'static str,
}

impl<'t> WrongGroup<'t> {
    /// None where the group is right, unknown, or refused by the API server.
    pub(super) fn of(graph: &Graph<'t>, autoscaler: &Autoscaler<'t>) -> Option<Self> {
        let (target, (kind, _)) = (autoscaler.target_reference()?, autoscaler.target()?);
        let (group, right) = match kind {
            "Deployment" | "ReplicaSet" | "StatefulSet" => ("apps", "apps/v1"),
            "ReplicationController" => ("", "v1"),
            _ => return None,
        };
        let written = target.get("apiVersion").filter(|version| !version.is_null() && !version.text().is_empty());
        // KEDA fills in apps/v1.
        if written.is_none() && autoscaler.is_keda() {
            return None;
        }
        let version = written.map_or(Some(""), NodeRef::value_text)?;
        let is_refused = !group.is_empty() && !version.contains('/') && !autoscaler.is_keda();
        if is_refused && graph.world().versions.newest >= Autoscaler::TARGET_GROUP_SINCE {
            return None;
        }
        let own = version.split_once('/').map_or("", |(group, _)| group);
        (own != group && !own.contains('.')).then_some(WrongGroup { kind, target, written, version, right })
    }
}
