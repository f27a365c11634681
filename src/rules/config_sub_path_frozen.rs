use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for config in graph.unversioned_configs() {
        let Some(sub_path) = config.config_use.sub_path else { continue };
        let (object, what) = (format!("{:?} {}", config.config_use.kind, config.name), config.workload.describe());
        let finding = report.at(
            sub_path,
            format!(
                "a change of {object} never reaches this file: what is mounted by subPath stays as it was when the pod of {what} started"
            ),
        );
        finding.help("mount the whole volume, or restart the pods for each change: a hash of the content in the template does it");
        finding.related(config.config_use.name, "mounted from here");
        if let Some(object) = config.object {
            finding.related(object.nearest("metadata.name"), "the object");
        }
    }
}
