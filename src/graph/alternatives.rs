//! Files of one folder of which only one is meant to be applied: the same thing in variants.

use std::collections::{HashMap, HashSet};

use super::Graph;
use crate::resource::{Identity, Kind, Resource, WorkloadKind};
use crate::source::SourceId;
use crate::yaml::same_meaning;

/// What an object is in its unit: the unit's number, group, kind and identity.
type Object<'t> = (u32, &'t str, &'t str, Identity<'t>);

/// Which file defines what.
#[derive(Debug, Default)]
pub(super) struct Definitions<'t> {
    by_file: HashMap<SourceId, HashSet<Object<'t>>>,
    /// What three files or more define, not all of them alike.
    varied: HashSet<Object<'t>>,
}

impl<'t> Graph<'t> {
    /// The definitions of each object of each unit, in the order of the files. Patches and hooks define nothing.
    pub fn definitions(&self) -> Vec<Vec<&Resource<'t>>> {
        let mut definitions: Vec<Vec<&Resource<'t>>> = Vec::new();
        let mut places: HashMap<Object<'t>, usize> = HashMap::new();
        for resource in self.whole() {
            let Some(object) = self.object(resource) else { continue };
            let place = *places.entry(object).or_insert(definitions.len());
            match definitions.get_mut(place) {
                Some(earlier) => earlier.push(resource),
                None => definitions.push(vec![resource]),
            }
        }
        definitions
    }

    fn object(&self, resource: &Resource<'t>) -> Option<Object<'t>> {
        let unit = self.files.get(&resource.source())?.unit;
        let identity = resource.identity().filter(|_| !resource.is_hook())?;
        Some((unit, resource.group(), resource.kind_name(), identity))
    }

    /// Whether two objects stand in files of one folder that look like alternatives, so that nobody applies both: all workloads of
    /// the smaller one are in the other too, and they define mostly the same objects, or one that yet another file defines
    /// differently, or the one's name continues the other's and nothing is in the smaller one that isn't in the other. Files that a
    /// kustomization lists are applied together.
    pub fn are_alternatives(&self, a: &Resource<'t>, b: &Resource<'t>) -> bool {
        let (Some(left), Some(right)) = (self.files.get(&a.source()), self.files.get(&b.source())) else { return false };
        if a.source() == b.source() || left.unit != right.unit || left.listed {
            return false;
        }
        let definitions = self.definitions.get_or_init(|| self.index_definitions());
        let (Some(mine), Some(theirs)) = (definitions.by_file.get(&a.source()), definitions.by_file.get(&b.source())) else {
            return false;
        };
        let (fewer, more) = if mine.len() <= theirs.len() { (mine, theirs) } else { (theirs, mine) };
        if !fewer.iter().all(|object| more.contains(object) || !is_workload(object)) {
            return false;
        }
        let shared = fewer.intersection(more).count();
        let is_mostly_the_same = shared >= 2 && shared * 2 > fewer.len();
        let is_called_alike = continues(left.path, right.path) || continues(right.path, left.path);
        let is_varied = || fewer.intersection(more).any(|object| definitions.varied.contains(object));
        is_mostly_the_same || (shared > 0 && shared == fewer.len() && is_called_alike) || is_varied()
    }

    fn index_definitions(&self) -> Definitions<'t> {
        let mut definitions = Definitions::default();
        for resource in self.whole() {
            let Some(object) = self.object(resource) else { continue };
            definitions.by_file.entry(resource.source()).or_default().insert(object);
        }
        for same in self.definitions().iter().filter(|same| same.len() >= 3) {
            let files: HashSet<_> = same.iter().map(|resource| resource.source()).collect();
            let mut budget = 100_000;
            if files.len() >= 3 && !same[1..].iter().all(|other| same_meaning(same[0].node(), other.node(), &mut budget)) {
                definitions.varied.extend(self.object(same[0]));
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

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
