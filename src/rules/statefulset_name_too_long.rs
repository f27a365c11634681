use crate::finding::Report;
use crate::graph::Graph;

/// A label value has at most 63 characters, and the pods' label `controller-revision-hash` is the set's name, a dash and up to ten
/// characters (<https://github.com/kubernetes/kubernetes/issues/64023>). Pod names are never the tighter limit.
const MOST: usize = 63 - 1 - 10;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Some(name) = set.name().filter(|name| name.len() > MOST) else { continue };
        let length = name.len();
        report
            .at(set.resource().nearest("metadata.name"), format!(
                "a StatefulSet's name of {length} characters makes its pods' label controller-revision-hash too long: no pod can be created"
            ))
            .help(format!("use at most {MOST} characters; the API server accepts up to 63"));
    }
}
