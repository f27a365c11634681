use crate::finding::{Report, count};
use crate::graph::Graph;
use crate::resource::{Kind, Resource};

/// Below it a leader's change in the control plane is surely too long.
const SHORT: i64 = 10;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.of_kind(Kind::CronJob).filter_map(Resource::workload) {
        let Some(node) = workload.field("startingDeadlineSeconds") else { continue };
        let Some(seconds) = node.int().filter(|seconds| (0..SHORT).contains(seconds)) else { continue };
        let what = workload.describe();
        let message = match seconds {
            0 => format!("{what} never runs: with a deadline of 0 seconds every run is too late"),
            _ => format!("a run of {what} is left out when the control plane is {} late", count(seconds, "second")),
        };
        report.at(node, message).help("give it a minute or more, or remove it: then a late run is made up for").note_if(seconds > 0);
    }
}
