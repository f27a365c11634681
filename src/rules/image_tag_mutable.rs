use std::collections::HashMap;

use crate::finding::{Finding, Place, Report};
use crate::graph::Graph;
use crate::resource::{Container, ImageReference, ImageSetting, Movement, Workload, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let settings: Vec<_> = graph.kustomizations().flat_map(|kustomization| kustomization.images_set()).collect();
    let mut users = HashMap::new();
    for workload in graph.all_workloads() {
        let containers = workload.pod().into_iter().flat_map(|pod| pod.all_containers());
        for container in containers.filter(|container| !is_never_pulled(container)) {
            let (Some(node), Some(image)) = (container.image(), container.image_reference()) else { continue };
            if graph.is_tagged_elsewhere(image.name) {
                users.entry(image.name).or_insert(workload);
            } else {
                let place = image.tag_range().map_or(Place::from(node), |range| Place::part(node, range));
                report_image(&image, place, &workload, report);
            }
        }
    }
    for ImageSetting { name, tag, .. } in settings {
        let (Some(node), Some(workload)) = (tag, users.get(name)) else { continue };
        let text = format!("{name}:{}", node.value_text().unwrap_or_default());
        let finding = ImageReference::read(&text).and_then(|image| report_image(&image, Place::from(node), workload, report));
        if let Some(finding) = finding {
            finding.help("set `newTag` to the release's own tag, or pin the build with `digest`");
        }
    }
}

/// Reports an image whose tag moves.
fn report_image<'r, 't>(
    image: &ImageReference<'_>,
    place: Place<'t>,
    workload: &Workload<'t>,
    report: &'r mut Report,
) -> Option<&'r mut Finding> {
    let movement = image.movement()?;
    let finding = report.at(place, format!("{}: {}", describe(image, movement), consequence(workload)));
    finding.help(format!("name the release's own tag, or pin the build: `{}@sha256:…`", image.name));
    Some(finding.note_if(matches!(movement, Movement::WithinMajor(_) | Movement::WithinDistribution)))
}

fn is_never_pulled(container: &Container<'_>) -> bool {
    container.field("imagePullPolicy").and_then(NodeRef::str) == Some("Never")
}

fn describe(image: &ImageReference<'_>, movement: Movement) -> String {
    let (name, tag) = (image.name, image.tag.unwrap_or_default());
    match movement {
        Movement::Untagged => format!("image `{name}` has no tag, so that `latest` is pulled"),
        Movement::Anywhere => format!("the tag `{tag}` moves from build to build"),
        Movement::WithinMajor(version) => format!("the tag `{tag}` may move with every release of version {version}"),
        Movement::WithinDistribution => format!("the tag `{tag}` names a distribution and may move with every build for it"),
    }
}

fn consequence(workload: &Workload<'_>) -> &'static str {
    match workload.kind() {
        _ if workload.has_rollouts() => "undo restores the same tag, not the build that ran before",
        WorkloadKind::Pod => "each start may pull another build",
        _ => "each new pod may run another build",
    }
}
