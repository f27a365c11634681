use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{IntOrPercent, Kind, Refusals};
use crate::yaml::{NodeRef, Scalar};

/// `ValidatePodDisruptionBudgetSpec` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/policy/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources().iter().filter(|resource| resource.kind() == Kind::PodDisruptionBudget) {
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        let [least, most] = ["minAvailable", "maxUnavailable"].map(|key| spec.field(key).map(|node| (key, node)));
        for (key, node) in [least, most].into_iter().flatten() {
            check_number(key, node, &mut refusals);
        }
        match (least, most) {
            (Some((_, least)), Some((_, most))) if refusals.is_whole() => {
                let finding = refusals.at(most, "a budget can't have both minAvailable and maxUnavailable");
                finding.related(least, "minAvailable here").help("keep one of the two");
            }
            (None, None) if refusals.is_whole() => {
                let place = resource.nearest("spec.maxUnavailable");
                refusals
                    .warn_at(
                        place,
                        "a budget with neither minAvailable nor maxUnavailable allows no eviction at all: nodes can't be drained",
                    )
                    .help("set `maxUnavailable: 1`");
            }
            _ => {}
        }
    }
}

fn check_number<'t>(key: &str, node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let (mistake, help) = match (IntOrPercent::read(node), node.scalar()) {
        (Some(IntOrPercent::Int(..0)), _) => ("is negative", "write 0 or more"),
        (Some(IntOrPercent::Percent(101..)), _) => ("is more than 100%", "write at most 100%"),
        (None, Scalar::Str(_)) => ("is neither a number nor a percentage", "write a bare number (1) or a percentage (25%)"),
        _ => return,
    };
    let finding = refusals.at(node, format!("{key} `{}` {mistake}", node.text())).help(help);
    IntOrPercent::offer_meant(node, finding);
}
