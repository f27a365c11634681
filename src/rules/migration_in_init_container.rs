use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Container, ImageReference, Workload, WorkloadKind, find_words, lists};

const MIGRATIONS: &str = include_str!("../resource/data/migrations.txt");

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_rollouts) {
        let pods = graph.pods(&workload).and_then(|pods| pods.most());
        let containers = workload.pod().into_iter().flat_map(|pod| pod.init_containers());
        for container in containers.filter(|container| !container.is_sidecar() && pods != Some(0)) {
            let Some(place) = migration(&container) else { continue };
            let where_run = match (workload.kind(), pods) {
                (WorkloadKind::DaemonSet, None) => "on every node".to_owned(),
                (_, Some(pods @ 2..)) => format!("in each of {pods} pods"),
                _ => "in each new pod".to_owned(),
            };
            let overlaps = workload.update().and_then(|update| update.overlaps(pods));
            let old = if overlaps == Some(true) { "; meanwhile old pods run on the new schema" } else { "" };
            report
                .at(place, format!("{} migrates a database {where_run}: undo restores the code, not the schema{old}", name(&container)))
                .help("migrate once, in a Job before the rollout, in steps that the version before can live with")
                .note_if(overlaps == Some(false));
        }
    }
}

fn name(container: &Container<'_>) -> String {
    container.name().map_or_else(|| "an init container".to_owned(), |name| format!("init container {name}"))
}

/// Where a container says that it migrates: in a command, or by an image that is made for it.
fn migration<'t>(container: &Container<'t>) -> Option<Place<'t>> {
    let script = container.script();
    let in_command = || {
        script.commands().filter(|(_, command)| !is_harmless(command)).find_map(|(start, command)| {
            let phrase = phrases().filter_map(|phrase| find_words(command, phrase)).min_by_key(|range| range.start)?;
            script.place(start + phrase.start..start + phrase.end)
        })
    };
    let by_image = || migrating_image(container).filter(|_| !script.commands().any(|(_, command)| is_harmless(command)));
    in_command().or_else(by_image)
}

/// The last part of an image's name, where it is that of a tool or ends like one.
fn migrating_image<'t>(container: &Container<'t>) -> Option<Place<'t>> {
    let node = container.image()?;
    let ImageReference { name, .. } = container.image_reference()?;
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    let tool = &name[start..];
    let is_made_for_it = phrases().any(|phrase| phrase == tool) || lists::part(MIGRATIONS, "image ends").any(|end| tool.ends_with(end));
    is_made_for_it.then(|| Place::part(node, start..name.len()))
}

fn phrases() -> impl Iterator<Item = &'static str> {
    lists::part(MIGRATIONS, "commands")
}

/// Whether a command only looks, or waits for what another does.
fn is_harmless(command: &str) -> bool {
    let mut words = command.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ':'));
    words.any(|word| {
        let mut parts = word.split(|letter: char| !letter.is_ascii_alphanumeric());
        let waits = !word.starts_with('-') && parts.any(|part| matches!(part, "wait" | "waiting"));
        waits
            || lists::part(MIGRATIONS, "looks").any(|look| look == word)
            || lists::part(MIGRATIONS, "looking options").any(|option| word.starts_with(option))
    })
}
