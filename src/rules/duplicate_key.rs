use crate::finding::Report;
use crate::resource::is_object;
use crate::yaml::{NodeRef, Tree};

pub(super) fn check(tree: &Tree, report: &mut Report) {
    // Asked once a document: one mapping may hold thousands.
    let mut last = None;
    let mut is_in_object = |root: NodeRef<'_>| match last {
        Some((known, answer)) if known == root.address() => answer,
        _ => last.insert((root.address(), is_object(root))).1,
    };
    for duplicate in tree.duplicate_keys().filter(|duplicate| is_in_object(duplicate.mapping.root())) {
        let key = duplicate.second.text();
        report
            .at(duplicate.second, format!("`{key}` is set twice in one mapping; the last value wins and the first is lost"))
            .help("keep one of the two")
            .related(duplicate.first, "set here first");
    }
}
