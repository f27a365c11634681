use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{ClaimRequest, Home, Housed, Identity, Kind, Workload};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for (old, new) in change.accepted_workloads() {
        let before = old.housed_mounts();
        let after = if before.is_empty() { Vec::new() } else { new.housed_mounts() };
        for was in before.iter().filter(|mount| matches!(mount.home, Home::Claim(_) | Home::Template(_))) {
            let Some(is) = after.iter().find(|is| is.is_in_place_of(was) && is.home.is(&was.home) == Some(false)) else { continue };
            // Mounted elsewhere, its content is not gone.
            let is_kept = after.iter().any(|is| is.is_in_container_of(was) && is.home.is(&was.home) != Some(false));
            let arrival = Arrival::of(change, &new, is);
            if !is_kept && arrival != Arrival::WithContent {
                tell(&new, was, is, arrival, report);
            }
        }
    }
}

/// What a pod finds in the volume that takes the place of another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// A claim that is made with this change.
    Empty,
    /// A claim that was there before, and may have been filled.
    There,
    /// A claim whose content comes from a source, or from a volume that someone chose.
    WithContent,
    /// Nothing is known of it.
    Unknown,
}

impl Arrival {
    fn of<'t>(change: &Change<'_, 't>, new: &Workload<'t>, is: &Housed<'t>) -> Self {
        let Home::Claim(name) = is.home else { return Arrival::Unknown };
        let find = |identity: Identity<'_>| change.new.find(new.resource(), Kind::PersistentVolumeClaim, identity).found();
        let claim = name.value_text().and_then(|name| find(new.resource().beside(name)?));
        let Some(claim) = claim else { return Arrival::Unknown };
        let has_content = claim.claim().is_some_and(|claim| brings_content(&claim));
        match change.predecessor(&claim) {
            Some(_) => Arrival::There,
            None if has_content => Arrival::WithContent,
            None if change.added().any(|added| added.is(&claim)) => Arrival::Empty,
            None => Arrival::Unknown,
        }
    }
}

fn brings_content(claim: &ClaimRequest<'_>) -> bool {
    ["dataSource", "dataSourceRef", "volumeName", "selector"].iter().any(|key| claim.field(key).is_some())
}

fn tell(new: &Workload<'_>, was: &Housed<'_>, is: &Housed<'_>, arrival: Arrival, report: &mut Report) {
    let (what, before, after) = (new.describe(), was.home.describe(), is.home.describe());
    let place = match is.home {
        Home::Claim(node) | Home::Node(node) => node,
        Home::Pod(source) => source.key().unwrap_or(source),
        Home::Template(_) => is.mount.node().get("name").unwrap_or_else(|| is.mount.node()),
    };
    let follows = match (is.home, arrival) {
        (Home::Pod(_), _) => format!("what {before} holds isn't there, and what they write goes with them"),
        (_, Arrival::Empty) => format!("{after} starts empty"),
        (_, Arrival::There) => format!("what {before} holds is there only if it was copied"),
        _ => format!("what {before} holds isn't there unless someone copies it"),
    };
    let finding = report.at(place, format!("pods of {what} mount {after} in place of {before}: {follows}"));
    finding.note_if(arrival == Arrival::There);
    if arrival != Arrival::There {
        finding.step(When::Before, format!("copy what {before} holds, if anything of it is needed"), []);
    }
    finding.help(match is.home {
        Home::Claim(_) => {
            "copy the content first, in a Job that mounts both claims, or make the new claim from the old one with `dataSource`"
        }
        _ => "copy the content first, in a Job that mounts both; undo mounts the old claim again",
    });
    let place = match was.home {
        Home::Claim(node) => node,
        _ => was.mount.node().get("name").unwrap_or_else(|| was.mount.node()),
    };
    finding.related(place, format!("it was {before}"));
}
