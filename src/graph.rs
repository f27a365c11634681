//! All objects of a run, the units they are applied in, and the references between them.
//!
//! A unit is what is applied together: the files of a folder, or standard input. Conflicts are judged inside a unit only. Look-ups by
//! name climb from the object's file to its folder, then to the folder's parents, and stop at the first level that has a candidate.

mod alternatives;
mod budgets;
mod change;
mod claims;
mod config;
mod expectation;
mod governing;
mod hazard;
mod images;
mod kustomized;
mod monitors;
mod pods;
mod references;
mod replaced;
mod review;
mod selection;
mod storage;
mod unit;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::finding::count;
use crate::resource::{
    Autoscaler, ClaimRequest, ConfigDemand, Identity, Kind, Kustomization, Lifecycle, PersistentVolume, Resource, Setting, Workload,
};
use crate::schema::{self, Definitions, Fault, Mistake, Whole};
use crate::source::{SourceId, Span};
use crate::yaml::{NodeRef, Tree, same_meaning};

pub use budgets::Protection;
pub use change::{Change, Pair};
pub use config::UnversionedConfig;
pub use expectation::{Demand, Expectation, Matcher, Target};
pub use governing::{Governing, PodName, name_pods};
pub use hazard::{Hazard, SharedClaim, name_each, name_workloads};
pub use images::MovingImage;
pub use monitors::Monitors;
pub use pods::Pods;
pub use references::Reference;
pub use review::PodReview;
pub use storage::{ClaimUse, Sharing};

pub use crate::schema::Versions;

/// Whether an object that is not in the set can be held to be missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum References {
    /// The set is all there is.
    Complete,
    /// There is more elsewhere.
    Partial,
    /// Complete for a directory that holds an object of the kind sought, partial for single files and standard input.
    #[default]
    Auto,
}

/// What kind of cluster the manifests are for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Cluster {
    /// Control-plane nodes are nodes like others, with kubeadm's taint.
    Kubeadm,
    /// The provider keeps the control plane to itself.
    Managed,
    /// Not known.
    #[default]
    Any,
}

/// An object that exists though no file here defines it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumed {
    /// `PersistentVolumeClaim`
    pub kind: String,
    /// As objects of the set write theirs.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// What the user says about the world outside the files.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Whether the set is complete.
    pub references: References,
    /// The cluster's kind.
    pub cluster: Cluster,
    /// Its versions.
    pub versions: Versions,
    /// Objects that exist elsewhere.
    pub assume: Vec<Assumed>,
    /// Whether everything that the config speaks of is in the set.
    pub is_all: bool,
    /// What rollouts and rollbacks are expected to do.
    pub expectations: Vec<Expectation>,
}

/// One text of the run and the unit it is applied in.
#[derive(Clone, Copy, Debug)]
pub struct File<'t> {
    /// Its tree.
    pub tree: &'t Tree,
    /// The path, `/` between folders; the unit is its folder. Standard input is a unit of its own.
    pub path: &'t str,
    /// Whether it was named by itself (or is standard input), so that its folder's other files are not here.
    pub alone: bool,
}

/// What a look-up by name found.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'t> {
    /// The one object that is meant.
    Found(Resource<'t>),
    /// Several different ones on the same level, so that which is meant isn't known.
    Ambiguous,
    /// None.
    Absent,
}

impl<'t> Lookup<'t> {
    /// The object, if there is exactly one.
    pub fn found(self) -> Option<Resource<'t>> {
        match self {
            Lookup::Found(resource) => Some(resource),
            Lookup::Ambiguous | Lookup::Absent => None,
        }
    }
}

/// What it means that a look-up found nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absence {
    /// The set is complete: the object does not exist.
    Certain,
    /// The folder is here, but it can't be held to be complete.
    Likely,
    /// The object may be anywhere.
    Unknown,
}

/// How many pods a workload may have, autoscalers considered.
#[derive(Clone, Copy, Debug)]
pub struct Replicas<'t> {
    /// The most that may be wanted at once.
    pub most: i64,
    /// `spec.replicas`.
    pub written: Setting<'t, i64>,
    /// The autoscaler that decides `most`, if one does.
    pub autoscaler: Option<Autoscaler<'t>>,
}

impl<'t> Replicas<'t> {
    /// Where the number is written: the autoscaler's maximum (or what lacks it), or `spec.replicas`; nothing for its default.
    pub fn node(&self) -> Option<NodeRef<'t>> {
        match self.autoscaler {
            Some(autoscaler) => autoscaler.most()?.node.or_else(|| Some(autoscaler.resource().nearest("spec.maxReplicaCount"))),
            None => self.written.node,
        }
    }

    /// All of them, for messages.
    pub fn describe_all(&self) -> String {
        match (self.autoscaler, self.most) {
            (Some(_), most) => format!("all pods (up to {most})"),
            (None, 1) => "the only pod".to_owned(),
            (None, most) => format!("all {}", count(most, "pod")),
        }
    }

    /// Says where the number comes from, for a related place.
    pub fn origin(&self) -> String {
        match &self.autoscaler {
            Some(autoscaler) if autoscaler.most().is_some_and(|most| most.is_default()) => {
                format!("{} scales it to {} pods, maxReplicaCount's default", autoscaler.resource().describe(), self.most)
            }
            Some(autoscaler) => format!("{} scales it to {} pods", autoscaler.resource().describe(), self.most),
            None => count(self.most, "replica"),
        }
    }
}

/// Indices of the objects that are applied together.
#[derive(Clone, Debug, Default)]
struct Unit {
    all: Vec<u32>,
    /// Whole objects only.
    by_kind: HashMap<Kind, Vec<u32>>,
}

/// Objects of one kind and name above which it isn't asked which of them a reference means: no repository has as many, and each
/// question would cost a look at all of them.
const MANY_OF_ONE_NAME: usize = 1000;

/// Annotations of a Namespace that give all its pods a node selector: those of the admission plugin `PodNodeSelector` and of `openshift.io`.
const NODE_SELECTOR_ANNOTATIONS: [&str; 2] = ["scheduler.alpha.kubernetes.io/node-selector", "openshift.io/node-selector"];

#[derive(Debug)]
struct Placed<'t> {
    path: &'t str,
    unit: u32,
    alone: bool,
    /// Whether a kustomization of its folder lists it.
    listed: bool,
}

/// All objects of a run.
#[derive(Debug)]
pub struct Graph<'t> {
    resources: Vec<Resource<'t>>,
    workloads: Vec<Workload<'t>>,
    /// Indices of the whole objects of each kind.
    by_kind: HashMap<Kind, Vec<u32>>,
    /// By text.
    files: HashMap<SourceId, Placed<'t>>,
    by_name: HashMap<Kind, HashMap<&'t str, Vec<u32>>>,
    units: Vec<Unit>,
    kustomizations: Vec<NodeRef<'t>>,
    /// Folders of which not all is known.
    open_folders: HashSet<String>,
    protections: OnceLock<Vec<Protection<'t>>>,
    /// By the covered workload's index: indices of `protections`.
    budgets: OnceLock<HashMap<u32, Vec<u32>>>,
    /// By the scaled workload's index.
    autoscalers: OnceLock<HashMap<u32, Vec<Autoscaler<'t>>>>,
    claim_uses: OnceLock<Vec<ClaimUse<'t>>>,
    made_claims: OnceLock<claims::MadeClaims<'t>>,
    claim_requests: OnceLock<Vec<ClaimRequest<'t>>>,
    pod_labels: OnceLock<selection::PodLabels<'t>>,
    pods_anywhere: OnceLock<selection::PodsAnywhere<'t>>,
    units_with_makers: OnceLock<HashSet<u32>>,
    filled: OnceLock<HashSet<(Kind, &'t str)>>,
    config_demands: OnceLock<Vec<(Workload<'t>, ConfigDemand<'t>)>>,
    services: OnceLock<selection::Labelled<'t>>,
    volumes: OnceLock<HashMap<&'t str, Vec<PersistentVolume<'t>>>>,
    selector_labels: OnceLock<kustomized::SelectorLabels<'t>>,
    namespaced_paths: OnceLock<HashSet<String>>,
    definitions: OnceLock<alternatives::Definitions<'t>>,
    /// Names of images whose tag another file sets.
    tagged_images: OnceLock<images::TaggedImages<'t>>,
    /// By unit and the name of the set whose pod is named.
    pod_names: OnceLock<HashMap<(u32, &'t str), Vec<PodName<'t>>>>,
    faults: OnceLock<Vec<Fault<'t>>>,
    world: &'t World,
}

impl<'t> Graph<'t> {
    /// Collects the objects of all files, items of lists among them. Templates hold none that can be read.
    pub fn new(files: &[File<'t>], world: &'t World) -> Self {
        let readable = || files.iter().filter(|file| !file.tree.is_templated());
        let kustomizations: Vec<_> = readable().flat_map(unit::kustomizations).collect();
        let units = unit::Units::new(files, &kustomizations);
        let mut graph = Graph {
            resources: Vec::new(),
            workloads: Vec::new(),
            by_kind: HashMap::new(),
            files: HashMap::with_capacity(files.len()),
            by_name: HashMap::new(),
            units: vec![Unit::default(); units.count()],
            kustomizations: kustomizations.iter().map(|(_, node)| *node).collect(),
            open_folders: references::open_folders(files, &kustomizations),
            protections: OnceLock::new(),
            budgets: OnceLock::new(),
            autoscalers: OnceLock::new(),
            claim_uses: OnceLock::new(),
            made_claims: OnceLock::new(),
            claim_requests: OnceLock::new(),
            pod_labels: OnceLock::new(),
            pods_anywhere: OnceLock::new(),
            units_with_makers: OnceLock::new(),
            filled: OnceLock::new(),
            config_demands: OnceLock::new(),
            services: OnceLock::new(),
            volumes: OnceLock::new(),
            selector_labels: OnceLock::new(),
            namespaced_paths: OnceLock::new(),
            definitions: OnceLock::new(),
            tagged_images: OnceLock::new(),
            pod_names: OnceLock::new(),
            faults: OnceLock::new(),
            world,
        };
        for file in readable() {
            let unit = units.of(file.path);
            graph.files.insert(file.tree.source(), Placed { path: file.path, unit, alone: file.alone, listed: units.is_listed(file.path) });
            let is_patch = units.is_patch(file.path);
            for document in file.tree.documents() {
                unit::objects(document.root, &mut |resource| graph.add(if is_patch { resource.in_patch() } else { resource }, unit));
            }
        }
        graph
    }

    fn add(&mut self, resource: Resource<'t>, unit: u32) {
        let index = self.resources.len() as u32;
        if let Some(name) = resource.name() {
            self.by_name.entry(resource.kind()).or_default().entry(name).or_default().push(index);
        }
        let unit = &mut self.units[unit as usize];
        unit.all.push(index);
        if !resource.is_partial() {
            unit.by_kind.entry(resource.kind()).or_default().push(index);
            self.by_kind.entry(resource.kind()).or_default().push(index);
        }
        self.workloads.extend(resource.workload());
        self.resources.push(resource);
    }

    /// All objects, in the order of the files.
    pub fn resources(&self) -> &[Resource<'t>] {
        &self.resources
    }

    /// All objects that are whole.
    pub fn whole(&self) -> impl Iterator<Item = &Resource<'t>> {
        self.resources.iter().filter(|resource| !resource.is_partial())
    }

    /// All whole objects of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Resource<'t>> {
        self.at_indices(self.by_kind.get(&kind).map_or(&[], Vec::as_slice))
    }

    /// The objects whose API version ends some day, patches among them: where it is written, the object, and when that is.
    pub fn ending_api_versions(&self) -> impl Iterator<Item = (NodeRef<'t>, &Resource<'t>, Lifecycle)> {
        self.resources.iter().filter_map(|resource| {
            let lifecycle = resource.lifecycle()?;
            Some((resource.node().get("apiVersion")?, resource, lifecycle))
        })
    }

    /// All workloads that are whole.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'t>> {
        self.all_workloads().filter(|workload| !workload.resource().is_partial())
    }

    /// All workloads, patches among them: for rules about what is written.
    pub fn all_workloads(&self) -> impl Iterator<Item = Workload<'t>> {
        self.workloads.iter().copied()
    }

    /// The patches of a workload, wherever they are.
    pub fn patches_of(&self, workload: &Workload<'t>) -> impl Iterator<Item = Workload<'t>> {
        let of = *workload.resource();
        let same = of.name().map_or(&[][..], |name| self.indices_named(of.kind(), name)).iter().take(MANY_OF_ONE_NAME);
        let workloads = same.filter_map(|&index| self.resources[index as usize].workload());
        workloads.filter(move |patch| !patch.resource().is(&of) && (patch.resource().is_partial() || patch.may_be_patch()))
    }

    /// What the user says about the world.
    pub fn world(&self) -> &'t World {
        self.world
    }

    /// What the schemas of their kinds have against the objects, of one sort.
    pub fn faults(&self, mistake: Mistake) -> impl Iterator<Item = &Fault<'t>> {
        let faults = self.faults.get_or_init(|| self.find_faults());
        faults.iter().filter(move |fault| fault.mistake == mistake)
    }

    fn find_faults(&self) -> Vec<Fault<'t>> {
        let definitions = Definitions::new(self.of_kind(Kind::CustomResourceDefinition));
        let faults = |resource| schema::faults(resource, &definitions, self.world.versions, self.wholeness(resource));
        self.resources.iter().flat_map(faults).collect()
    }

    /// Whether an object may be a patch. Of those that no kustomization names as one, names of files and folders mostly tell.
    fn wholeness(&self, resource: &Resource<'t>) -> Whole {
        if resource.is_partial() {
            return Whole::No;
        }
        if let Some(workload) = resource.workload() {
            return match () {
                () if !workload.may_be_patch() => Whole::Surely,
                () if workload.has_whole_template() => Whole::Likely,
                () => Whole::No,
            };
        }
        match self.files.get(&resource.source()) {
            Some(file) if file.listed => Whole::Surely,
            Some(file) if file.path.split('/').any(|step| step.to_ascii_lowercase().contains("patch")) => Whole::No,
            _ => Whole::Likely,
        }
    }

    /// The kustomizations of the run.
    pub fn kustomizations(&self) -> impl Iterator<Item = Kustomization<'t>> {
        self.kustomizations.iter().map(|&node| Kustomization::new(node))
    }

    /// The object whose text holds the span's first byte.
    pub fn resource_at(&self, span: Span) -> Option<&Resource<'t>> {
        let place = |resource: &Resource<'t>| {
            let span = resource.node().span();
            (span.source, span.start)
        };
        let index = self.resources.partition_point(|resource| place(resource) <= (span.source, span.start));
        let resource = self.resources[..index].last()?;
        let own = resource.node().span();
        (own.source == span.source && span.start < own.end.max(own.start + 1)).then_some(resource)
    }

    fn at_indices(&self, indices: &[u32]) -> impl Iterator<Item = &Resource<'t>> {
        indices.iter().map(|&index| &self.resources[index as usize])
    }

    fn unit_with(&self, resource: &Resource<'t>) -> Option<&Unit> {
        self.files.get(&resource.source()).map(|file| &self.units[file.unit as usize])
    }

    /// The objects that are applied together with this one, itself among them.
    pub fn unit_of(&self, resource: &Resource<'t>) -> impl Iterator<Item = &Resource<'t>> {
        self.at_indices(self.unit_with(resource).map_or(&[], |unit| &unit.all))
    }

    /// The whole objects of a kind that are applied together with this one.
    pub fn kind_in_unit_of(&self, resource: &Resource<'t>, kind: Kind) -> impl Iterator<Item = &Resource<'t>> {
        self.at_indices(self.unit_with(resource).and_then(|unit| unit.by_kind.get(&kind)).map_or(&[], Vec::as_slice))
    }

    /// The number of the unit that an object belongs to.
    pub fn unit_number(&self, resource: &Resource<'t>) -> Option<u32> {
        self.files.get(&resource.source()).map(|file| file.unit)
    }

    /// The objects of each unit.
    pub fn units(&self) -> impl Iterator<Item = Vec<&Resource<'t>>> {
        self.units.iter().map(|unit| self.at_indices(&unit.all).collect())
    }

    /// The object of that kind and name that `from` means. Namespaces are compared as written.
    pub fn find(&self, from: &Resource<'t>, kind: Kind, identity: Identity<'_>) -> Lookup<'t> {
        let Some(found) = self.nearest(from, kind, identity) else { return Lookup::Ambiguous };
        let Some((first, others)) = found.split_first() else { return Lookup::Absent };
        let mut budget = 100_000;
        if others.iter().all(|other| same_meaning(first.node(), other.node(), &mut budget)) {
            Lookup::Found(**first)
        } else {
            Lookup::Ambiguous
        }
    }

    /// The objects of that kind and name that are nearest to `from`. `None` where there are too many to ask.
    fn nearest(&self, from: &Resource<'t>, kind: Kind, identity: Identity<'_>) -> Option<Vec<&Resource<'t>>> {
        if self.named(kind, identity.name).nth(MANY_OF_ONE_NAME).is_some() {
            return None;
        }
        let candidates = self.named(kind, identity.name).filter(|candidate| candidate.namespace() == identity.namespace);
        let mut nearest = usize::MAX;
        let mut found = Vec::new();
        for candidate in candidates {
            let distance = self.distance(from, candidate);
            if distance < nearest {
                nearest = distance;
                found.clear();
            }
            if distance == nearest {
                found.push(candidate);
            }
        }
        Some(found)
    }

    /// All whole objects of that kind and name, in any namespace.
    pub fn named<'g>(&'g self, kind: Kind, name: &str) -> impl Iterator<Item = &'g Resource<'t>> + use<'g, 't> {
        self.at_indices(self.indices_named(kind, name)).filter(|resource| !resource.is_partial())
    }

    fn indices_named(&self, kind: Kind, name: &str) -> &[u32] {
        self.by_name.get(&kind).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// How far one climbs from an object to reach another: 0 in the same file, 1 in the same folder, then one a folder upwards.
    fn distance(&self, from: &Resource<'t>, to: &Resource<'t>) -> usize {
        if from.source() == to.source() {
            return 0;
        }
        let path = |resource: &Resource<'t>| self.files.get(&resource.source()).map_or("", |file| file.path);
        unit::climb(path(from), path(to))
    }

    /// What it means that no object of that kind was found from here.
    pub fn absence(&self, from: &Resource<'t>, kind: Kind, identity: Identity<'_>) -> Absence {
        if self.is_assumed(kind, identity) {
            return Absence::Unknown;
        }
        if self.may_have_more(from) {
            return Absence::Unknown;
        }
        let is_complete = self.world.references == References::Complete || self.kind_in_unit_of(from, kind).next().is_some();
        if is_complete { Absence::Certain } else { Absence::Likely }
    }

    /// Whether there may be more objects elsewhere that an object has to do with.
    pub fn may_have_more(&self, resource: &Resource<'t>) -> bool {
        match self.world.references {
            References::Complete => false,
            References::Partial => true,
            References::Auto => self.files.get(&resource.source()).is_none_or(|file| file.alone) || !self.is_read_whole(resource),
        }
    }

    /// Whether the user says that the object exists elsewhere.
    fn is_assumed(&self, kind: Kind, identity: Identity<'_>) -> bool {
        self.world.assume.iter().any(|assumed| {
            format!("{kind:?}") == assumed.kind && assumed.name == identity.name && assumed.namespace.as_deref() == identity.namespace
        })
    }

    /// Whether two objects are applied together: they are of one unit, and do not stand in alternatives.
    pub fn are_in_one_set(&self, a: &Resource<'t>, b: &Resource<'t>) -> bool {
        let unit = |resource: &Resource<'t>| self.files.get(&resource.source()).map(|file| file.unit);
        unit(a) == unit(b) && !self.are_alternatives(a, b)
    }

    /// The autoscalers that scale a workload.
    pub fn autoscalers(&self, workload: &Workload<'t>) -> &[Autoscaler<'t>] {
        let by_target = self.autoscalers.get_or_init(|| self.find_autoscalers());
        let index = self.index_of(workload.resource());
        index.and_then(|index| by_target.get(&index)).map_or(&[], Vec::as_slice)
    }

    /// All autoscalers of the run.
    pub fn all_autoscalers(&self) -> impl Iterator<Item = Autoscaler<'t>> {
        let kinds = [Kind::HorizontalPodAutoscaler, Kind::ScaledObject];
        kinds.into_iter().flat_map(|kind| self.of_kind(kind)).filter_map(Resource::autoscaler)
    }

    fn find_autoscalers(&self) -> HashMap<u32, Vec<Autoscaler<'t>>> {
        let mut by_target: HashMap<u32, Vec<Autoscaler<'t>>> = HashMap::new();
        for autoscaler in self.all_autoscalers() {
            let Some((kind, name)) = autoscaler.target() else { continue };
            let Some(kind) = Resource::kind_of_scale_target(kind) else { continue };
            let identity = Identity { namespace: autoscaler.resource().namespace(), name };
            let target = self.find(autoscaler.resource(), kind, identity).found();
            if let Some(index) = target.and_then(|target| self.index_of(&target)) {
                by_target.entry(index).or_default().push(autoscaler);
            }
        }
        by_target
    }

    fn index_of(&self, resource: &Resource<'t>) -> Option<u32> {
        let span = resource.node().span();
        let place = |resource: &Resource<'t>| (resource.node().span().source, resource.node().span().start);
        let index = self.resources.partition_point(|other| place(other) < (span.source, span.start));
        self.resources.get(index).is_some_and(|other| other.is(resource)).then_some(index as u32)
    }

    /// How many pods a Deployment, `ReplicaSet`, `ReplicationController` or `StatefulSet` may have: `spec.replicas`, or what an
    /// autoscaler may make of it. `None` for other kinds and where a placeholder decides.
    pub fn replicas(&self, workload: &Workload<'t>) -> Option<Replicas<'t>> {
        let written = workload.replicas()?;
        let mut replicas = Replicas { most: written.value.max(0), written, autoscaler: None };
        for &autoscaler in self.autoscalers(workload) {
            let most = autoscaler.most()?.value;
            let is_off = written.value == 0 && !autoscaler.starts_from_zero()?;
            if most > replicas.most && !is_off {
                replicas.most = most;
                replicas.autoscaler = Some(autoscaler);
            }
        }
        Some(replicas)
    }

    /// What an autoscaler's target leads to. Kinds that are no workloads of the API server are not known.
    pub fn target(&self, autoscaler: &Autoscaler<'t>) -> Reference<'t> {
        let target = autoscaler.target().and_then(|(kind, name)| Some((Resource::kind_of_scale_target(kind)?, name)));
        target.map_or(Reference::Unknown, |(kind, name)| self.reference(autoscaler.resource(), kind, name))
    }

    /// Whether Argo CD is told to leave the replicas of what it applies as they are in the cluster.
    pub fn leaves_replicas_alone(&self) -> bool {
        let applications = self.of_kind(Kind::Other).filter(|resource| resource.group() == "argoproj.io");
        let mut specs = applications.filter_map(Resource::spec).flat_map(|spec| [Some(spec), spec.at("template.spec")]).flatten();
        specs.any(|spec| {
            let lists = spec.get("ignoreDifferences").into_iter().flat_map(NodeRef::items);
            lists.into_iter().flat_map(NodeRef::scalars).any(|scalar| matches!(scalar.text(), "/spec/replicas" | ".spec.replicas"))
        })
    }

    /// The fewest pods that a workload's replicas and autoscalers leave it when nothing is wrong: an autoscaler's minimum, or
    /// `spec.replicas`. `None` for other kinds and where a placeholder decides.
    pub fn fewest_pods(&self, workload: &Workload<'t>) -> Option<i64> {
        let written = workload.replicas()?.value.max(0);
        let mut fewest = written;
        for (index, autoscaler) in self.autoscalers(workload).iter().enumerate() {
            let least = autoscaler.least()?.value.max(0);
            let is_off = written == 0 && !autoscaler.starts_from_zero()?;
            fewest = if is_off {
                0
            } else if index == 0 {
                least
            } else {
                fewest.min(least)
            };
        }
        Some(fewest)
    }

    /// Whether the Namespace of a workload chooses the nodes of all pods in it.
    pub fn namespace_selects_nodes(&self, workload: &Workload<'t>) -> bool {
        let Some(name) = workload.resource().namespace() else { return false };
        let namespace = self.find(workload.resource(), Kind::Namespace, Identity { namespace: None, name }).found();
        let annotations = NODE_SELECTOR_ANNOTATIONS.iter().filter_map(|key| namespace?.annotation(key));
        annotations.into_iter().any(|selector| !selector.text().is_empty())
    }
}

#[cfg(test)]
mod lookup_tests;
#[cfg(test)]
mod tests;
