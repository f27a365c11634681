//! Images of workloads, and who gives them their tags.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Graph;
use crate::finding::Place;
use crate::resource::{Container, ImageReference, Movement, Workload};
use crate::yaml::NodeRef;

/// An image whose tag may mean another build by and by.
#[derive(Clone, Debug)]
pub struct MovingImage<'t> {
    /// Where the tag is written, or the image that has none.
    pub place: Place<'t>,
    /// The image with its tag.
    pub reference: Cow<'t, str>,
    /// How far it moves.
    pub movement: Movement,
    /// Whether a kustomization sets the tag.
    pub is_set_by_kustomization: bool,
}

/// Images that get their tags elsewhere, by name, and where kustomizations write them.
pub(super) type TaggedImages<'t> = HashMap<&'t str, Vec<NodeRef<'t>>>;

impl<'t> Graph<'t> {
    /// Whether another file of the run gives an image of that name its tag: a kustomization, or Skaffold that builds it.
    pub fn is_tagged_elsewhere(&self, name: &str) -> bool {
        self.tagged_images().contains_key(name)
    }

    fn tagged_images(&self) -> &TaggedImages<'t> {
        self.tagged_images.get_or_init(|| {
            let mut tagged = TaggedImages::default();
            for setting in self.kustomizations().flat_map(|kustomization| kustomization.images_set()) {
                tagged.entry(setting.name).or_default().extend(setting.tag);
            }
            let builders = self.resources.iter().filter(|resource| resource.group() == "skaffold");
            let artifacts = builders.filter_map(|builder| builder.node().at("build.artifacts")).flat_map(NodeRef::items);
            for name in artifacts.filter_map(|artifact| artifact.get("image")?.value_text()) {
                tagged.entry(name).or_default();
            }
            tagged
        })
    }

    /// The images of a workload whose tags move, in the order of its containers.
    pub fn moving_images(&self, workload: &Workload<'t>) -> Vec<MovingImage<'t>> {
        let containers = workload.pod().into_iter().flat_map(|pod| pod.all_containers());
        let mut moving = Vec::new();
        for container in containers.filter(|container| !is_never_pulled(container)) {
            let (Some(node), Some(image)) = (container.image(), container.image_reference()) else { continue };
            match self.tagged_images().get(image.name) {
                Some(tags) => moving.extend(tags.iter().filter_map(|tag| set_by_kustomization(image.name, *tag))),
                None => moving.extend(written(node, image)),
            }
        }
        moving
    }
}

fn written<'t>(node: NodeRef<'t>, image: ImageReference<'t>) -> Option<MovingImage<'t>> {
    let place = image.tag_range().map_or(Place::from(node), |range| Place::part(node, range));
    let movement = image.movement()?;
    Some(MovingImage { place, reference: node.text().into(), movement, is_set_by_kustomization: false })
}

fn set_by_kustomization<'t>(name: &str, tag: NodeRef<'t>) -> Option<MovingImage<'t>> {
    let reference = format!("{name}:{}", tag.value_text().unwrap_or_default());
    let movement = ImageReference::read(&reference)?.movement()?;
    Some(MovingImage { place: tag.into(), reference: reference.into(), movement, is_set_by_kustomization: true })
}

fn is_never_pulled(container: &Container<'_>) -> bool {
    container.field("imagePullPolicy").and_then(NodeRef::str) == Some("Never")
}
