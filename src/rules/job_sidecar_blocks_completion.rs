use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Container, PodSpec, Workload, WorkloadKind, find_words, lists};
use crate::yaml::NodeRef;

const HELPERS: &str = include_str!("../resource/data/helpers.txt");

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(Workload::has_jobs) {
        let Some(pod) = workload.pod().filter(|pod| pod.containers().nth(1).is_some()) else { continue };
        let (helpers, workers): (Vec<_>, Vec<_>) = pod.containers().partition(is_helper);
        // A helper alone is what the Job is there for.
        if helpers.is_empty() || workers.is_empty() || has_an_end(&pod) {
            continue;
        }
        let what = workload.describe();
        let consequence = match workload.kind() {
            WorkloadKind::CronJob => format!("no run of {what} ever completes"),
            _ => format!("{what} never completes"),
        };
        for helper in helpers.iter().filter(|helper| !is_scripted(helper)) {
            let name = helper.name().unwrap_or("a helper");
            let place = helper.node().get("name").unwrap_or(helper.node());
            report
                .at(place, format!("container {name} runs on when the others are done: {consequence}"))
                .help("make it a sidecar: an entry of initContainers with `restartPolicy: Always` is ended with the others");
        }
    }
}

fn is_helper(container: &Container<'_>) -> bool {
    let is_named = || container.name().is_some_and(|name| lists::part(HELPERS, "names").any(|helper| helper == name));
    let has_image = |image: &str| {
        lists::part(HELPERS, "images").any(|helper| image == helper || image.strip_suffix(helper).is_some_and(|rest| rest.ends_with('/')))
    };
    is_named() || container.image_reference().is_some_and(|image| has_image(image.name))
}

/// Whether a container may end another, or a helper may end by itself.
fn has_an_end(pod: &PodSpec<'_>) -> bool {
    let says_so = |text: NodeRef<'_>| lists::part(HELPERS, "ends").any(|word| find_words(text.text(), word).is_some());
    pod.is_true("shareProcessNamespace") || pod.containers().any(|container| container.node().scalars().any(says_so))
}

/// Whether a shell decides what it runs, and so when it ends.
fn is_scripted(container: &Container<'_>) -> bool {
    let shell = container.field("command").and_then(|command| command.items().next()).map_or("", NodeRef::text);
    matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"))
}
