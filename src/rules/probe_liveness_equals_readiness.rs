use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Setting};
use crate::yaml::{NodeRef, same_meaning};

const HANDLERS: [&str; 4] = ["httpGet", "exec", "tcpSocket", "grpc"];

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(Container::is_lasting) {
            let (Some(liveness), Some(readiness)) = (container.field("livenessProbe"), container.field("readinessProbe")) else { continue };
            let (Some(kind), Some((lives, waits))) = (same_handler(liveness, readiness), windows(liveness, readiness)) else { continue };
            if lives > waits {
                continue;
            }
            let name = container.name().map_or_else(|| "a container".to_owned(), |name| format!("container {name}"));
            let message =
                format!("{name} is restarted as soon as it is not ready: liveness asks what readiness asks, and waits {lives} s as well");
            report
                .at(liveness, if lives == waits { message } else { shorter(&name, lives, waits) })
                .help("let liveness fail later (failureThreshold) or only for what a restart mends, or leave it out")
                .related(readiness, "the same question")
                .note_if(lives == waits || kind == "tcpSocket" || container.field("startupProbe").is_some());
        }
    }
}

fn shorter(name: &str, lives: i64, waits: i64) -> String {
    format!("{name} is restarted before it is not ready: liveness asks what readiness asks, and waits {lives} s in place of {waits}")
}

/// The kind of both probes' handler, where it asks the same.
fn same_handler<'t>(one: NodeRef<'t>, other: NodeRef<'t>) -> Option<&'static str> {
    HANDLERS.into_iter().find(|kind| {
        let pair = one.get(kind).zip(other.get(kind));
        pair.is_some_and(|(one, other)| !one.is_null() && same_meaning(one, other, &mut 1000))
    })
}

/// How many seconds each fails before something happens.
fn windows(one: NodeRef<'_>, other: NodeRef<'_>) -> Option<(i64, i64)> {
    let window = |probe| {
        let failures = Setting::read(Some(probe), "failureThreshold", NodeRef::int, 3)?.value;
        Some(failures.saturating_mul(Setting::read(Some(probe), "periodSeconds", NodeRef::int, 10)?.value))
    };
    Some((window(one)?, window(other)?))
}
