use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{repeated, text};
use crate::yaml::edit;
use crate::yaml::{NodeRef, same_meaning};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()) {
            let entries = container.field("env").into_iter().flat_map(NodeRef::items);
            let named = entries.filter_map(|entry| Some((text(entry, "name")?.1, entry))).filter(|(name, _)| !name.is_empty());
            for (second, first) in repeated(named) {
                let [Some(place), Some(earlier)] = [second, first].map(|entry| entry.get("name")) else { continue };
                let is_same = same_meaning(first, second, &mut 1000);
                let what = if is_same { "with the same value" } else { "and the last one wins" };
                let name = place.text();
                let finding = report
                    .at(place, format!("`{name}` is set twice, {what}; `kubectl apply --server-side` refuses {}", workload.describe()))
                    .help("remove one of them")
                    .related(earlier, "set first")
                    .note_if(is_same);
                if is_same {
                    finding.offer("Remove the second one", Safety::Safe, [edit::remove(second)]);
                }
            }
        }
    }
}
