use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::WrongGroup;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for autoscaler in graph.all_autoscalers() {
        let Some(wrong) = autoscaler.wrong_group(graph.world().versions.newest) else { continue };
        let WrongGroup { kind, target, written, version, right } = wrong;
        let what = autoscaler.resource().describe();
        let message = match written {
            Some(_) => format!("there is no {kind} in `{version}`, so that {what} doesn't find its target"),
            None => format!("without apiVersion {what} looks for a {kind} of `v1`, and finds none"),
        };
        let change = match written {
            Some(written) => edit::replace(written, right),
            None => edit::insert_first(target, "apiVersion", Value::Str(right)),
        };
        report.at(written.unwrap_or(target), message).help(format!("write apiVersion: {right}")).offer(
            format!("Use {right}"),
            Safety::Unsafe,
            [change],
        );
    }
}
