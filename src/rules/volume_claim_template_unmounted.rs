use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads().filter(|workload| !workload.may_be_patch()) {
        let mut templates = workload.claim_templates().filter_map(|template| template.name()).peekable();
        let Some(pod) = workload.pod().filter(|pod| templates.peek().is_some() && pod.containers().next().is_some()) else { continue };
        let Some(mounted) = pod.mounted_names() else { continue };
        for template in templates {
            let Some(name) = template.value_text().filter(|name| !mounted.contains(name)) else { continue };
            let mut patched = graph.patches_of(&workload).filter_map(|patch| patch.pod());
            if patched.any(|pod| pod.mounted_names().is_none_or(|names| names.contains(name))) {
                continue;
            }
            let message = format!("each pod of {} gets a claim `{name}` that no container mounts", workload.describe());
            report.at(template, message).help("mount it, or remove the template: templates of a StatefulSet that exists can't be changed");
        }
    }
}
