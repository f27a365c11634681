use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::Autoscaler;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for workload in graph.workloads() {
        let Some(policy) = workload.field("persistentVolumeClaimRetentionPolicy").and_then(|policy| policy.get("whenScaled")) else {
            continue;
        };
        if policy.str() != Some("Delete") || workload.claim_templates().next().is_none() {
            continue;
        }
        let scaler = graph.autoscalers(&workload).iter().find(|autoscaler| scales_down(autoscaler));
        let consequence = match scaler {
            Some(scaler) => {
                format!("{} deletes claims with their data whenever it scales {} down", scaler.resource().describe(), workload.describe())
            }
            None => format!("scaling {} down deletes the claims of the pods that go, with their data", workload.describe()),
        };
        let finding = report.at(policy, consequence);
        if let Some(scaler) = scaler {
            let place = scaler.resource().nearest("spec.scaleTargetRef.name");
            finding.related(place, "it scales by itself");
        }
        finding.help("set whenScaled: Retain, the default, and delete claims when their data is no longer needed");
        finding.replace("Retain the claims", Safety::Unsafe, policy, "Retain");
    }
}

/// Whether it can take pods away: it can't where its bounds are equal.
fn scales_down(autoscaler: &Autoscaler<'_>) -> bool {
    match (autoscaler.least(), autoscaler.most()) {
        (Some(least), Some(most)) => least.value < most.value,
        _ => false,
    }
}
