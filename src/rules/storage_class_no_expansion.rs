use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Reach, provisioner};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for (class, request) in graph.used_classes(|_| true) {
        let expansion = class.field("allowVolumeExpansion");
        let maker = class.provisioner().and_then(NodeRef::str).and_then(provisioner);
        if expansion.is_some_and(|expansion| expansion.bool() != Some(false)) || maker.is_none_or(|maker| maker.reach == Reach::Node) {
            continue;
        }
        let message = format!("claims of {} can't be made larger: allowVolumeExpansion is not set", class.resource().describe());
        let finding = report.at(expansion.unwrap_or_else(|| class.resource().nearest("provisioner")), message);
        finding.help("set allowVolumeExpansion: true");
        let allow = edit::set(
            class.resource().node(),
            "allowVolumeExpansion",
            Value::Word("true"),
            &["provisioner", "parameters", "reclaimPolicy"],
        );
        finding.offer("Allow volume expansion", Safety::Safe, [allow]);
        if let Some(used) = request.class() {
            finding.related(used, format!("used by {}", request.resource().describe()));
        }
    }
}
