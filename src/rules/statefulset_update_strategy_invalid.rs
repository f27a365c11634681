use crate::finding::{Report, Safety};
use crate::graph::{Graph, Versions};
use crate::resource::{IntOrPercent, Refusals, Workload, WorkloadKind};
use crate::yaml::{NodeRef, Scalar};

/// The minor version since which `maxUnavailable` is looked at by default; before, it is dropped.
const MAX_UNAVAILABLE_SINCE: u32 = 37;

/// `ValidateStatefulSetSpec` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.all_workloads().filter(|workload| workload.kind() == WorkloadKind::StatefulSet) {
        let Some(strategy) = workload.strategy().filter(|strategy| strategy.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, workload.resource());
        check_type(&workload, strategy, &mut refusals);
        // Of the other types the settings are refused as a whole.
        if workload.strategy_type().is_none_or(|setting| setting.value != "RollingUpdate") {
            continue;
        }
        if let Some(partition) = workload.rolling_update_field("partition").filter(|node| node.int().is_some_and(|number| number < 0)) {
            refusals.at(partition, format!("partition is {}, less than 0", partition.text())).help("write 0 or more");
        }
        if let Some(unavailable) = workload.rolling_update_field("maxUnavailable") {
            check_unavailable(unavailable, graph.world().versions, &mut refusals);
        }
    }
}

fn check_type<'t>(workload: &Workload<'t>, strategy: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(setting) = workload.strategy_type() else { return };
    let Some(node) = setting.node else { return };
    match setting.value {
        "RollingUpdate" => {}
        "OnDelete" => {
            if let Some(entry) = strategy.entry("rollingUpdate").filter(|entry| !entry.value.is_null()) {
                let finding = refusals.at(entry, "rollingUpdate belongs to the type RollingUpdate");
                finding.related(node, "OnDelete here").help("remove rollingUpdate, or use the type RollingUpdate");
                finding.remove(Safety::Safe, entry.value);
            }
        }
        "Recreate" => {
            let help = "use RollingUpdate or OnDelete; where the gate StatefulSetRecreateStrategy is on, ignore this finding";
            refusals.at(node, "the update strategy Recreate needs Kubernetes 1.37 and an alpha feature gate").help(help);
        }
        other => {
            refusals.at(node, format!("a StatefulSet has no update strategy `{other}`")).help("use RollingUpdate or OnDelete");
        }
    }
}

fn check_unavailable<'t>(node: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    if versions.newest < MAX_UNAVAILABLE_SINCE {
        return;
    }
    let (mistake, help) = match (IntOrPercent::read(node), node.scalar()) {
        (Some(IntOrPercent::Int(..0)), _) => ("is negative", "write 1 or more"),
        (Some(value), _) if value.is_zero() => ("lets no pod be replaced", "write 1 or more, or a percentage"),
        (Some(IntOrPercent::Percent(101..)), _) => ("is more than 100%", "write at most 100%"),
        (None, Scalar::Str(_)) => ("is neither a number nor a percentage", "write a bare number (1) or a percentage (25%)"),
        _ => return,
    };
    let finding = refusals.at(node, format!("maxUnavailable `{}` {mistake}", node.text())).help(help);
    IntOrPercent::offer_meant(node, finding);
}
