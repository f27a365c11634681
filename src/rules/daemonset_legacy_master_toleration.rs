use crate::finding::{Place, Report, Safety};
use crate::graph::{Cluster, Graph};
use crate::resource::{CONTROL_PLANE, ControlPlane, MASTER, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    if graph.world().cluster == Cluster::Managed {
        return;
    }
    for workload in graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet) {
        let Some(pod) = workload.pod() else { continue };
        let Some(toleration) = pod.tolerations().find(|toleration| toleration.tolerates(MASTER) == Some(true)) else { continue };
        let is_barred = pod.node_name().is_some() || matches!(pod.control_plane(), None | Some(ControlPlane::Barred));
        if pod.tolerates(CONTROL_PLANE) != Some(false) || is_barred {
            continue;
        }
        let place = toleration.node().get("key").map_or(Place::from(toleration.node()), Place::from);
        let what = workload.describe();
        let message = format!("{what} tolerates the control plane's old taint, which kubeadm has not set since 1.25, but not the new one");
        let finding = report.at(place, message);
        finding.help(format!("add the same toleration for `{}`; the old one does no harm", CONTROL_PLANE.key));
        if toleration.key() == Some(MASTER.key) {
            finding.offer("Tolerate the new taint too", Safety::Unsafe, [pod.tolerate(CONTROL_PLANE, Some(toleration.node()))]);
        }
    }
}
