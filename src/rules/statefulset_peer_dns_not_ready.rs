use crate::finding::{Report, Safety};
use crate::graph::{Governing, Graph};
use crate::resource::{Container, Service, lists};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets().filter(|set| set.is_parallel() == Some(true)) {
        let waits = |container: Container<'_>| container.field("readinessProbe").is_some() && needs_a_quorum(&container);
        if !set.pod().is_some_and(|pod| pod.containers().any(waits)) || !graph.has_peers(&set) {
            continue;
        }
        let Governing::Found { name, service } = graph.governing_service(&set) else { continue };
        if service.is_headless() != Some(true) || may_publish_not_ready(&service) {
            continue;
        }
        let publish =
            service.resource().spec().and_then(|spec| edit::set(spec, "publishNotReadyAddresses", Value::Word("true"), &["clusterIP"]));
        report
            .at(
                service.resource().nearest("spec"),
                format!("pods of {} get DNS names when they are ready, and are ready when they have found each other", set.describe()),
            )
            .help("write `publishNotReadyAddresses: true`")
            .offer("Publish the names of pods that are not ready", Safety::Unsafe, [publish])
            .related(name, "named here");
    }
}

/// Whether it runs a program whose members are ready only when they have found each other.
fn needs_a_quorum(container: &Container<'_>) -> bool {
    let Some(image) = container.image_reference() else { return false };
    let name = image.name.rsplit('/').next().unwrap_or_default();
    lists::part(include_str!("../resource/data/quorum.txt"), "images").any(|listed| listed == name)
}

/// Whether names are given to pods that aren't ready, or a placeholder decides.
fn may_publish_not_ready(service: &Service<'_>) -> bool {
    let is_not_off = |node: NodeRef<'_>| !matches!(node.text(), "false" | "");
    let old = service.resource().annotation("service.alpha.kubernetes.io/tolerate-unready-endpoints");
    [old, service.field("publishNotReadyAddresses")].into_iter().flatten().any(is_not_off)
}
