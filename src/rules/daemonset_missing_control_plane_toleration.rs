use crate::finding::{Place, Report, Safety};
use crate::graph::{Cluster, Graph};
use crate::resource::{CONTROL_PLANE, ControlPlane, MASTER, PodSpec, Toleration, Workload, WorkloadKind};
use crate::yaml::NodeRef;

const TITLE: &str = "Tolerate the control plane's taint";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    if graph.world().cluster == Cluster::Managed {
        return;
    }
    let daemons = graph.workloads().filter(|workload| workload.kind() == WorkloadKind::DaemonSet && workload.is_surely_whole());
    for workload in daemons {
        let Some(pod) = workload.pod() else { continue };
        // What tolerates the old taint only is another rule's.
        let is_missing = pod.tolerates(CONTROL_PLANE) == Some(false) && pod.tolerates(MASTER) == Some(false);
        if !is_missing || pod.node_name().is_some() || pod.is_device_plugin() || graph.namespace_selects_nodes(&workload) {
            continue;
        }
        match (pod.control_plane(), near_miss(&pod)) {
            (None | Some(ControlPlane::Elsewhere | ControlPlane::Barred), _) => {}
            (Some(ControlPlane::Asked(key)), _) => report_contradiction(&workload, &pod, key, report),
            (Some(ControlPlane::Open), Some(toleration)) => report_near_miss(&workload, &pod, toleration, report),
            (Some(ControlPlane::Open), None) => report_missing(&workload, &pod, report),
        }
    }
}

fn report_contradiction(workload: &Workload<'_>, pod: &PodSpec<'_>, key: NodeRef<'_>, report: &mut Report) {
    let message = format!("{} selects control-plane nodes but doesn't tolerate their taint {}", workload.describe(), taint());
    report.at(key, message).help(remedy()).offer(TITLE, Safety::Unsafe, [pod.tolerate(CONTROL_PLANE, None)]);
}

/// A toleration of that key which lets nothing through.
fn near_miss<'t>(pod: &PodSpec<'t>) -> Option<Toleration<'t>> {
    pod.tolerations().find(|toleration| toleration.key() == Some(CONTROL_PLANE.key))
}

fn report_near_miss(workload: &Workload<'_>, pod: &PodSpec<'_>, toleration: Toleration<'_>, report: &mut Report) {
    let effect = toleration.effect().unwrap_or_default();
    let (key, what) = if !effect.is_empty() && effect != CONTROL_PLANE.effect {
        ("effect", format!("this tolerates the effect {effect} only, and the taint has {}", CONTROL_PLANE.effect))
    } else if let (Some("Equal"), Some(value)) = (toleration.operator(), toleration.value()) {
        ("value", format!("this tolerates the value `{value}` only, and the taint has none"))
    } else {
        // An operator that the API server refuses: another rule's.
        return;
    };
    let place = toleration.node().get(key).unwrap_or(toleration.node());
    let message = format!("{} doesn't run on nodes with the control plane's taint: {what}", workload.describe());
    let change = pod.tolerate(CONTROL_PLANE, None);
    report.at(place, message).help(remedy()).offer(TITLE, Safety::Unsafe, [change]);
}

fn report_missing(workload: &Workload<'_>, pod: &PodSpec<'_>, report: &mut Report) {
    let is_for_few = pod.tolerations().any(|toleration| toleration.is_for_a_purpose());
    let place = Place::from(workload.resource().nearest("spec.template.spec.tolerations"));
    let message = format!("{} doesn't run on nodes with the control plane's taint {}", workload.describe(), taint());
    report
        .at(place, message)
        .help(format!("{}, or say by nodeSelector which nodes are meant; on EKS, GKE and AKS set `cluster: managed`", remedy()))
        .note_if(is_for_few || !pod.works_on_node())
        .offer(TITLE, Safety::Unsafe, [pod.tolerate(CONTROL_PLANE, None)]);
}

fn taint() -> String {
    format!("{}:{}", CONTROL_PLANE.key, CONTROL_PLANE.effect)
}

fn remedy() -> String {
    format!("tolerate it: `key: {}`, `operator: Exists`, `effect: {}`", CONTROL_PLANE.key, CONTROL_PLANE.effect)
}
