use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{Home, Housed, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for (old, new) in change.accepted_workloads() {
        let before = old.housed_mounts();
        let after = if before.is_empty() { Vec::new() } else { new.housed_mounts() };
        for was in before.iter().filter(|mount| mount.home.is_lasting() && !mount.is_read_only) {
            tell_folder(&new, was, &after, report);
            tell_node_folder(&new, was, &after, report);
            tell_mount_path(&new, was, &before, &after, report);
        }
    }
}

/// The same volume at the same path of a container shows another folder.
fn tell_folder<'t>(new: &Workload<'t>, was: &Housed<'t>, after: &[Housed<'t>], report: &mut Report) {
    let Some(is) = after.iter().find(|is| is.is_in_place_of(was) && is.home.is(&was.home) == Some(true)) else { return };
    if is.shows_folder_of(was) != Some(false) {
        return;
    }
    let (home, path) = (was.home.describe(), was.mount.path().unwrap_or_default());
    let place = is.mount.sub_path().unwrap_or_else(|| place_of_path(&is.mount.node()));
    let message = format!(
        "`{path}` in pods of {} shows {} of {home} in place of {}: what they wrote stays under the old path",
        new.describe(),
        folder(is),
        folder(was)
    );
    let finding = report.at(place, message);
    finding.help("move the content inside the volume while no pod runs, or leave `subPath` as it was");
    finding.step(When::Before, format!("stop the pods of {}, and move the content inside {home}", new.describe()), []);
    finding.related(was.mount.sub_path().unwrap_or_else(|| place_of_path(&was.mount.node())), format!("it was {}", folder(was)));
}

/// A volume of the same name is another folder of the node.
fn tell_node_folder<'t>(new: &Workload<'t>, was: &Housed<'t>, after: &[Housed<'t>], report: &mut Report) {
    let Home::Node(old_path) = was.home else { return };
    let is_same_volume = |is: &&Housed<'t>| is.volume == was.volume && is.is_in_place_of(was);
    let Some(Home::Node(path)) = after.iter().find(is_same_volume).filter(|is| is.home.is(&was.home) == Some(false)).map(|is| is.home)
    else {
        return;
    };
    let message = format!(
        "pods of {} keep what they write in `{}` of the node from now on: what they wrote stays in `{}`",
        new.describe(),
        path.text(),
        old_path.text()
    );
    report.at(path, message).help("move the content on every node first").related(old_path, format!("it was `{}`", old_path.text()));
}

/// The same folder of the same volume is elsewhere in a container, and nothing of the volume is where it was.
fn tell_mount_path<'t>(new: &Workload<'t>, was: &Housed<'t>, before: &[Housed<'t>], after: &[Housed<'t>], report: &mut Report) {
    let is_of_volume = |one: &&Housed<'t>| one.is_in_container_of(was) && one.home.is(&was.home) == Some(true);
    let (mut olds, mut news) = (before.iter().filter(is_of_volume), after.iter().filter(is_of_volume));
    let (Some(_), None, Some(is), None) = (olds.next(), olds.next(), news.next(), news.next()) else { return };
    if after.iter().any(|is| is.is_in_place_of(was)) || is.shows_folder_of(was) != Some(true) {
        return;
    }
    let (Some(old_path), Some(path)) = (was.mount.path(), is.mount.path()) else { return };
    let (what, home) = (new.describe(), was.home.describe());
    let message = format!("pods of {what} have {home} at `{path}`, and no longer at `{old_path}`: what looks there finds nothing");
    let finding = report.at(place_of_path(&is.mount.node()), message);
    finding.note().help(format!("see that the program looks in `{path}`"));
    finding.related(place_of_path(&was.mount.node()), format!("it was `{old_path}`"));
}

/// Where a mount says at which path it is.
fn place_of_path<'t>(mount: &NodeRef<'t>) -> NodeRef<'t> {
    ["mountPath", "devicePath"].iter().find_map(|key| mount.get(key)).unwrap_or(*mount)
}

fn folder(mount: &Housed<'_>) -> String {
    mount.mount.sub_path().map_or_else(|| "the root".to_owned(), |path| format!("`{}`", path.text()))
}
