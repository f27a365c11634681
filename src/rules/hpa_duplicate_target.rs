use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Autoscaler, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        for autoscaler in graph.autoscalers(&workload) {
            let Some((other, scaled)) = earlier(graph, &workload, autoscaler) else { continue };
            let own = autoscaler.resource();
            let message = if scaled.resource().is(workload.resource()) {
                format!("{} scales {}, too: both autoscalers stop", other.resource().describe(), workload.describe())
            } else {
                let (what, whose) = (workload.describe(), scaled.describe());
                let other = other.resource().describe();
                format!("both autoscalers stop: the selectors of {what} and {whose} match the same pods, and {other} counts them, too")
            };
            let finding = report.at(own.nearest("spec.scaleTargetRef.name"), message);
            finding.help("keep one autoscaler for a set of pods; it may have several metrics");
            finding.related(other.resource().nearest("spec.scaleTargetRef.name"), "the other autoscaler's target");
            finding.note_if(!graph.are_applied_together(own, other.resource()));
        }
    }
}

/// An autoscaler written before this one that counts the same pods, and the workload it scales.
fn earlier<'t>(graph: &Graph<'t>, workload: &Workload<'t>, own: &Autoscaler<'t>) -> Option<(Autoscaler<'t>, Workload<'t>)> {
    let is_earlier = |other: &Autoscaler<'t>| {
        let (own, other) = (own.resource(), other.resource());
        let are_two = !own.is_same_object(other) && graph.are_in_one_set(own, other);
        are_two && other.node().span() < own.node().span()
    };
    let of_same = graph.autoscalers(workload).iter().copied().find(|other| is_earlier(other) && !is_taken_over(own, other));
    if let Some(other) = of_same {
        return Some((other, *workload));
    }
    let mixed = graph.workloads_mixed_with(workload);
    mixed.into_iter().find_map(|other| {
        let scalers = graph.autoscalers(&other).iter();
        scalers.copied().find(is_earlier).map(|autoscaler| (autoscaler, other))
    })
}

/// Whether KEDA takes over the other one instead of making its own.
fn is_taken_over(one: &Autoscaler<'_>, other: &Autoscaler<'_>) -> bool {
    let takes = |autoscaler: &Autoscaler<'_>| {
        let transfer = autoscaler.resource().annotation("scaledobject.keda.sh/transfer-hpa-ownership");
        transfer.is_some_and(|node: NodeRef<'_>| node.text() != "false")
    };
    takes(one) || takes(other)
}
