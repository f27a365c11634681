//! What a value has to look like, as one word of the table.

use serde_json::Value;

/// Types that have their own rules of reading, or none.
const SPECIAL: [(&str, &str); 10] = [
    ("IntOrString", "int-or-string"),
    ("Quantity", "quantity"),
    ("Time", "time"),
    ("MicroTime", "micro-time"),
    ("RawExtension", "any"),
    ("FieldsV1", "any"),
    ("JSON", "any"),
    ("JSONSchemaPropsOrArray", "apiextensions.v1.JSONSchemaProps|[]apiextensions.v1.JSONSchemaProps"),
    ("JSONSchemaPropsOrBool", "apiextensions.v1.JSONSchemaProps|bool"),
    ("JSONSchemaPropsOrStringArray", "apiextensions.v1.JSONSchemaProps|[]string"),
];

/// `io.k8s.api.apps.v1.DeploymentSpec` is `apps.v1.DeploymentSpec`: group, version and name tell all types apart.
pub fn short(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    parts[parts.len().saturating_sub(3)..].join(".")
}

/// Whether a type is written as a word of its own instead of as a list of fields.
pub fn is_special(name: &str) -> bool {
    special(name).is_some()
}

fn special(name: &str) -> Option<&'static str> {
    let last = name.rsplit('.').next()?;
    SPECIAL.iter().find(|(special, _)| *special == last).map(|&(_, word)| word)
}

/// The word for a schema: a type's name, `[]` before what a list holds, `{}` before what a map holds, or a scalar.
pub fn word(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return special(name).map_or_else(|| short(name), str::to_owned);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("[]{}", word(&schema["items"])),
        (Some("object"), _) if schema["additionalProperties"].is_object() => format!("{{}}{}", word(&schema["additionalProperties"])),
        (Some("object"), _) | (None, None) => "any".into(),
        (Some("boolean"), None) => "bool".into(),
        (Some("string"), None) => "string".into(),
        (Some("string"), Some("byte")) => "bytes".into(),
        (Some("integer"), Some(format @ ("int32" | "int64"))) => format.into(),
        (Some("number"), Some("double")) => "double".into(),
        other => panic!("{other:?} has no word: {schema}"),
    }
}
