use crate::finding::{Report, When};
use crate::graph::Change;
use crate::resource::{Kind, Workload};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    // What nothing makes anew is refused as it is.
    for pair in change.changed_of(Kind::StatefulSet).filter(|pair| !pair.is_partial() && pair.new.is_recreated_on_change()) {
        let Some((old, new)) = pair.workloads() else { continue };
        let (Some(old_names), Some(new_names)) = (old.claim_template_names(), new.claim_template_names()) else { continue };
        let mut gone = old_names.difference(&new_names);
        let (Some(gone), None) = (gone.next(), gone.next()) else { continue };
        for name in names(&new).filter(|name| !old_names.contains(name.text())) {
            let (set, first) = (new.name().unwrap_or_default(), new.first_ordinal().unwrap_or(0));
            let (before, after) = (format!("{gone}-{set}-{first}"), format!("{}-{set}-{first}", name.text()));
            let message =
                format!("pods of {} get new, empty claims (`{after}`); the data stays in the old ones (`{before}`)", new.describe());
            let finding = report.at(name, message);
            finding.help("take the name back, or bind the old volumes to claims of the new names before the new pods start");
            if let Some(old_name) = names(&old).find(|name| name.text() == *gone) {
                finding.related(old_name, "claims had this name");
            }
            finding.step(When::Before, format!("decide: take the name back, or copy the data of each `{before}` to `{after}`"), []);
        }
    }
}

fn names<'t>(workload: &Workload<'t>) -> impl Iterator<Item = NodeRef<'t>> {
    workload.claim_templates().filter_map(|template| template.name())
}
