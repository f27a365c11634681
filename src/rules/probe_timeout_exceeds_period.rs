use crate::finding::{Report, count};
use crate::graph::Graph;
use crate::resource::Setting;
use crate::yaml::NodeRef;

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()) {
            for probe in PROBES.iter().filter_map(|key| container.field(key)) {
                let seconds = |key, default| Setting::read(Some(probe), key, NodeRef::int, default);
                let (Some(timeout), Some(period)) = (seconds("timeoutSeconds", 1), seconds("periodSeconds", 10)) else { continue };
                let Some(node) = timeout.node.filter(|_| timeout.value > period.value && period.value > 0) else { continue };
                let default = if period.is_default() { ", the default" } else { "" };
                let message = format!(
                    "a probe that hangs is waited for {}, longer than the period of {} s{default}: failures count slower than they look",
                    count(timeout.value, "second"),
                    period.value
                );
                let finding = report.at(node, message);
                finding.help("set a timeout below the period");
                if let Some(period) = period.node {
                    finding.related(period, "the period");
                }
            }
        }
    }
}
