use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{StorageClass, provisioner};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for (class, request) in graph.used_classes(|_| true) {
        let mode = class.field("volumeBindingMode");
        let maker = class.provisioner().and_then(NodeRef::str).and_then(provisioner).filter(|maker| maker.is_zonal);
        if maker.is_none() || mode.is_some_and(|mode| mode.str() != Some("Immediate")) || chooses_zones(&class) {
            continue;
        }
        let is = if mode.is_some() { "is" } else { "defaults to" };
        let message = format!(
            "volumeBindingMode of {} {is} Immediate: a volume's zone is chosen before its pod's, which may then fit no node there",
            class.resource().describe()
        );
        let finding = report.at(mode.unwrap_or_else(|| class.resource().nearest("provisioner")), message);
        finding.help("set volumeBindingMode: WaitForFirstConsumer");
        if let Some(used) = request.class() {
            finding.related(used, format!("used by {}", request.resource().describe()));
        }
    }
}

/// Whether it says where its volumes are, or makes such as are in several zones.
fn chooses_zones(class: &StorageClass<'_>) -> bool {
    let parameters = class.field("parameters").into_iter().flat_map(NodeRef::entries);
    let names_zones = |text: &str| ["zone", "availability", "regional", "zrs"].iter().any(|word| text.to_ascii_lowercase().contains(word));
    class.field("allowedTopologies").is_some()
        || parameters.into_iter().any(|entry| names_zones(entry.key.text()) || names_zones(entry.value.text()))
}
