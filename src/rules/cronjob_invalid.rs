use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Refusals, Schedule, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// A dash and ten digits make the name of a Job of it, which has 63 characters at most.
const LONGEST_NAME: usize = 52;
const NUMBERS: [&str; 3] = ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"];

/// `ValidateCronJobCreate` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::CronJob) {
        let Some(spec) = workload.spec() else { continue };
        let mut refusals = Refusals::new(report, workload.resource());
        for key in NUMBERS {
            refusals.check_least(spec, key, 0);
        }
        if let Some(schedule) = spec.field("schedule") {
            check_schedule(schedule, &mut refusals);
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

fn check_schedule<'t>(node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(schedule) = node.str().filter(|schedule| !schedule.is_empty()) else { return };
    if schedule.contains("TZ") {
        refusals.at(node, "a schedule names no time zone").help("set `timeZone`, and leave TZ out of the schedule");
    } else if let Err(fault) = Schedule::parse(schedule) {
        refusals
            .at(node, format!("schedule `{schedule}` can't be read: {fault}"))
            .help("write five fields, such as `0 4 * * 1`, or @daily");
    }
}

fn check_zone<'t>(node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(zone) = node.str() else { return };
    let help = "use a name such as Europe/Berlin or Etc/UTC, in the right case";
    if zone.eq_ignore_ascii_case("local") {
        refusals.at(node, "the time zone is not named").help("name one, such as Europe/Berlin, or leave timeZone out");
    } else if !zones().any(|known| known == zone) {
        refusals.at(node, format!("there is no time zone `{zone}`")).help(help);
    }
}

fn zones() -> impl Iterator<Item = &'static str> {
    include_str!("../resource/data/time-zones.txt").lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_listed() {
        assert!(zones().count() > 500 && zones().any(|zone| zone == "Europe/Berlin") && zones().any(|zone| zone == "UTC"));
    }
}
