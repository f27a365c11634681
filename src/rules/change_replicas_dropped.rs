use crate::finding::{Report, When, count};
use crate::graph::{Change, Graph};
use crate::resource::Workload;
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed().filter(|pair| !pair.is_partial()) {
        let Some((old, new)) = pair.workloads() else { continue };
        let Some((before, place)) = old.replicas().and_then(|replicas| Some((replicas.value, replicas.node?))) else { continue };
        if new.replicas().is_none_or(|replicas| !replicas.is_default()) || is_set_elsewhere(change.new, &new) {
            continue;
        }
        let autoscaler = change.new.autoscalers(&new).first();
        let was_scaled = !change.old.autoscalers(&old).is_empty();
        // What an autoscaler has made of it isn't known.
        if before == 1 && (autoscaler.is_none() || !was_scaled) {
            continue;
        }
        let object = new.describe();
        let lost = if new.deletes_claims_when_scaled_down() { ", and the claims of the others are deleted with their data" } else { "" };
        let message = match autoscaler {
            Some(autoscaler) => {
                let scaler = autoscaler.resource().describe();
                format!("without `replicas` {object} falls to 1 pod when this is applied, until {scaler} scales it up again{lost}")
            }
            None => format!("without `replicas` {object} goes from {} to 1, the default{lost}", count(before, "pod")),
        };
        let finding = report.at(new.resource().nearest("spec"), message);
        finding.related(place, format!("it was {before}"));
        if let Some(autoscaler) = autoscaler {
            let edit = new.resource().kubectl("apply edit-last-applied", "");
            finding.related(autoscaler.resource().nearest("spec.scaleTargetRef"), "it decides from now on");
            finding.help(format!(
                "let go of the field before: `{edit}` and take `replicas` out there, so that apply forgets that it ever wrote it; under \
                 server-side apply the autoscaler has to own the field"
            ));
            finding.step(When::Before, "take `replicas` out in the editor that opens, so that the number of pods stays as it is", [edit]);
        } else {
            finding.help("write the number, unless one pod is enough");
            finding.step(When::Before, "decide: write the number of pods again, unless one is enough", []);
        }
    }
}

/// Whether a kustomization or a patch gives a workload its number of pods.
fn is_set_elsewhere<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> bool {
    let is_patched = || graph.patches_of(workload).any(|patch| patch.field("replicas").is_some());
    let is_it = |text: &str| workload.name() == Some(text);
    let names_replicas = |patches: NodeRef<'t>| patches.scalars().any(|scalar| scalar.text().contains("replicas"));
    is_patched()
        || graph
            .kustomizations()
            .any(|kustomization| kustomization.replicas_set().any(|(name, _)| is_it(name)) || kustomization.patches().any(names_replicas))
}
