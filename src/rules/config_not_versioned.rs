use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Intake;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    // What is mounted by subPath is told by a rule of its own.
    for config in graph.unversioned_configs().filter(|config| config.config_use.sub_path.is_none()) {
        let (object, what) = (format!("{:?} {}", config.config_use.kind, config.name), config.workload.describe());
        let message = match config.config_use.intake {
            Intake::Frozen => format!(
                "editing {object} rolls nothing out: pods of {what} keep what they started with, and undo won't bring old values back"
            ),
            Intake::Live => format!("a change of {object} reaches the files of all pods of {what} at once, with no rollout to undo"),
            Intake::Both => {
                format!("a change of {object} reaches mounted files of {what} at once and the rest at a restart, with no rollout to undo")
            }
        };
        let finding = report.at(config.config_use.name, message);
        finding.help("put a hash of the content into the name (kustomize's generators do) or into an annotation of the pod template");
        if let Some(object) = config.object {
            finding.related(object.nearest("metadata.name"), "the object");
        }
    }
}
