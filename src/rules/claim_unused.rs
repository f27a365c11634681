use std::collections::{HashMap, HashSet};

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, Workload};
use crate::yaml::NodeRef;

/// Claims of one unit that nothing mounts above which they are there for something that isn't.
const MANY: usize = 20;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let mounted = mounted_names(graph);
    let is_mounted = |claim: &Resource<'_>| claim.name().is_none_or(|name| mounted.contains(name));
    let mut unused: HashMap<_, Vec<&Resource<'_>>> = HashMap::new();
    for claim in graph.of_kind(Kind::PersistentVolumeClaim).filter(|claim| !is_mounted(claim)) {
        if !claim.is_owned() && !claim.is_hook() && !graph.is_made(claim) && !graph.may_have_more(claim) {
            unused.entry(graph.unit_number(claim)).or_default().push(claim);
        }
    }
    for claims in unused.into_values().filter(|claims| claims.len() <= MANY) {
        for claim in claims {
            check_claim(graph, claim, report);
        }
    }
}

/// The names of claims that something mounts, in whatever namespace; what patches mount is among them.
fn mounted_names<'t>(graph: &Graph<'t>) -> HashSet<&'t str> {
    let patches = graph.all_workloads().filter(|workload| workload.resource().is_partial());
    let in_patches = patches.filter_map(|patch| patch.pod()).flat_map(|pod| pod.volumes()).filter_map(|volume| volume.claim_name());
    graph.claim_uses().iter().map(|claim_use| claim_use.name).chain(in_patches).map(NodeRef::text).collect()
}

fn check_claim<'t>(graph: &Graph<'t>, claim: &Resource<'t>, report: &mut Report) {
    let Some(name) = claim.metadata().and_then(|metadata| metadata.get("name")) else { return };
    let mut runs_pods = false;
    for other in graph.unit_of(claim).filter(|other| !other.is(claim)) {
        let workload = other.workload();
        runs_pods |= workload.is_some_and(|workload| workload.pod().is_some());
        if mentions(other, workload.as_ref(), name.text()) {
            return;
        }
    }
    let in_patch = graph.kustomizations().flat_map(|kustomization| kustomization.patches()).any(|patch| names(patch, name.text()));
    if runs_pods && !in_patch {
        report
            .at(name, format!("nothing in these files mounts claim `{}`", name.text()))
            .help("mount it, or remove it; with the usual reclaim policy its data goes with it");
    }
}

/// Whether an object may have to do with a claim in a way that isn't known: a custom resource, a setting, a copy, a program's argument.
fn mentions(other: &Resource<'_>, workload: Option<&Workload<'_>>, claim: &str) -> bool {
    match (other.kind(), workload) {
        (_, Some(workload)) => may_mention(workload, claim),
        (Kind::PersistentVolumeClaim, _) => other.spec().is_some_and(|spec| names(spec, claim)),
        (Kind::Other | Kind::ConfigMap | Kind::Secret, _) => names(other.node(), claim),
        _ => false,
    }
}

/// Whether one of a workload's volumes isn't known, or a program is told the claim's name.
fn may_mention(workload: &Workload<'_>, claim: &str) -> bool {
    let Some(pod) = workload.pod() else { return false };
    let is_unknown = pod.field("volumes").is_some_and(|volumes| !volumes.is_sequence())
        || pod.volumes().any(|volume| volume.claim_name().is_some_and(NodeRef::is_unknown));
    let mut told =
        pod.all_containers().flat_map(|container| ["command", "args", "env"].into_iter().filter_map(move |key| container.field(key)));
    is_unknown || told.any(|node| names(node, claim))
}

fn names(node: NodeRef<'_>, claim: &str) -> bool {
    node.scalars().any(|scalar| scalar.text().contains(claim))
}
