use crate::finding::{Report, Safety};
use crate::graph::{Governing, Graph};
use crate::resource::{Service, Workload};
use crate::yaml::edit::{self, Value};

/// The newest minor version whose `OpenAPI` schema lists `serviceName` as required.
const REQUIRED_BY_SCHEMA_UNTIL: u32 = 32;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for set in graph.stateful_sets() {
        if !set.is_surely_whole() || !matches!(graph.governing_service(&set), Governing::Unnamed) {
            continue;
        }
        let mention = graph.names_a_pod_of(&set);
        let place = set.resource().nearest("spec.serviceName");
        let finding = report.at(place, format!("{} has no serviceName, so its pods get no stable DNS names", set.describe()));
        finding.help(remedy(graph, &set)).note_if(!graph.has_peers(&set) && mention.is_none());
        if let Some((spec, name)) = set.spec().zip(only_headless(graph, &set)) {
            let change = edit::set(spec, "serviceName", Value::Str(name), &["replicas", "selector"]);
            finding.offer(format!("Set serviceName to `{name}`"), Safety::Unsafe, [change]);
        }
        if let Some(mention) = mention {
            finding.related(mention, "a pod is named here");
        }
    }
}

/// The name of the only headless Service that selects a set's pods.
fn only_headless<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> Option<&'t str> {
    let mut headless = graph.services_selecting(set).filter(|service| service.is_headless() == Some(true));
    let only = headless.next().filter(|_| headless.next().is_none());
    only.as_ref().and_then(Service::name)
}

fn remedy<'t>(graph: &Graph<'t>, set: &Workload<'t>) -> String {
    let first = match only_headless(graph, set) {
        Some(name) => format!("set serviceName to `{name}`, the headless Service that selects these pods, "),
        None => "create a headless Service that selects these pods and set serviceName to its name ".to_owned(),
    };
    let validators = if graph.world().versions.oldest <= REQUIRED_BY_SCHEMA_UNTIL {
        "; Helm and schema validators of 1.32 and before refuse a StatefulSet without it"
    } else {
        ""
    };
    format!("{first}before the first apply: it can't be changed later{validators}")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::finding::{Report, Severity};
    use crate::graph::{File, Graph, Versions, World};
    use crate::source::SourceId;
    use crate::yaml::parse;

    const SET: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  selector: {matchLabels: {app: db}}\n  \
                       template: {metadata: {labels: {app: db}}}\n";

    fn help(text: &str, oldest: u32) -> String {
        let tree = parse(SourceId(0), text.into());
        let world = World { versions: Versions { oldest, newest: 37 }, ..World::default() };
        let graph = Graph::new(&[File { tree: &tree, path: "db.yaml", alone: false }], &world);
        let mut report = Report::new("statefulset-missing-service-name", Severity::Warning);
        check(&graph, &mut report);
        report.into_findings().remove(0).help.expect("it helps")
    }

    #[test]
    fn the_only_headless_service_is_proposed() {
        let service = |name: &str| {
            format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{clusterIP: None, selector: {{app: db}}}}\n")
        };
        let one = format!("{SET}{}", service("db-pods"));
        assert!(help(&one, 37).starts_with("set serviceName to `db-pods`"));
        for none in [SET.to_owned(), format!("{one}{}", service("db-peers"))] {
            assert!(help(&none, 37).starts_with("create a headless Service"));
        }
    }

    #[test]
    fn schemas_that_require_it_are_spoken_of_where_they_are_met() {
        assert!(help(SET, 32).contains("1.32"));
        assert!(!help(SET, 33).contains("1.32"));
    }
}
