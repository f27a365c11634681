//! What the API server fills in for a field that is missing: the defaults of the schema tables, and what is in no table.
//!
//! Fields that are structs in Go and no pointers are always there once an object has been decoded, with whatever defaults are in them: no
//! published schema tells them apart (<https://github.com/kubernetes/api>).

use super::value::Value;
use crate::schema::{Field, Shape, Type};
use crate::yaml::NodeRef;

/// Types without their group and version, and those of their fields that are always there.
const STRUCTS: [(&str, &[&str]); 13] = [
    ("CronJobSpec", &["jobTemplate"]),
    ("DaemonSetSpec", &["template", "updateStrategy"]),
    ("DeploymentSpec", &["strategy", "template"]),
    ("JobSpec", &["template"]),
    ("JobTemplateSpec", &["metadata", "spec"]),
    ("Container", &["resources"]),
    ("PersistentVolumeClaimSpec", &["resources"]),
    ("PersistentVolumeClaimTemplate", &["metadata", "spec"]),
    ("PodTemplateSpec", &["metadata", "spec"]),
    ("ReplicaSetSpec", &["template"]),
    ("ServiceStatus", &["loadBalancer"]),
    ("StatefulSetSpec", &["template", "updateStrategy"]),
    ("IngressStatus", &["loadBalancer"]),
];
/// Types of strategies that have `rollingUpdate` unless they are of another type.
const STRATEGIES: [&str; 3] = ["DeploymentStrategy", "DaemonSetUpdateStrategy", "StatefulSetUpdateStrategy"];

/// A type whose fields may be missing, and the mapping that has them.
#[derive(Clone, Copy)]
pub(super) struct Holder<'t> {
    pub(super) of: &'static Type,
    pub(super) node: Option<NodeRef<'t>>,
    /// Whether it is a whole object.
    pub(super) is_object: bool,
}

impl<'t> Holder<'t> {
    /// The default of a field that is missing.
    pub(super) fn default(self, name: &str) -> Option<Value<'static>> {
        self.default_of(self.of.field(name)?)
    }

    /// The fields that have a default, and are missing.
    pub(super) fn defaults(self) -> impl Iterator<Item = (&'static str, Value<'t>)> + use<'t> {
        let missing = self.of.fields.iter().filter(move |field| self.node.is_none_or(|node| node.field(field.name).is_none()));
        missing.filter_map(move |field| Some((field.name, self.default_of(field)?)))
    }

    fn default_of(self, field: &'static Field) -> Option<Value<'static>> {
        if let Some(default) = field.facts.default {
            return Some(read(default));
        }
        match &field.shape {
            Shape::Fields(id) if self.is_struct(field.name) => {
                let inner: Holder<'static> = Holder { of: id.get(), node: None, is_object: false };
                Some(Value::map(inner.defaults().map(|(key, value)| (Value::from(key), value)).collect()))
            }
            Shape::Text if field.name == "imagePullPolicy" => self.pull_policy().map(Value::from),
            Shape::IntOrString if field.name == "targetPort" && self.name() == "ServicePort" => {
                self.node?.field("port")?.int().map(Value::from)
            }
            _ => None,
        }
    }

    /// The type without its group and version.
    fn name(self) -> &'static str {
        self.of.name.rsplit('.').next().unwrap_or_default()
    }

    fn is_struct(self, field: &str) -> bool {
        let name = self.name();
        (self.is_object && matches!(field, "metadata" | "spec" | "status"))
            || STRUCTS.iter().any(|(of, fields)| *of == name && fields.contains(&field))
            || (field == "rollingUpdate" && STRATEGIES.contains(&name) && self.is_rolling())
    }

    fn is_rolling(self) -> bool {
        let written = self.node.and_then(|node| node.field("type"));
        written.is_none_or(|of| of.str() == Some("RollingUpdate"))
    }

    /// `Always` for the tag `latest`, and where no tag and no digest is written.
    fn pull_policy(self) -> Option<&'static str> {
        let image = self.node?.field("image")?.str()?;
        let name = image.rsplit('/').next().unwrap_or(image);
        let is_latest = !image.contains('@') && name.rsplit_once(':').is_none_or(|(_, tag)| tag == "latest");
        Some(if is_latest { "Always" } else { "IfNotPresent" })
    }
}

/// A default as the table writes it.
fn read(text: &'static str) -> Value<'static> {
    match text {
        "{}" => Value::map(Vec::new()),
        "\"\"" => Value::from(""),
        "true" => true.into(),
        "false" => false.into(),
        _ => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
    }
}
