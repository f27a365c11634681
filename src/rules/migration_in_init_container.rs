use std::ops::Range;

use crate::finding::{Place, Report};
use crate::graph::Graph;
use crate::resource::{Container, Update, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// Words of commands that look at a schema or wait for it, and change nothing.
const HARMLESS: [&str; 8] = ["--check", "--dry-run", "--plan", "wait-for", "wait_for", "status", "showmigrations", "validate"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_rollouts) {
        let containers = workload.pod().into_iter().flat_map(|pod| pod.init_containers());
        for container in containers.filter(|container| !container.is_sidecar()) {
            let command = Text::of(&container);
            let Some(range) = command.migration().filter(|_| !command.is_harmless()) else { continue };
            let most = graph.replicas(&workload).map(|replicas| replicas.most);
            if most == Some(0) {
                continue;
            }
            let where_run = match (workload.kind(), most) {
                (WorkloadKind::DaemonSet, _) => "on every node".to_owned(),
                (_, Some(pods @ 2..)) => format!("in each of {pods} pods"),
                _ => "in each new pod".to_owned(),
            };
            let is_alone = most == Some(1) && workload.update() == Some(Update::Recreate);
            let old = if is_alone { "" } else { ", and old pods keep running on the new one meanwhile" };
            report
                .at(
                    command.place(range),
                    format!("{} migrates a database {where_run}: undo restores the code, not the schema{old}", name(&container)),
                )
                .help("migrate once, in a Job before the rollout, in steps that the version before can live with")
                .note_if(is_alone);
        }
    }
}

fn name(container: &Container<'_>) -> String {
    container.name().map_or_else(|| "an init container".to_owned(), |name| format!("init container {name}"))
}

/// Image, command and arguments of a container as one text, that phrases may run across its items.
struct Text<'t> {
    lower: String,
    /// Where each item starts in `lower`.
    items: Vec<(usize, NodeRef<'t>)>,
}

impl<'t> Text<'t> {
    fn of(container: &Container<'t>) -> Self {
        let lists = ["command", "args"].into_iter().filter_map(|key| container.field(key)).flat_map(NodeRef::items);
        let mut text = Text { lower: String::new(), items: Vec::new() };
        // Shell variables (`${X}`) are no placeholders here: what is written around them is known.
        for node in lists.chain(container.image()) {
            text.items.push((text.lower.len(), node));
            text.lower.push_str(&node.text().to_ascii_lowercase());
            text.lower.push(' ');
        }
        text
    }

    /// The first phrase that means a migration.
    fn migration(&self) -> Option<Range<usize>> {
        let phrases = include_str!("migration_commands.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        phrases.filter_map(|phrase| self.find(phrase)).min_by_key(|range| range.start)
    }

    fn find(&self, phrase: &str) -> Option<Range<usize>> {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let bytes = self.lower.as_bytes();
        let ranges = self.lower.match_indices(phrase).map(|(start, _)| start..start + phrase.len());
        let is_whole = |range: &Range<usize>| {
            let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
            !is_word(before) && !is_word(bytes.get(range.end))
        };
        ranges.into_iter().find(is_whole)
    }

    fn is_harmless(&self) -> bool {
        HARMLESS.iter().any(|word| self.lower.contains(word))
    }

    /// The phrase where it is written: in the item that holds it, or the item that it begins in.
    fn place(&self, range: Range<usize>) -> Place<'t> {
        let index = self.items.partition_point(|(start, _)| *start <= range.start) - 1;
        let (start, node) = self.items[index];
        if range.end - start <= node.text().len() { Place::part(node, range.start - start..range.end - start) } else { Place::from(node) }
    }
}
