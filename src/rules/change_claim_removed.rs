use crate::finding::{Report, When};
use crate::graph::{Change, Graph};
use crate::resource::{Identity, Kind, Resource};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for removed in change.removed().filter(|removed| removed.kind() == Kind::PersistentVolumeClaim && !removed.is_partial()) {
        if removed.is_kept_by_tools() || removed.is_hook() {
            continue;
        }
        let Some(name) = removed.name() else { continue };
        let retained = retention(change.old, removed);
        let message = match retained {
            Some(_) => format!("claim {name} is removed: where it is pruned, its volume stays, but is bound to nothing any more"),
            None => format!("claim {name} is removed: where it is pruned, its data is deleted with it, unless its volume is retained"),
        };
        let keep = retain(removed, name);
        let finding = report.at(removed.nearest("metadata.name"), message);
        finding.note_if(retained.is_some());
        finding.help(format!(
            "leave it as long as its data is needed, have tools keep it (`helm.sh/resource-policy: keep`, \
             `argocd.argoproj.io/sync-options: Prune=false`), or retain the volume first: `{keep}`"
        ));
        if let Some(retention) = retained {
            finding.related(retention, "`Retain` keeps the volume");
        } else {
            finding.step(When::Before, format!("keep the volume of claim {name}; leave this out if nobody needs its data"), [keep]);
        }
    }
}

/// What says that the volume of a claim outlives it: the volume that it names, or its class.
fn retention<'t>(graph: &Graph<'t>, claim: &Resource<'t>) -> Option<NodeRef<'t>> {
    let field = |key: &str| claim.spec()?.get(key).and_then(NodeRef::value_text);
    if let Some(volume) = field("volumeName") {
        let volume = graph.find(claim, Kind::PersistentVolume, Identity { namespace: None, name: volume }).found()?;
        // Of volumes that are made by hand it is the default.
        let policy = volume.spec()?.get("persistentVolumeReclaimPolicy").filter(|policy| !policy.is_null());
        return policy
            .map_or_else(|| Some(volume.nearest("metadata.name")), |policy| Some(policy).filter(|policy| policy.text() == "Retain"));
    }
    let class = graph.find(claim, Kind::StorageClass, Identity { namespace: None, name: field("storageClassName")? }).found()?;
    class.node().get("reclaimPolicy").filter(|policy| policy.text() == "Retain")
}

/// Sets the reclaim policy of the volume that a claim is bound to.
fn retain(claim: &Resource<'_>, name: &str) -> String {
    let volume = claim.kubectl_on("get", "pvc", name, "--output 'jsonpath={.spec.volumeName}'");
    format!("kubectl patch pv \"$({volume})\" --patch '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Retain\"}}}}'")
}
