use crate::finding::Report;
use crate::yaml::Tree;

pub(super) fn check(tree: &Tree, report: &mut Report) {
    for error in tree.errors() {
        let finding = report.at_span(error.span, error.message.clone());
        finding.help(error.help.unwrap_or("no tool can read this document; those around it are still checked"));
    }
}
