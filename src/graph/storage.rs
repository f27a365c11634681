//! Who mounts which claim, and from where its volume can be reached.

use std::collections::{HashMap, HashSet};

use super::{Graph, Hazard, Lookup, MANY_OF_ONE_NAME, Pods};
use crate::finding::Finding;
use crate::resource::{
    AccessModes, ClaimRequest, Identity, Kind, Mount, PersistentVolume, Provisioner, Reach, Resource, StorageClass, Uniqueness, Update,
    Volume, Workload, WorkloadKind, path_steps, provisioner, provisioner_of_class,
};
use crate::yaml::NodeRef;

/// A workload's volume that is a claim by name. Volumes that a claim template of the same name replaces are not among them.
#[derive(Clone, Debug)]
pub struct ClaimUse<'t> {
    /// The workload.
    pub workload: Workload<'t>,
    /// The volume.
    pub volume: Volume<'t>,
    /// The claim's name, as written in the volume.
    pub name: NodeRef<'t>,
    /// The claim, or the template that it is made from, if it is in the set and no other could be meant.
    pub claim: Option<ClaimRequest<'t>>,
    /// Where containers mount the volume.
    pub mounts: Vec<Mount<'t>>,
    /// The workload's pods; `None` where a placeholder decides how many there are.
    pub pods: Option<Pods<'t>>,
    /// What goes wrong between them.
    pub hazard: Option<Hazard<'t>>,
}

/// How the pods of one workload share a claim's content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sharing {
    /// No pod can write.
    ReadOnly,
    /// Each pod writes to a path of its own.
    PathPerPod,
    /// The pods of each node write to a path of the node's own.
    PathPerNode,
    /// All pods write to the same path.
    Shared,
}

impl<'t> ClaimUse<'t> {
    /// The claim's access modes, if they are known.
    pub fn access_modes(&self) -> Option<AccessModes<'t>> {
        self.claim?.access_modes()
    }

    /// The mounts through which a container can write. `readOnly` on the volume forces all of them read-only; access modes force
    /// nothing (<https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes>).
    pub fn writable_mounts(&self) -> impl Iterator<Item = &Mount<'t>> {
        let is_open = !self.volume.is_read_only();
        self.mounts.iter().filter(move |mount| is_open && !mount.is_read_only())
    }

    /// Whether some container can write.
    pub fn is_written(&self) -> bool {
        self.writable_mounts().next().is_some()
    }

    /// The writable mounts of containers that keep running, init containers that come and go left out.
    fn lasting_mounts(&self) -> impl Iterator<Item = &Mount<'t>> {
        self.writable_mounts().filter(|mount| mount.container().is_lasting())
    }

    /// How the workload's own pods share the claim: the widest of its writable mounts decides, init containers' among them. `None`
    /// where a placeholder decides.
    pub fn sharing(&self) -> Option<Sharing> {
        self.sharing_through(self.writable_mounts())
    }

    fn sharing_through<'m>(&self, mounts: impl Iterator<Item = &'m Mount<'t>>) -> Option<Sharing>
    where
        't: 'm,
    {
        let uniqueness = mounts.map(|mount| mount.uniqueness(&self.workload)).collect::<Option<Vec<_>>>()?;
        Some(match uniqueness.into_iter().min() {
            None => Sharing::ReadOnly,
            Some(Uniqueness::PerPod) => Sharing::PathPerPod,
            Some(Uniqueness::PerNode) => Sharing::PathPerNode,
            Some(Uniqueness::Shared) => Sharing::Shared,
        })
    }

    /// Whether several pods of the workload, one a node where it is a `DaemonSet` without surge, write the same files.
    pub fn is_shared_by_pods(&self) -> bool {
        self.is_shared(self.sharing())
    }

    /// Whether only init containers write what other pods write too, so that pods meet no longer than they take to start.
    pub fn is_shared_only_at_start(&self) -> bool {
        self.is_shared_by_pods() && !self.is_shared(self.sharing_through(self.lasting_mounts()))
    }

    fn is_shared(&self, sharing: Option<Sharing>) -> bool {
        match sharing {
            Some(Sharing::Shared) => true,
            Some(Sharing::PathPerNode) => !self.runs_once_a_node(),
            _ => false,
        }
    }

    fn runs_once_a_node(&self) -> bool {
        self.workload.kind() == WorkloadKind::DaemonSet
            && !matches!(self.workload.update(), Some(Update::Nodes { max_surge, .. }) if !max_surge.value.is_zero())
    }

    /// Whether writable paths of two workloads on one claim may be the same or lie in each other. Paths that differ from pod to pod
    /// count as apart.
    pub fn writes_overlap(&self, other: &ClaimUse<'t>) -> bool {
        self.writable_mounts().any(|mine| other.writable_mounts().any(|theirs| paths_overlap(self, mine, other, theirs)))
    }

    /// The same for the containers that keep running.
    pub fn lasting_writes_overlap(&self, other: &ClaimUse<'t>) -> bool {
        self.lasting_mounts().any(|mine| other.lasting_mounts().any(|theirs| paths_overlap(self, mine, other, theirs)))
    }

    /// The name of the access mode that decides, empty where it isn't known.
    pub fn mode_name(&self) -> &'static str {
        self.access_modes().map_or("", |modes| modes.best.name())
    }

    /// The claim's name for messages.
    pub fn claim_name(&self) -> &'t str {
        self.name.text()
    }

    /// Adds where the claim's access mode is written.
    pub fn show_mode(&self, finding: &mut Finding) {
        if let Some(modes) = self.access_modes() {
            finding.related(modes.best_node(), format!("{} here", modes.best.name()));
        }
    }

    /// Adds what a finding about the claim rests on: the use itself, the access mode, and what decides the number of pods.
    pub fn explain(&self, finding: &mut Finding) {
        finding.related(self.name, "the claim is used here");
        self.show_mode(finding);
        if let Some((node, origin)) = self.pods.and_then(|pods| pods.origin()) {
            finding.related(node, origin);
        }
    }
}

fn paths_overlap<'t>(a: &ClaimUse<'t>, mine: &Mount<'t>, b: &ClaimUse<'t>, theirs: &Mount<'t>) -> bool {
    let is_shared = |claim_use: &ClaimUse<'t>, mount: &Mount<'t>| mount.uniqueness(&claim_use.workload) == Some(Uniqueness::Shared);
    match (mine.sub_path(), theirs.sub_path()) {
        (None, _) | (_, None) => true,
        (Some(left), Some(right)) => is_shared(a, mine) && is_shared(b, theirs) && one_holds_the_other(left.text(), right.text()),
    }
}

fn one_holds_the_other(a: &str, b: &str) -> bool {
    path_steps(a).zip(path_steps(b)).all(|(a, b)| a == b)
}

impl<'t> Graph<'t> {
    /// All uses of claims by whole workloads, in the order of the files.
    pub fn claim_uses(&self) -> &[ClaimUse<'t>] {
        self.claim_uses.get_or_init(|| self.workloads().flat_map(|workload| self.claim_uses_of(workload)).collect())
    }

    /// The uses of claims by one whole workload.
    pub fn claim_uses_by(&self, workload: &Workload<'t>) -> &[ClaimUse<'t>] {
        let place = |workload: &Workload<'t>| (workload.resource().source(), workload.resource().node().span().start);
        let uses = self.claim_uses();
        let start = uses.partition_point(|claim_use| place(&claim_use.workload) < place(workload));
        let end = uses.partition_point(|claim_use| place(&claim_use.workload) <= place(workload));
        &uses[start..end]
    }

    fn claim_uses_of(&self, workload: Workload<'t>) -> Vec<ClaimUse<'t>> {
        let Some(pod) = workload.pod() else { return Vec::new() };
        let mut volumes = pod.volumes().filter_map(|volume| Some((volume, volume.name()?, volume.claim_name()?))).peekable();
        if volumes.peek().is_none() {
            return Vec::new();
        }
        let templates: HashSet<_> = workload.claim_templates().filter_map(|template| template.name()?.value_text()).collect();
        let mut mounts = pod.mounts_by_volume();
        // The API server refuses a second volume of the same name.
        let claims = volumes.filter(|(_, name, _)| !templates.contains(name));
        claims
            .map(|(volume, name, claim_name)| self.claim_use(workload, volume, claim_name, mounts.remove(name).unwrap_or_default()))
            .collect()
    }

    fn claim_use(&self, workload: Workload<'t>, volume: Volume<'t>, name: NodeRef<'t>, mounts: Vec<Mount<'t>>) -> ClaimUse<'t> {
        let claim = self.claim_of(&workload, name);
        let mut claim_use = ClaimUse { workload, volume, name, claim, mounts, pods: self.pods(&workload), hazard: None };
        claim_use.hazard = self.hazard(&claim_use);
        claim_use
    }

    /// The volume that a claim names, if it is in the set and no other could be meant.
    pub fn volume_of(&self, claim: &ClaimRequest<'t>) -> Option<PersistentVolume<'t>> {
        let identity = Identity { namespace: None, name: claim.volume_name()? };
        self.find(claim.resource(), Kind::PersistentVolume, identity).found()?.persistent_volume()
    }

    /// From where a claim's volume can be reached: by the volume it names, its class in the set, a well-known class name, or a volume
    /// of its class in the set. `None` where nothing tells.
    pub fn reach(&self, claim: &ClaimRequest<'t>) -> Option<Reach> {
        if claim.volume_name().is_some() {
            return self.volume_of(claim)?.reach();
        }
        let class = claim.class()?.value_text()?;
        match self.find(claim.resource(), Kind::StorageClass, Identity { namespace: None, name: class }) {
            Lookup::Found(found) => {
                let name = found.storage_class()?.provisioner()?.str()?;
                let by_table = provisioner(name).map(|provisioner| provisioner.reach);
                by_table.filter(|_| name != "kubernetes.io/no-provisioner").or_else(|| self.reach_of_class(claim, class).or(by_table))
            }
            Lookup::Ambiguous => None,
            Lookup::Absent => {
                provisioner_of_class(class).map(|provisioner| provisioner.reach).or_else(|| self.reach_of_class(claim, class))
            }
        }
    }

    /// All that asks for storage, in the order of the files: claims, and the templates of workloads.
    pub fn claim_requests(&self) -> impl Iterator<Item = ClaimRequest<'t>> {
        self.claim_requests.get_or_init(|| self.whole().flat_map(Resource::claim_requests).collect()).iter().copied()
    }

    /// The classes in the set that such requests mean, each with the first of them.
    pub fn used_classes(&self, is_such: impl Fn(&ClaimRequest<'t>) -> bool) -> Vec<(StorageClass<'t>, ClaimRequest<'t>)> {
        let mut seen = HashSet::new();
        let mut used = Vec::new();
        for request in self.claim_requests().filter(is_such) {
            let Some(name) = request.class().and_then(NodeRef::value_text) else { continue };
            let class = self.find(request.resource(), Kind::StorageClass, Identity { namespace: None, name }).found();
            let Some(class) = class.and_then(|class| class.storage_class()) else { continue };
            if seen.insert((class.resource().source(), class.resource().node().span().start)) {
                used.push((class, request));
            }
        }
        used
    }

    /// Who makes the volumes of a class: as the class in the set says, which comes along, or else by what its name means wherever it
    /// occurs.
    pub fn provisioner_of(&self, from: &Resource<'t>, class: &str) -> Option<(Provisioner, Option<StorageClass<'t>>)> {
        match self.find(from, Kind::StorageClass, Identity { namespace: None, name: class }) {
            Lookup::Found(found) => {
                let class = found.storage_class()?;
                Some((provisioner(class.provisioner()?.str()?)?, Some(class)))
            }
            Lookup::Ambiguous => None,
            Lookup::Absent => Some((provisioner_of_class(class)?, None)),
        }
    }

    /// The volumes of a class, wherever they are defined.
    pub fn volumes_of_class(&self, class: &str) -> &[PersistentVolume<'t>] {
        let volumes = self.volumes.get_or_init(|| {
            let mut volumes: HashMap<_, Vec<_>> = HashMap::new();
            for volume in self.whole().filter_map(Resource::persistent_volume) {
                volumes.entry(volume.class().unwrap_or_default()).or_default().push(volume);
            }
            volumes
        });
        volumes.get(class).map_or(&[], Vec::as_slice)
    }

    /// What the volumes of a class in the claim's unit have in common.
    fn reach_of_class(&self, claim: &ClaimRequest<'t>, class: &str) -> Option<Reach> {
        let unit = |resource: &Resource<'t>| self.files.get(&resource.source()).map(|file| file.unit);
        let volumes = self.volumes_of_class(class).iter().take(MANY_OF_ONE_NAME);
        let mut reaches = volumes.filter(|volume| unit(volume.resource()) == unit(claim.resource())).map(PersistentVolume::reach);
        let first = reaches.next()??;
        reaches.all(|reach| reach == Some(first)).then_some(first)
    }

    /// Whether all pods that use the claim run on one node in any case, so that attaching never fails.
    pub fn is_on_one_node(&self, claim_use: &ClaimUse<'t>) -> bool {
        claim_use.workload.is_on_one_node() || claim_use.claim.is_some_and(|claim| self.reach(&claim) == Some(Reach::Node))
    }

    /// Whether the volume is mounted over the network, so that its access mode does not keep pods of other nodes from it.
    pub fn is_on_network(&self, claim_use: &ClaimUse<'t>) -> bool {
        claim_use.claim.is_some_and(|claim| self.reach(&claim) == Some(Reach::Network))
    }
}
