//! Where an Ingress sends requests to.

use super::{Kind, Resource};
use crate::yaml::NodeRef;

/// A Service that an Ingress sends requests to.
#[derive(Clone, Copy, Debug)]
pub struct Backend<'t> {
    /// The Service's name.
    pub service: NodeRef<'t>,
    /// The number or name of its port.
    pub port: Option<NodeRef<'t>>,
}

impl<'t> Resource<'t> {
    /// The Services that an Ingress sends requests to, of any version of it; none for other kinds.
    pub fn backends(&self) -> impl Iterator<Item = Backend<'t>> {
        let spec = self.spec().filter(|_| self.kind() == Kind::Ingress);
        let by_default = spec.and_then(|spec| spec.get("defaultBackend").or_else(|| spec.get("backend")));
        let rules = spec.and_then(|spec| spec.get("rules")).into_iter().flat_map(NodeRef::items);
        let paths = rules.filter_map(|rule| rule.at("http.paths")).flat_map(NodeRef::items);
        by_default.into_iter().chain(paths.filter_map(|path| path.get("backend"))).filter_map(backend)
    }
}

fn backend(node: NodeRef<'_>) -> Option<Backend<'_>> {
    match node.get("service").filter(|service| service.is_mapping()) {
        Some(service) => {
            let port = service.get("port").and_then(|port| port.get("number").or_else(|| port.get("name")));
            Some(Backend { service: service.get("name")?, port })
        }
        // Before networking.k8s.io/v1.
        None => Some(Backend { service: node.get("serviceName")?, port: node.get("servicePort") }),
    }
}
