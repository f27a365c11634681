//! What kustomizations add to the objects they reach: labels and a namespace.

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

    /// Whether a kustomization that reaches the object sets the namespace of all it reaches, and so of the service accounts among them
    /// wherever they are named.
    pub fn is_namespace_added_to(&self, resource: &Resource<'t>) -> bool {
        let paths = self.namespaced_paths.get_or_init(|| self.index_namespaced_paths());
        self.files.get(&resource.source()).is_some_and(|file| paths.contains(&join("", file.path)))
    }

    fn index_selector_labels(&self) -> SelectorLabels<'t> {
        let lists = self.kustomized_paths();
        let mut labels = SelectorLabels::new();
        for kustomization in self.kustomizations() {
            let added: Vec<_> = kustomization.selector_labels().collect();
            if !added.is_empty() {
                for path in self.reached_from(&kustomization, &lists) {
                    labels.entry(path).or_default().extend(&added);
                }
            }
        }
        labels
    }

    fn index_namespaced_paths(&self) -> HashSet<String> {
        let lists = self.kustomized_paths();
        let namespaced = self.kustomizations().filter(Kustomization::sets_namespace);
        namespaced.flat_map(|kustomization| self.reached_from(&kustomization, &lists)).collect()
    }

    /// The files and folders that a kustomization changes.
    fn reached_from(&self, kustomization: &Kustomization<'t>, lists: &HashMap<String, Vec<String>>) -> HashSet<String> {
        let (mut open, mut seen) = (vec![self.folder_of(kustomization)], HashSet::new());
        while let Some(path) = open.pop() {
            open.extend(lists.get(&path).into_iter().flatten().filter(|path| !seen.contains(*path)).cloned());
            seen.insert(path);
        }
        seen
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
