use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Resource, WorkloadKind};
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::Job) {
        if workload.field("ttlSecondsAfterFinished").is_some() || is_cleared(workload.resource()) {
            continue;
        }
        let seconds = Value::Word("86400");
        let ttl = workload.spec().and_then(|spec| edit::set(spec, "ttlSecondsAfterFinished", seconds, &["backoffLimit", "completions"]));
        report
            .at(
                workload.resource().nearest("spec"),
                format!("{} stays with its pods when it has finished, until someone deletes it", workload.describe()),
            )
            .help("set ttlSecondsAfterFinished")
            .offer("Delete it a day after it has finished", Safety::Unsafe, [ttl]);
    }
}

/// Whether something else deletes the finished Job.
fn is_cleared(resource: &Resource<'_>) -> bool {
    resource.is_hook() || resource.is_owned()
}
