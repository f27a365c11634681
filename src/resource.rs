//! One Kubernetes object, seen through borrowed views with the API server's defaults applied.

use crate::finding::ObjectName;
use crate::yaml::NodeRef;

/// Whether a node is a Kubernetes object: a mapping with `apiVersion` and `kind`.
pub fn is_object(node: NodeRef<'_>) -> bool {
    let is_text = |key: &str| node.get(key).is_some_and(|value| value.value_text().is_some());
    is_text("apiVersion") && is_text("kind")
}

/// One object of the run.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'t> {
    node: NodeRef<'t>,
}

impl<'t> Resource<'t> {
    /// The whole object.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Its name for reports.
    pub fn object_name(&self) -> ObjectName {
        let text = |path: &str| self.node.at(path).and_then(NodeRef::value_text).map(str::to_owned);
        ObjectName {
            api_version: text("apiVersion").unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            namespace: text("metadata.namespace"),
            name: text("metadata.name"),
        }
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<NodeRef<'t>> {
        self.node.get("metadata")?.get("annotations")?.get(key)
    }
}
