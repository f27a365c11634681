use std::collections::HashSet;

use crate::finding::Report;
use crate::graph::{Graph, MovingImage};
use crate::resource::{ImageReference, Movement, Workload, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // Many workloads may use what a kustomization sets once.
    let mut told = HashSet::new();
    for workload in graph.all_workloads() {
        for image in graph.moving_images(&workload) {
            if !image.is_set_by_kustomization || told.insert(image.place.span()) {
                report_image(&image, &workload, report);
            }
        }
    }
}

fn report_image(moving: &MovingImage<'_>, workload: &Workload<'_>, report: &mut Report) {
    let Some(image) = ImageReference::read(&moving.reference) else { return };
    let finding = report.at(moving.place, format!("{}: {}", describe(&image, moving.movement), consequence(workload)));
    finding.help(if moving.is_set_by_kustomization {
        "set `newTag` to the release's own tag, or pin the build with `digest`".to_owned()
    } else {
        format!("name the release's own tag, or pin the build: `{}@sha256:…`", image.name)
    });
    finding.note_if(matches!(moving.movement, Movement::WithinMajor(_) | Movement::WithinDistribution));
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
