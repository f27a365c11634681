use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::is_dns_label;
use crate::yaml::NodeRef;

/// The API server doesn't look at the names of claim templates; the pods' volumes get them.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        let mut names: HashMap<&str, NodeRef<'_>> = HashMap::new();
        for template in set.claim_templates().filter(|template| template.node().is_mapping()) {
            let Some(name) = template.name().filter(|name| !name.is_null() && name.str() != Some("")) else {
                let place = template.node().field("metadata").unwrap_or(template.node());
                report
                    .at(place, format!("a claim template of {} has no name, and volumes need one: no pod can be created", set.describe()))
                    .help("add `metadata.name`");
                continue;
            };
            let Some(text) = name.str() else { continue };
            if !is_dns_label(text) {
                report
                    .at(name, format!("claim template `{text}` is no name of a volume: no pod can be created"))
                    .help("use at most 63 lower-case letters, digits and inner dashes");
            } else if let Some(first) = names.insert(text, name) {
                report
                    .at(name, format!("two claim templates are called `{text}`: only the last one makes claims"))
                    .warning_if(true)
                    .related(first, "the other one")
                    .help("remove one of them, or rename it");
            }
        }
    }
}
