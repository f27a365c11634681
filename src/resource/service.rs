//! Services.

use super::{Resource, Selector, Workload};
use crate::yaml::NodeRef;

/// A Service.
#[derive(Clone, Copy, Debug)]
pub struct Service<'t> {
    resource: Resource<'t>,
}

impl<'t> Service<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        Service { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Its name, if known.
    pub fn name(&self) -> Option<&'t str> {
        self.resource.name()
    }

    /// A field of `spec`, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.resource.spec()?.get(key).filter(|node| !node.is_null())
    }

    /// The labels it selects pods by; none where it has no selector or an empty one, so that its endpoints are managed elsewhere, and
    /// for an `ExternalName`, whose selector is ignored.
    pub fn selector(&self) -> Option<Selector<'t>> {
        self.field("selector").filter(|_| self.kind() != Some("ExternalName")).filter(|node| !node.is_empty()).map(Selector::Map)
    }

    /// Whether it selects the pods of a workload; without a selector it selects none. `None` where a placeholder decides.
    pub fn selects_pods_of(&self, workload: &Workload<'t>) -> Option<bool> {
        let labels = workload.template().and_then(|template| template.at("metadata.labels"));
        let is_map = |node: NodeRef<'t>| node.is_mapping() || node.is_null();
        if !labels.is_none_or(is_map) || !self.field("selector").is_none_or(is_map) {
            return None;
        }
        self.selector().map_or(Some(false), |selector| selector.matches(workload.pod_labels()))
    }

    /// Whether it has no virtual address, so that DNS names its pods: `clusterIP: None`, or `clusterIPs: [None]`. The word's case
    /// counts. An `ExternalName` has no address either, and no pods. `None` where a placeholder decides.
    pub fn is_headless(&self) -> Option<bool> {
        if self.kind()? == "ExternalName" {
            return Some(false);
        }
        let address = self.field("clusterIP").or_else(|| self.field("clusterIPs")?.items().next());
        match address {
            Some(node) if node.is_unknown() => None,
            Some(node) => Some(node.text() == "None"),
            None => Some(false),
        }
    }

    /// `spec.type`, `ClusterIP` where it isn't written; `None` for a placeholder.
    pub fn kind(&self) -> Option<&'t str> {
        self.field("type").map_or(Some("ClusterIP"), NodeRef::str)
    }

    /// What decides whether it is headless: the address, else the type, else nothing written.
    pub fn address(&self) -> Option<NodeRef<'t>> {
        self.field("clusterIP").or_else(|| self.field("clusterIPs")).or_else(|| self.field("type"))
    }

    /// Whether pods get DNS names before they are ready.
    pub fn publishes_not_ready(&self) -> bool {
        self.field("publishNotReadyAddresses").and_then(NodeRef::bool) == Some(true)
    }

    /// Its ports.
    pub fn ports(&self) -> impl Iterator<Item = NodeRef<'t>> {
        self.field("ports").into_iter().flat_map(NodeRef::items)
    }
}
