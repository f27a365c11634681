use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Workload, references, text};

/// `ExpandContainerVolumeMounts` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/container/helpers.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !workload.may_be_patch()) {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()) {
            for mount in container.mounts() {
                let Some((node, expression)) = text(mount.node(), "subPathExpr") else { continue };
                let missing = references(expression).find(|name| lacks_variable(&container, name) && !is_given(&workload, name));
                let Some(name) = missing else { continue };
                if graph.patches_of(&workload).any(|patch| may_add_variable(&patch, &container, name)) {
                    continue;
                }
                let owner = container.name().unwrap_or_default();
                report
                    .at(node, format!("container {owner} has no variable `{name}`: it can't be created"))
                    .help("define it under the container's env, above all with a fieldRef; `$$(NAME)` is no reference");
            }
        }
    }
}

/// Whether a container surely has no variable of that name: it takes none from elsewhere.
fn lacks_variable(container: &Container<'_>, name: &str) -> bool {
    let Some(env) = container.field("env") else { return container.field("envFrom").is_none() };
    let is_known = env.is_sequence() && env.items().all(|entry| entry.get("name").is_some_and(|name| !name.is_unknown()));
    is_known && container.field("envFrom").is_none() && container.env(name).is_none()
}

/// Whether every container gets it: the variables of Services, and the index of an indexed Job's pod.
fn is_given(workload: &Workload<'_>, name: &str) -> bool {
    let is_of_service = name.contains("_SERVICE_") || name.contains("_PORT");
    is_of_service || (name == "JOB_COMPLETION_INDEX" && workload.is_indexed_job())
}

fn may_add_variable(patch: &Workload<'_>, container: &Container<'_>, name: &str) -> bool {
    let mut same = patch.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(|other| other.name() == container.name());
    same.any(|other| !lacks_variable(&other, name))
}
