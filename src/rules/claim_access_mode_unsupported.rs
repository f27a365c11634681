use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{AccessMode, ClaimRequest, Provisioner};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        if !request.is_file_system() || request.wants_existing_volume() {
            continue;
        }
        let Some(class) = request.class().and_then(NodeRef::value_text) else { continue };
        let Some((provisioner, in_set)) = graph.provisioner_of(request.resource(), class) else { continue };
        let Some((item, mode)) = unsupported(&request, &provisioner) else { continue };
        if has_volume(graph, class, mode) {
            continue;
        }
        let place = in_set.and_then(|class| class.provisioner());
        let maker = place.map_or(provisioner.name, NodeRef::text);
        let message = format!("{}: StorageClass `{class}` ({maker}) makes no {} file systems", pending(&request), mode.name());
        let finding = report.at(item, message).warning_if(in_set.is_none());
        finding.help(format!("use a class whose volumes can be {}, or another access mode", mode.name()));
        if let Some(place) = place {
            finding.related(place, "the provisioner");
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

/// The first access mode that the provisioner surely can't serve.
fn unsupported<'t>(request: &ClaimRequest<'t>, provisioner: &Provisioner) -> Option<(NodeRef<'t>, AccessMode)> {
    request.access_modes()?.node.items().find_map(|item| {
        let mode = AccessMode::from_name(item.text())?;
        (provisioner.makes(mode) == Some(false)).then_some((item, mode))
    })
}

/// Whether a volume of the class, made by hand, may have the mode: the claim can bind to it. Where there are very many, some will.
fn has_volume(graph: &Graph<'_>, class: &str, mode: AccessMode) -> bool {
    const MANY: usize = 1000;
    let volumes = graph.volumes_of_class(class);
    volumes.len() > MANY || volumes.iter().any(|volume| volume.has_mode(mode))
}
