use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Resource, WorkloadKind, is_versioned_name};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Job) {
        let Some(name) = workload.name().filter(|name| !is_versioned_name(name) && !is_numbered(name)) else { continue };
        let resource = workload.resource();
        let is_gone_soon = workload.field("ttlSecondsAfterFinished").is_some();
        let is_run_by_others = resource.is_hook() || resource.is_owned() || workload.is_job_of_another_controller();
        if is_gone_soon || is_run_by_others || workload.is_suspended() || is_replaced(resource) {
            continue;
        }
        report
            .at(
                resource.nearest("metadata.name"),
                format!("the next change of Job {name}'s template is refused: it stays as it is for as long as the Job exists"),
            )
            .help("delete it before it is applied again, put a version into its name, or make it a hook of the release");
    }
}

/// Whether the name ends in a number, as that of a release or a build.
fn is_numbered(name: &str) -> bool {
    name.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether the tool that applies it deletes the old one first.
fn is_replaced(resource: &Resource<'_>) -> bool {
    let has = |key: &str, words: &[&str]| {
        let text = resource.annotation(key).map_or("", NodeRef::text);
        words.iter().any(|word| text.contains(word))
    };
    has("argocd.argoproj.io/sync-options", &["Replace=true", "Force=true"])
        || has("kustomize.toolkit.fluxcd.io/force", &["enabled", "Enabled"])
        || has("kustomize.toolkit.fluxcd.io/ssa", &["IfNotPresent"])
}
