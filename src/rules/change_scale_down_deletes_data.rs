use crate::finding::{Report, When, count};
use crate::graph::Change;
use crate::resource::Kind;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed_of(Kind::StatefulSet).filter(|pair| !pair.is_partial()) {
        let Some((old, new)) = pair.workloads().filter(|(_, new)| new.deletes_claims_when_scaled_down()) else { continue };
        let (Some(before), Some(after)) = (old.replicas(), new.replicas()) else { continue };
        let is_scaled = !change.new.autoscalers(&new).is_empty() || !change.old.autoscalers(&old).is_empty();
        let is_renumbered = old.first_ordinal() != new.first_ordinal();
        let Some(place) = after.node.filter(|_| before.value > after.value && !is_scaled && !is_renumbered) else { continue };
        let Some((set, first)) = new.name().zip(new.first_ordinal()) else { continue };
        let Some(claim) = new.claim_templates().find_map(|template| template.name()?.value_text()) else { continue };
        let last = first.saturating_add(before.value - 1);
        let claims = match before.value - after.value {
            1 => format!("claim `{claim}-{set}-{last}` is"),
            _ => format!("claims `{claim}-{set}-{}` to `{claim}-{set}-{last}` are", first.saturating_add(after.value)),
        };
        let object = pair.new.describe();
        let message = format!(
            "{object} goes from {} to {}, and {claims} deleted with all data (`whenScaled: Delete`)",
            count(before.value, "pod"),
            after.value
        );
        let finding = report.at(place, message);
        finding.help("set `whenScaled: Retain` in the same change if the data may be needed again; it holds before pods go");
        if let Some(node) = before.node {
            finding.related(node, format!("it was {}", before.value));
        }
        finding.related(pair.new.nearest("spec.persistentVolumeClaimRetentionPolicy.whenScaled"), "this deletes the claims");
        finding.step(When::Before, format!("save what {claims} to be deleted with, or set `whenScaled: Retain`"), []);
    }
}
