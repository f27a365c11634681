use crate::finding::{Finding, Place, Report};
use crate::graph::Graph;
use crate::policy::{Broken, CustomRules};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let rules = CustomRules::new(graph);
    for fault in rules.faults() {
        let end = (fault.offset + 1).min(fault.node.text().len());
        let place = if fault.node.text().is_char_boundary(end) { Place::part(fault.node, fault.offset..end) } else { fault.node.into() };
        report.at(place, format!("{}: the API server refuses this definition", fault.message)).help.clone_from(&fault.help);
    }
    if !rules.is_empty() {
        for broken in rules.check(graph) {
            tell(&broken, report);
        }
    }
}

fn tell<'r>(broken: &Broken<'_, '_>, report: &'r mut Report) -> &'r mut Finding {
    let what = broken.resource.describe();
    let finding = report.at(broken.place, format!("{}: the API server refuses {what}", broken.message));
    if let Some(reason) = &broken.reason
        && reason.node != broken.place
    {
        finding.related(reason.node, "this decides");
    }
    finding.related(broken.rule, "the definition asks for this")
}
