//! An outlook in plain words, with the field or default behind each number.

use super::RolloutView;
use crate::finding::count;
use crate::resource::WorkloadKind;
use crate::rollout::{ClaimOutlook, FailedUpdate, GoodUpdate, Method, Outlook};

/// Names of pods or claims that are written out in a row.
const MOST_NAMES: usize = 6;

/// The rows of an outlook: what they are about, and what there is to say.
pub(super) fn rows(outlook: &Outlook<'_>, view: RolloutView) -> Vec<(&'static str, Vec<String>)> {
    let mut rows = vec![("now", vec![pods(outlook, outlook.now)])];
    if view.scale.is_some() && outlook.workload.replicas().is_some() {
        rows.push(("scaled", vec![pods(outlook, outlook.replicas)]));
    }
    if let Some(update) = &outlook.update {
        rows.push(("update", vec![good_update(outlook, update)]));
    }
    if let Some(failed) = &outlook.failed_update {
        rows.push(("failed update", vec![failed_update(outlook, failed)]));
    }
    rows.push(("undo", undo(outlook)));
    rows.push(("data", data(outlook)));
    if !outlook.demands.is_empty() {
        rows.push(("expected", expected(outlook)));
    }
    rows
}

/// "all 3 pods", "2 of 3 pods", "no pod"; of a single one "the only pod".
fn share(part: usize, all: usize) -> String {
    match (part, all) {
        (0, _) => "no pod".into(),
        (1, 1) => "the only pod".into(),
        _ if part == all => format!("all {all} pods"),
        _ => format!("{part} of {all} pods"),
    }
}

/// "stays" for one, "stay" for more.
fn third_person<'w>(pods: usize, singular: &'w str, plural: &'w str) -> &'w str {
    if pods < 2 { singular } else { plural }
}

fn number(pods: usize) -> String {
    count(i64::try_from(pods).unwrap_or(i64::MAX), "pod")
}

fn pods(outlook: &Outlook<'_>, number_of: Option<usize>) -> String {
    let Some(pods) = number_of else { return "as many pods as a value decides that is not known here".into() };
    match outlook.workload.kind() {
        WorkloadKind::DaemonSet if outlook.is_one_of_many_nodes => "one pod on each node that it may use".into(),
        WorkloadKind::DaemonSet => format!("{} on {pods} nodes", number(pods)),
        WorkloadKind::StatefulSet => match listed((0..pods).map_while(|index| outlook.pod_name(index)), pods) {
            names if names.is_empty() => number(pods),
            names => format!("{}: {names}", number(pods)),
        },
        WorkloadKind::Job | WorkloadKind::CronJob => format!("{} at once", number(pods)),
        WorkloadKind::Pod => "1 pod, which nothing replaces".into(),
        _ if outlook.is_paused() => {
            format!("{} wanted; a paused Deployment that is created has none until it is resumed", number(pods))
        }
        _ => number(pods),
    }
}

/// "a, b and c"; "a, b … z" where there are many.
fn listed(mut names: impl Iterator<Item = String>, number: usize) -> String {
    let first: Vec<String> = names.by_ref().take(if number > MOST_NAMES { 2 } else { MOST_NAMES }).collect();
    match names.last() {
        Some(last) => format!("{} … {last}", first.join(", ")),
        None => first.join(", "),
    }
}

fn good_update(outlook: &Outlook<'_>, update: &GoodUpdate) -> String {
    let Some(controller) = outlook.controller else { return String::new() };
    let (all, least, most) = (controller.pods, update.available_min, update.pods_max);
    let stay = format!("{} {} available", share(least, all), third_person(least, "stays", "stay"));
    if let Some(port) = update.blocking_port {
        let why = format!("the old one holds port {port} of its node until the new one is ready");
        return format!("never ends: no new pod starts, because {why} ({})", outlook.numbers_origin());
    }
    match controller.method {
        _ if all == 0 => "reaches no pod, because none is wanted".into(),
        Method::Rolling { .. } => format!("up to {} at once, {stay} ({})", number(most), outlook.numbers_origin()),
        Method::Recreate => format!("all {} stop before the first new one starts: none is available meanwhile (Recreate)", number(all)),
        Method::Paused => "reaches no pod while spec.paused is true".into(),
        Method::Ordinals { partition, .. } if partition >= all => {
            format!("reaches no pod: partition {partition} keeps all {} at the old template", number(all))
        }
        Method::Ordinals { unavailable, .. } => {
            let order = update.order.iter().flatten().filter_map(|&slot| outlook.pod_name(slot));
            let pace = if unavailable == 1 { "one pod at a time".to_owned() } else { format!("up to {unavailable} pods at a time") };
            format!("{pace}, highest first: {}; {stay}", listed(order, all))
        }
        Method::Nodes { surge: 0, unavailable } if outlook.is_one_of_many_nodes => {
            format!("{} at a time: the old pod stops, then the new one starts ({})", nodes(unavailable), outlook.numbers_origin())
        }
        Method::Nodes { surge: 0, unavailable } => {
            format!("{} at a time: the old pod stops, then the new one starts; {stay} ({})", nodes(unavailable), outlook.numbers_origin())
        }
        Method::Nodes { surge, .. } => {
            format!("{} at a time: the old pod stops when the new one is ready ({})", nodes(surge), outlook.numbers_origin())
        }
        Method::Kept { .. } => "replaces no pod until someone deletes it (OnDelete)".into(),
    }
}

fn nodes(number: usize) -> String {
    if number == 1 { "one node".into() } else { format!("{number} nodes") }
}

fn failed_update(outlook: &Outlook<'_>, failed: &FailedUpdate) -> String {
    let Some(controller) = outlook.controller else { return String::new() };
    if !failed.stalls {
        return "reaches no pod, so that none is down".into();
    }
    let names = |slots: &Option<Vec<usize>>| {
        let slots = slots.as_deref().unwrap_or_default();
        listed(slots.iter().filter_map(|&slot| outlook.pod_name(slot)), slots.len())
    };
    let noticed = match failed.noticed_after_seconds {
        Some(seconds) => format!("the status says so after {seconds} seconds (progressDeadlineSeconds), and nothing undoes it"),
        None => "it waits for ever, and nothing undoes it".into(),
    };
    let (down, missing) = (names(&failed.down), names(&failed.missing));
    let rest = match failed.available {
        0 => "no pod is available".to_owned(),
        1 => "the other pod stays available".to_owned(),
        rest => format!("the other {rest} stay available"),
    };
    let state = match controller.method {
        Method::Paused => return "no pod runs either way while spec.paused is true".into(),
        Method::Recreate => "no pod is available".to_owned(),
        Method::Ordinals { .. } if missing.is_empty() => {
            format!("{down} {} down, {rest}", third_person(failed.down.as_ref().map_or(1, Vec::len), "is", "are"))
        }
        Method::Ordinals { .. } => format!("{down} is down and {missing} does not exist, {rest}"),
        Method::Nodes { surge: 0, unavailable } => format!("{} without a ready pod, the others keep the old one", nodes(unavailable)),
        Method::Nodes { .. } => "all old pods stay available, beside new ones that never become ready".to_owned(),
        _ => {
            let (kept, all) = (failed.available, controller.pods);
            format!("{} {} running the old version", share(kept, all), third_person(kept, "keeps", "keep"))
        }
    };
    format!("{state}; {noticed}")
}

fn undo(outlook: &Outlook<'_>) -> Vec<String> {
    let kind = outlook.workload.kind();
    let Some(command) = outlook.undo_command() else {
        return vec![format!("kubectl knows no undo for a {}", outlook.workload.resource().kind_name())];
    };
    if !outlook.undo.is_possible {
        return vec![format!("`{command}` is refused while spec.paused is true: resume it first")];
    }
    let revisions = match outlook.undo.revisions {
        Some(0) => "only while a failed update hangs: no old revision is kept (revisionHistoryLimit 0)".to_owned(),
        Some(revisions) => format!("back through {}", count(revisions, "revision")),
        None => "back through old revisions".into(),
    };
    let since = match kind {
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => " (also for this kind, since Kubernetes 1.7)",
        _ => "",
    };
    let mut lines = vec![format!("{command}, {revisions}; restores the pod template{since}")];
    if outlook.undo.needs_pod_deletion {
        let failed = outlook.failed_update.as_ref();
        let pods: Vec<String> = failed
            .and_then(|failed| failed.down.clone())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|slot| outlook.pod_name(slot))
            .collect();
        let why = if matches!(outlook.controller.map(|controller| controller.method), Some(Method::Kept { .. })) {
            "updateStrategy OnDelete"
        } else {
            "podManagementPolicy OrderedReady"
        };
        let which =
            if pods.is_empty() { "pods that already have the new template".to_owned() } else { listed(pods.iter().cloned(), pods.len()) };
        lines.push(format!("! {which} must be deleted by hand ({why})"));
    }
    lines.extend(outlook.gaps.iter().map(|gap| format!("! incomplete: {gap}")));
    let not_restored = match kind {
        WorkloadKind::Deployment => {
            "replicas, strategy, labels, ConfigMaps and Secrets, data; its annotations become those of the old revision"
        }
        WorkloadKind::StatefulSet => "replicas, claim templates, the claims' data, ConfigMaps and Secrets",
        _ => "update strategy, ConfigMaps and Secrets, data",
    };
    lines.push(format!("not restored: {not_restored}"));
    lines
}

fn expected(outlook: &Outlook<'_>) -> Vec<String> {
    let lines = outlook.demands.iter().flat_map(|demand| {
        let unmet = outlook.unmet(demand.target);
        let is_met = unmet.is_empty();
        let verdict = match outlook.can_tell(demand.target) {
            true => "met",
            false if outlook.is_paused() => "not known here: no update makes progress while spec.paused is true",
            false => "not known here: something else decides how many pods there are",
        };
        let met = is_met.then(|| format!("{}: {verdict}", demand.target));
        met.into_iter().chain(unmet.into_iter().map(move |unmet| format!("! {}: {}", demand.target, unmet.message)))
    });
    lines.collect()
}

fn data(outlook: &Outlook<'_>) -> Vec<String> {
    let (shared, own): (Vec<&ClaimOutlook<'_>>, Vec<_>) = outlook.claims.iter().partition(|claim| claim.is_shared);
    let mut lines: Vec<String> = shared.iter().map(|claim| shared_claim(outlook, claim)).collect();
    if !own.is_empty() {
        let names = listed(own.iter().map(|claim| claim.name.clone()), own.len());
        lines.push(if own.len() == 1 { format!("claim {names}, its own") } else { format!("a claim each: {names}") });
    }
    if lines.is_empty() {
        lines.push("no claims".into());
    }
    lines
}

fn shared_claim(outlook: &Outlook<'_>, claim: &ClaimOutlook<'_>) -> String {
    let name = &claim.name;
    match (claim.pods, claim.pods_in_update) {
        _ if outlook.is_one_of_many_nodes => format!("claim {name}: one for the pods of all nodes"),
        (Some(pods), Some(most)) if most > pods => {
            format!("claim {name}: one for all, mounted by {}, and by {most} in an update", number(pods))
        }
        (Some(pods), _) => format!("claim {name}: one for all, mounted by {}", number(pods)),
        _ => format!("claim {name}: one for all pods"),
    }
}
