use crate::finding::Report;
use crate::resource::is_object;
use crate::yaml::{DuplicateKey, NodeRef, Tree, same_meaning};

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
        report
            .at(duplicate.second.key, format!("`{key}` is set twice in one mapping{}", outcome(&duplicate, &mut budget)))
            .help("keep one of the two")
            .related(duplicate.first.key, "set here first");
    }
}

fn outcome(duplicate: &DuplicateKey<'_>, budget: &mut usize) -> &'static str {
    let (first, second) = (duplicate.first.value, duplicate.second.value);
    if same_meaning(first, second, budget) {
        ", to the same value: a strict API server refuses it"
    } else if first.is_null() {
        "; the last value wins, and the first is empty"
    } else {
        "; the last value wins and the first is lost"
    }
}
