use crate::finding::Report;
use crate::graph::Change;
use crate::policy::CustomRules;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let rules = CustomRules::new(change.new);
    if rules.is_empty() {
        return;
    }
    for broken in rules.check_change(change) {
        let what = broken.resource.describe();
        let finding = report.at(broken.place, format!("{}: the API server refuses this update of {what}", broken.message));
        finding.related(broken.rule, "the definition asks for this of each change");
    }
}
