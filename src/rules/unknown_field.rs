use crate::finding::Report;
use crate::graph::Graph;
use crate::schema::Mistake;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.faults(Mistake::UnknownField).for_each(|fault| fault.tell(report));
}
