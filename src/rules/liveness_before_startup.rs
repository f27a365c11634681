use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, Setting};
use crate::yaml::NodeRef;

/// Images of what takes long to start.
const SLOW: &str = include_str!("../resource/data/slow-starters.txt");

/// Below so many seconds until the first restart a slow start may not be over.
const SHORT: i64 = 30;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()).filter(Container::is_lasting) {
            let Some(probe) = container.field("livenessProbe").filter(|_| container.field("startupProbe").is_none()) else { continue };
            let Some(seconds) = until_restart(probe).filter(|seconds| *seconds < SHORT) else { continue };
            let Some(image) = container.image().filter(|image| is_slow(image.text())) else { continue };
            report
                .at(probe, format!("a start that takes longer than {seconds} s is cut off by a restart, again and again"))
                .help("add a startupProbe: liveness waits until it has succeeded")
                .related(image, "starts slowly");
        }
    }
}

/// How long a container that doesn't answer runs until it is restarted.
fn until_restart(probe: NodeRef<'_>) -> Option<i64> {
    let seconds = |key, default| Setting::read(Some(probe), key, NodeRef::int, default).map(|setting| setting.value);
    let checks = seconds("failureThreshold", 3)?.saturating_sub(1).saturating_mul(seconds("periodSeconds", 10)?);
    Some(seconds("initialDelaySeconds", 0)?.saturating_add(checks).saturating_add(seconds("timeoutSeconds", 1)?))
}

fn is_slow(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    let known = SLOW.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut words = name.split(['-', '_', '.']);
    known.into_iter().any(|slow| name == slow || words.clone().any(|word| word == slow)) || words.any(|word| word == "java")
}
