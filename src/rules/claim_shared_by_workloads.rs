use crate::finding::Report;
use crate::graph::{Graph, name_workloads};
use crate::resource::AccessMode;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for shared in graph.shared_claims() {
        if !matches!(shared.mode, AccessMode::ReadWriteMany | AccessMode::ReadWriteOnce) {
            continue;
        }
        let writers = shared.writers();
        let [first, second, others @ ..] = writers.as_slice() else { continue };
        let (who, mode, claim) = (name_workloads(&writers), shared.mode.name(), first.claim_name());
        let finding = report
            .at(second.name, format!("{who} write the same {mode} claim `{claim}`"))
            .help("give each a claim of its own, mount it read-only in all but one, or use subPaths that lie apart")
            .note_if(shared.meets_only_at_start());
        for other in [first].into_iter().chain(others) {
            finding.related(other.name, format!("{} uses it here", other.workload.describe()));
        }
        second.show_mode(finding);
    }
}
