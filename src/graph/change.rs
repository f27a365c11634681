//! The step from an old set of objects to a new one: which object has become which.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::Graph;
use crate::resource::{Identity, Kind, Resource, Workload, refused_changes};
use crate::source::SourceId;
use crate::yaml::same_meaning;

/// One object of the cluster, before and after.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'t> {
    /// As it was.
    pub old: Resource<'t>,
    /// As it shall be.
    pub new: Resource<'t>,
    /// Whether they don't say the same; order of keys, comments and the file they stand in aside.
    pub is_changed: bool,
}

impl<'t> Pair<'t> {
    fn new(old: Resource<'t>, new: Resource<'t>) -> Self {
        let mut budget = 100_000;
        let is_changed = !old.is(&new) && !same_meaning(old.node(), new.node(), &mut budget);
        Pair { old, new, is_changed }
    }

    /// Both as workloads, if they are.
    pub fn workloads(&self) -> Option<(Workload<'t>, Workload<'t>)> {
        self.old.workload().zip(self.new.workload())
    }

    /// Whether either is a patch, so that what it doesn't write may stand elsewhere.
    pub fn is_partial(&self) -> bool {
        self.old.is_partial() || self.new.is_partial()
    }
}

/// What an object is in the cluster: group, kind, namespace as written, name. The group is the one of today ([`Resource::home_group`]).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'t> {
    group: &'t str,
    kind: &'t str,
    identity: Identity<'t>,
}

impl<'t> Key<'t> {
    fn of(resource: &Resource<'t>) -> Option<Self> {
        Some(Key { group: resource.home_group(), kind: resource.kind_name(), identity: resource.identity()? })
    }

    /// The same kind and name in whatever namespace.
    fn anywhere(self) -> (&'t str, &'t str, &'t str) {
        (self.group, self.kind, self.identity.name)
    }
}

/// The old set, the new one, and which object has become which.
///
/// Objects are paired by group, kind, namespace and name, whatever their API version and file. Where a name is used by several objects
/// (a folder for each environment), those of the same file belong together; of the rest only a single one on each side is paired, and
/// nothing is said of the others.
#[derive(Debug)]
pub struct Change<'g, 't> {
    /// The set that was.
    pub old: &'g Graph<'t>,
    /// The set that shall be.
    pub new: &'g Graph<'t>,
    pairs: Vec<Pair<'t>>,
    removed: Vec<Resource<'t>>,
    added: Vec<Resource<'t>>,
    /// Indices of pairs by their old and new objects.
    by_place: OnceLock<HashMap<Place, [Option<u32>; 2]>>,
}

impl<'g, 't> Change<'g, 't> {
    /// Pairs the objects of two sets. With each comes the paths of its texts that could not be read to their end, so that objects may
    /// be missing.
    pub fn between(old: (&'g Graph<'t>, &HashSet<&str>), new: (&'g Graph<'t>, &HashSet<&str>)) -> Self {
        let ((old, half_read_old), (new, half_read_new)) = (old, new);
        let (old_keys, new_keys) = (by_key(old), by_key(new));
        let mut pairs = Vec::new();
        let in_both = new_keys.iter().filter_map(|(key, news)| Some((old_keys.get(key)?, news)));
        in_both.for_each(|(olds, news)| pair(old, olds, new, news, &mut pairs));
        pairs.sort_by_key(|pair| place(&pair.new));
        let removed = missing(old, &old_keys, &new_keys, half_read_new);
        let added = missing(new, &new_keys, &old_keys, half_read_old);
        Change { old, new, pairs, removed, added, by_place: OnceLock::new() }
    }

    /// The objects of both sets, changed or not, in the order of the new set.
    pub fn pairs(&self) -> impl Iterator<Item = &Pair<'t>> {
        self.pairs.iter()
    }

    /// The pairs that don't say the same before and after.
    pub fn changed(&self) -> impl Iterator<Item = &Pair<'t>> {
        self.pairs.iter().filter(|pair| pair.is_changed)
    }

    /// The changed pairs of a kind.
    pub fn changed_of(&self, kind: Kind) -> impl Iterator<Item = &Pair<'t>> {
        self.changed().filter(move |pair| pair.new.kind() == kind)
    }

    /// The changed pairs whose update the API server does not refuse, or that a tool makes anew.
    pub fn accepted(&self) -> impl Iterator<Item = &Pair<'t>> {
        self.changed().filter(|pair| self.is_accepted(pair))
    }

    /// Whether the API server does not refuse the update, or a tool makes the object anew.
    pub fn is_accepted(&self, pair: &Pair<'t>) -> bool {
        let oldest = self.new.world().versions.oldest;
        !pair.is_changed || pair.new.is_recreated_on_change() || refused_changes(&pair.old, &pair.new, oldest).is_empty()
    }

    /// The same of workloads that are whole on both sides: as they were and as they shall be.
    pub fn accepted_workloads(&self) -> impl Iterator<Item = (Workload<'t>, Workload<'t>)> {
        let is_whole_workload = |pair: &&Pair<'t>| !pair.is_partial() && pair.workloads().is_some();
        self.changed().filter(is_whole_workload).filter(|pair| self.is_accepted(pair)).filter_map(Pair::workloads)
    }

    /// What has become of a workload, if both are whole.
    pub fn workload_after(&self, old: &Workload<'t>) -> Option<Workload<'t>> {
        let pair = self.successor(old.resource()).filter(|pair| !pair.is_partial())?;
        pair.new.workload()
    }

    /// The objects that were there and surely are not any more.
    pub fn removed(&self) -> impl Iterator<Item = &Resource<'t>> {
        self.removed.iter()
    }

    /// The objects that surely were not there before.
    pub fn added(&self) -> impl Iterator<Item = &Resource<'t>> {
        self.added.iter()
    }

    /// Whether an object stands in another file than before.
    pub fn is_moved(&self, pair: &Pair<'t>) -> bool {
        self.old.path_of(&pair.old) != self.new.path_of(&pair.new)
    }

    /// What has become of an object of the old set.
    pub fn successor(&self, old: &Resource<'t>) -> Option<&Pair<'t>> {
        self.pair_at(old, 0)
    }

    /// What an object of the new set was.
    pub fn predecessor(&self, new: &Resource<'t>) -> Option<&Pair<'t>> {
        self.pair_at(new, 1)
    }

    fn pair_at(&self, resource: &Resource<'t>, side: usize) -> Option<&Pair<'t>> {
        let by_place = self.by_place.get_or_init(|| {
            let mut by_place: HashMap<_, [Option<u32>; 2]> = HashMap::with_capacity(self.pairs.len());
            for (index, pair) in self.pairs.iter().enumerate() {
                by_place.entry(place(&pair.old)).or_default()[0] = Some(index as u32);
                by_place.entry(place(&pair.new)).or_default()[1] = Some(index as u32);
            }
            by_place
        });
        let index = by_place.get(&place(resource))?[side]?;
        Some(&self.pairs[index as usize])
    }
}

fn place(resource: &Resource<'_>) -> Place {
    (resource.source(), resource.node().span().start)
}

/// Where an object begins.
type Place = (SourceId, u32);

/// Pairs objects of one key: file by file, then those that are left where there is one on each side.
fn pair<'t>(old: &Graph<'t>, olds: &[u32], new: &Graph<'t>, news: &[u32], pairs: &mut Vec<Pair<'t>>) {
    let mut by_path: HashMap<&str, Vec<Resource<'t>>> = HashMap::new();
    // The first is taken first.
    for &index in olds.iter().rev() {
        let resource = old.resources[index as usize];
        by_path.entry(old.path_of(&resource)).or_default().push(resource);
    }
    let mut single = Vec::new();
    for resource in new.at_indices(news) {
        match by_path.get_mut(new.path_of(resource)).and_then(Vec::pop) {
            Some(before) => pairs.push(Pair::new(before, *resource)),
            None => single.push(*resource),
        }
    }
    let left: Vec<Resource<'t>> = by_path.into_values().flatten().collect();
    if let ([before], [after]) = (left.as_slice(), single.as_slice()) {
        pairs.push(Pair::new(*before, *after));
    }
}

/// The objects of one set whose key the other one lacks; without those that may well be in it: in a text that could not be read, or
/// with a namespace that is written on one side only.
fn missing<'t>(of: &Graph<'t>, keys: &Keys<'t>, others: &Keys<'t>, half_read: &HashSet<&str>) -> Vec<Resource<'t>> {
    let names: HashSet<_> = others.keys().map(|key| (key.anywhere(), key.identity.namespace.is_some())).collect();
    let is_missing = |key: &Key<'t>| !others.contains_key(key) && !names.contains(&(key.anywhere(), key.identity.namespace.is_none()));
    let mut indices: Vec<u32> = keys.iter().filter(|(key, _)| is_missing(key)).flat_map(|(_, indices)| indices).copied().collect();
    indices.sort_unstable();
    of.at_indices(&indices).filter(|resource| !half_read.contains(of.path_of(resource))).copied().collect()
}

type Keys<'t> = HashMap<Key<'t>, Vec<u32>>;

/// The objects that have a name, by what they are.
fn by_key<'t>(graph: &Graph<'t>) -> Keys<'t> {
    let mut keys: Keys<'t> = HashMap::with_capacity(graph.resources.len());
    for (index, resource) in graph.resources.iter().enumerate() {
        if let Some(key) = Key::of(resource) {
            keys.entry(key).or_default().push(index as u32);
        }
    }
    keys
}

impl<'t> Graph<'t> {
    /// The path of the text that holds an object.
    pub fn path_of(&self, resource: &Resource<'t>) -> &'t str {
        self.files.get(&resource.source()).map_or("", |file| file.path)
    }
}
