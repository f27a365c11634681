use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Kind;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.report_missing_config_keys(Kind::ConfigMap, report);
}
