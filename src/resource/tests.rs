use super::*;
use crate::source::SourceId;
use crate::yaml::{Tree, parse};

/// The objects of a text.
pub(crate) fn with_objects(text: &str, test: impl FnOnce(&[Resource<'_>])) {
    let tree: Tree = parse(SourceId(0), text.into());
    assert_eq!(tree.errors(), []);
    let objects: Vec<_> = tree.documents().filter_map(|document| Resource::new(document.root?)).collect();
    test(&objects);
}
