use crate::finding::{Report, did_you_mean};
use crate::graph::Graph;
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for (workload, key, config) in graph.missing_config_keys(Kind::ConfigMap) {
        let (what, who) = (config.describe(), workload.describe_pods());
        let finding = report.at(key, format!("{what} has no key `{}`: {who} can't start without it", key.text()));
        let near = did_you_mean(key.text(), config.config_keys().take(100));
        finding.help(near.unwrap_or_else(|| "add the key, or set `optional: true`".to_owned()));
        finding.related(config.nearest("data"), "its keys");
    }
}
