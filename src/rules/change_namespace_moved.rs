use std::collections::BTreeMap;

use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{Kind, Resource};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let mut moves: BTreeMap<(&str, &str), Vec<[&Resource<'_>; 2]>> = BTreeMap::new();
    for old in change.removed().filter(|old| old.namespace().is_some()) {
        let is_it = |other: &&Resource<'_>| is_moved(old, other);
        let mut others = change.removed().filter(|other| !other.is(old) && is_called_like(old, other));
        let mut heirs = change.added().filter(is_it);
        if let (Some(new), None, None) = (heirs.next(), heirs.next(), others.next())
            && let (Some(from), Some(to)) = (old.namespace(), new.namespace())
        {
            moves.entry((from, to)).or_default().push([old, new]);
        }
    }
    for ((from, to), moved) in moves {
        tell(from, to, &moved, report);
    }
}

fn is_called_like(one: &Resource<'_>, other: &Resource<'_>) -> bool {
    one.name() == other.name() && one.kind_name() == other.kind_name() && one.home_group() == other.home_group()
}

fn is_moved(old: &Resource<'_>, new: &Resource<'_>) -> bool {
    is_called_like(old, new) && new.namespace().is_some() && old.namespace() != new.namespace() && !old.is_partial() && !new.is_partial()
}

/// One finding for all that is moved from one namespace to another, at what matters most.
fn tell(from: &str, to: &str, moved: &[[&Resource<'_>; 2]], report: &mut Report) {
    let weight = |resource: &Resource<'_>| match (resource.kind(), resource.workload()) {
        (_, Some(workload)) if workload.claim_templates().next().is_some() => 3,
        (_, Some(workload)) if !workload.ends() => 2,
        (Kind::Service, _) => 1,
        _ => 0,
    };
    let Some([old, new]) = moved.iter().rev().max_by_key(|[_, new]| weight(new)) else { return };
    let consequence = match weight(new) {
        3 => "starts there with new, empty claims, and has other DNS names",
        2 => "is made anew there, pods of the old one stop, and claims, Secrets and names of Services don't come along",
        1 => "has another DNS name and another address there",
        _ => return,
    };
    let others = match moved.len() - 1 {
        0 => String::new(),
        1 => " with another object".to_owned(),
        others => format!(" with {others} other objects"),
    };
    let finding = report.at(
        new.node().at("metadata.namespace").unwrap_or(new.node()),
        format!("{} moves from namespace {from} to {to}{others}: it {consequence}", new.describe()),
    );
    finding.help(format!(
        "let both run until everything that uses it has moved, then delete the old one: `{}`; copy what its claims and Secrets hold",
        old.kubectl("delete", "")
    ));
    finding.related(old.nearest("metadata.namespace"), "it was here");
    finding.step(When::Before, format!("copy to namespace {to} what claims and Secrets of {from} hold, as far as it is needed"), []);
}
