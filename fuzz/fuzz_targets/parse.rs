//! Any bytes give a tree whose spans lie in its text.
#![no_main]

use kubeshoal::source::{SourceId, Span};
use kubeshoal::yaml::{NodeRef, Tree, parse_bytes};
use libfuzzer_sys::fuzz_target;

/// Aliases make a small tree a large one to walk.
const NODES: usize = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let tree = parse_bytes(SourceId(0), bytes.to_vec());
    for document in tree.documents() {
        is_in_text(&tree, document.span);
        document.root.into_iter().for_each(walk);
    }
    tree.errors().iter().for_each(|error| is_in_text(&tree, error.span));
    for comment in tree.comments() {
        is_in_text(&tree, comment.span);
        tree.commented(comment).into_iter().for_each(|span| is_in_text(&tree, span));
    }
    for duplicate in tree.duplicate_keys() {
        assert_eq!(duplicate.first.key.text(), duplicate.second.key.text());
    }
});

fn walk(root: NodeRef<'_>) {
    let mut open = vec![root];
    for _ in 0..NODES {
        let Some(node) = open.pop() else { return };
        is_in_text(node.tree(), node.span());
        is_in_text(node.tree(), node.span_of(0..node.text().len()));
        let _ = (node.scalar(), node.anchor(), node.origin());
        open.extend(node.entries().flat_map(|entry| [entry.key, entry.value]));
        open.extend(node.items());
    }
}

fn is_in_text(tree: &Tree, span: Span) {
    assert!(tree.text().get(span.start as usize..span.end as usize).is_some(), "{span:?} does not lie in the text");
}
