//! Which pods a change replaces.

use super::Change;
use crate::resource::{Kustomization, Workload};
use crate::yaml::{NodeRef, same_meaning};

/// Nodes of a template up to which two are compared.
const MOST_COMPARED: usize = 100_000;

impl<'t> Change<'_, 't> {
    /// Whether the pods of a workload of the new set surely run on: it was there before, with the same template, and nothing that is
    /// here changes what becomes of it when it is applied.
    pub fn keeps_pods(&self, new: &Workload<'t>) -> bool {
        let Some(pair) = self.predecessor(new.resource()).filter(|pair| !pair.is_partial()) else { return false };
        let Some(old) = pair.old.workload() else { return false };
        let has_pods = self.new.replicas(new).is_none_or(|replicas| replicas.most > 0);
        let templates = old.template().zip(new.template());
        has_pods
            && templates.is_some_and(|(old, new)| same_meaning(old, new, &mut { MOST_COMPARED }))
            && !is_filled_in(new)
            && !self.is_patched_anew(&old, new)
            && !self.is_retagged(new)
    }

    /// Whether a patch of it has changed, gone or come.
    fn is_patched_anew(&self, old: &Workload<'t>, new: &Workload<'t>) -> bool {
        self.new.patches_of(new).any(|patch| self.predecessor(patch.resource()).is_none_or(|pair| pair.is_changed))
            || self.old.patches_of(old).any(|patch| self.successor(patch.resource()).is_none())
    }

    /// Whether kustomizations set other images in it than they did.
    fn is_retagged(&self, new: &Workload<'t>) -> bool {
        let mut kustomizations = self.new.kustomizations().peekable();
        if kustomizations.peek().is_none() {
            return false;
        }
        let settings = |kustomizations: &mut dyn Iterator<Item = Kustomization<'t>>, name: &str| {
            kustomizations.flat_map(|one| one.images_set()).filter(|image| image.name == name).map(|image| image.node).collect()
        };
        let containers = new.pod().into_iter().flat_map(|pod| pod.all_containers());
        let mut names = containers.filter_map(|container| Some(container.image_reference()?.name));
        names.any(|name| {
            let olds: Vec<NodeRef<'t>> = settings(&mut self.old.kustomizations(), name);
            let news: Vec<NodeRef<'t>> = settings(&mut self.new.kustomizations(), name);
            olds.len() != news.len() || olds.iter().zip(&news).any(|(old, new)| !same_meaning(*old, *new, &mut { MOST_COMPARED }))
        })
    }
}

/// Whether something else writes a part of the template before it is applied, which may be another one each time: a tag, an annotation.
fn is_filled_in(workload: &Workload<'_>) -> bool {
    let has_placeholder = |node: NodeRef<'_>| node.scalars().any(NodeRef::is_unknown);
    let metadata = workload.template().and_then(|template| template.get("metadata"));
    let mut containers = workload.pod().into_iter().flat_map(|pod| pod.all_containers());
    metadata.is_some_and(has_placeholder)
        || containers.any(|container| container.image().into_iter().chain(container.field("env")).any(has_placeholder))
}
