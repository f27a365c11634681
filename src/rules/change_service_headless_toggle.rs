use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{Kind, Resource, Service};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed_of(Kind::Service).filter(|pair| !pair.is_partial() && !pair.new.is_recreated_on_change()) {
        let Some((old, new)) = pair.old.service().zip(pair.new.service()) else { continue };
        if old.is_headless() != Some(true) || address(&new).is_some() {
            continue;
        }
        let Some(kind) = new.kind().filter(|kind| matches!(*kind, "ClusterIP" | "NodePort" | "LoadBalancer")) else { continue };
        let (object, is_refused) = (pair.new.describe(), kind != "ClusterIP");
        let message = if is_refused {
            format!("not to write `clusterIP` keeps `None`, and as `{kind}` the API server refuses it: {object} can't be updated")
        } else {
            format!("{object} stays headless: not to write `clusterIP` keeps the `None` that it has")
        };
        let delete = pair.new.kubectl("delete", "");
        let finding = report.at(place(&pair.new), message);
        finding.warning_if(!is_refused);
        finding.help(format!(
            "write `None` if it shall stay; else `{delete}` and apply it again, or give the one with an address another name"
        ));
        if let Some(address) = address(&old) {
            finding.related(address, "it was written here");
        }
        finding.step(When::Before, format!("decide: write `clusterIP: None`, or be without the Service for a moment and `{delete}`"), []);
    }
}

/// The type, which asks for an address where it is written, or what lacks the address.
fn place<'t>(service: &Resource<'t>) -> NodeRef<'t> {
    service.nearest("spec.type")
}

/// What is written of its address.
fn address<'t>(service: &Service<'t>) -> Option<NodeRef<'t>> {
    let is_written = |node: &NodeRef<'t>| node.is_unknown() || !node.is_empty() || !node.text().is_empty();
    ["clusterIP", "clusterIPs"].into_iter().find_map(|key| service.field(key).filter(is_written))
}
