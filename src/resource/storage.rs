//! Claims, volumes, storage classes, and what their provisioners can do.

use super::placement::is_pinned_to_one_host;
use super::{Quantity, Resource};
use crate::yaml::NodeRef;

/// How a volume may be mounted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "each is the Kubernetes access mode of that name")]
pub enum AccessMode {
    ReadOnlyMany,
    ReadWriteOncePod,
    ReadWriteOnce,
    ReadWriteMany,
}

impl AccessMode {
    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        use AccessMode::{ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod};
        [ReadOnlyMany, ReadWriteOncePod, ReadWriteOnce, ReadWriteMany].into_iter().find(|mode| mode.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            AccessMode::ReadOnlyMany => "ReadOnlyMany",
            AccessMode::ReadWriteOncePod => "ReadWriteOncePod",
            AccessMode::ReadWriteOnce => "ReadWriteOnce",
            AccessMode::ReadWriteMany => "ReadWriteMany",
        }
    }
}

/// The access modes that a claim asks for.
#[derive(Clone, Copy, Debug)]
pub struct AccessModes<'t> {
    /// The best of them, which the volume can then do: a volume bound to `[ReadWriteOnce, ReadWriteMany]` has both.
    pub best: AccessMode,
    /// Where they are written.
    pub node: NodeRef<'t>,
}

impl<'t> AccessModes<'t> {
    /// The modes of a claim's or volume's spec; `None` where one is unknown or there is none.
    fn read(spec: Option<NodeRef<'t>>) -> Option<Self> {
        let node = spec?.get("accessModes")?;
        let modes = node.items().map(|item| item.str().and_then(AccessMode::from_name)).collect::<Option<Vec<_>>>()?;
        Some(AccessModes { best: modes.into_iter().max()?, node })
    }

    /// The item that names the best mode.
    pub fn best_node(&self) -> NodeRef<'t> {
        self.node.items().find(|item| item.text() == self.best.name()).unwrap_or(self.node)
    }
}

/// A claim and a claim template read the same spec.
macro_rules! claim_spec_views {
    ($type:ident) => {
        impl<'t> $type<'t> {
            /// The access modes it asks for, if all are known.
            pub fn access_modes(&self) -> Option<AccessModes<'t>> {
                AccessModes::read(self.spec())
            }

            /// The storage it asks for.
            pub fn request(&self) -> Option<Quantity> {
                self.spec()?.at("resources.requests.storage").and_then(Quantity::read)
            }

            /// Its class; an empty one means no dynamic provisioning, none at all the cluster's default.
            pub fn class(&self) -> Option<NodeRef<'t>> {
                self.spec()?.get("storageClassName").filter(|node| !node.is_null())
            }

            /// Whether it asks for a block device.
            pub fn is_block(&self) -> bool {
                self.spec().and_then(|spec| spec.get("volumeMode")).is_some_and(|mode| mode.text() == "Block")
            }
        }
    };
}

/// A `PersistentVolumeClaim`.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'t> {
    resource: Resource<'t>,
}

impl<'t> Claim<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        Claim { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Its spec.
    pub fn spec(&self) -> Option<NodeRef<'t>> {
        self.resource.spec()
    }

    /// The volume it names.
    pub fn volume_name(&self) -> Option<&'t str> {
        self.spec()?.get("volumeName").and_then(NodeRef::value_text)
    }
}

/// An entry of a `StatefulSet`'s `volumeClaimTemplates`.
#[derive(Clone, Copy, Debug)]
pub struct ClaimTemplate<'t> {
    node: NodeRef<'t>,
}

impl<'t> ClaimTemplate<'t> {
    pub(super) fn new(node: NodeRef<'t>) -> Self {
        ClaimTemplate { node }
    }

    /// The template itself.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Its name.
    pub fn name(&self) -> Option<NodeRef<'t>> {
        self.node.at("metadata.name")
    }

    /// The claims' spec.
    pub fn spec(&self) -> Option<NodeRef<'t>> {
        self.node.get("spec")
    }
}

claim_spec_views!(Claim);
claim_spec_views!(ClaimTemplate);

/// A `PersistentVolume`.
#[derive(Clone, Copy, Debug)]
pub struct PersistentVolume<'t> {
    resource: Resource<'t>,
}

impl<'t> PersistentVolume<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        PersistentVolume { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Its class.
    pub fn class(&self) -> &'t str {
        self.resource.spec().and_then(|spec| spec.get("storageClassName")).and_then(NodeRef::value_text).unwrap_or_default()
    }

    /// Where its pods can run, by its source; `None` for sources that tell nothing.
    pub fn reach(&self) -> Option<Reach> {
        let spec = self.resource.spec()?;
        let has = |key: &str| spec.get(key).is_some_and(|node| !node.is_null());
        let affinity = spec.at("nodeAffinity.required.nodeSelectorTerms");
        let is_pinned = is_pinned_to_one_host(affinity.into_iter().flat_map(NodeRef::items));
        if is_pinned || has("local") || has("hostPath") {
            return Some(Reach::Node);
        }
        if ["nfs", "cephfs", "glusterfs", "azureFile", "quobyte"].into_iter().any(has) {
            return Some(Reach::Network);
        }
        if let Some(driver) = spec.at("csi.driver").and_then(NodeRef::str) {
            return provisioner(driver).map(|provisioner| provisioner.reach);
        }
        None
    }
}

/// A `StorageClass`.
#[derive(Clone, Copy, Debug)]
pub struct StorageClass<'t> {
    resource: Resource<'t>,
}

impl<'t> StorageClass<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        StorageClass { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Who makes its volumes.
    pub fn provisioner(&self) -> Option<NodeRef<'t>> {
        self.resource.node().get("provisioner")
    }
}

/// From how many nodes a volume can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It is attached to one node at a time.
    Attached,
    /// It lives on one node, to which the scheduler sends its pods.
    Node,
    /// It is mounted over the network from any node.
    Network,
}

/// What a storage provisioner can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provisioner {
    /// Its name; `*` stands for a prefix.
    pub name: &'static str,
    /// Where its volumes can be used.
    pub reach: Reach,
    /// Whether it makes `ReadOnlyMany` file systems, if that is known.
    pub read_only_many: Option<bool>,
    /// Whether it makes `ReadWriteMany` file systems, if that is known.
    pub read_write_many: Option<bool>,
    classes: &'static str,
}

/// What is known of a provisioner, by its name.
pub fn provisioner(name: &str) -> Option<Provisioner> {
    provisioners().find(|provisioner| match provisioner.name.strip_prefix('*') {
        Some(suffix) => name.ends_with(suffix),
        None => provisioner.name == name,
    })
}

/// The provisioner that a well-known class name stands for.
pub fn provisioner_of_class(class: &str) -> Option<Provisioner> {
    provisioners().find(|provisioner| provisioner.classes.split(',').any(|known| known == class))
}

fn provisioners() -> impl Iterator<Item = Provisioner> {
    let lines = include_str!("provisioners.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut fields = line.split_whitespace();
        let mut next = || fields.next().expect("provisioners.txt has five columns");
        let known = |word: &str| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let name = next();
        let reach = match next() {
            "node" => Reach::Node,
            "network" => Reach::Network,
            _ => Reach::Attached,
        };
        Provisioner { name, reach, read_only_many: known(next()), read_write_many: known(next()), classes: next() }
    })
}
