mod defaults;
mod identity;
mod paths;
mod placement;
mod selectors;
mod storage;
mod tolerations;
mod values;

use super::*;
use crate::source::SourceId;
use crate::yaml::{Tree, parse};

/// The objects of a text.
pub(crate) fn with_objects(text: &str, check: impl FnOnce(&[Resource<'_>])) {
    let tree: Tree = parse(SourceId(0), text.into());
    assert_eq!(tree.errors(), []);
    let objects: Vec<_> = tree.documents().filter_map(|document| Resource::new(document.root?)).collect();
    check(&objects);
}

/// The only object of a text.
fn with_object<T>(text: &str, check: impl FnOnce(Resource<'_>) -> T) -> T {
    let mut result = None;
    with_objects(text, |objects| {
        let [object] = objects else { panic!("{} objects in {text}", objects.len()) };
        result = Some(check(*object));
    });
    result.expect("the check was called")
}

/// The only object of a text, a workload.
fn with_workload<T>(text: &str, check: impl FnOnce(Workload<'_>) -> T) -> T {
    with_object(text, |object| check(object.workload().unwrap_or_else(|| panic!("{text} is no workload"))))
}
