use crate::finding::{Report, Safety};
use crate::graph::{Governing, Graph};
use crate::resource::is_port_name;
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let mut reported = Vec::new();
    for set in graph.stateful_sets() {
        let Governing::Found { service, .. } = graph.governing_service(&set) else { continue };
        let mut ports = service.ports();
        let (Some(port), None) = (ports.next(), ports.next()) else { continue };
        if service.is_headless() != Some(true) || port.get("name").is_some_and(|name| !name.is_null()) || reported.contains(&port) {
            continue;
        }
        reported.push(port);
        let name = port.field("targetPort").and_then(NodeRef::str).filter(|name| is_port_name(name));
        let name = name.and_then(|name| edit::insert_first(port, "name", Value::Str(name)));
        report
            .at(port.get("port").unwrap_or(port), "a port without a name has no SRV records, by which clients could find port and pods")
            .help("name the port")
            .offer("Name the port as the pods do", Safety::Safe, [name]);
    }
}
