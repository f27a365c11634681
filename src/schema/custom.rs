//! Objects of kinds that a `CustomResourceDefinition` of the run defines, walked along its schema.
//!
//! Of a structural schema that is what decides about types, required fields, closed sets, and fields that are pruned, which strict
//! validation refuses (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>).

use std::collections::HashMap;

use super::scalar;
use super::table::Shape;
use super::walk::Walk;
use crate::finding::did_you_mean;
use crate::resource::Resource;
use crate::yaml::{NodeRef, Scalar, same_meaning};

/// Fields or values of a schema among which the one that was meant is sought: each is compared letter by letter.
const MANY_NAMES: usize = 200;

/// The schemas of kinds that are defined in the run, by group, kind and version.
#[derive(Debug, Default)]
pub struct Definitions<'t> {
    by_kind: HashMap<(&'t str, &'t str, &'t str), Vec<NodeRef<'t>>>,
}

impl<'t> Definitions<'t> {
    /// What these `CustomResourceDefinition`s define.
    pub fn new<'r>(definitions: impl Iterator<Item = &'r Resource<'t>>) -> Self
    where
        't: 'r,
    {
        let mut by_kind: HashMap<_, Vec<_>> = HashMap::new();
        for spec in definitions.filter_map(Resource::spec) {
            let text = |path: &str| spec.at(path).and_then(NodeRef::value_text);
            let (Some(group), Some(kind)) = (text("group"), text("names.kind")) else { continue };
            for version in spec.get("versions").into_iter().flat_map(NodeRef::items) {
                let name = version.get("name").and_then(NodeRef::value_text);
                if let (Some(name), Some(schema)) = (name, version.at("schema.openAPIV3Schema")) {
                    by_kind.entry((group, kind, name)).or_default().push(schema);
                }
            }
        }
        Definitions { by_kind }
    }

    /// The schema of an object, unless there is none, or several that differ.
    pub fn schema(&self, resource: &Resource<'t>) -> Option<NodeRef<'t>> {
        if self.by_kind.is_empty() {
            return None;
        }
        let (first, others) = self.by_kind.get(&(resource.group(), resource.kind_name(), resource.version()))?.split_first()?;
        let mut budget = 100_000;
        others.iter().all(|other| same_meaning(*first, *other, &mut budget)).then_some(*first)
    }
}

fn is_true(schema: NodeRef<'_>, key: &str) -> bool {
    schema.get(key).and_then(NodeRef::bool) == Some(true)
}

impl<'t> Walk<'t> {
    /// An object whose kind has that schema.
    pub(super) fn custom_object(&mut self, schema: NodeRef<'t>) {
        let node = self.resource.node();
        self.custom_fields(node, schema, true);
        self.name();
    }

    fn custom(&mut self, node: NodeRef<'t>, schema: NodeRef<'t>) {
        if node.is_null() || node.is_unknown() {
            return;
        }
        self.custom_member(node, schema);
        if is_true(schema, "x-kubernetes-int-or-string") {
            return self.custom_scalar(node, &Shape::IntOrString);
        }
        match schema.get("type").and_then(NodeRef::str) {
            Some("object") if node.is_mapping() => {
                self.deeper(|walk| walk.custom_fields(node, schema, is_true(schema, "x-kubernetes-embedded-resource")));
            }
            Some("object") => self.wrong(node, "a mapping"),
            Some("array") if node.is_sequence() => {
                let Some(items) = schema.get("items").filter(|items| items.is_mapping()) else { return };
                self.deeper(|walk| walk.each(node.items(), |walk, item| walk.custom(item, items)));
            }
            Some("array") => self.wrong(node, "a list"),
            Some("string") if !node.is_evidently_text() => self.custom_scalar(node, &Shape::Text),
            Some("integer") => self.custom_scalar(node, &Shape::Int64),
            Some("number") => self.custom_scalar(node, &Shape::Double),
            Some("boolean") => self.custom_scalar(node, &Shape::Bool),
            _ => {}
        }
    }

    fn custom_scalar(&mut self, node: NodeRef<'t>, shape: &Shape) {
        if let Some(misfit) = scalar::misfit(node, shape) {
            self.misfit(node, &misfit);
        }
    }

    fn custom_fields(&mut self, node: NodeRef<'t>, schema: NodeRef<'t>, is_object: bool) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties");
        let keeps_others = is_true(schema, "x-kubernetes-preserve-unknown-fields") || others.is_some_and(|others| !others.is_mapping());
        self.each(node.entries(), |walk, entry| {
            let key = entry.key.text();
            match properties.and_then(|properties| properties.get(key)).or(others.filter(|others| others.is_mapping())) {
                _ if is_object && matches!(key, "apiVersion" | "kind") => {}
                _ if is_object && key == "metadata" => walk.metadata(entry.value),
                Some(schema) => {
                    let was_in_status = walk.is_in_status;
                    walk.is_in_status |= key == "status" && node == walk.resource.node();
                    walk.custom(entry.value, schema);
                    walk.is_in_status = was_in_status;
                }
                None if keeps_others || entry.key.is_unknown() || key.starts_with('$') => {}
                None => {
                    let known = properties.into_iter().flat_map(NodeRef::entries).map(|entry| entry.key.text()).take(MANY_NAMES);
                    walk.no_field(entry, did_you_mean(key, known));
                }
            }
        });
        for name in schema.get("required").into_iter().flat_map(NodeRef::items).filter_map(NodeRef::str) {
            let has_default = || properties.and_then(|properties| properties.get(name)?.get("default")).is_some();
            if node.get(name).is_none() && !has_default() && !(is_object && matches!(name, "apiVersion" | "kind" | "metadata")) {
                self.custom_missing(node, name);
            }
        }
    }

    fn custom_missing(&mut self, node: NodeRef<'t>, name: &str) {
        let path = node.path_from(self.resource.node());
        let owner = if path.is_empty() { format!("this {}", self.resource.kind_name()) } else { format!("`{path}`") };
        self.lacks(node, format!("{owner} has no `{name}`: the API server refuses it"), String::new(), false);
    }

    fn custom_member(&mut self, node: NodeRef<'t>, schema: NodeRef<'t>) {
        let Some(values) = schema.get("enum").filter(|values| values.is_sequence()) else { return };
        let value = node.scalar();
        if value == Scalar::None || values.items().any(|item| item.scalar() == value || item.is_unknown()) {
            return;
        }
        let values: Vec<&str> = values.items().take(MANY_NAMES).map(NodeRef::text).collect();
        let noun = format!("value of {}", node.key().map_or("its list", NodeRef::text));
        self.invalid(node, node.text(), &noun, &values);
    }
}
