use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Workload, text};
use crate::yaml::NodeRef;

/// A probe that can't be made is no failed one: `doProbe` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/worker.go> throws its result away, and what was so before stays so.
const PROBES: [(&str, &str); 3] = [
    ("startupProbe", "the pod never gets ready"),
    (LIVENESS, "it is never probed, and not restarted when it hangs"),
    ("readinessProbe", "the pod never gets ready"),
];
const LIVENESS: &str = "livenessProbe";

/// The kubelet looks in the probe's own container only: `ResolveContainerPort` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/probe/util.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !workload.may_be_patch()) {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(Container::is_lasting) {
            for (probe, consequence) in PROBES {
                let Some((node, port)) = container.field(probe).and_then(named_port) else { continue };
                if !lacks_port(&container, port) || graph.patches_of(&workload).any(|patch| may_add_port(&patch, &container, port)) {
                    continue;
                }
                let names = container.ports().filter_map(|port| text(port, "name")).map(|(_, name)| name);
                let name = container.name().unwrap_or_default();
                let finding = report.at(node, format!("no port of container {name} is named `{port}`: {consequence}"));
                finding.suggest(node, names, "declare it under the container's ports, or write the number");
                finding.warning_if(probe == LIVENESS);
                if let Some(elsewhere) = workload.pod().and_then(|pod| pod.all_containers().find_map(|other| declared(&other, port))) {
                    finding.related(elsewhere, "another container's port, which the kubelet does not look at");
                }
            }
        }
    }
}

/// The port of a probe's handler, where it is a name that may be one.
fn named_port(probe: NodeRef<'_>) -> Option<(NodeRef<'_>, &str)> {
    let handler = ["httpGet", "tcpSocket"].into_iter().find_map(|key| probe.get(key))?;
    text(handler, "port").filter(|(_, port)| port.bytes().any(|byte| byte.is_ascii_lowercase()))
}

fn declared<'t>(container: &Container<'t>, port: &str) -> Option<NodeRef<'t>> {
    container.ports().filter_map(|entry| entry.get("name")).find(|name| name.is_text(port))
}

/// Whether it surely has no port of that name: none is and no placeholder stands for one.
fn lacks_port(container: &Container<'_>, port: &str) -> bool {
    let is_listed = container.field("ports").is_none_or(NodeRef::is_sequence);
    let is_known = |entry: NodeRef<'_>| entry.get("name").is_none_or(|name| !name.is_unknown());
    is_listed && container.ports().all(is_known) && declared(container, port).is_none()
}

fn may_add_port(patch: &Workload<'_>, container: &Container<'_>, port: &str) -> bool {
    let mut same = patch.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(|other| other.name() == container.name());
    same.any(|other| !lacks_port(&other, port))
}
