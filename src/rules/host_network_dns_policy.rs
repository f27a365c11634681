use crate::finding::{Place, Report, Safety};
use crate::graph::Graph;
use crate::resource::{PodSpec, Workload, WorkloadKind};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

/// Words in the names of variables that hold what a container connects to.
const TARGETS: [&str; 6] = ["HOST", "ADDR", "SERVER", "URL", "URI", "ENDPOINT"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::is_surely_whole) {
        let Some(pod) = workload.pod().filter(PodSpec::uses_host_network) else { continue };
        if !asks_node(&pod) {
            continue;
        }
        let used = cluster_name(&pod);
        // Agents of a node, and the control plane's pods, rightly do without the cluster's DNS unless they use it.
        if used.is_none() && matches!(workload.kind(), WorkloadKind::DaemonSet | WorkloadKind::Pod) {
            continue;
        }
        let Some(network) = pod.field("hostNetwork") else { continue };
        let place = pod.field("dnsPolicy").map_or(Place::from(network), Place::from);
        let message = format!("with hostNetwork, pods of {} ask the node's DNS, which knows no Service", workload.describe());
        let finding = report.at(place, message);
        finding.help("set `dnsPolicy: ClusterFirstWithHostNet`, or `Default` where that is meant").note_if(used.is_none());
        let policy = edit::set(pod.node(), "dnsPolicy", Value::Str("ClusterFirstWithHostNet"), &["hostNetwork"]);
        finding.offer("Ask the cluster's DNS", Safety::Unsafe, [policy]);
        if let Some(used) = used {
            finding.related(used, "this name is not resolved");
        }
    }
}

/// Whether its DNS policy is that of the cluster, which doesn't hold for pods with the node's network: `getPodDNSType` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/network/dns/dns.go>.
fn asks_node(pod: &PodSpec<'_>) -> bool {
    let has_servers = || pod.field("dnsConfig").is_some_and(|config| config.is_unknown() || config.get("nameservers").is_some());
    pod.field("dnsPolicy").is_none_or(|policy| policy.str() == Some("ClusterFirst")) && !has_servers()
}

/// Where a container is told to connect to a name of the cluster.
fn cluster_name<'t>(pod: &PodSpec<'t>) -> Option<NodeRef<'t>> {
    pod.all_containers().find_map(|container| {
        let words = ["command", "args"].into_iter().filter_map(|key| container.field(key)).flat_map(NodeRef::items);
        let mut variables = container.field("env").into_iter().flat_map(NodeRef::items);
        let mut words = words.filter(|word| word.str().is_some_and(connects_to_service));
        words.next().or_else(|| {
            variables.find_map(|variable| {
                let (name, value) = (variable.get("name")?.text(), variable.get("value")?);
                let text = value.str()?;
                let is_target = || TARGETS.iter().any(|word| name.to_ascii_uppercase().contains(word)) && is_service_name(text);
                (connects_to_service(text) || is_target()).then_some(value)
            })
        })
    })
}

/// Whether a text has a Service's name, `db.shop.svc`, where one connects to: behind `//` or `@`, or before a port.
fn connects_to_service(text: &str) -> bool {
    text.match_indices(".svc").any(|(at, _)| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
        let before = text[..at].trim_end_matches(is_part);
        let after = text[at..].trim_start_matches(is_part);
        let has_port = after.strip_prefix(':').is_some_and(|port| port.starts_with(|digit: char| digit.is_ascii_digit()));
        is_service_name(&text[before.len()..text.len() - after.len()]) && (before.ends_with("//") || before.ends_with('@') || has_port)
    })
}

fn is_service_name(text: &str) -> bool {
    let mut labels = text.split('.');
    let is_named = labels.by_ref().take(2).filter(|label| !label.is_empty()).count() == 2;
    is_named && labels.next() == Some("svc")
}
