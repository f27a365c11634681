//! Which labels kustomizations add to the objects they reach.

use std::collections::{HashMap, HashSet};

use super::unit::{folder, join};
use super::{Graph, Placed};
use crate::resource::{Kustomization, Resource};
use crate::yaml::NodeRef;

/// Labels by the path of a file that a kustomization reaches.
pub(super) type SelectorLabels<'t> = HashMap<String, HashSet<&'t str>>;

impl<'t> Graph<'t> {
    /// Whether a kustomization adds the label that a part of an object's selector asks for: the value of a pair, or an expression.
    pub fn adds_label_of(&self, resource: &Resource<'t>, part: NodeRef<'t>) -> bool {
        let key = part.get("key").or_else(|| part.key()).map_or("", NodeRef::text);
        self.selector_labels_added_to(resource).is_some_and(|added| added.contains(key))
    }

    /// The labels that kustomizations add to an object's selector and to the pods it selects: those that list its file, or the
    /// folder of a kustomization that does.
    pub fn selector_labels_added_to(&self, resource: &Resource<'t>) -> Option<&HashSet<&'t str>> {
        let labels = self.selector_labels.get_or_init(|| self.index_selector_labels());
        labels.get(&join("", self.files.get(&resource.source())?.path))
    }

    fn index_selector_labels(&self) -> SelectorLabels<'t> {
        let lists = self.kustomized_paths();
        let mut labels = SelectorLabels::new();
        for kustomization in self.kustomizations() {
            let added: Vec<_> = kustomization.selector_labels().collect();
            let mut open = if added.is_empty() { Vec::new() } else { vec![self.folder_of(&kustomization)] };
            let mut seen = HashSet::new();
            while let Some(path) = open.pop() {
                open.extend(lists.get(&path).into_iter().flatten().filter(|path| !seen.contains(*path)).cloned());
                seen.insert(path);
            }
            for path in seen {
                labels.entry(path).or_default().extend(&added);
            }
        }
        labels
    }

    /// What each kustomization's folder leads to: what it lists, and from a component to those that list it, whose objects it changes.
    fn kustomized_paths(&self) -> HashMap<String, Vec<String>> {
        let mut paths: HashMap<String, Vec<String>> = HashMap::new();
        for kustomization in self.kustomizations() {
            let own = self.folder_of(&kustomization);
            for component in kustomization.components() {
                paths.entry(join(&own, component)).or_default().push(own.clone());
            }
            let listed = kustomization.listed().map(|path| join(&own, path));
            paths.entry(own.clone()).or_default().extend(listed);
        }
        paths
    }

    fn folder_of(&self, kustomization: &Kustomization<'t>) -> String {
        let path = self.files.get(&kustomization.source()).map_or("", |file: &Placed<'t>| file.path);
        join("", folder(path))
    }
}
