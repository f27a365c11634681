//! Files of one folder of which only one is meant to be applied: the same thing in variants.

use std::collections::{HashMap, HashSet};

use super::{Graph, Placed};
use crate::resource::{Identity, Kind, Resource, WorkloadKind};
use crate::source::SourceId;
use crate::yaml::same_meaning;

/// What an object is in its unit: the unit's number, group, kind and identity.
type Object<'t> = (u32, &'t str, &'t str, Identity<'t>);

/// Which file defines what.
#[derive(Debug, Default)]
pub(super) struct Definitions<'t> {
    by_file: HashMap<SourceId, HashSet<Object<'t>>>,
    /// Units in which three files or more define one object, not all of them alike.
    varied: HashSet<u32>,
}

impl<'t> Definitions<'t> {
    /// What two files define; that with fewer objects first.
    fn smaller_and_larger(&self, a: SourceId, b: SourceId) -> Option<(&HashSet<Object<'t>>, &HashSet<Object<'t>>)> {
        let (left, right) = (self.by_file.get(&a)?, self.by_file.get(&b)?);
        Some(if left.len() <= right.len() { (left, right) } else { (right, left) })
    }
}

impl<'t> Graph<'t> {
    /// The definitions of each object that its unit defines more than once, in the order of the files. Patches and hooks define nothing.
    pub fn repeated_definitions(&self) -> Vec<Vec<&Resource<'t>>> {
        let of_one_name = self.by_name.values().flat_map(HashMap::values).filter(|indices| indices.len() > 1).flatten();
        let object = |index: u32| self.object(&self.resources[index as usize]).map(|object| (object, index));
        let mut definitions: Vec<_> = of_one_name.filter_map(|&index| object(index)).collect();
        definitions.sort_unstable();
        let mut repeated: Vec<_> = definitions.chunk_by(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1).collect();
        repeated.sort_unstable_by_key(|same| same[0].1);
        repeated.into_iter().map(|same| same.iter().map(|&(_, index)| &self.resources[index as usize]).collect()).collect()
    }

    fn object(&self, resource: &Resource<'t>) -> Option<Object<'t>> {
        let identity = resource.identity().filter(|_| !resource.is_partial() && !resource.is_hook())?;
        let unit = self.files.get(&resource.source())?.unit;
        Some((unit, resource.group(), resource.kind_name(), identity))
    }

    /// Whether two objects are applied together in any case: they stand in one file, or a kustomization lists the files of both.
    pub fn are_applied_together(&self, a: &Resource<'t>, b: &Resource<'t>) -> bool {
        let file = |resource: &Resource<'t>| self.files.get(&resource.source()).map(|file| (file.unit, file.listed));
        a.source() == b.source() || (file(a) == file(b) && file(a).is_some_and(|(_, is_listed)| is_listed))
    }

    /// Whether two objects stand in files of one folder that look like alternatives, so that nobody applies both. In a folder that
    /// defines one object in three ways and more, all files do. Elsewhere two files do if all workloads of the smaller one are in the
    /// other too, and they define mostly the same objects, or the one's name continues the other's and nothing is in the smaller one
    /// that isn't in the other.
    pub fn are_alternatives(&self, a: &Resource<'t>, b: &Resource<'t>) -> bool {
        let Some((left, right)) = self.separate_files(a, b) else { return false };
        let definitions = self.indexed_definitions();
        if definitions.varied.contains(&left.unit) {
            return true;
        }
        let Some((fewer, more)) = definitions.smaller_and_larger(a.source(), b.source()) else { return false };
        let shared = fewer.intersection(more).count();
        let is_mostly_the_same = shared >= 2 && shared * 2 > fewer.len();
        let is_continued = continues(left.path, right.path) || continues(right.path, left.path);
        let has_own_workload = || fewer.difference(more).any(is_workload);
        (is_mostly_the_same && !has_own_workload()) || (is_continued && shared == fewer.len())
    }

    /// Whether two objects may stand in alternatives, though nothing tells but the files' names, and that the smaller file
    ///  holds nothing that isn't in the other.
    pub fn may_be_alternatives(&self, a: &Resource<'t>, b: &Resource<'t>) -> bool {
        let Some((left, right)) = self.separate_files(a, b) else { return false };
        let sizes = self.indexed_definitions().smaller_and_larger(a.source(), b.source());
        are_called_alike(left.path, right.path) && sizes.is_some_and(|(fewer, more)| fewer.is_subset(more))
    }

    /// The files of two objects, if they are two of one unit and not applied together in any case.
    fn separate_files(&self, a: &Resource<'t>, b: &Resource<'t>) -> Option<(&Placed<'t>, &Placed<'t>)> {
        let (left, right) = (self.files.get(&a.source())?, self.files.get(&b.source())?);
        (left.unit == right.unit && !self.are_applied_together(a, b)).then_some((left, right))
    }

    fn indexed_definitions(&self) -> &Definitions<'t> {
        self.definitions.get_or_init(|| self.index_definitions())
    }

    fn index_definitions(&self) -> Definitions<'t> {
        let mut definitions = Definitions::default();
        for resource in self.whole() {
            let Some(object) = self.object(resource) else { continue };
            definitions.by_file.entry(resource.source()).or_default().insert(object);
        }
        // Namespaces are brought along by whoever puts something into them.
        for same in self.repeated_definitions().iter().filter(|same| same.len() >= 3 && same[0].kind() != Kind::Namespace) {
            let files: HashSet<_> = same.iter().map(|resource| resource.source()).collect();
            let mut budget = 100_000;
            if files.len() >= 3 && !same[1..].iter().all(|other| same_meaning(same[0].node(), other.node(), &mut budget)) {
                definitions.varied.extend(self.files.get(&same[0].source()).map(|file| file.unit));
            }
        }
        definitions
    }
}

fn is_workload((_, group, kind, _): &Object<'_>) -> bool {
    WorkloadKind::of(Kind::of(group, kind)).is_some()
}

/// Whether a file's name says the other's and more: `web-with-cache.yaml` and `web.yaml`.
fn continues(path: &str, other: &str) -> bool {
    let rest = stem(path).strip_prefix(stem(other));
    rest.is_some_and(|rest| rest.starts_with(|letter: char| !letter.is_alphanumeric()))
}

/// Words with which the names of files begin that are there to be told apart, as tests and examples are.
const OUTCOMES: [&str; 10] = ["success", "failure", "passing", "failing", "pass", "fail", "valid", "invalid", "good", "bad"];

/// Whether two files' names begin or end with the same word (`cache-on-disk.yaml` and `cache-in-memory.yaml`), or tell outcomes apart.
fn are_called_alike(path: &str, other: &str) -> bool {
    let words = |path| stem(path).split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_outcome = |path| words(path).next().is_some_and(|first| OUTCOMES.contains(&first));
    let share_a_word = words(path).next() == words(other).next() || words(path).next_back() == words(other).next_back();
    share_a_word || (is_outcome(path) && is_outcome(other))
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
