use std::collections::HashSet;

use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Container, ImageReference, Movement, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let tagged_elsewhere = tagged_elsewhere(graph);
    for workload in graph.all_workloads() {
        let containers = workload.pod().into_iter().flat_map(|pod| pod.all_containers());
        for container in containers.filter(|container| !is_never_pulled(container)) {
            let (Some(node), Some(image)) = (container.image(), container.image_reference()) else { continue };
            let Some(movement) = image.movement().filter(|_| !tagged_elsewhere.contains(image.name)) else { continue };
            let place = image.tag_range().map_or(Place::from(node), |range| Place::part(node, range));
            report
                .at(place, format!("{}: {}", describe(&image, movement), consequence(&workload)))
                .help(format!("name the release's own tag, or pin the build: `{}@sha256:…`", image.name))
                .note_if(movement == Movement::WithinMajor);
        }
    }
}

/// The names of images whose tag is not what the workload says: a kustomization sets it, or Skaffold builds the image.
fn tagged_elsewhere<'t>(graph: &Graph<'t>) -> HashSet<&'t str> {
    let set = graph.kustomizations().flat_map(|kustomization| kustomization.images_set());
    let builders = graph.resources().iter().filter(|resource| resource.group() == "skaffold");
    let artifacts = builders.filter_map(|builder| builder.node().at("build.artifacts")).flat_map(NodeRef::items);
    set.chain(artifacts.filter_map(|artifact| artifact.get("image")?.value_text())).collect()
}

fn is_never_pulled(container: &Container<'_>) -> bool {
    container.field("imagePullPolicy").and_then(NodeRef::str) == Some("Never")
}

fn describe(image: &ImageReference<'_>, movement: Movement) -> String {
    let (name, tag) = (image.name, image.tag.unwrap_or_default());
    match movement {
        Movement::Untagged => format!("image `{name}` has no tag, so that `latest` is pulled"),
        Movement::Anywhere => format!("the tag `{tag}` moves from build to build"),
        Movement::WithinMajor => format!("the tag `{tag}` names a whole major version"),
    }
}

fn consequence(workload: &Workload<'_>) -> &'static str {
    if workload.has_rollouts() { "undo restores the same tag, not the build that ran before" } else { "each new pod may run another build" }
}
