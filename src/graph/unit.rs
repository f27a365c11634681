//! What is applied together, and what is a patch of something else.

use std::collections::{HashMap, HashSet};

use super::File;
use crate::resource::{Kind, Kustomization, Resource};
use crate::yaml::NodeRef;

/// Which unit each file belongs to.
pub(super) struct Units {
    by_name: HashMap<String, u32>,
    /// Folders with a kustomization that lists its resources: the files of the folder that it does not list are not applied with it.
    listed: HashMap<String, HashSet<String>>,
    patches: HashSet<String>,
}

impl Units {
    pub(super) fn new(files: &[File<'_>], kustomizations: &[(&str, NodeRef<'_>)]) -> Self {
        let mut units = Units { by_name: HashMap::new(), listed: HashMap::new(), patches: HashSet::new() };
        for (path, node) in kustomizations {
            units.read_kustomization(folder(path), *node);
        }
        for file in files {
            let (name, count) = (units.name(file.path), units.by_name.len() as u32);
            units.by_name.entry(name).or_insert(count);
        }
        units
    }

    fn read_kustomization(&mut self, folder: &str, node: NodeRef<'_>) {
        let listed: HashSet<String> = Kustomization::new(node).listed().map(|path| join(folder, path)).collect();
        if !listed.is_empty() {
            self.listed.entry(folder.to_owned()).or_default().extend(listed);
        }
        let strategic = node.get("patchesStrategicMerge").into_iter().flat_map(NodeRef::items);
        let paths = ["patches", "patchesJson6902"]
            .iter()
            .filter_map(|key| node.get(key))
            .flat_map(NodeRef::items)
            .filter_map(|patch| patch.get("path"));
        self.patches.extend(strategic.chain(paths).map(|path| join(folder, path.text())));
    }

    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn of(&self, path: &str) -> u32 {
        self.by_name.get(&self.name(path)).copied().unwrap_or_default()
    }

    /// The folder; the file itself where a kustomization leaves it out, and for standard input.
    fn name(&self, path: &str) -> String {
        let folder = folder(path);
        let is_left_out = self.listed.contains_key(folder) && !self.is_listed(path);
        if is_left_out || path == "-" { format!("{path}//") } else { folder.to_owned() }
    }

    /// Whether a kustomization of the file's folder lists it.
    pub(super) fn is_listed(&self, path: &str) -> bool {
        self.listed.get(folder(path)).is_some_and(|listed| listed.contains(&join("", path)))
    }

    pub(super) fn is_patch(&self, path: &str) -> bool {
        !self.patches.is_empty() && self.patches.contains(&join("", path))
    }
}

/// The documents of a file that is a kustomization by name or kind, with the file's path.
pub(super) fn kustomizations<'t>(file: &File<'t>) -> Vec<(&'t str, NodeRef<'t>)> {
    let base = file.path.rsplit('/').next().unwrap_or_default();
    let by_name = matches!(base, "kustomization.yaml" | "kustomization.yml" | "Kustomization");
    let roots = file.tree.documents().filter_map(|document| document.root);
    let is_one = |root: NodeRef<'t>| by_name || Resource::new(root).is_some_and(|resource| resource.kind() == Kind::Kustomization);
    roots.filter(|&root| is_one(root)).map(|root| (file.path, root)).collect()
}

/// Calls `add` with the object at a root, or with each item of a list (`List`, `PodList` …). Lists may hold lists.
pub(super) fn objects<'t>(root: Option<NodeRef<'t>>, add: &mut impl FnMut(Resource<'t>)) {
    let mut open: Vec<Resource<'t>> = root.and_then(Resource::new).into_iter().collect();
    while let Some(resource) = open.pop() {
        let Some(items) = list_items(&resource) else {
            add(resource);
            continue;
        };
        let item_kind = resource.kind_name().strip_suffix("List").filter(|kind| !kind.is_empty());
        let api_version = resource.node().get("apiVersion").map_or("", NodeRef::text);
        let mut members: Vec<_> = items
            .items()
            .filter_map(|item| {
                Resource::new(item)
                    .or_else(|| item_kind.filter(|_| item.is_mapping()).map(|kind| Resource::of_type(item, api_version, kind)))
            })
            .collect();
        // The last one is taken first.
        members.reverse();
        open.append(&mut members);
    }
}

fn list_items<'t>(resource: &Resource<'t>) -> Option<NodeRef<'t>> {
    let items = resource.node().get("items")?;
    (resource.kind_name().ends_with("List") && items.is_sequence()).then_some(items)
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A relative path below a folder, `.` and `..` resolved.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// How many folders one goes up from a file to find another: 1 in the same folder.
pub(super) fn climb(from: &str, to: &str) -> usize {
    let parts = |path| folder(path).split('/').filter(|part| !part.is_empty());
    let (from, to): (Vec<&str>, Vec<&str>) = (parts(from).collect(), parts(to).collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == from.len() && common == to.len() { 1 } else { 2 + from.len() - common }
}
