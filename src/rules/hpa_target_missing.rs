use crate::finding::Report;
use crate::graph::{Absence, Graph, Reference, References};
use crate::resource::{Kind, Resource};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let Reference::Missing(absence) = graph.target(&autoscaler) else { continue };
        let (Some((kind, name)), Some(target)) = (autoscaler.target(), autoscaler.target_reference()) else { continue };
        let sought = Resource::kind_of_scale_target(kind);
        let near = sought.and_then(|sought| graph.spelt_like(autoscaler.resource(), sought, name));
        let same_name = other_kind(graph, autoscaler.resource(), sought, name);
        // What looks in a group without such a kind finds nothing whatever there is.
        if (absence != Absence::Certain && near.is_none()) || autoscaler.wrong_group(graph.world().versions.newest).is_some() {
            continue;
        }
        let message = format!("no {kind} `{name}` in these files: {} scales nothing", autoscaler.resource().describe());
        let finding = report.at(target.get("name").unwrap_or(target), message);
        finding.note_if(near.is_none() && same_name.is_none() && !finds_targets(graph, autoscaler.resource()));
        match (near, same_name) {
            (Some(near), _) => {
                finding.help(format!("did you mean `{}`?", near.name().unwrap_or_default()));
                finding.related(near.nearest("metadata.name"), "almost the same name");
            }
            (None, Some(other)) => {
                finding.help(format!("set kind: {}", other.kind_name())).related(other.nearest("kind"), "the same name, of another kind");
            }
            (None, None) => {
                finding.help("correct scaleTargetRef, or list the target under `assume` if it is elsewhere");
            }
        }
    }
}

/// Whether the set is complete, or at least one autoscaler beside it has a target that is here: a folder of autoscalers only is a part of
/// something.
fn finds_targets<'t>(graph: &Graph<'t>, own: &Resource<'t>) -> bool {
    let kinds = [Kind::HorizontalPodAutoscaler, Kind::ScaledObject];
    let beside = kinds.into_iter().flat_map(|kind| graph.kind_in_unit_of(own, kind)).filter_map(Resource::autoscaler);
    graph.world().references == References::Complete || beside.into_iter().any(|other| matches!(graph.target(&other), Reference::Found(_)))
}

/// A workload of that name, but of another kind.
fn other_kind<'t>(graph: &Graph<'t>, from: &Resource<'t>, sought: Option<Kind>, name: &str) -> Option<Resource<'t>> {
    let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::ReplicaSet, Kind::ReplicationController];
    let others = kinds.into_iter().filter(|kind| Some(*kind) != sought);
    others.flat_map(|kind| graph.kind_in_unit_of(from, kind)).find(|other| other.name() == Some(name)).copied()
}
