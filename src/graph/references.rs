//! What references by name lead to, and where a set can be held to be all there is.

use std::collections::HashSet;

use super::unit::{folder, join};
use super::{Absence, File, Graph, Lookup, References};
use crate::finding::{Finding, Safety};
use crate::resource::{Identity, Kind, Kustomization, Resource, Selector, Workload};
use crate::yaml::NodeRef;

/// Custom resources that make no pods.
const PODLESS: &str = include_str!("../resource/data/podless.txt");

/// Letters of a word below which another letter makes another word.
const SHORTEST_TYPO: usize = 4;

/// Objects of one kind that are applied together above which no misspelt name is looked for.
const MANY_OF_ONE_KIND: usize = 200;

/// Workloads that are applied together and held against a selector that matches none; more are not looked at.
const MANY_WORKLOADS: usize = 1000;

/// Words in the keys of labels that pods are given when they run.
const ROLES: [&str; 8] = ["role", "leader", "master", "primary", "active", "sealed", "initialized", "standby"];

/// How the names of namespaces begin in which the cluster itself, or whoever provides it, runs pods that no files show.
const OF_THE_CLUSTER: [&str; 4] = ["kube-", "openshift-", "gke-", "gmp-"];

/// What a reference by name leads to.
#[derive(Clone, Copy, Debug)]
pub enum Reference<'t> {
    /// The object.
    Found(Resource<'t>),
    /// Nothing that is here, and whether that means that there is none.
    Missing(Absence),
    /// Several objects, one of another namespace, or one that something else may make.
    Unknown,
}

impl<'t> Graph<'t> {
    /// What a reference from an object to one of that kind and name, in the same namespace or in none, leads to.
    pub fn reference(&self, from: &Resource<'t>, kind: Kind, name: &str) -> Reference<'t> {
        let Some(beside) = from.beside(name).filter(|_| !from.is_partial()) else { return Reference::Unknown };
        let identity = Identity { namespace: beside.namespace.filter(|_| !kind.is_cluster_scoped()), name };
        match self.find(from, kind, identity) {
            Lookup::Found(found) => Reference::Found(found),
            Lookup::Ambiguous => Reference::Unknown,
            Lookup::Absent if self.may_come_from_elsewhere(from, kind, name) => Reference::Unknown,
            Lookup::Absent if is_of_the_cluster(beside.namespace) => Reference::Unknown,
            Lookup::Absent => Reference::Missing(self.absence(from, kind, identity)),
        }
    }

    /// What it means that an object to which `from` refers isn't here. `None` where it is, or may come from elsewhere.
    pub fn absence_of(&self, from: &Resource<'t>, kind: Kind, name: &str) -> Option<Absence> {
        // Most are there, in whatever folder.
        if !self.indices_named(kind, name).is_empty() {
            return None;
        }
        match self.reference(from, kind, name) {
            Reference::Missing(absence) => Some(absence),
            Reference::Found(_) | Reference::Unknown => None,
        }
    }

    /// Whether an object of that name stands in another namespace or in a patch, or something that is here may make it.
    fn may_come_from_elsewhere(&self, from: &Resource<'t>, kind: Kind, name: &str) -> bool {
        let is_known = |name: &str| !self.indices_named(kind, name).is_empty();
        let renamed = || {
            let affix = |kustomization: &NodeRef<'t>, key: &str| kustomization.get(key).map_or("", NodeRef::text);
            self.kustomizations.iter().any(|kustomization| {
                let rest = name.strip_prefix(affix(kustomization, "namePrefix"));
                rest.and_then(|rest| rest.strip_suffix(affix(kustomization, "nameSuffix")))
                    .is_some_and(|rest| rest != name && is_known(rest))
            })
        };
        is_known(name)
            || self.filled_elsewhere().contains(&(kind, name))
            || self.kustomizations().any(|kustomization| kustomization.generated(kind).any(|generated| generated == name))
            || self.is_made_by_an_operator(from, name)
            || renamed()
    }

    /// The object that a misspelt name may mean: of almost that name, applied together with `from` in its namespace.
    pub fn spelt_like(&self, from: &Resource<'t>, kind: Kind, name: &str) -> Option<Resource<'t>> {
        let namespace = from.beside(name)?.namespace;
        let beside = self.kind_in_unit_of(from, kind).filter(|other| other.identity().is_some_and(|it| it.namespace == namespace));
        let allowed = if name.len() < 8 { 1 } else { 2 };
        let near = beside.take(MANY_OF_ONE_KIND).filter(|other| {
            let other = other.name().unwrap_or_default();
            other.len().abs_diff(name.len()) <= allowed && is_misspelt(other, name, allowed)
        });
        let mut near = near.copied();
        near.next().filter(|_| near.next().is_none())
    }

    /// Says of a name that leads nowhere what may have been meant, or else what to do. Unless the user says that the set is complete, there
    /// may be more elsewhere, and an error is a warning.
    pub fn explain_missing(&self, finding: &mut Finding, name: NodeRef<'t>, near: Option<Resource<'t>>, otherwise: &str) {
        finding.warning_if(self.world.references != References::Complete);
        match near {
            Some(near) => {
                let meant = near.name().unwrap_or_default();
                finding.help(format!("did you mean `{meant}`?"));
                finding.replace(format!("Write `{meant}`"), Safety::Unsafe, name, meant);
                finding.related(near.nearest("metadata.name"), "almost the same name");
            }
            None => {
                finding.help(otherwise);
            }
        }
    }

    /// Whether all files of an object's folder were read, and its kustomization, if it has one, takes nothing from elsewhere.
    pub(super) fn is_read_whole(&self, resource: &Resource<'t>) -> bool {
        self.files.get(&resource.source()).is_some_and(|file| !self.open_folders.contains(folder(file.path)))
    }

    /// Whether all pods that may be beside an object are those of the workloads that are here.
    pub fn knows_all_pods_beside(&self, resource: &Resource<'t>) -> bool {
        match self.world.references {
            _ if self.are_workloads_assumed() => false,
            References::Complete => true,
            References::Partial => false,
            References::Auto => {
                let Some(file) = self.files.get(&resource.source()) else { return false };
                let makers = self.units_with_makers.get_or_init(|| self.find_units_with_makers());
                !file.alone
                    && !is_of_the_cluster(resource.namespace())
                    && self.is_read_whole(resource)
                    && self.has_workload_beside(resource)
                    && !makers.contains(&file.unit)
            }
        }
    }

    /// Whether no pod can be there that a selector matches.
    pub fn surely_selects_nothing(&self, from: &Resource<'t>, selector: Selector<'t>) -> bool {
        selector.matches(None) == Some(false)
            && self.knows_all_pods_beside(from)
            && !self.may_be_selected(from, selector)
            && !self.is_labelled_at_run_time(from, selector)
    }

    /// Whether no pod can be there for a workload's affinity to others. A workload that is alone in its folder tells nothing of the others.
    pub fn lacks_pods_for(&self, workload: &Workload<'t>, selector: Selector<'t>) -> bool {
        let from = workload.resource();
        let has_others = || self.unit_of(from).any(|other| !other.is(from) && other.workload().is_some());
        (self.world.references == References::Complete || has_others()) && self.surely_selects_nothing(from, selector)
    }

    /// Whether a selector asks for a label that pods may be given when they run, as a leader is, and else for labels that a workload
    /// beside it has.
    fn is_labelled_at_run_time(&self, from: &Resource<'t>, selector: Selector<'t>) -> bool {
        let pairs = selector.pairs().into_iter().flat_map(NodeRef::entries);
        let is_given_later = |key: &str| ROLES.iter().any(|role| key.to_ascii_lowercase().contains(role));
        if !pairs.into_iter().any(|pair| is_given_later(pair.key.text())) {
            return false;
        }
        self.unit_of(from).filter_map(Resource::workload).any(|workload| {
            let label = |key: &str| workload.pod_labels().and_then(|labels| labels.get(key));
            let mut pairs = selector.pairs().into_iter().flat_map(NodeRef::entries);
            pairs.all(|pair| match label(pair.key.text()) {
                Some(value) => value.text() == pair.value.text(),
                None => is_given_later(pair.key.text()),
            })
        })
    }

    /// The labels of a workload beside an object that a selector would match but for one label's value or one label: the place to
    /// compare it with.
    pub fn almost_selected(&self, from: &Resource<'t>, selector: Selector<'t>) -> Option<NodeRef<'t>> {
        let labels = |workload: Workload<'t>| workload.pod_labels().filter(|labels| labels.is_mapping());
        let wanted = selector.pairs()?;
        let (all, name) = (wanted.entries().count(), from.name());
        let fitting = |labels: NodeRef<'t>| {
            wanted.entries().filter(|pair| labels.get(pair.key.text()).is_some_and(|value| value.text() == pair.value.text())).count()
        };
        let beside = || self.unit_of(from).filter(|other| !other.is_partial()).filter_map(Resource::workload).take(MANY_WORKLOADS);
        let by_labels = beside().filter_map(labels).find(|&labels| all > 1 && fitting(labels) + 1 == all);
        by_labels.or_else(|| beside().find(|workload| name.is_some() && workload.name() == name).and_then(labels))
    }

    /// The units with a custom resource from which an operator may make pods.
    fn find_units_with_makers(&self) -> HashSet<u32> {
        let makers = self.of_kind(Kind::Other).filter(|resource| may_make_pods(resource));
        makers.filter_map(|resource| self.files.get(&resource.source()).map(|file| file.unit)).collect()
    }
}

/// Whether one letter or two were mistyped, in a word that is long enough to tell, or a dash: names that differ in a number or in a
/// short word are different things.
fn is_misspelt(name: &str, other: &str, allowed: usize) -> bool {
    let only = |name: &str, keep: fn(char) -> bool| name.chars().filter(|letter| keep(*letter)).collect::<String>();
    let (digits, letters) = (|letter: char| letter.is_ascii_digit(), |letter: char| letter.is_alphanumeric());
    if name == other || only(name, digits) != only(other, digits) || strsim::osa_distance(name, other) > allowed {
        return false;
    }
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (name.split(['-', '.']).collect(), other.split(['-', '.']).collect());
    if ours.len() != theirs.len() {
        return only(name, letters) == only(other, letters);
    }
    let differing = ours.iter().zip(&theirs).filter(|(one, other)| one != other);
    differing.into_iter().all(|(one, other)| one.len().min(other.len()) >= SHORTEST_TYPO)
}

fn is_of_the_cluster(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|name| OF_THE_CLUSTER.iter().any(|start| name.starts_with(start)))
}

/// Whether an object may be one from which an operator makes pods.
fn may_make_pods(resource: &Resource<'_>) -> bool {
    let (group, kind) = (resource.group(), resource.kind_name());
    resource.kind() == Kind::Other && group.contains('.') && !podless().any(|(of, one)| of == group && one.is_none_or(|one| one == kind))
}

/// Groups, with a kind where not all of the group's make none.
fn podless() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let lines = PODLESS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once('/').map_or((line, None), |(group, kind)| (group, Some(kind))))
}

/// The folders of which not all is known: a file there is a template or can't be read, or a kustomization takes in something that is
/// not among the files, renders charts or runs generators.
pub(super) fn open_folders(files: &[File<'_>], kustomizations: &[(&str, NodeRef<'_>)]) -> HashSet<String> {
    let is_unread = |file: &&File<'_>| file.tree.is_templated() || !file.tree.errors().is_empty();
    let mut open: HashSet<String> = files.iter().filter(is_unread).map(|file| folder(file.path).to_owned()).collect();
    if kustomizations.is_empty() {
        return open;
    }
    let paths: HashSet<String> = files.iter().flat_map(|file| ancestors(join("", file.path))).collect();
    for (path, node) in kustomizations {
        let makes_more = ["helmCharts", "helmChartInflationGenerator", "generators"].iter().any(|key| node.get(key).is_some());
        let kustomization = Kustomization::new(*node);
        let is_away = |listed: &str| !paths.contains(&join(folder(path), listed));
        if makes_more || kustomization.listed().any(is_away) {
            open.insert(folder(path).to_owned());
        }
    }
    open
}

/// A path and all folders above it.
fn ancestors(path: String) -> Vec<String> {
    let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    let mut all: Vec<String> = ends.into_iter().map(|end| path[..end].to_owned()).collect();
    all.push(path);
    all
}
