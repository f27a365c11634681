//! Claims, volumes, storage classes, and what their provisioners can do.

use super::placement::is_pinned_to_one_host;
use super::{Identity, Kind, Quantity, Resource, nearest_below};
use crate::yaml::{NodeRef, same_meaning};

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
    /// All of them.
    pub const ALL: [AccessMode; 4] =
        [AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany, AccessMode::ReadWriteMany, AccessMode::ReadWriteOncePod];

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        AccessMode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// How kubectl prints it, which is no name for a manifest.
    pub fn abbreviation(self) -> &'static str {
        match self {
            AccessMode::ReadOnlyMany => "ROX",
            AccessMode::ReadWriteOncePod => "RWOP",
            AccessMode::ReadWriteOnce => "RWO",
            AccessMode::ReadWriteMany => "RWX",
        }
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

/// The annotation that named the class before `storageClassName` did. Where both are written, it wins: `GetPersistentVolumeClaimClass`
/// in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/helper/helpers.go>.
pub const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// The class of a claim or volume.
fn class_of(object: NodeRef<'_>) -> Option<NodeRef<'_>> {
    class_annotation(object).or_else(|| object.get("spec")?.get("storageClassName")).filter(|node| !node.is_null())
}

/// The class that an annotation names.
fn class_annotation(object: NodeRef<'_>) -> Option<NodeRef<'_>> {
    object.get("metadata")?.get("annotations")?.get(CLASS_ANNOTATION)
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
                class_of(self.node)
            }

            /// Whether it asks for a block device.
            pub fn is_block(&self) -> bool {
                self.spec().and_then(|spec| spec.get("volumeMode")).is_some_and(|mode| mode.text() == "Block")
            }
        }
    };
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

    /// Whether its claims may come with content: copied from a source, or on a volume that someone made.
    pub fn has_content(&self) -> bool {
        let has = |key: &str| self.spec().and_then(|spec| spec.get(key)).is_some_and(|node| !node.is_null());
        let has_own_class = self.class().is_some_and(|class| class.is_unknown() || class.text().is_empty());
        has_own_class || ["dataSource", "dataSourceRef", "volumeName", "selector"].into_iter().any(has)
    }
}

/// What asks for a volume: a claim, or a template that claims are made from.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRequest<'t> {
    resource: Resource<'t>,
    node: NodeRef<'t>,
    name: Option<NodeRef<'t>>,
    origin: Origin,
}

/// Where a request for a volume stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    /// It is a `PersistentVolumeClaim`.
    Claim,
    /// In a `StatefulSet`'s `volumeClaimTemplates`.
    Template,
    /// In an ephemeral volume.
    Ephemeral,
}

impl Origin {
    fn noun(self) -> &'static str {
        match self {
            Origin::Claim => "claim",
            Origin::Template => "claim template",
            Origin::Ephemeral => "ephemeral volume",
        }
    }
}

/// What stands for an ordinal in the names of claims that are made.
pub(crate) const ORDINAL: &str = "#";

impl<'t> ClaimRequest<'t> {
    /// The claim, or the workload that holds the template.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// What it asks for.
    pub fn spec(&self) -> Option<NodeRef<'t>> {
        self.node.get("spec").filter(|spec| !spec.is_null())
    }

    /// For messages: "claim `data`", "claim template `data`", "ephemeral volume `scratch`".
    pub fn describe(&self) -> String {
        self.name.map_or_else(|| self.origin.noun().to_owned(), |name| format!("{} `{}`", self.origin.noun(), name.text()))
    }

    /// The name of the claims that are made from it, `#` for the ordinal of a `StatefulSet`'s pod: `data-web-#` from a claim template,
    /// `web-#-scratch` from an ephemeral volume. `None` for a claim, and for pods whose names aren't known before they run.
    pub fn made_name(&self) -> Option<String> {
        let (own, owner) = (self.name?.value_text()?, self.resource.name()?);
        match (self.origin, self.resource.kind()) {
            (Origin::Template, Kind::StatefulSet) => Some(format!("{own}-{owner}-{ORDINAL}")),
            (Origin::Ephemeral, Kind::StatefulSet) => Some(format!("{owner}-{ORDINAL}-{own}")),
            (Origin::Ephemeral, Kind::Pod) => Some(format!("{owner}-{own}")),
            _ => None,
        }
    }

    /// Whether it is an ephemeral volume, whose claim is deleted with its pod.
    pub fn is_ephemeral(&self) -> bool {
        self.origin == Origin::Ephemeral
    }

    /// Its name, where it is written.
    pub fn name(&self) -> Option<NodeRef<'t>> {
        self.name
    }

    /// The volume it names.
    pub fn volume_name(&self) -> Option<&'t str> {
        self.spec()?.get("volumeName").and_then(NodeRef::value_text).filter(|name| !name.is_empty())
    }

    /// The annotation that names its class.
    pub fn class_annotation(&self) -> Option<NodeRef<'t>> {
        class_annotation(self.node)
    }

    /// Whether two ask for the same but for its size.
    pub fn is_like(&self, other: &ClaimRequest<'_>) -> bool {
        let same = |a: Option<NodeRef<'_>>, b: Option<NodeRef<'_>>| match (a, b) {
            (Some(a), Some(b)) => same_meaning(a, b, &mut 1000),
            (a, b) => a.is_none() && b.is_none(),
        };
        same(self.class(), other.class())
            && ["accessModes", "volumeMode", "volumeName", "selector"].into_iter().all(|key| same(self.field(key), other.field(key)))
    }

    /// A field of its spec, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.spec()?.get(key).filter(|node| !node.is_null())
    }

    /// What happens where it is not valid. A `StatefulSet` with such a template is accepted before Kubernetes 1.34
    /// (<https://github.com/kubernetes/kubernetes/pull/132212>), but its pods are never made.
    pub fn if_invalid(&self) -> &'static str {
        if self.is_template() { "no pod can be created" } else { "the API server refuses it" }
    }

    /// Whether claims are made from it.
    pub fn is_template(&self) -> bool {
        self.origin != Origin::Claim
    }

    /// Whether it is bound to a volume already, as objects read from a cluster are.
    pub fn is_bound(&self) -> bool {
        self.resource.annotation("pv.kubernetes.io/bind-completed").is_some()
    }

    /// A field of the spec, or the nearest of its parents that is written, or else its name.
    pub fn nearest(&self, path: &str) -> NodeRef<'t> {
        nearest_below(self.node, path).or(self.name).unwrap_or_else(|| self.resource.nearest("spec"))
    }

    /// Whether it asks for a file system and not a block device. A placeholder is neither.
    pub fn is_file_system(&self) -> bool {
        self.field("volumeMode").is_none_or(|mode| mode.str() == Some("Filesystem"))
    }

    /// Whether it asks for a volume that exists, or for some that have labels: then none is made for it.
    pub fn wants_existing_volume(&self) -> bool {
        self.field("volumeName").is_some() || self.field("selector").is_some()
    }
}

/// A `PersistentVolumeClaim` as what asks for a volume.
pub(super) fn claim<'t>(resource: &Resource<'t>) -> Option<ClaimRequest<'t>> {
    let node = resource.node();
    let claim = ClaimRequest { resource: *resource, node, name: node.at("metadata.name"), origin: Origin::Claim };
    (resource.kind() == Kind::PersistentVolumeClaim).then_some(claim)
}

/// The claim itself, or a workload's claim templates and ephemeral volumes.
pub(super) fn claim_requests<'t>(resource: &Resource<'t>) -> Vec<ClaimRequest<'t>> {
    if let Some(claim) = claim(resource) {
        return vec![claim];
    }
    let request = |node: NodeRef<'t>, name, origin| ClaimRequest { resource: *resource, node, name, origin };
    let Some(workload) = resource.workload().filter(|workload| !workload.may_be_patch()) else { return Vec::new() };
    let templates = workload.claim_templates().map(|template| request(template.node(), template.name(), Origin::Template));
    let volumes = workload.pod().into_iter().flat_map(|pod| pod.volumes());
    let ephemeral = volumes.filter_map(|volume| {
        let template = volume.field("ephemeral")?.get("volumeClaimTemplate").filter(|node| node.is_mapping())?;
        Some(request(template, volume.node().get("name"), Origin::Ephemeral))
    });
    templates.chain(ephemeral).collect()
}

claim_spec_views!(ClaimTemplate);
claim_spec_views!(ClaimRequest);

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

    /// Its class, empty for none; `None` for a placeholder.
    pub fn class(&self) -> Option<&'t str> {
        class_of(self.resource.node()).map_or(Some(""), NodeRef::value_text)
    }

    /// The annotation that names its class.
    pub fn class_annotation(&self) -> Option<NodeRef<'t>> {
        class_annotation(self.resource.node())
    }

    /// A field of its spec, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.resource.spec()?.get(key).filter(|node| !node.is_null())
    }

    /// Its size.
    pub fn capacity(&self) -> Option<NodeRef<'t>> {
        self.field("capacity")?.get("storage")
    }

    /// The claim it is reserved for: namespace and name. `None` where it is bound already, or reserved for none.
    pub fn reserved_for(&self) -> Option<Identity<'t>> {
        let claim = self.field("claimRef").filter(|claim| claim.get("uid").is_none())?;
        Some(Identity { namespace: Some(claim.get("namespace")?.value_text()?), name: claim.get("name")?.value_text()? })
    }

    /// Whether it offers an access mode.
    pub fn has_mode(&self, mode: AccessMode) -> bool {
        let modes = self.resource.spec().and_then(|spec| spec.get("accessModes"));
        modes.into_iter().flat_map(NodeRef::items).any(|item| item.text() == mode.name())
    }

    /// Whether its source or its mount options let nobody write, whatever pods say.
    pub fn is_read_only(&self) -> bool {
        let Some(spec) = self.resource.spec() else { return false };
        let has_read_only_source = spec.entries().any(|source| source.value.get("readOnly").and_then(NodeRef::bool) == Some(true));
        let options = spec.get("mountOptions").into_iter().flat_map(NodeRef::items);
        has_read_only_source || options.flat_map(|option| option.text().split(',')).any(|option| option == "ro")
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

    /// Whether claims that name no class get this one, and where that is written.
    pub fn default_mark(&self) -> Option<NodeRef<'t>> {
        const MARKS: [&str; 2] = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
        MARKS.iter().filter_map(|mark| self.resource.annotation(mark)).find(|mark| mark.text() == "true")
    }

    /// A field, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.resource.node().get(key).filter(|node| !node.is_null())
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
    /// Its name; `*` stands for anything, at the front or at both ends.
    pub name: &'static str,
    /// Where its volumes can be used.
    pub reach: Reach,
    /// Whether each of its volumes can be used in one zone only.
    pub is_zonal: bool,
    /// Whether it makes `ReadOnlyMany` file systems, if that is known.
    pub read_only_many: Option<bool>,
    /// Whether it makes `ReadWriteMany` file systems, if that is known.
    pub read_write_many: Option<bool>,
    classes: &'static str,
}

impl Provisioner {
    /// Whether it makes file systems with an access mode, if that is known.
    pub fn makes(&self, mode: AccessMode) -> Option<bool> {
        match mode {
            AccessMode::ReadOnlyMany => self.read_only_many,
            AccessMode::ReadWriteMany => self.read_write_many,
            AccessMode::ReadWriteOnce | AccessMode::ReadWriteOncePod => None,
        }
    }
}

/// What stands in `provisioners.txt` for no class names.
const NO_CLASSES: &str = "-";

/// What is known of a provisioner, by its name.
pub fn provisioner(name: &str) -> Option<Provisioner> {
    provisioners().find(|provisioner| match provisioner.name.strip_prefix('*') {
        Some(part) if part.ends_with('*') => name.contains(part.trim_end_matches('*')),
        Some(suffix) => name.ends_with(suffix),
        None => provisioner.name == name,
    })
}

/// The provisioner that a well-known class name stands for.
pub fn provisioner_of_class(class: &str) -> Option<Provisioner> {
    provisioners().find(|provisioner| provisioner.classes.split(',').any(|known| known == class && known != NO_CLASSES))
}

fn provisioners() -> impl Iterator<Item = Provisioner> {
    let lines = include_str!("data/provisioners.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut fields = line.split_whitespace();
        let mut next = || fields.next().expect("provisioners.txt has five columns");
        let known = |word: &str| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let name = next();
        let written_reach = next();
        let reach = match written_reach {
            "node" => Reach::Node,
            "network" => Reach::Network,
            _ => Reach::Attached,
        };
        let is_zonal = written_reach == "zone";
        Provisioner { name, reach, is_zonal, read_only_many: known(next()), read_write_many: known(next()), classes: next() }
    })
}
