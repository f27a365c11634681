//! One table of several versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::shape::{is_special, short, word};

type Versions = BTreeSet<u32>;

/// Kinds and types of all versions that were added.
#[derive(Default)]
pub struct Table {
    versions: Versions,
    /// The line without versions: `apps/v1 Deployment apps.v1.Deployment namespaced`.
    kinds: BTreeMap<String, Versions>,
    types: BTreeMap<String, Type>,
}

#[derive(Default)]
struct Type {
    versions: Versions,
    description: String,
    /// By name, and what stands behind it: `! core.v1.PodTemplateSpec`.
    fields: BTreeMap<String, Field>,
}

#[derive(Default)]
struct Field {
    /// The newest one's.
    description: String,
    shapes: BTreeMap<String, Versions>,
}

impl Table {
    /// Adds a version; the newest comes last.
    pub fn add(&mut self, dump: &Value) {
        let minor: u32 = dump["minor"].as_str().and_then(|minor| minor.parse().ok()).expect("a dump names its version");
        self.versions.insert(minor);
        for kind in dump["kinds"].as_array().into_iter().flatten() {
            let text = |key: &str| kind[key].as_str().unwrap_or_else(|| panic!("{kind} has a {key}"));
            let line = format!("{} {} {} {}", text("apiVersion"), text("kind"), short(text("type")), text("scope"));
            self.kinds.entry(line).or_default().insert(minor);
        }
        for (name, schema) in dump["types"].as_object().into_iter().flatten().filter(|(name, _)| !is_special(name)) {
            let added = self.types.entry(short(name)).or_default();
            assert!(added.versions.insert(minor), "two types are called {}", short(name));
            added.add(schema, minor);
        }
    }

    /// `kinds.txt`
    pub fn kinds(&self) -> String {
        let mut text = header("All kinds: API version, kind, type, scope, versions.");
        for (line, versions) in &self.kinds {
            writeln!(text, "{line}{}", self.limits(versions, &self.versions)).expect("a string takes everything");
        }
        text
    }

    /// `types.txt`
    pub fn types(&self) -> String {
        let mut text = header("All types, and after a tab their fields: name (`!` where the schema requires it), what it holds, versions.");
        for (name, entry) in &self.types {
            writeln!(text, "{name}{}", self.limits(&entry.versions, &self.versions)).expect("a string takes everything");
            for (field, Field { shapes, .. }) in &entry.fields {
                for (shape, versions) in shapes {
                    let limits = self.limits(versions, &entry.versions);
                    writeln!(text, "\t{field}{shape}{limits}").expect("a string takes everything");
                }
            }
        }
        text
    }

    /// `descriptions.txt`
    pub fn descriptions(&self) -> String {
        let mut text = header("What types and, after a tab, their fields mean, in a sentence.");
        for (name, entry) in &self.types {
            writeln!(text, "{name} {}", entry.description).expect("a string takes everything");
            for (field, Field { description, .. }) in entry.fields.iter().filter(|(_, field)| !field.description.is_empty()) {
                writeln!(text, "\t{field} {description}").expect("a string takes everything");
            }
        }
        text
    }

    /// ` 34..36`, an end left out where it is that of the table; nothing where they are the versions that are expected.
    fn limits(&self, versions: &Versions, expected: &Versions) -> String {
        if versions == expected {
            return String::new();
        }
        let (first, last) = (versions.first().expect("there is a version"), versions.last().expect("there is a version"));
        assert_eq!(versions.len() as u32, last - first + 1, "{versions:?} have a gap");
        let end = |minor: &u32, table: Option<&u32>| if Some(minor) == table { String::new() } else { minor.to_string() };
        format!(" {}..{}", end(first, self.versions.first()), end(last, self.versions.last()))
    }
}

impl Type {
    fn add(&mut self, schema: &Value, minor: u32) {
        self.description = sentence(schema);
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let field = self.fields.entry(name.clone()).or_default();
            field.description = sentence(schema);
            let mark = if required.contains(&name.as_str()) { "!" } else { "" };
            field.shapes.entry(format!("{mark} {}", word(schema))).or_default().insert(minor);
        }
    }
}

fn header(what: &str) -> String {
    format!("# {what}\n# Written by schemagen from k8s-openapi; don't edit, run `just schemas`.\n")
}

/// The first sentence of a description, on one line.
fn sentence(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let is_end = |at: &usize| {
        let (before, after) = line.split_at(*at);
        let is_short_form = ["e.g", "i.e", "etc"].iter().any(|form| before.ends_with(form));
        after.strip_prefix(". ").is_some_and(|rest| rest.starts_with(|next: char| !next.is_lowercase())) && !is_short_form
    };
    let end = line.match_indices(". ").map(|(at, _)| at).find(is_end);
    line[..end.map_or(line.len(), |at| at + 1)].trim_end_matches('.').to_owned()
}
