//! What `CustomResourceDefinition`s ask of their objects in CEL: `x-kubernetes-validations`.
//!
//! A rule stands on a part of the schema and sees that part of an object as `self`; one that names `oldSelf` is about changes
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>).

use std::collections::HashMap;

use super::cel::{Data, Environment, Evaluation, Place, Program, Regexes, Shadow, Value, Wanted};
use crate::graph::{Change, Graph};
use crate::resource::{Kind, Resource};
use crate::schema::Definitions;
use crate::yaml::NodeRef;

const VALIDATIONS: &str = "x-kubernetes-validations";
const ROOTS: [&str; 2] = ["self", "oldSelf"];
/// The index of `oldSelf` among them.
const OLD: usize = 1;
/// Levels of a schema that are gone over: the API server takes no more of an object.
const DEEPEST: usize = 200;

/// One of the rules.
#[derive(Debug)]
struct Rule<'t> {
    /// The expression as written.
    node: NodeRef<'t>,
    /// The entry of the list.
    entry: NodeRef<'t>,
    /// None where it does not compile.
    program: Option<Program>,
    message: Option<Program>,
}

/// A rule that does not hold.
#[derive(Clone, Debug)]
pub struct Broken<'r, 't> {
    /// The object.
    pub resource: Resource<'t>,
    /// The part of it that the rule stands on.
    pub node: NodeRef<'r>,
    /// Where the rule says that the mistake is; the part itself where it says nothing.
    pub place: NodeRef<'r>,
    /// What the rule says.
    pub message: String,
    /// The rule.
    pub rule: NodeRef<'r>,
    /// What it read that decided.
    pub reason: Option<Place<'r>>,
}

/// An expression that does not compile, the byte of it, what is wrong, and what to do.
#[derive(Clone, Debug)]
pub struct Uncompiled<'t> {
    /// The expression.
    pub node: NodeRef<'t>,
    /// The byte of its text.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// All rules of the definitions of a run, compiled.
#[derive(Debug, Default)]
pub struct CustomRules<'t> {
    definitions: Definitions<'t>,
    /// By the part of the schema that they stand on.
    rules: HashMap<(u32, u32), Vec<Rule<'t>>>,
    faults: Vec<Uncompiled<'t>>,
    regexes: Regexes,
}

fn key(schema: NodeRef<'_>) -> (u32, u32) {
    let span = schema.span();
    (span.source.0, span.start)
}

impl<'t> CustomRules<'t> {
    /// Those of a graph's definitions.
    pub fn new(graph: &Graph<'t>) -> Self {
        let has_rules = |definition: &&Resource<'t>| {
            let (node, span) = (definition.node(), definition.node().span());
            node.tree().text()[span.start as usize..span.end as usize].contains(VALIDATIONS)
        };
        let definitions: Vec<&Resource<'t>> = graph.of_kind(Kind::CustomResourceDefinition).filter(has_rules).collect();
        let mut all = CustomRules { definitions: Definitions::new(definitions.iter().copied()), ..CustomRules::default() };
        for spec in definitions.into_iter().filter_map(Resource::spec) {
            for version in spec.get("versions").into_iter().flat_map(NodeRef::items) {
                if let Some(schema) = version.at("schema.openAPIV3Schema") {
                    all.read(schema, graph.world().versions.oldest, 0);
                }
            }
        }
        all
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.faults.is_empty()
    }

    /// Expressions that do not compile.
    pub fn faults(&self) -> &[Uncompiled<'t>] {
        &self.faults
    }

    fn read(&mut self, schema: NodeRef<'t>, oldest: u32, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for entry in schema.get(VALIDATIONS).into_iter().flat_map(NodeRef::items) {
            let Some(node) = entry.field("rule") else { continue };
            let program = self.compile(node, oldest, Wanted::Bool);
            let message = entry.field("messageExpression").and_then(|node| self.compile(node, oldest, Wanted::Text));
            self.rules.entry(key(schema)).or_default().push(Rule { node, entry, program, message });
        }
        let properties = schema.get("properties").into_iter().flat_map(NodeRef::entries).map(|entry| entry.value);
        let others = ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key));
        for inner in properties.chain(others).filter(|inner| inner.is_mapping()) {
            self.read(inner, oldest, depth + 1);
        }
    }

    fn compile(&mut self, node: NodeRef<'t>, oldest: u32, wanted: Wanted) -> Option<Program> {
        let environment = Environment { roots: &ROOTS, variables: &[], oldest, extensions: &[] };
        match Program::compile(node.value_text()?, &environment, &[], wanted) {
            Ok(program) => Some(program),
            Err(faults) => {
                let told = |fault: super::cel::Fault| Uncompiled { node, offset: fault.offset, message: fault.message, help: fault.help };
                self.faults.extend(faults.into_iter().map(told));
                None
            }
        }
    }

    /// The rules that objects of a set break, each as if it were new.
    pub fn check(&self, graph: &Graph<'t>) -> Vec<Broken<'_, 't>> {
        let mut broken = Vec::new();
        for resource in graph.of_kind(Kind::Other).filter(|resource| !resource.is_partial()) {
            if let Some(schema) = self.definitions.schema(resource) {
                Walk { rules: self, resource: *resource, is_change: false, broken: &mut broken }.part(resource.node(), schema, None, 0);
            }
        }
        broken
    }

    /// The rules on changes that a change breaks.
    pub fn check_change(&self, change: &Change<'_, 't>) -> Vec<Broken<'_, 't>> {
        let mut broken = Vec::new();
        for pair in change.changed_of(Kind::Other).filter(|pair| !pair.is_partial()) {
            if let Some(schema) = self.definitions.schema(&pair.new) {
                let (old, new) = (pair.old.node(), pair.new.node());
                Walk { rules: self, resource: pair.new, is_change: true, broken: &mut broken }.part(new, schema, Some(old), 0);
            }
        }
        broken
    }
}

/// One object on its way along its schema.
struct Walk<'w, 'r, 't> {
    rules: &'r CustomRules<'t>,
    resource: Resource<'t>,
    is_change: bool,
    broken: &'w mut Vec<Broken<'r, 't>>,
}

impl<'r, 't: 'r> Walk<'_, 'r, 't> {
    fn part(&mut self, node: NodeRef<'t>, schema: NodeRef<'t>, old: Option<NodeRef<'t>>, depth: usize) {
        if depth > DEEPEST || node.is_null() || node.is_unknown() {
            return;
        }
        for rule in self.rules.rules.get(&key(schema)).into_iter().flatten() {
            self.judge(rule, node, schema, old);
        }
        if node.is_mapping() {
            let (properties, others) = (schema.get("properties"), schema.get("additionalProperties").filter(|others| others.is_mapping()));
            for entry in node.entries() {
                let name = entry.key.text();
                if let Some(inner) = properties.and_then(|properties| properties.get(name)).or(others) {
                    self.part(entry.value, inner, old.and_then(|old| old.field(name)), depth + 1);
                }
            }
        } else if let Some(items) = schema.get("items").filter(|items| items.is_mapping()) {
            for item in node.items() {
                let before = old.and_then(|old| same_item(old, item, schema));
                self.part(item, items, before, depth + 1);
            }
        }
    }

    fn judge(&mut self, rule: &'r Rule<'t>, node: NodeRef<'t>, schema: NodeRef<'t>, old: Option<NodeRef<'t>>) {
        let Some(program) = &rule.program else { return };
        let is_about_change = program.reads(OLD);
        let takes_none = rule.entry.get("optionalOldSelf").and_then(NodeRef::bool) == Some(true);
        if is_about_change != self.is_change
            || (is_about_change && old.is_none() && !takes_none)
            || has_unwritten_default(rule, schema, node)
        {
            return;
        }
        let value = |node: NodeRef<'r>| Shadow::of_manifest(node, None).to_value();
        let before = match (old, takes_none) {
            (Some(old), true) => value(old).map(Value::some),
            (Some(old), false) => value(old),
            (None, true) => Ok(Value::none()),
            (None, false) => Ok(Data::Null.into()),
        };
        let (Ok(own), Ok(before)) = (value(node), before) else { return };
        let mut evaluation = Evaluation::new(vec![own, before], &[], &self.rules.regexes);
        // What can't be decided, the API server decides.
        if !matches!(evaluation.value(program).and_then(|value| value.truth()), Ok(false)) {
            return;
        }
        let reason = evaluation.reasons(program).into_iter().flatten().find(|place| std::ptr::eq(place.node.tree(), node.tree()));
        let message = message(rule, &mut evaluation);
        let place = rule.entry.field("fieldPath").and_then(NodeRef::str).and_then(|path| node.at(path.trim_start_matches('.')));
        self.broken.push(Broken { resource: self.resource, node, place: place.unwrap_or(node), message, rule: rule.node, reason });
    }
}

/// What the rule computes or says, or else the rule.
fn message<'r>(rule: &'r Rule<'_>, evaluation: &mut Evaluation<'r>) -> String {
    let computed = rule.message.as_ref().and_then(|program| evaluation.value(program).ok()?.str().map(|text| text.trim().to_owned()));
    let written = || rule.entry.field("message").and_then(NodeRef::value_text).map(|text| text.trim().to_owned());
    let is_told = |text: &String| !text.is_empty() && !text.contains('\n');
    computed.filter(is_told).or_else(|| written().filter(is_told)).unwrap_or_else(|| {
        let rule = rule.node.text().split_whitespace().collect::<Vec<_>>().join(" ");
        format!("failed rule: {rule}")
    })
}

/// Whether the definition gives a field a value that the rule may ask for, and that is not written.
fn has_unwritten_default(rule: &Rule<'_>, schema: NodeRef<'_>, node: NodeRef<'_>) -> bool {
    let text = rule.node.text();
    let mut ahead = vec![(schema, node)];
    while let Some((schema, node)) = ahead.pop() {
        for property in schema.get("properties").into_iter().flat_map(NodeRef::entries) {
            let (name, inner) = (property.key.text(), property.value);
            match node.field(name) {
                None if inner.get("default").is_some() && text.contains(name) => return true,
                Some(value) if value.is_mapping() => ahead.push((inner, value)),
                _ => {}
            }
        }
    }
    false
}

/// The item of the old list that an item was: by the keys of a list that is a map. Items of other lists are nobody's successors.
fn same_item<'t>(old: NodeRef<'t>, item: NodeRef<'t>, schema: NodeRef<'t>) -> Option<NodeRef<'t>> {
    if schema.get("x-kubernetes-list-type").and_then(NodeRef::str) != Some("map") {
        return None;
    }
    let keys: Vec<&str> = schema.get("x-kubernetes-list-map-keys")?.items().filter_map(NodeRef::str).collect();
    let is_same = |other: &NodeRef<'t>| keys.iter().all(|key| other.get(key).map(NodeRef::text) == item.get(key).map(NodeRef::text));
    old.items().take(1000).find(is_same)
}

/// The name of a field as it is written in objects: expressions can't have `-`, `.`, `/` or words of CEL in names
/// (<https://github.com/kubernetes/apiserver/blob/master/pkg/cel/escaping.go>).
pub(super) fn unescaped(name: &str) -> String {
    const WORDS: [&str; 18] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
    ];
    if let Some(word) = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")).filter(|word| WORDS.contains(word)) {
        return word.to_owned();
    }
    let parts = [("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__")];
    let (mut rest, mut written) = (name, String::with_capacity(name.len()));
    while let Some(first) = rest.chars().next() {
        if let Some((part, letters)) = parts.iter().find(|(part, _)| rest.starts_with(part)) {
            written.push_str(letters);
            rest = &rest[part.len()..];
        } else {
            written.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_in_objects() {
        for (name, written) in
            [("a", "a"), ("foo__dash__bar", "foo-bar"), ("__namespace__", "namespace"), ("a__underscores__b", "a__b"), ("x__dot__y", "x.y")]
        {
            assert_eq!(unescaped(name), written);
        }
    }
}
