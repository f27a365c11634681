use crate::finding::{Report, Safety};
use crate::resource::is_object;
use crate::yaml::edit;
use crate::yaml::{NodeRef, Tree, same_meaning};

pub(super) fn check(tree: &Tree, report: &mut Report) {
    // Asked once a document: one mapping may hold thousands.
    let mut last = None;
    let mut budget = 100_000;
    let mut is_in_object = |root: NodeRef<'_>| match last {
        Some((known, answer)) if known == root.address() => answer,
        _ => last.insert((root.address(), is_object(root))).1,
    };
    for duplicate in tree.duplicate_keys().filter(|duplicate| is_in_object(duplicate.mapping.root())) {
        let key = duplicate.second.key.text();
        let (first, second) = (duplicate.first.value, duplicate.second.value);
        let is_same = same_meaning(first, second, &mut budget);
        let finding = report
            .at(duplicate.second.key, format!("`{key}` is set twice in one mapping{}", outcome(first, is_same)))
            .help("keep one of the two")
            .related(duplicate.first.key, "set here first");
        if is_same {
            finding.offer("Remove the second one", Safety::Safe, [edit::remove(second)]);
        }
    }
}

fn outcome(first: NodeRef<'_>, is_same: bool) -> &'static str {
    if is_same {
        ", to the same value: a strict API server refuses it"
    } else if first.is_null() {
        "; the last value wins, and the first is empty"
    } else {
        "; the last value wins and the first is lost"
    }
}
