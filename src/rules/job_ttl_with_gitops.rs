use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::WorkloadKind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Job) {
        let Some(ttl) = workload.field("ttlSecondsAfterFinished").filter(|ttl| ttl.int().is_some()) else { continue };
        let resource = workload.resource();
        if resource.is_hook() || resource.is_owned() || !resource.is_kept_from_a_repository() {
            continue;
        }
        let message = format!(
            "{} is deleted when it has finished, and what keeps it from a repository creates it and runs it again",
            workload.describe()
        );
        report
            .at(ttl, message)
            .help("remove ttlSecondsAfterFinished, or make the Job a hook that is run once a release")
            .remove(Safety::Unsafe, ttl);
    }
}
