//! Nodes as pods see them: their taints and labels, and what a pod asks of them.

use super::{Container, PodSpec, Taint, Toleration, Volume};
use crate::yaml::NodeRef;

/// The taint of kubeadm's control-plane nodes, since 1.25 their only one
/// (<https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/kubeadm/2067-rename-master-label-taint>).
pub const CONTROL_PLANE: Taint<'static> = Taint { key: "node-role.kubernetes.io/control-plane", value: "", effect: "NoSchedule" };

/// The taint of kubeadm's control-plane nodes until 1.24.
pub const MASTER: Taint<'static> = Taint { key: "node-role.kubernetes.io/master", value: "", effect: "NoSchedule" };

/// A toleration that the `DaemonSet` controller gives all its pods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AutomaticToleration {
    /// The taint's key.
    pub key: &'static str,
    /// The taint's effect. The operator is always `Exists`, and there is no time limit.
    pub effect: &'static str,
    /// Whether only pods with the node's network get it.
    pub for_host_network: bool,
}

/// The tolerations that the `DaemonSet` controller adds: `AddOrUpdateDaemonPodTolerations` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/daemon/util/daemonset_util.go>.
pub const AUTOMATIC_TOLERATIONS: &[AutomaticToleration] = &[
    automatic("node.kubernetes.io/not-ready", "NoExecute"),
    automatic("node.kubernetes.io/unreachable", "NoExecute"),
    automatic("node.kubernetes.io/disk-pressure", "NoSchedule"),
    automatic("node.kubernetes.io/memory-pressure", "NoSchedule"),
    automatic("node.kubernetes.io/pid-pressure", "NoSchedule"),
    automatic("node.kubernetes.io/unschedulable", "NoSchedule"),
    AutomaticToleration { for_host_network: true, ..automatic("node.kubernetes.io/network-unavailable", "NoSchedule") },
];

const fn automatic(key: &'static str, effect: &'static str) -> AutomaticToleration {
    AutomaticToleration { key, effect, for_host_network: false }
}

/// A node label that Kubernetes has replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LegacyLabel {
    /// The old key.
    pub key: &'static str,
    /// The key to use.
    pub replacement: &'static str,
    /// The minor version that deprecated it, or that stopped setting it.
    pub since: u32,
    /// Whether no node that kubeadm of that version or a later one has set up has it.
    pub is_gone: bool,
}

/// The replaced labels: `deprecatedNodeLabels` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/api/node/util.go>, and kubeadm's old role label (see [`CONTROL_PLANE`]).
pub const LEGACY_LABELS: &[LegacyLabel] = &[
    LegacyLabel { key: MASTER.key, replacement: CONTROL_PLANE.key, since: 24, is_gone: true },
    deprecated("beta.kubernetes.io/arch", "kubernetes.io/arch", 14),
    deprecated("beta.kubernetes.io/os", "kubernetes.io/os", 14),
    deprecated("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", 17),
    deprecated("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region", 17),
    deprecated("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone", 17),
];

const fn deprecated(key: &'static str, replacement: &'static str, since: u32) -> LegacyLabel {
    LegacyLabel { key, replacement, since, is_gone: false }
}

/// Keys of taints that Kubernetes and its distributions set themselves, by prefix. Any other marks nodes for a purpose.
const SYSTEM_TAINTS: [&str; 5] =
    ["node.kubernetes.io/", "node.alpha.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "node-role.", "CriticalAddonsOnly"];

impl Toleration<'_> {
    /// Whether the `DaemonSet` controller adds the same one to its pods, time limit aside. `None` where a placeholder decides.
    pub fn is_automatic(&self, on_host_network: bool) -> Option<bool> {
        let (key, effect, operator, value) = (self.key()?, self.effect()?, self.operator()?, self.value()?);
        let is_in_table = AUTOMATIC_TOLERATIONS
            .iter()
            .any(|automatic| automatic.key == key && automatic.effect == effect && (on_host_network || !automatic.for_host_network));
        Some(is_in_table && operator == "Exists" && value.is_empty())
    }

    /// Whether it names a taint that someone gave some nodes for a purpose, such as `nvidia.com/gpu`.
    pub fn is_for_a_purpose(&self) -> bool {
        self.key().is_some_and(|key| !key.is_empty() && !SYSTEM_TAINTS.iter().any(|prefix| key.starts_with(prefix)))
    }
}

/// What a pod asks of one label of its node.
#[derive(Clone, Copy, Debug)]
pub struct NodeDemand<'t> {
    /// The label's key, as written.
    pub key: NodeRef<'t>,
    kind: DemandKind<'t>,
}

#[derive(Clone, Copy, Debug)]
enum DemandKind<'t> {
    /// A pair of `nodeSelector`: the label has that value.
    Value(NodeRef<'t>),
    /// An entry of `matchExpressions`.
    Expression(NodeRef<'t>),
}

impl<'t> NodeDemand<'t> {
    /// Whether a node with that value of the label, or without the label, fulfils it. `None` where a placeholder decides.
    pub fn allows(&self, label: Option<&str>) -> Option<bool> {
        let expression = match self.kind {
            // For the API server a null is an empty string.
            DemandKind::Value(value) if value.is_null() => return Some(label == Some("")),
            DemandKind::Value(value) => return Some(label == Some(value.value_text()?)),
            DemandKind::Expression(expression) => expression,
        };
        let values = expression.get("values").into_iter().flat_map(NodeRef::items).map(NodeRef::value_text);
        let is_listed = || values.collect::<Option<Vec<_>>>().map(|values| label.is_some_and(|label| values.contains(&label)));
        match expression.get("operator")?.str()? {
            "In" => is_listed(),
            "NotIn" => is_listed().map(|listed| !listed),
            "Exists" => Some(label.is_some()),
            "DoesNotExist" => Some(label.is_none()),
            // They compare integers, and never match a node without the label.
            "Gt" | "Lt" if label.is_none() => Some(false),
            _ => None,
        }
    }

    /// Whether no node fulfils both this and another one: it lists the label's values, and the other allows none of them.
    fn excludes(&self, other: &NodeDemand<'t>) -> bool {
        let values: Vec<_> = match self.kind {
            DemandKind::Value(value) => vec![value],
            DemandKind::Expression(expression) if expression.get("operator").and_then(NodeRef::str) == Some("In") => {
                expression.get("values").into_iter().flat_map(NodeRef::items).collect()
            }
            DemandKind::Expression(_) => return false,
        };
        let is_barred = |value: &NodeRef<'t>| value.value_text().is_some_and(|value| other.allows(Some(value)) == Some(false));
        other.is_about(self.key.text()) && values.iter().all(is_barred)
    }

    /// Whether it is about that label.
    pub fn is_about(&self, key: &str) -> bool {
        self.key.text() == key
    }

    /// What it says about control-plane nodes: they run Linux, and bear kubeadm's label without a value.
    fn control_plane(&self) -> ControlPlane<'t> {
        match self.key.text() {
            "kubernetes.io/arch" | "beta.kubernetes.io/arch" => ControlPlane::Open,
            "kubernetes.io/os" | "beta.kubernetes.io/os" => match self.allows(Some("linux")) {
                Some(true) => ControlPlane::Open,
                Some(false) => ControlPlane::Barred,
                None => ControlPlane::Elsewhere,
            },
            key if key == CONTROL_PLANE.key => match (self.allows(Some("")), self.allows(None)) {
                (Some(false), _) => ControlPlane::Barred,
                (Some(true), Some(false)) => ControlPlane::Asked(self.key),
                (Some(true), Some(true)) => ControlPlane::Open,
                _ => ControlPlane::Elsewhere,
            },
            _ => ControlPlane::Elsewhere,
        }
    }
}

/// A way to fulfil what a pod asks of its node: all demands of one such way hold together, and one way suffices.
#[derive(Clone, Debug)]
pub struct NodeChoice<'t> {
    /// The demands.
    pub demands: Vec<NodeDemand<'t>>,
    /// Whether the node's own fields are asked for too, so that the pod runs on a node of that name only.
    pub by_field: bool,
}

/// What a pod's demands on labels say about control-plane nodes.
#[derive(Clone, Copy, Debug)]
pub enum ControlPlane<'t> {
    /// They speak of no label but those of a node's build: the pod is meant for every node.
    Open,
    /// They ask for control-plane nodes, by this key.
    Asked(NodeRef<'t>),
    /// They keep the pod off control-plane nodes.
    Barred,
    /// Labels decide that any node may have or lack.
    Elsewhere,
}

/// Ways to fulfil what a pod asks of its node above which they aren't compared with another's.
const MANY_CHOICES: usize = 16;

impl<'t> PodSpec<'t> {
    /// Whether it tolerates a taint; `None` where a placeholder decides.
    pub fn tolerates(&self, taint: Taint<'_>) -> Option<bool> {
        if self.field("tolerations").is_some_and(|tolerations| !tolerations.is_sequence()) {
            return None;
        }
        let mut is_known = true;
        for toleration in self.tolerations() {
            match toleration.tolerates(taint) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(false)
    }

    /// The name of the node that the template names, unless it is a placeholder.
    pub fn node_name(&self) -> Option<NodeRef<'t>> {
        self.field("nodeName").filter(|name| !name.text().is_empty())
    }

    /// Whether its containers work on the node itself: with its files, network, processes or ports, or with its privileges.
    pub fn works_on_node(&self) -> bool {
        let is_near = |container: Container<'t>| {
            let is_privileged = container.node().at("securityContext.privileged").and_then(NodeRef::bool) == Some(true);
            is_privileged || container.host_ports().next().is_some()
        };
        ["hostNetwork", "hostPID"].into_iter().any(|key| self.is_true(key))
            || self.volumes().any(|volume| volume.field("hostPath").is_some())
            || self.all_containers().any(is_near)
    }

    /// Whether it offers a device of the node to the kubelet, and so runs where such devices are.
    pub fn is_device_plugin(&self) -> bool {
        let path = |volume: Volume<'t>| volume.node().at("hostPath.path").and_then(NodeRef::str);
        self.volumes().filter_map(path).any(|path| path.trim_end_matches('/') == "/var/lib/kubelet/device-plugins")
    }

    /// What `nodeSelector` asks of the node.
    pub fn node_selector(&self) -> impl Iterator<Item = NodeDemand<'t>> + use<'t> {
        let pairs = self.field("nodeSelector").into_iter().flat_map(NodeRef::entries);
        pairs.map(|pair| NodeDemand { key: pair.key, kind: DemandKind::Value(pair.value) })
    }

    /// The terms of the required node affinity, any of which suffices. A term without demands matches no node and is left out.
    pub fn node_terms(&self) -> impl Iterator<Item = NodeChoice<'t>> + use<'t> {
        self.required_terms("nodeAffinity").map(read_term).filter(|term| term.by_field || !term.demands.is_empty())
    }

    /// The terms of the preferred node affinity.
    pub fn preferred_node_terms(&self) -> impl Iterator<Item = NodeChoice<'t>> + use<'t> {
        let preferred = self.node.at("affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution");
        preferred.into_iter().flat_map(NodeRef::items).filter_map(|term| term.get("preference")).map(read_term)
    }

    /// All ways in which `nodeSelector` and the required node affinity can be fulfilled; one without demands where neither is
    /// written. `None` where a placeholder stands for either.
    pub fn node_choices(&self) -> Option<Vec<NodeChoice<'t>>> {
        let is_readable = |path: &str| self.node.at(path).is_none_or(|node| node.is_mapping() || node.is_null());
        let required = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
        if !["nodeSelector", "affinity", "affinity.nodeAffinity", required].into_iter().all(is_readable) {
            return None;
        }
        let selector: Vec<_> = self.node_selector().collect();
        let has_affinity = self.node.at(required).is_some_and(NodeRef::is_mapping);
        if !has_affinity {
            return Some(vec![NodeChoice { demands: selector, by_field: false }]);
        }
        let with_selector = |term: NodeChoice<'t>| NodeChoice { demands: [&selector[..], &term.demands].concat(), ..term };
        Some(self.node_terms().map(with_selector).collect())
    }

    /// Whether no node can run both this pod and another one: whichever way each fulfils its demands, the two contradict each other.
    pub fn is_on_other_nodes_than(&self, other: &PodSpec<'t>) -> bool {
        let (Some(mine), Some(theirs)) = (self.node_choices(), other.node_choices()) else { return false };
        let are_few = mine.len().max(theirs.len()) <= MANY_CHOICES;
        are_few && mine.iter().all(|choice| theirs.iter().all(|other| choice.excludes(other)))
    }

    /// What its demands on labels say about control-plane nodes; `None` where a placeholder stands for them.
    pub fn control_plane(&self) -> Option<ControlPlane<'t>> {
        let choices = self.node_choices()?;
        Some(choices.iter().map(NodeChoice::control_plane).min_by_key(ControlPlane::strictness).unwrap_or(ControlPlane::Barred))
    }
}

fn read_term(term: NodeRef<'_>) -> NodeChoice<'_> {
    let expressions = term.get("matchExpressions").into_iter().flat_map(NodeRef::items);
    let demands = expressions.filter_map(|expression| {
        let key = expression.get("key")?;
        Some(NodeDemand { key, kind: DemandKind::Expression(expression) })
    });
    NodeChoice { demands: demands.collect(), by_field: term.get("matchFields").is_some_and(|fields| !fields.is_empty()) }
}

impl<'t> NodeChoice<'t> {
    /// Whether no node fulfils both.
    fn excludes(&self, other: &NodeChoice<'t>) -> bool {
        let contradicts = |demand: &NodeDemand<'t>| other.demands.iter().any(|other| demand.excludes(other) || other.excludes(demand));
        self.demands.iter().any(contradicts)
    }

    /// What all its demands together say about control-plane nodes.
    fn control_plane(&self) -> ControlPlane<'t> {
        let by_field = self.by_field.then_some(ControlPlane::Elsewhere);
        let demands = self.demands.iter().map(NodeDemand::control_plane);
        demands.chain(by_field).max_by_key(ControlPlane::strictness).unwrap_or(ControlPlane::Open)
    }
}

impl ControlPlane<'_> {
    fn strictness(&self) -> u8 {
        match self {
            ControlPlane::Open => 0,
            ControlPlane::Asked(_) => 1,
            ControlPlane::Elsewhere => 2,
            ControlPlane::Barred => 3,
        }
    }
}
