//! The JSON Schema of the config, for editors: what the reader takes, with the rules by their names.
//!
//! It is of draft 7, which yaml-language-server reads.

use serde_json::{Map, Value, json};

use super::read::{CLUSTERS, LEVELS, REFERENCES, ROLLED_OUT, keys};
use crate::rules::{RULES, Rule};

/// The schema. A key that the reader knows and that isn't described here is `null`.
pub fn schema() -> Value {
    let mut schema = object(&keys::TOP, top);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "kubeshoal".into();
    schema["description"] = "The config of kubeshoal, .kubeshoal.yaml".into();
    schema["type"] = json!(["object", "null"]);
    let level = object(&keys::RULE, |key| if key == "level" { levels() } else { Value::Null });
    schema["definitions"]["level"] = json!({"anyOf": [levels(), level]});
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    schema["definitions"]["rule"] = json!({"anyOf": [choice(&ids), {"type": "string", "pattern": "^policy/."}]});
    schema
}

fn top(key: &str) -> Value {
    match key {
        "kubernetes-version" => described(
            "The cluster's version, such as 1.37, or a range of them, such as 1.33..1.37",
            &json!({
                "type": ["string", "number"],
                "pattern": "^v?1\\.[0-9]+(\\.[0-9]+)?(\\.\\.v?1\\.[0-9]+(\\.[0-9]+)?)?$",
            }),
        ),
        "rules" => rules(),
        "ignore" => described("Findings that somebody has judged already", &list(&ignore())),
        "exclude" => described("Files and folders to leave out, as globs from the config's folder", &one_or_many(&text())),
        "references" => described(
            "Whether there is more than what is in the files: complete, then what isn't in them does not exist; partial; or auto",
            &choice(&REFERENCES.map(|(name, _)| name)),
        ),
        "assume" => described("Objects that exist elsewhere", &list(&assumed())),
        "cluster" => described(
            "How the cluster was made, which says what its control plane's nodes are like",
            &choice(&CLUSTERS.map(|(name, _)| name)),
        ),
        "expectations" => described("What rollouts and rollbacks have to do", &list(&object(&keys::EXPECTATION, expectation))),
        "policies" => {
            let folders = one_or_many(&text());
            described("Folders and files with policies in CEL", &json!({"anyOf": [folders, object(&keys::POLICIES, policies)]}))
        }
        "baseline" => described("The file of findings that are left for later, from the config's folder", &text()),
        _ => Value::Null,
    }
}

fn rules() -> Value {
    let named = |rule: &Rule| (rule.id.to_owned(), described(rule.title(), &json!({"allOf": [{"$ref": "#/definitions/level"}]})));
    let category = |rule: &Rule| (rule.category().to_owned(), json!({"$ref": "#/definitions/level"}));
    let properties: Map<String, Value> = RULES.iter().map(category).chain(RULES.iter().map(named)).collect();
    let of_policies = json!({"^policy/.": {"$ref": "#/definitions/level"}});
    described(
        "How much findings of rules, or of the rules of a category, weigh; off for not at all",
        &json!({
            "type": "object", "properties": properties, "patternProperties": of_policies, "additionalProperties": false,
        }),
    )
}

fn ignore() -> Value {
    let mut ignore = object(&keys::IGNORE, |key| match key {
        "rule" => described("Ids of rules", &one_or_many(&json!({"$ref": "#/definitions/rule"}))),
        "kind" => described("Kinds of objects", &one_or_many(&text())),
        "name" => described("The object's name, as a glob", &text()),
        "namespace" => described("The object's namespace as written, as a glob", &text()),
        "path" => described("The file, or a folder above it, as a glob from the config's folder", &text()),
        "reason" => described("Why, for whoever reads the config", &text()),
        "until" => described(
            "The last day on which this counts, such as 2027-01-31",
            &json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        ),
        _ => Value::Null,
    });
    let covers = keys::IGNORE.iter().filter(|key| !["reason", "until"].contains(key));
    ignore["anyOf"] = covers.map(|key| json!({"required": [key]})).collect();
    ignore
}

fn assumed() -> Value {
    let mut assumed = object(&keys::OBJECT, |key| match key {
        "kind" | "name" | "namespace" => text(),
        _ => Value::Null,
    });
    assumed["required"] = json!(["kind", "name"]);
    assumed
}

fn expectation(key: &str) -> Value {
    match key {
        "match" => described(
            "The workloads of which it is expected; all where this is missing",
            &object(&keys::OBJECT, |key| match key {
                "kind" => one_or_many(&choice(&ROLLED_OUT.map(|(name, _)| name))),
                "name" | "namespace" => described("A glob", &text()),
                _ => Value::Null,
            }),
        ),
        "rollback" => described(
            "What undoing an update has to do",
            &object(&keys::ROLLBACK, |key| match key {
                "revisions" => described("How many old revisions are kept at least", &json!({"type": "integer", "minimum": 0})),
                "complete" => described("Whether it brings back all that ran", &truth()),
                "unattended" => described("Whether it needs no pod deleted by hand", &truth()),
                _ => Value::Null,
            }),
        ),
        "rollout" => described(
            "What an update has to do",
            &object(&keys::ROLLOUT, |key| match key {
                "available" => {
                    described("Pods that stay available when the new version never becomes ready: a number, or a percentage", &scalar())
                }
                "noticed-within" => described("When the status says at the latest that an update has failed, such as 10m", &scalar()),
                _ => Value::Null,
            }),
        ),
        _ => Value::Null,
    }
}

fn policies(key: &str) -> Value {
    match key {
        "folders" => described("Folders and files with policies, from the config's folder", &one_or_many(&text())),
        "from-manifests" => described("Whether policies among the manifests are applied, too", &truth()),
        "project-pods" => described("Whether what is said of pods is held against the templates of workloads", &truth()),
        _ => Value::Null,
    }
}

/// A mapping of these keys and no others.
fn object(keys: &[&str], property: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), property(key))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn levels() -> Value {
    choice(&LEVELS.map(|(name, _)| name))
}

fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

fn one_or_many(item: &Value) -> Value {
    json!({"anyOf": [item, list(item)]})
}

fn choice(names: &[&str]) -> Value {
    json!({"enum": names})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn truth() -> Value {
    json!({"type": "boolean"})
}

fn scalar() -> Value {
    json!({"type": ["string", "integer"]})
}

fn described(description: &str, schema: &Value) -> Value {
    let mut schema = schema.clone();
    if !schema.is_null() {
        schema["description"] = description.into();
    }
    schema
}
