use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{ClaimRequest, PersistentVolume, Selector};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let Some(selector) = request.field("selector").filter(|_| request.volume_name().is_none()) else { continue };
        let Some(class) = request.class().and_then(NodeRef::value_text).filter(|class| !class.is_empty()) else { continue };
        let Some((provisioner, in_set)) = graph.provisioner_of(request.resource(), class) else { continue };
        let selects = Selector::LabelSelector(selector);
        if provisioner.name == "kubernetes.io/no-provisioner" || selects.is_empty() || has_volume(graph, class, selects) {
            continue;
        }
        let maker = in_set.and_then(|class| class.provisioner()).map_or(provisioner.name, NodeRef::text);
        let message = format!("{}: {maker} makes no volume for a claim with a selector", pending(&request));
        let finding = report.at(selector, message);
        finding.help(format!("drop the selector, or add a PersistentVolume of class `{class}` with these labels"));
        if let Some(class) = request.class() {
            finding.related(class, "the class of volumes that are made on demand");
        }
    }
}

fn pending(request: &ClaimRequest<'_>) -> String {
    if request.is_template() {
        format!("claims of {} stay Pending", request.describe())
    } else {
        format!("{} stays Pending", request.describe())
    }
}

/// Whether a volume of the class, made by hand, may have the labels. Where there are very many, some will.
fn has_volume<'t>(graph: &Graph<'t>, class: &str, selector: Selector<'t>) -> bool {
    const MANY: usize = 1000;
    let volumes = graph.volumes_of_class(class);
    let may_match = |volume: &PersistentVolume<'t>| {
        let labels = volume.resource().metadata().and_then(|metadata| metadata.get("labels"));
        selector.matches(labels) != Some(false)
    };
    volumes.len() > MANY || volumes.iter().any(may_match)
}
