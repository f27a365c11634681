use crate::finding::Report;
use crate::graph::{Change, Pair};
use crate::yaml::{NodeRef, same_meaning};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed().filter(|pair| pair.old.api_version() != pair.new.api_version() && is_rest_same(pair)) {
        let Some(version) = pair.new.node().get("apiVersion") else { continue };
        let message =
            format!("only the API version of {} is another: it is the same object, and nothing is rolled out", pair.new.describe());
        let finding = report.at(version, message);
        finding.help("defaults that the old version has filled in stay in the object; write them if they shall be others");
        finding.related(pair.old.nearest("apiVersion"), "it was this");
    }
}

/// Whether everything but the API version says the same.
fn is_rest_same(pair: &Pair<'_>) -> bool {
    let (old, new) = (pair.old.node(), pair.new.node());
    let mut budget = 100_000;
    let fields = |node: NodeRef<'_>| node.entries().filter(|entry| entry.key.text() != "apiVersion").count();
    fields(old) == fields(new)
        && new
            .entries()
            .filter(|entry| entry.key.text() != "apiVersion")
            .all(|entry| old.get(entry.key.text()).is_some_and(|before| same_meaning(before, entry.value, &mut budget)))
}
