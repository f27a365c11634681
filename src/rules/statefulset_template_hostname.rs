use crate::finding::{Report, Safety};
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Some(pod) = set.pod() else { continue };
        if let Some(hostname) = pod.field("hostname") {
            report
                .at(hostname, format!("`hostname` is overwritten: each pod of {} is called by its own name", set.describe()))
                .help("remove it")
                .remove(Safety::Safe, hostname);
        }
        let own = set.field("serviceName").map_or("", |service| service.text());
        if let Some(subdomain) = pod.field("subdomain").filter(|subdomain| !subdomain.is_unknown() && subdomain.text() != own) {
            report
                .at(subdomain, format!("`subdomain` is overwritten by the serviceName of {}", set.describe()))
                .help("remove it, and name the Service in `serviceName`")
                .remove(Safety::Safe, subdomain);
        }
    }
}
