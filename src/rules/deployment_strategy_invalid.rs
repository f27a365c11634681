use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{IntOrPercent, WorkloadKind};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::Deployment) {
        let (Some(strategy), Some(kind)) = (workload.strategy(), workload.strategy_type()) else { continue };
        let rolling = strategy.get("rollingUpdate").filter(|rolling| !rolling.is_null());
        match (kind.value, rolling, kind.node) {
            ("RollingUpdate", Some(rolling), _) => check_numbers(rolling, report),
            ("Recreate", Some(rolling), Some(node)) => {
                report
                    .at(rolling, "rollingUpdate may not be specified when the strategy's type is Recreate: the API server refuses it")
                    .help("remove rollingUpdate, or use the type RollingUpdate")
                    .related(node, "Recreate here")
                    .remove(Safety::Safe, rolling);
            }
            ("RollingUpdate" | "Recreate", _, _) => {}
            (other, _, Some(node)) => {
                report
                    .at(node, format!("a Deployment has no strategy `{other}`: the API server refuses it"))
                    .help("use RollingUpdate or Recreate");
            }
            _ => {}
        }
    }
}

fn check_numbers(rolling: NodeRef<'_>, report: &mut Report) {
    let number = |key: &str| rolling.get(key).filter(|node| !node.is_null() && !node.is_unknown());
    let (surge, unavailable) = (number("maxSurge"), number("maxUnavailable"));
    for (key, node) in [("maxSurge", surge), ("maxUnavailable", unavailable)] {
        let Some(node) = node else { continue };
        let (mistake, help) = match IntOrPercent::read(node) {
            None if node.str().is_none() => continue,
            None => ("is neither a number nor a percentage", "write a bare number (1) or a percentage (25%)"),
            Some(IntOrPercent::Int(..0)) => ("is less than 0", "write 0 or more"),
            Some(IntOrPercent::Percent(101..)) if key == "maxUnavailable" => ("is more than 100%", "write at most 100%"),
            Some(_) => continue,
        };
        let finding = report.at(node, format!("{key} {mistake}: the API server refuses it")).help(help);
        IntOrPercent::offer_meant(node, finding);
    }
    let is_zero = |node: &NodeRef<'_>| IntOrPercent::read(*node).is_some_and(IntOrPercent::is_zero);
    if let (Some(surge), Some(unavailable)) = (surge.filter(is_zero), unavailable.filter(is_zero)) {
        report
            .at(unavailable, "maxUnavailable is 0 and so is maxSurge: no pod could ever be replaced, and the API server refuses it")
            .help("let one of the two be at least 1")
            .related(surge, "maxSurge here");
    }
}
