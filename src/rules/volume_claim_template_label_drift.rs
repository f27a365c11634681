use crate::finding::Report;
use crate::graph::Graph;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let Some(selector) = set.field("selector").filter(|selector| selector.is_mapping() && selector.get("matchExpressions").is_some())
        else {
            continue;
        };
        if selector.get("matchLabels").is_some_and(|labels| labels.is_unknown() || !labels.is_empty()) {
            continue;
        }
        for template in set.claim_templates().filter(|template| template.node().at("metadata.labels").is_none()) {
            let Some(name) = template.name() else { continue };
            let message = format!(
                "claims of template `{}` get no labels: they are copied from matchLabels, which {} has not",
                name.text(),
                set.describe()
            );
            report
                .at(name, message)
                .related(selector, "the selector has expressions only")
                .help("give the claim template labels of its own");
        }
    }
}
