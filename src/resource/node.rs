//! Nodes as pods see them: their taints and labels, and what a pod asks of them.

use super::{Container, PodSpec, Taint, Toleration, Volume};
use crate::yaml::NodeRef;

/// The taint of kubeadm's control-plane nodes, since 1.25 their only one
/// (<https://github.com/kubernetes/enhancements/tree/master/keps/sig-cluster-lifecycle/kubeadm/2067-rename-master-label-taint>).
pub const CONTROL_PLANE: Taint<'static> = Taint { key: "node-role.kubernetes.io/control-plane", value: "", effect: "NoSchedule" };

/// The taint of kubeadm's control-plane nodes until 1.24.
pub const MASTER: Taint<'static> = Taint { key: "node-role.kubernetes.io/master", value: "", effect: "NoSchedule" };

/// A toleration that the `DaemonSet` controller gives all its pods.
struct AutomaticToleration {
    key: &'static str,
    effect: &'static str,
    /// Whether only pods with the node's network get it.
    is_for_host_network: bool,
}

fn automatic_tolerations() -> impl Iterator<Item = AutomaticToleration> {
    rows(include_str!("data/automatic-tolerations.txt")).map(|[key, effect, pods]| AutomaticToleration {
        key,
        effect,
        is_for_host_network: pods == "host-network",
    })
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
    /// Whether nodes still have it.
    pub fate: LabelFate,
}

/// What has become of a replaced label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelFate {
    /// The kubelet sets it on every node, beside its replacement.
    Kept,
    /// Cloud providers may stop setting it.
    Fading,
    /// No node that kubeadm of that version or a later one has set up has it.
    Gone,
}

/// The replaced label of that key.
pub fn legacy_label(key: &str) -> Option<LegacyLabel> {
    let mut labels = rows(include_str!("data/legacy-node-labels.txt")).map(|[key, replacement, since, fate]| LegacyLabel {
        key,
        replacement,
        since: since.parse().expect("since is a minor version"),
        fate: match fate {
            "kept" => LabelFate::Kept,
            "fading" => LabelFate::Fading,
            _ => LabelFate::Gone,
        },
    });
    labels.find(|label| label.key == key)
}

/// What a node needs before pods can use it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodePart {
    /// The pod network, without which the node is not ready.
    Network,
    /// A driver that mounts volumes.
    Storage,
    /// A device that containers ask for.
    Device,
}

/// The part of a node that lives in a folder, or below it.
fn node_part(path: &str) -> Option<NodePart> {
    rows(include_str!("data/node-parts.txt")).find(|[folder, _]| is_in(folder, path)).map(|[_, part]| match part {
        "network" => NodePart::Network,
        "storage" => NodePart::Storage,
        _ => NodePart::Device,
    })
}

/// Whether a path is a folder's or leads below it.
fn is_in(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The lines of a data file that are no comments, by columns.
fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split_whitespace();
        std::array::from_fn(|_| columns.next().expect("each line has all columns"))
    })
}

/// Keys of taints that Kubernetes and its distributions set themselves, by prefix. Any other marks nodes for a purpose.
const SYSTEM_TAINTS: [&str; 5] =
    ["node.kubernetes.io/", "node.alpha.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "node-role.", "CriticalAddonsOnly"];

impl<'t> Volume<'t> {
    /// The path on the node, if it is one of the node's.
    pub fn host_path(&self) -> Option<NodeRef<'t>> {
        self.field("hostPath")?.get("path")
    }

    /// The path on the node, if a pod may keep data there: a folder or file that is no part of the node itself.
    pub fn host_data(&self) -> Option<NodeRef<'t>> {
        let path = self.host_path()?;
        let text = path.str()?;
        let kind = self.node().at("hostPath.type").filter(|kind| !kind.is_null()).map_or(Some(""), NodeRef::str)?;
        let is_device = matches!(kind, "Socket" | "CharDevice" | "BlockDevice");
        let is_of_node = || rows(include_str!("data/node-folders.txt")).any(|[folder]| is_in(folder, text));
        (!is_device && !is_of_node()).then_some(path)
    }

    /// The part of the node that lives there.
    fn node_part(&self) -> Option<NodePart> {
        node_part(self.host_path()?.str()?)
    }
}

impl Toleration<'_> {
    /// Whether the `DaemonSet` controller adds the same one to its pods, time limit aside. `None` where a placeholder decides.
    pub fn is_automatic(&self, on_host_network: bool) -> Option<bool> {
        let (key, effect, operator, value) = (self.key()?, self.effect()?, self.operator()?, self.value()?);
        let is_in_table = automatic_tolerations()
            .any(|automatic| automatic.key == key && automatic.effect == effect && (on_host_network || !automatic.is_for_host_network));
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
    /// What is asked for: the value of a pair, or the expression.
    pub fn node(&self) -> NodeRef<'t> {
        match self.kind {
            DemandKind::Value(node) | DemandKind::Expression(node) => node,
        }
    }

    /// Whether a node with that value of the label, or without the label, fulfils it. `None` where a placeholder decides.
    pub fn allows(&self, label: Option<&str>) -> Option<bool> {
        let expression = match self.kind {
            // For the API server a null is an empty string.
            DemandKind::Value(value) if value.is_null() => return Some(label == Some("")),
            DemandKind::Value(value) => return Some(label == Some(value.value_text()?)),
            DemandKind::Expression(expression) => expression,
        };
        let values = expression.get("values").into_iter().flat_map(NodeRef::items).map(NodeRef::value_text);
        // The API server refuses an empty list.
        let listed = || values.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty());
        let is_listed = || listed().map(|values| label.is_some_and(|label| values.contains(&label)));
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

    /// Whether no node fulfils both this and another one: it lists the label's values, and the other allows none of them; or it asks
    /// for the label, and the other for nodes without it.
    fn excludes(&self, other: &NodeDemand<'t>) -> bool {
        if !other.is_about(self.key.text()) {
            return false;
        }
        if self.allows(None) == Some(false) && other.is_for_absence() {
            return true;
        }
        self.listed().filter(|values| values.len() <= MANY_VALUES).is_some_and(|values| {
            values.iter().all(|value| value.value_text().is_some_and(|value| other.allows(Some(value)) == Some(false)))
        })
    }

    /// The values of the label that it lists, if it lists any.
    fn listed(&self) -> Option<Vec<NodeRef<'t>>> {
        let values = match self.kind {
            DemandKind::Value(value) => vec![value],
            DemandKind::Expression(expression) if expression.get("operator").and_then(NodeRef::str) == Some("In") => {
                expression.get("values").into_iter().flat_map(NodeRef::items).collect()
            }
            DemandKind::Expression(_) => return None,
        };
        Some(values).filter(|values| !values.is_empty())
    }

    /// The values that the label may have, if it lists them and no placeholder is among them.
    pub fn values(&self) -> Option<Vec<&'t str>> {
        self.listed()?.into_iter().map(NodeRef::value_text).collect()
    }

    fn is_for_absence(&self) -> bool {
        matches!(self.kind, DemandKind::Expression(expression) if expression.get("operator").and_then(NodeRef::str) == Some("DoesNotExist"))
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

/// Values of a demand above which they aren't held against another demand's.
const MANY_VALUES: usize = 200;

/// Demands of one choice that are compared with others, each with each: no pod has as many.
const MANY_DEMANDS: usize = 32;

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
        self.volumes().any(|volume| volume.node_part() == Some(NodePart::Device))
    }

    /// The part of its node that it provides, by the first folder of one that it can write to.
    pub fn provides(&self) -> Option<NodePart> {
        self.volumes().find_map(|volume| volume.node_part().filter(|_| self.writes(&volume)))
    }

    /// A port of the node that its pods hold as long as they run. With the node's network every declared port is one: `hostPort` is
    /// defaulted to `containerPort` when a pod is made.
    pub fn held_host_port(&self) -> Option<NodeRef<'t>> {
        let key = if self.uses_host_network() { "containerPort" } else { "hostPort" };
        let mut lasting = self.all_containers().filter(Container::is_lasting);
        lasting.find_map(|container| {
            let declared = container.ports().find_map(|port| port.get(key).filter(|node| !node.is_null()));
            container.host_ports().next().or(declared.filter(|node| node.int() != Some(0)))
        })
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

    /// Two demands of which no node fulfils both, if there are such in every way to fulfil what the pod asks.
    pub fn contradiction(&self) -> Option<(NodeDemand<'t>, NodeDemand<'t>)> {
        let choices = self.node_choices().filter(|choices| choices.len() <= MANY_CHOICES)?;
        let pairs: Option<Vec<_>> = choices.iter().map(NodeChoice::contradiction).collect();
        pairs?.first().copied()
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
        let theirs = other.few_demands();
        let contradicts = |demand: &NodeDemand<'t>| theirs.iter().any(|other| demand.excludes(other) || other.excludes(demand));
        self.few_demands().iter().any(contradicts)
    }

    /// Its first demands, for comparing each with each.
    fn few_demands(&self) -> &[NodeDemand<'t>] {
        &self.demands[..self.demands.len().min(MANY_DEMANDS)]
    }

    /// Two of its demands that exclude each other.
    fn contradiction(&self) -> Option<(NodeDemand<'t>, NodeDemand<'t>)> {
        let demands = self.few_demands();
        let mut pairs = demands.iter().enumerate().flat_map(|(index, one)| demands[..index].iter().map(move |other| (one, other)));
        pairs.find(|(one, other)| one.excludes(other) || other.excludes(one)).map(|(one, other)| (*one, *other))
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
