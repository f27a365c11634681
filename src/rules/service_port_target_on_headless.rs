use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for service in graph.of_kind(Kind::Service).filter_map(Resource::service).filter(|service| service.is_headless() == Some(true)) {
        for port in service.ports() {
            let Some((target, written)) = port.get("targetPort").and_then(|target| Some((target, target.int()?))) else { continue };
            let Some(number) = port.get("port").and_then(NodeRef::int).filter(|number| *number != written) else { continue };
            report
                .at(target, format!("a headless Service translates no ports: who connects to port {number} of a pod reaches nothing"))
                .help(format!("write {written} for `port`, too"));
        }
    }
}
