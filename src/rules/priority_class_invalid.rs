use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Refusals};

const SYSTEM_PREFIX: &str = "system-";
const GREATEST: i64 = 1_000_000_000;
/// The classes that each cluster has.
const SYSTEM_CLASSES: [(&str, i64); 2] = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// `ValidatePriorityClass` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.of_kind(Kind::PriorityClass) {
        let value = resource.priority_class().and_then(|class| class.value());
        let Some(name) = resource.name() else { continue };
        let mut refusals = Refusals::new(report, resource);
        if name.starts_with(SYSTEM_PREFIX) {
            let is_known = |value: i64| SYSTEM_CLASSES.contains(&(name, value));
            if value.is_some_and(|value| !is_known(value)) {
                refusals
                    .at(resource.nearest("metadata.name"), "names that begin with `system-` are for the classes of Kubernetes itself")
                    .help("choose another name");
            }
        } else if let Some(value) = value.filter(|value| *value > GREATEST) {
            refusals
                .at(
                    resource.nearest("value"),
                    format!("a priority of {value} is above {GREATEST}, the greatest of classes that are not Kubernetes' own"),
                )
                .help("use a smaller value, or system-cluster-critical");
        }
    }
}
