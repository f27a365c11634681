//! What a monitoring system connects to.

use std::collections::HashMap;

use super::Graph;
use crate::resource::{Resource, Selector, Service, Workload};
use crate::yaml::NodeRef;

/// Monitors of one port's name that are looked at: no folder has as many.
const MANY_OF_ONE_PORT: usize = 200;

/// The `ServiceMonitor`s and `PodMonitor`s of the Prometheus operator.
#[derive(Clone, Debug, Default)]
pub struct Monitors<'t> {
    /// By the name of a Service's port.
    of_services: HashMap<&'t str, Vec<Selector<'t>>>,
    /// By the name of a container's port.
    of_pods: HashMap<&'t str, Vec<Selector<'t>>>,
}

impl<'t> Graph<'t> {
    /// The monitors of the run.
    pub fn monitors(&self) -> Monitors<'t> {
        let mut monitors = Monitors::default();
        for spec in self.whole().filter(|resource| resource.group() == "monitoring.coreos.com").filter_map(Resource::spec) {
            let Some(selector) = spec.get("selector").map(Selector::LabelSelector) else { continue };
            for (key, index) in [("endpoints", &mut monitors.of_services), ("podMetricsEndpoints", &mut monitors.of_pods)] {
                for port in spec.get(key).into_iter().flat_map(NodeRef::items).filter_map(|endpoint| endpoint.get("port")?.str()) {
                    index.entry(port).or_default().push(selector);
                }
            }
        }
        monitors
    }
}

impl<'t> Monitors<'t> {
    /// Whether one names this port of a Service.
    pub fn name_port_of_service(&self, service: &Service<'t>, port: NodeRef<'t>) -> bool {
        let labels = service.resource().metadata().and_then(|metadata| metadata.get("labels"));
        is_named(&self.of_services, port, labels)
    }

    /// Whether one names this port of a workload's container.
    pub fn name_port_of_pod(&self, workload: &Workload<'t>, port: NodeRef<'t>) -> bool {
        is_named(&self.of_pods, port, workload.pod_labels())
    }
}

fn is_named<'t>(monitors: &HashMap<&str, Vec<Selector<'t>>>, port: NodeRef<'t>, labels: Option<NodeRef<'t>>) -> bool {
    let selectors = port.get("name").and_then(NodeRef::str).and_then(|name| monitors.get(name)).into_iter().flatten();
    selectors.take(MANY_OF_ONE_PORT).any(|selector| selector.matches(labels) == Some(true))
}
