mod affinity;
mod containers;
mod env;
mod ports;
mod scheduling;
mod security;
mod system;
mod volumes;

use crate::finding::Report;
use crate::graph::Graph;

/// `ValidatePodSpec` and `ValidatePodSpecificAnnotations` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>, but for what other rules tell: probes,
/// resources, selectors, spread, tolerations.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        containers::check(review);
        ports::check(review);
        env::check(review);
        volumes::check(review);
        security::check(review);
        affinity::check(review);
        scheduling::check(review);
        system::check(review);
    });
}
