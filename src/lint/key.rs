//! A finding as one knows it again when lines have moved.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// What stays of a finding when its text is edited elsewhere. Several findings may have one key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(super) struct Key {
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With list items by their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What stands in no object is known by what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Key {
    pub(super) fn new(finding: &Finding) -> Self {
        let rule = finding.rule.to_string();
        let Some(object) = &finding.object else {
            return Key { rule, kind: None, namespace: None, name: None, field: None, message: Some(finding.message.clone()) };
        };
        let field = finding.named_field.as_ref().or(finding.field.as_ref()).cloned();
        Key { rule, kind: Some(object.kind.clone()), namespace: object.namespace.clone(), name: object.name.clone(), field, message: None }
    }
}
