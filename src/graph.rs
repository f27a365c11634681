//! All objects of a run, the units they are applied in, and the references between them.

use std::sync::OnceLock;

use crate::resource::Resource;
use crate::source::Span;
use crate::yaml::Tree;

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

/// The Kubernetes minor versions that manifests are meant for, `1.` left out: 33 to 37 for 1.33 to 1.37.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Versions {
    /// The oldest.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

impl Default for Versions {
    fn default() -> Self {
        Versions { oldest: 37, newest: 37 }
    }
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
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct World {
    /// Whether the set is complete.
    pub references: References,
    /// The cluster's kind.
    pub cluster: Cluster,
    /// Its versions.
    pub versions: Versions,
    /// Objects that exist elsewhere.
    pub assume: Vec<Assumed>,
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

/// All objects of a run.
#[derive(Debug)]
pub struct Graph<'t> {
    resources: Vec<Resource<'t>>,
    world: &'t World,
    cell: OnceLock<()>,
}

impl<'t> Graph<'t> {
    /// Collects the objects of all files, items of lists among them.
    pub fn new(_files: &[File<'t>], world: &'t World) -> Self {
        Graph { resources: Vec::new(), world, cell: OnceLock::new() }
    }

    /// All objects, in the order of the files.
    pub fn resources(&self) -> &[Resource<'t>] {
        &self.resources
    }

    /// The object whose text holds the span's first byte.
    pub fn resource_at(&self, span: Span) -> Option<&Resource<'t>> {
        self.resources.iter().rfind(|resource| resource.node().span().contains(span))
    }

    /// What the user says about the world.
    pub fn world(&self) -> &World {
        self.world
    }
}
