//! Pod specs: containers, volumes, mounts, tolerations.

use std::collections::{HashMap, HashSet};

use super::{ImageReference, Workload, WorkloadKind};
use crate::yaml::NodeRef;

const MOUNTS: &str = "volumeMounts";
const DEVICES: &str = "volumeDevices";

/// The spec of a pod or of a template's pods.
#[derive(Clone, Copy, Debug)]
pub struct PodSpec<'t> {
    pub(super) node: NodeRef<'t>,
}

impl<'t> PodSpec<'t> {
    pub(super) fn new(node: NodeRef<'t>) -> Self {
        PodSpec { node }
    }

    /// The spec itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// A field, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    fn items(&self, key: &str) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        self.field(key).into_iter().flat_map(NodeRef::items)
    }

    /// The containers that run side by side.
    pub fn containers(&self) -> impl Iterator<Item = Container<'t>> + use<'t> {
        self.items("containers").map(|node| Container { node, is_init: false })
    }

    /// The containers that run before, sidecars among them.
    pub fn init_containers(&self) -> impl Iterator<Item = Container<'t>> + use<'t> {
        self.items("initContainers").map(|node| Container { node, is_init: true })
    }

    /// All of them.
    pub fn all_containers(&self) -> impl Iterator<Item = Container<'t>> + use<'t> {
        self.init_containers().chain(self.containers())
    }

    /// The volumes.
    pub fn volumes(&self) -> impl Iterator<Item = Volume<'t>> + use<'t> {
        self.items("volumes").map(|node| Volume { node })
    }

    /// The tolerations.
    pub fn tolerations(&self) -> impl Iterator<Item = Toleration<'t>> + use<'t> {
        self.items("tolerations").map(|node| Toleration { node })
    }

    /// Every mount and device, in any container.
    pub fn mounts(&self) -> impl Iterator<Item = Mount<'t>> + use<'t> {
        self.all_containers().flat_map(Container::mounts)
    }

    /// Whether a container can write to a volume.
    pub fn writes(&self, volume: &Volume<'t>) -> bool {
        let name = volume.name();
        name.is_some() && self.mounts().any(|mount| mount.volume() == name && !mount.is_read_only())
    }

    /// Every mount and device, by the name of its volume.
    pub fn mounts_by_volume(&self) -> HashMap<&'t str, Vec<Mount<'t>>> {
        let mut by_volume: HashMap<_, Vec<_>> = HashMap::new();
        for mount in self.mounts() {
            if let Some(name) = mount.volume() {
                by_volume.entry(name).or_default().push(mount);
            }
        }
        by_volume
    }

    /// The names of all volumes that are mounted somewhere. `None` where a placeholder may stand for more.
    pub fn mounted_names(&self) -> Option<HashSet<&'t str>> {
        let is_listed = |node: Option<NodeRef<'t>>| node.is_none_or(NodeRef::is_sequence);
        let are_listed = ["containers", "initContainers"].iter().all(|key| is_listed(self.field(key)))
            && self.all_containers().all(|container| [MOUNTS, DEVICES].iter().all(|key| is_listed(container.field(key))));
        if are_listed { self.mounts().map(|mount| mount.volume()).collect() } else { None }
    }

    /// Whether a boolean field is true.
    pub fn is_true(&self, key: &str) -> bool {
        self.field(key).and_then(NodeRef::bool) == Some(true)
    }

    /// Whether its pods share the node's network.
    pub fn uses_host_network(&self) -> bool {
        self.is_true("hostNetwork")
    }

    /// Its `nodeAffinity`, `podAffinity` or `podAntiAffinity`.
    pub(super) fn affinity(&self, kind: &str) -> Option<NodeRef<'t>> {
        self.field("affinity")?.get(kind).filter(|node| !node.is_null())
    }

    /// The required terms of an affinity: `nodeAffinity` gives node selector terms (any of them suffices), `podAffinity` and
    /// `podAntiAffinity` pod terms (each must hold).
    pub fn required_terms(&self, affinity: &str) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        let required = self.affinity(affinity).and_then(|node| node.get("requiredDuringSchedulingIgnoredDuringExecution"));
        required
            .and_then(|node| if node.is_mapping() { node.get("nodeSelectorTerms") } else { Some(node) })
            .into_iter()
            .flat_map(NodeRef::items)
    }
}

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'t> {
    node: NodeRef<'t>,
    is_init: bool,
}

impl<'t> Container<'t> {
    /// The container itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Whether it stands under `initContainers`.
    pub fn is_init(&self) -> bool {
        self.is_init
    }

    /// Whether it is an init container that keeps running beside the others.
    pub fn is_sidecar(&self) -> bool {
        self.is_init && self.node.get("restartPolicy").and_then(NodeRef::str) == Some("Always")
    }

    /// Whether it runs as long as the pod does.
    pub fn is_lasting(&self) -> bool {
        !self.is_init || self.is_sidecar()
    }

    /// Its name, if known.
    pub fn name(&self) -> Option<&'t str> {
        self.node.get("name").and_then(NodeRef::value_text)
    }

    /// A field, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// Its image, if written.
    pub fn image(&self) -> Option<NodeRef<'t>> {
        self.field("image")
    }

    /// Its image taken apart, unless a placeholder is in it.
    pub fn image_reference(&self) -> Option<ImageReference<'t>> {
        ImageReference::read(self.image()?.str()?)
    }

    /// Its volume mounts and block devices.
    pub fn mounts(self) -> impl Iterator<Item = Mount<'t>> {
        let of = move |key, is_device| {
            let list = self.field(key).into_iter().flat_map(NodeRef::items);
            list.map(move |node| Mount { node, container: self, is_device })
        };
        of(MOUNTS, false).chain(of(DEVICES, true))
    }

    /// Its ports.
    pub fn ports(&self) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        self.field("ports").into_iter().flat_map(NodeRef::items)
    }

    /// The ports of the node that it asks for: where they are written.
    pub fn host_ports(&self) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        let written = |port: NodeRef<'t>| port.get("hostPort").filter(|node| !node.is_null() && node.int() != Some(0));
        self.ports().filter_map(written)
    }

    /// The entry of an environment variable; the last one, which wins.
    pub fn env(&self, name: &str) -> Option<NodeRef<'t>> {
        self.env_before(name, usize::MAX).map(|(_, entry)| entry)
    }

    /// The last entry of a variable among the first entries, and its index: an entry sees those that stand above it.
    fn env_before(&self, name: &str, end: usize) -> Option<(usize, NodeRef<'t>)> {
        let entries = self.field("env").into_iter().flat_map(NodeRef::items).enumerate().take(end);
        entries.filter(|(_, entry)| entry.get("name").and_then(NodeRef::value_text) == Some(name)).last()
    }
}

/// References to variables that are followed for one path, those in their values among them; what needs more is not known.
const MOST_REFERENCES: usize = 100;

/// The folders of a path, and what it ends in: `a//b/` and `./a/b` lead to the same.
pub fn path_steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !matches!(*step, "" | "."))
}

/// Among which pods a path is used once only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Uniqueness {
    /// All pods use the same path.
    Shared,
    /// Pods of different nodes use different ones.
    PerNode,
    /// Each pod uses its own.
    PerPod,
}

/// A volume mounted in a container, or given to it as a block device.
#[derive(Clone, Copy, Debug)]
pub struct Mount<'t> {
    node: NodeRef<'t>,
    container: Container<'t>,
    is_device: bool,
}

impl<'t> Mount<'t> {
    /// The mount itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// The container.
    pub fn container(&self) -> Container<'t> {
        self.container
    }

    /// Whether it is an entry of `volumeDevices`.
    pub fn is_device(&self) -> bool {
        self.is_device
    }

    /// Name of the volume.
    pub fn volume(&self) -> Option<&'t str> {
        self.node.get("name").and_then(NodeRef::value_text)
    }

    /// Where it is mounted (a device: its path).
    pub fn path(&self) -> Option<&'t str> {
        self.node.get(if self.is_device { "devicePath" } else { "mountPath" }).and_then(NodeRef::str)
    }

    /// Whether the container can't write through it. A placeholder counts as read-only: nothing is known.
    pub fn is_read_only(&self) -> bool {
        !self.is_device && self.node.get("readOnly").is_some_and(|node| !node.is_null() && node.bool() != Some(false))
    }

    fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get(key).filter(|node| !node.is_null() && !node.text().is_empty())
    }

    /// The path inside the volume, where it is the same for all pods: `subPath`, or `subPathExpr` without variables. `None` for the
    /// volume's root.
    pub fn sub_path(&self) -> Option<NodeRef<'t>> {
        self.field("subPath").or_else(|| self.field("subPathExpr"))
    }

    /// Among which pods of the workload the path inside the volume is used once. `None` where a placeholder decides.
    pub fn uniqueness(&self, workload: &Workload<'t>) -> Option<Uniqueness> {
        let Some(expression) = self.field("subPathExpr") else {
            return match self.field("subPath") {
                Some(node) if node.is_unknown() => None,
                _ => Some(Uniqueness::Shared),
            };
        };
        let text = expression.str()?;
        self.expanded(text, workload, usize::MAX, &mut { MOST_REFERENCES })
    }

    /// Uniqueness of a text with `$(NAME)` references to the container's first `end` variables. One that isn't among them stays as it
    /// is written (<https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go>, `makeEnvironmentVariables`).
    fn expanded(&self, text: &str, workload: &Workload<'t>, end: usize, budget: &mut usize) -> Option<Uniqueness> {
        let mut most = Uniqueness::Shared;
        for name in references(text) {
            *budget = budget.checked_sub(1)?;
            let unique = match self.container.env_before(name, end) {
                Some((index, entry)) => self.variable(entry, workload, index, budget)?,
                // The controller appends it, so that no other variable sees it.
                None if name == "JOB_COMPLETION_INDEX" && workload.has_unique_index() && end == usize::MAX => Uniqueness::PerPod,
                None => Uniqueness::Shared,
            };
            most = most.max(unique);
        }
        Some(most)
    }

    fn variable(&self, entry: NodeRef<'t>, workload: &Workload<'t>, index: usize, budget: &mut usize) -> Option<Uniqueness> {
        if let Some(field) = entry.at("valueFrom.fieldRef.fieldPath") {
            return Some(field_uniqueness(field.str()?, workload));
        }
        match entry.get("value") {
            Some(value) if value.is_unknown() => None,
            Some(value) => self.expanded(value.text(), workload, index, budget),
            None => Some(Uniqueness::Shared),
        }
    }
}

/// Whether a field of the pod differs from pod to pod.
fn field_uniqueness(path: &str, workload: &Workload<'_>) -> Uniqueness {
    let quoted = path.replace('"', "'");
    let uses_host_network = workload.pod().is_some_and(|pod| pod.uses_host_network());
    match quoted.as_str() {
        "status.podIP" | "status.podIPs" if uses_host_network => Uniqueness::PerNode,
        "metadata.name" | "metadata.uid" | "status.podIP" | "status.podIPs" => Uniqueness::PerPod,
        "spec.nodeName" | "status.hostIP" | "status.hostIPs" => Uniqueness::PerNode,
        "metadata.labels['apps.kubernetes.io/pod-index']" | "metadata.labels['statefulset.kubernetes.io/pod-name']"
            if workload.kind() == WorkloadKind::StatefulSet =>
        {
            Uniqueness::PerPod
        }
        "metadata.annotations['batch.kubernetes.io/job-completion-index']"
        | "metadata.labels['batch.kubernetes.io/job-completion-index']"
            if workload.has_unique_index() =>
        {
            Uniqueness::PerPod
        }
        _ => Uniqueness::Shared,
    }
}

/// The names in `$(NAME)`, escaped ones (`$$(NAME)`) left out.
pub fn references(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find('$')?;
            rest = &rest[at + 1..];
            if let Some(escaped) = rest.strip_prefix('$') {
                rest = escaped;
            } else if let Some((name, behind)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                rest = behind;
                return Some(name);
            }
        }
    })
}

/// A volume of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Volume<'t> {
    node: NodeRef<'t>,
}

impl<'t> Volume<'t> {
    /// The volume itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Its name, if known.
    pub fn name(&self) -> Option<&'t str> {
        self.node.get("name").and_then(NodeRef::value_text)
    }

    /// A field, unless it is null: the source by its key.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// The name of the claim behind it.
    pub fn claim_name(&self) -> Option<NodeRef<'t>> {
        self.field("persistentVolumeClaim")?.get("claimName")
    }

    /// Whether the claim is mounted read-only in every container, whatever their mounts say. A placeholder counts as read-only.
    pub fn is_read_only(&self) -> bool {
        let read_only = self.field("persistentVolumeClaim").and_then(|claim| claim.get("readOnly"));
        read_only.is_some_and(|node| !node.is_null() && node.bool() != Some(false))
    }
}

/// A toleration.
#[derive(Clone, Copy, Debug)]
pub struct Toleration<'t> {
    node: NodeRef<'t>,
}

/// A taint as a node has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taint<'a> {
    /// The key.
    pub key: &'a str,
    /// The value, often empty.
    pub value: &'a str,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: &'a str,
}

impl<'t> Toleration<'t> {
    /// The toleration itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// A field's text, empty where it isn't written; `None` for a placeholder.
    fn text(&self, key: &str) -> Option<&'t str> {
        self.node.get(key).filter(|node| !node.is_null()).map_or(Some(""), NodeRef::value_text)
    }

    /// The key, empty for any.
    pub fn key(&self) -> Option<&'t str> {
        self.text("key")
    }

    /// The effect, empty for any.
    pub fn effect(&self) -> Option<&'t str> {
        self.text("effect")
    }

    /// The operator; `Equal` where none is written.
    pub fn operator(&self) -> Option<&'t str> {
        self.text("operator").map(|operator| if operator.is_empty() { "Equal" } else { operator })
    }

    /// The value, empty where none is written.
    pub fn value(&self) -> Option<&'t str> {
        self.text("value")
    }

    /// `tolerationSeconds`, if written.
    pub fn seconds(&self) -> Option<NodeRef<'t>> {
        self.node.get("tolerationSeconds").filter(|node| !node.is_null())
    }

    /// Whether it tolerates a taint: `ToleratesTaint` in
    /// <https://github.com/kubernetes/api/blob/master/core/v1/toleration.go>. `Lt` and `Gt` need an alpha gate and tolerate nothing
    /// here. `None` where a placeholder decides.
    pub fn tolerates(&self, taint: Taint<'_>) -> Option<bool> {
        let (effect, key) = (self.effect(), self.key());
        let differs = |wanted: Option<&str>, actual: &str| wanted.is_some_and(|wanted| !wanted.is_empty() && wanted != actual);
        if differs(effect, taint.effect) || differs(key, taint.key) {
            return Some(false);
        }
        if effect.is_none() || key.is_none() {
            return None;
        }
        match self.operator()? {
            "Equal" => Some(self.value()? == taint.value),
            "Exists" => Some(true),
            _ => Some(false),
        }
    }
}
