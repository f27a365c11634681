use std::collections::HashSet;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource};
use crate::yaml::same_meaning;

/// Earlier definitions that one is compared with.
const MANY: usize = 8;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let mut told = HashSet::new();
    for definitions in graph.repeated_definitions() {
        let [first, .., last] = definitions.as_slice() else { continue };
        let mut budget = 100_000;
        let clash = pair(&definitions, |a, b| graph.are_applied_together(a, b) && !same_meaning(a.node(), b.node(), &mut budget))
            .or_else(|| pair(&definitions, |a, b| !graph.are_alternatives(a, b)));
        match clash {
            Some((earlier, later)) => report_clash(graph, earlier, later, &definitions, report),
            None if told.insert(folder(graph, first)) => report_alternatives(first, last, definitions.len(), report),
            None => {}
        }
    }
}

/// The first pair of definitions of which something holds.
fn pair<'d, 't>(
    definitions: &'d [&'d Resource<'t>],
    mut holds: impl FnMut(&Resource<'t>, &Resource<'t>) -> bool,
) -> Option<(&'d Resource<'t>, &'d Resource<'t>)> {
    definitions.iter().enumerate().find_map(|(index, later)| {
        let earlier = definitions[..index].iter().take(MANY).find(|earlier| holds(earlier, later))?;
        Some((*earlier, *later))
    })
}

fn report_clash<'t>(graph: &Graph<'t>, earlier: &Resource<'t>, later: &Resource<'t>, all: &[&Resource<'t>], report: &mut Report) {
    let mut budget = 100_000;
    let is_same = all.iter().all(|other| same_meaning(earlier.node(), other.node(), &mut budget));
    let outcome = if is_same { "all alike, until one is edited" } else { "differently: the last one applied wins" };
    let finding = report.at(later.nearest("metadata.name"), format!("{} is defined {} times, {outcome}", later.describe(), all.len()));
    finding.help("keep one definition");
    for other in all.iter().filter(|other| !other.is(later)).take(MANY) {
        finding.related(other.nearest("metadata.name"), "also defined here");
    }
    let is_harmless = (is_same && later.kind() == Kind::Namespace) || graph.may_be_alternatives(earlier, later);
    finding.warning_if(is_same || !graph.are_applied_together(earlier, later)).note_if(is_harmless);
}

fn report_alternatives<'t>(first: &Resource<'t>, last: &Resource<'t>, times: usize, report: &mut Report) {
    let what = last.describe();
    report
        .at(
            last.nearest("metadata.name"),
            format!("{what} is defined {times} times, in files that look like alternatives: applied together, the last one wins"),
        )
        .help("apply one of the files, or give each alternative a folder")
        .related(first.nearest("metadata.name"), "also defined here")
        .note();
}

/// What stands for the folder: the first object in it.
fn folder<'t>(graph: &Graph<'t>, resource: &Resource<'t>) -> Option<crate::source::Span> {
    graph.unit_of(resource).next().map(|first| first.node().span())
}
