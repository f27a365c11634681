use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Movement, WorkloadKind};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // A Pod by itself runs one build.
    for workload in graph.all_workloads().filter(|workload| workload.kind() != WorkloadKind::Pod) {
        for container in workload.pod().into_iter().flat_map(|pod| pod.all_containers()) {
            let policy = container.field("imagePullPolicy").filter(|policy| policy.str() == Some("IfNotPresent"));
            let (Some(policy), Some(image)) = (policy, container.image_reference()) else { continue };
            let is_moving = matches!(image.movement(), Some(Movement::Untagged | Movement::Anywhere));
            if !is_moving || graph.is_tagged_elsewhere(image.name) {
                continue;
            }
            report
                .at(policy, "each node keeps the build that it pulled first: pods of one workload may run different ones")
                .help("name a release by its own tag or digest, or write `imagePullPolicy: Always`")
                .replace("Pull the image at each start", Safety::Unsafe, policy, "Always");
        }
    }
}
