use crate::finding::{Place, Report, Safety};
use crate::graph::Graph;
use crate::resource::{AccessMode, AccessModes, ClaimTemplate, Mount, Workload};
use crate::yaml::edit::{self, Change, Value};

const HELP: &str = "set readOnly: true on the mount, or on the volume's persistentVolumeClaim";

const TITLE: &str = "Mount it read-only";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for claim_use in graph.claim_uses() {
        let Some(modes) = claim_use.access_modes().filter(is_read_only) else { continue };
        let Some(mount) = claim_use.writable_mounts().next() else { continue };
        if claim_use.claim.and_then(|claim| graph.volume_of(&claim)).is_some_and(|volume| volume.is_read_only()) {
            continue;
        }
        let (workload, name) = (claim_use.workload.describe(), claim_use.name.text());
        let message = format!("{workload} can write to ReadOnlyMany claim `{name}`: no access mode makes a mount read-only");
        let finding = report.at(place(mount), message).related(modes.best_node(), "ReadOnlyMany here").help(HELP);
        finding.offer(TITLE, Safety::Unsafe, claim_use.writable_mounts().map(make_read_only));
    }
    for workload in graph.workloads() {
        let mut read_only =
            workload.claim_templates().filter(|template| template.access_modes().as_ref().is_some_and(is_read_only)).peekable();
        let Some(pod) = workload.pod().filter(|_| read_only.peek().is_some()) else { continue };
        let mounts = pod.mounts_by_volume();
        for template in read_only {
            let mounts = template.name().and_then(|name| mounts.get(name.text()));
            check_template(&workload, &template, mounts.map_or(&[], Vec::as_slice), report);
        }
    }
}

/// Each pod gets a claim of its own, which nobody else fills.
fn check_template(workload: &Workload<'_>, template: &ClaimTemplate<'_>, mounts: &[Mount<'_>], report: &mut Report) {
    let (Some(modes), Some(name)) = (template.access_modes(), template.name()) else { return };
    let writable = mounts.iter().find(|mount| !mount.is_read_only());
    if let Some(mount) = writable {
        let message = format!(
            "{} can write to its ReadOnlyMany claims `{}`: no access mode makes a mount read-only",
            workload.describe(),
            name.text()
        );
        report
            .at(place(mount), message)
            .related(modes.best_node(), "ReadOnlyMany here")
            .help("ask for ReadWriteOnce, or set readOnly: true on the mount")
            .offer(TITLE, Safety::Unsafe, mounts.iter().filter(|mount| !mount.is_read_only()).map(make_read_only));
    } else if !mounts.is_empty() && !template.has_content() {
        let message = format!("each pod of {} gets an empty ReadOnlyMany claim `{}` that nothing fills", workload.describe(), name.text());
        report
            .at(modes.best_node(), message)
            .help("ask for ReadWriteOnce, give the template a dataSource, or mount one claim that holds the data");
    }
}

fn is_read_only(modes: &AccessModes<'_>) -> bool {
    modes.best == AccessMode::ReadOnlyMany
}

fn make_read_only(mount: &Mount<'_>) -> Option<Change> {
    edit::set(mount.node(), "readOnly", Value::Word("true"), &["mountPath", "subPath", "subPathExpr"])
}

/// What to change: `readOnly: false`, or the mount that lacks it.
fn place<'t>(mount: &Mount<'t>) -> Place<'t> {
    mount.node().get("readOnly").unwrap_or(mount.node()).into()
}
