use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service) {
        let policy = service.resource().spec().and_then(|spec| spec.get("externalTrafficPolicy"));
        let Some(policy) = policy.filter(|policy| policy.str() == Some("Local")) else { continue };
        let Some(selector) = service.selector() else { continue };
        let workloads: Vec<_> = graph.selected(service.resource(), selector).collect();
        let [workload] = workloads.as_slice() else { continue };
        let is_single = graph.replicas(workload).is_some_and(|replicas| replicas.most == 1);
        if workload.kind() == WorkloadKind::Deployment && is_single {
            let message = format!("only the node that runs the one pod of {} answers; all others drop connections", workload.describe());
            let replicas: NodeRef<'_> = workload.replicas().and_then(|it| it.node).unwrap_or_else(|| workload.resource().nearest("spec"));
            report.at(policy, message).help("run a pod on each node that is connected to, or set Cluster").related(replicas, "one pod");
        }
    }
}
