use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Refusals, Schedule, Workload, WorkloadKind};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

/// A dash and ten digits make the name of a Job of it, which has 63 characters at most.
const LONGEST_NAME: usize = 52;
const NUMBERS: [&str; 3] = ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"];

/// The version of the list of time zones.
const DATABASE: &str = "2025b";
/// The areas in which the IANA database names places.
const AREAS: [&str; 10] = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// `ValidateCronJobCreate` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::CronJob) {
        let Some(spec) = workload.spec() else { continue };
        let mut refusals = Refusals::new(report, workload.resource());
        for key in NUMBERS {
            refusals.check_least(spec, key, 0);
        }
        if let Some(schedule) = spec.field("schedule") {
            check_schedule(spec, schedule, &mut refusals);
        }
        if let Some(zone) = spec.field("timeZone") {
            check_zone(zone, &mut refusals);
        }
        check_name(&workload, &mut refusals);
    }
}

fn check_name<'t>(workload: &Workload<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(name) = workload.name().filter(|name| name.len() > LONGEST_NAME && refusals.is_whole()) else { return };
    let place = refusals.object().nearest("metadata.name");
    refusals
        .at(place, format!("a CronJob's name of {} characters leaves no room for the time in its Jobs' names", name.len()))
        .help(format!("use at most {LONGEST_NAME} characters; one that exists already stays as it is"));
}

fn check_schedule<'t>(spec: NodeRef<'t>, node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(schedule) = node.str().filter(|schedule| !schedule.is_empty()) else { return };
    if schedule.contains("TZ") {
        let finding = refusals.at(node, "a schedule names no time zone").help("set `timeZone`, and leave TZ out of the schedule");
        if let Some((zone, times)) = divided(schedule).filter(|_| spec.field("timeZone").is_none()) {
            let entries = [edit::replace(node, times), edit::insert_first(spec, "timeZone", Value::Str(zone))];
            finding.offer("Name the time zone in `timeZone`", Safety::Safe, entries);
        }
    } else if let Err(fault) = Schedule::parse(schedule) {
        refusals
            .at(node, format!("schedule `{schedule}` can't be read: {fault}"))
            .help("write five fields, such as `0 4 * * 1`, or @daily");
    }
}

/// The time zone and the times of a schedule that begins with `TZ=` or `CRON_TZ=`, if both are right.
fn divided(schedule: &str) -> Option<(&str, &str)> {
    let rest = schedule.strip_prefix("CRON_TZ=").or_else(|| schedule.strip_prefix("TZ="))?;
    let (zone, times) = rest.split_once(' ')?;
    let times = times.trim();
    (zones().any(|known| known == zone) && Schedule::parse(times).is_ok()).then_some((zone, times))
}

/// `validateTimeZone`, which asks the API server's own copy of the IANA database. It may be newer than the list.
fn check_zone<'t>(node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(zone) = node.str().filter(|zone| !zones().any(|known| known == *zone)) else { return };
    if zone.is_empty() || zone.eq_ignore_ascii_case("local") {
        let reason = if zone.is_empty() { "the time zone is empty" } else { "`Local` names no time zone" };
        refusals.at(node, reason).help("name one, such as Europe/Berlin, or leave timeZone out");
        return;
    }
    let near = zones().find(|known| is_near(zone, known));
    let help = near.map_or_else(|| "use a name such as Europe/Berlin or Etc/UTC".to_owned(), |near| format!("did you mean `{near}`?"));
    if near.is_none() && may_be_new(zone) {
        let message =
            format!("time zone `{zone}` is not in version {DATABASE} of the IANA database: an API server without a newer one refuses it");
        refusals.warn_at(node, message).help(help);
    } else {
        refusals.at(node, format!("there is no time zone `{zone}`")).help(help);
    }
}

/// Whether a name is a known one with a slip: a letter, the case, a space for the underscore.
fn is_near(zone: &str, known: &str) -> bool {
    zone.len().abs_diff(known.len()) <= 1
        && strsim::damerau_levenshtein(&zone.to_ascii_lowercase().replace([' ', '-'], "_"), &known.to_ascii_lowercase().replace('-', "_"))
            <= 1
}

/// Whether the database may have got such a name: a place in one of its areas (<https://data.iana.org/time-zones/theory.html#naming>).
fn may_be_new(zone: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'-' | b'_');
    let is_part = |part: &str| (1..=14).contains(&part.len()) && !part.starts_with(['-', '.']) && part.bytes().all(is_inner);
    zone.split_once('/').is_some_and(|(area, place)| AREAS.contains(&area) && place.split('/').all(is_part))
}

fn zones() -> impl Iterator<Item = &'static str> {
    include_str!("../resource/data/time-zones.txt").lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_listed() {
        assert!(include_str!("../resource/data/time-zones.txt").lines().next().is_some_and(|line| line.contains(DATABASE)));
        assert!(is_near("europe/berlin", "Europe/Berlin") && is_near("America/New York", "America/New_York"));
        assert!(is_near("Europe/Berln", "Europe/Berlin") && !is_near("Europe/Bern", "Europe/Berlin"));
        assert!(may_be_new("America/Coyhaique") && !may_be_new("Europe/") && !may_be_new("CEST") && !may_be_new("UTC+1"));
        assert!(zones().count() > 500 && zones().any(|zone| zone == "Europe/Berlin") && zones().any(|zone| zone == "UTC"));
    }
}
