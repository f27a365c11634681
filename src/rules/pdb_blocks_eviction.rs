use crate::finding::{Report, Safety, count};
use crate::graph::{Graph, Protection, name_each};
use crate::resource::{Demand, Workload, WorkloadKind};
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for protection in graph.protections() {
        let Some(demand) = protection.budget.demand() else { continue };
        let workloads = protection.workloads.iter().copied();
        if protection.is_unsupported(&demand) {
            continue;
        }
        let counts: Option<Vec<i64>> = workloads.clone().map(|workload| fewest(graph, &workload)).collect();
        let pods: Option<i64> = counts.map(|counts| counts.iter().sum());
        if pods == Some(0) && !protection.workloads.is_empty() {
            continue;
        }
        if !demand.is_absolute() && !pods.is_some_and(|pods| pods > 0 && demand.keeps(pods) >= pods) {
            continue;
        }
        let finding = report.at(demand.node, message(graph, protection, &demand, pods));
        finding.help(help(&demand, pods));
        if let Some(spec) = protection.budget.resource().spec() {
            let one_by_one = edit::put_in_place(spec, demand.key, "maxUnavailable", Value::Word("1"));
            finding.offer("Let one pod go at a time", Safety::Unsafe, [one_by_one]);
        }
        for workload in workloads.take(3) {
            let autoscaler = graph.autoscalers(&workload).first();
            let least = autoscaler.and_then(|autoscaler| autoscaler.least()?.node);
            let written = if autoscaler.is_some() { least } else { workload.replicas().and_then(|replicas| replicas.node) };
            if let Some(node) = written.filter(|_| !demand.is_absolute()) {
                finding.related(node, format!("as few pods of {}", workload.describe()));
            }
        }
    }
}

/// How many pods a workload surely has, an autoscaler's minimum before what is written.
fn fewest<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> Option<i64> {
    if workload.kind() == WorkloadKind::Pod { Some(1) } else { graph.fewest_pods(workload) }
}

fn message<'t>(graph: &Graph<'t>, protection: &Protection<'t>, demand: &Demand<'_>, pods: Option<i64>) -> String {
    let what = match protection.workloads.as_slice() {
        [] => "no pod that it covers".to_owned(),
        workloads => format!("no pod of {}", name_each(workloads.iter().copied())),
    };
    let (key, amount) = (demand.key, demand.amount);
    let is_scaled = || protection.workloads.iter().any(|workload| !graph.autoscalers(workload).is_empty());
    match pods.filter(|pods| *pods > 0 && !demand.is_absolute()) {
        Some(pods) if is_scaled() => {
            format!("{what} can be evicted while it is scaled down to {}: {key} {amount} keeps them all", count(pods, "pod"))
        }
        Some(1) => format!("{what} can ever be evicted, and node drains hang: {key} {amount} keeps the only one"),
        Some(pods) => format!("{what} can ever be evicted, and node drains hang: {key} {amount} keeps all {pods}"),
        None => format!("{what} can ever be evicted, and node drains hang: {key} {amount} lets none go"),
    }
}

fn help(demand: &Demand<'_>, pods: Option<i64>) -> &'static str {
    match (demand.key, pods) {
        ("minAvailable", Some(1)) => "run two pods, or set maxUnavailable: 1 instead, which lets a drain move the only one",
        ("minAvailable", _) => "set maxUnavailable: 1 instead, whatever the number of pods",
        _ => "set maxUnavailable: 1",
    }
}
