use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, Schedule};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.of_kind(Kind::CronJob).filter_map(Resource::workload) {
        let Some(policy) = workload.concurrency_policy().filter(|policy| policy.value == "Allow") else { continue };
        let Some(schedule) = workload.field("schedule").and_then(NodeRef::str).and_then(|text| Schedule::parse(text).ok()) else {
            continue;
        };
        let deadline = workload.job_field("activeDeadlineSeconds");
        let is_done_in_time = deadline.is_some_and(|deadline| deadline.int().is_none_or(|seconds| seconds <= schedule.shortest_interval()));
        if is_done_in_time || workload.is_suspended() {
            continue;
        }
        let is = if policy.is_default() { "defaults to" } else { "is" };
        let place = policy.node.unwrap_or_else(|| workload.resource().nearest("spec.schedule"));
        let message = format!("a run of {} that takes long is joined by the next one: concurrencyPolicy {is} Allow", workload.describe());
        report.at(place, message).help("write `concurrencyPolicy: Forbid`, or end each run in time by activeDeadlineSeconds");
    }
}
