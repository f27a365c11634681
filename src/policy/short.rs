//! The short form of a policy: a Markdown document like that of a rule, with a `cel` block, and the `ValidatingAdmissionPolicy` that it
//! stands for.
//!
//! ````text
//! ---
//! severity: error                      error (refused), warning (the default) or note
//! match:
//!   kinds: [Deployment, example.com/Widget]
//!   namespaces: ["prod-*"]             all of them where it is left out
//!   labels: {tier: web}                of the object itself
//! each: container                      the expression is about each container, which it calls `container`
//! at: image                            where to point if nothing that was read tells
//! message: every image comes from our registry        the heading where it is left out
//! help: push it there first
//! ---
//! # Images from elsewhere
//!
//! ```cel
//! container.image.startsWith("registry.example/")
//! ```
//! ````

use std::fmt::Write;

use crate::finding::{Severity, did_you_mean};
use crate::schema;
use crate::source::{SourceId, Span};
use crate::yaml::{self, NodeRef};

use super::{Action, plural_of};

/// What front matter may say.
const KEYS: [&str; 6] = ["severity", "match", "each", "at", "message", "help"];
/// What the front matter of rules' own documents says beside that.
const KEYS_OF_RULES: [&str; 5] = ["category", "since", "default", "fix", "sources"];

/// Names that expressions may use for parts of the object, and what they stand for.
const VARIABLES: [(&str, &str); 2] = [
    (
        "podSpec",
        "object.kind == 'Pod' ? object.?spec.orValue({}) : object.kind == 'CronJob' ? \
         object.?spec.?jobTemplate.?spec.?template.?spec.orValue({}) : object.?spec.?template.?spec.orValue({})",
    ),
    ("containers", "variables.podSpec.?containers.orValue([]) + variables.podSpec.?initContainers.orValue([])"),
];

/// What `each` may name, and the list that it goes over.
const EACH: [(&str, &str); 4] = [
    ("container", "variables.containers"),
    ("volume", "variables.podSpec.?volumes.orValue([])"),
    ("toleration", "variables.podSpec.?tolerations.orValue([])"),
    ("port", "object.?spec.?ports.orValue([])"),
];

/// Functions that ask for other objects begin so: no cluster has them.
pub(super) const GRAPH: &str = "graph.";

/// A mistake in a document of the short form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShortMistake {
    /// The bytes of the document.
    pub range: (u32, u32),
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A policy in its short form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Short {
    /// Its name.
    pub id: String,
    /// How much its findings weigh.
    pub severity: Severity,
    /// The document.
    pub document: String,
    /// The policy and its binding as YAML; only as far as they can be told where there are mistakes.
    pub manifest: String,
    /// What is wrong with the document.
    pub mistakes: Vec<ShortMistake>,
    /// Whether its expression asks for other objects, which no cluster can answer.
    pub asks_graph: bool,
    /// Lines of the manifest that stand in the document too: where they begin there and here, and their length.
    lines: Vec<(u32, u32, u32)>,
}

impl Short {
    /// Reads a document. Its name is that of the policy.
    pub fn read(id: &str, document: &str) -> Self {
        Reading::new(document, &KEYS).read(id, document, None)
    }

    /// Reads the document of a rule, which says more; none where it has no expression. The message leads to `url`.
    pub fn of_rule(id: &str, document: &str, url: &str) -> Option<Self> {
        let keys: Vec<&'static str> = KEYS.into_iter().chain(KEYS_OF_RULES).collect();
        block(document).map(|_| Reading::new(document, &keys).read(id, document, Some(url)))
    }

    /// Policy and binding, objects that fail treated so in place of what the severity asks for.
    pub fn manifest_with(&self, action: Option<Action>) -> String {
        let Some(action) = action else { return self.manifest.clone() };
        let own = action_of(self.severity);
        let last = format!("validationActions: [{}]\n", own.name());
        let head = self.manifest.strip_suffix(&last).unwrap_or(&self.manifest);
        format!("{head}validationActions: [{}]\n", action.name())
    }

    /// Where a part of the manifest stands in the document; what doesn't, at its heading.
    pub fn place_in_document(&self, span: Span) -> Span {
        let of = |at: u32| {
            let line = self.lines.iter().find(|(manifest, _, length)| (*manifest..=*manifest + *length).contains(&at));
            line.map(|(manifest, document, _)| at - manifest + document)
        };
        match (of(span.start), of(span.end)) {
            (Some(start), Some(end)) if start <= end => Span { start, end, ..span },
            (Some(start), _) => Span { start, end: start, ..span },
            _ => self.heading(span.source),
        }
    }

    /// The heading, or the start.
    fn heading(&self, source: SourceId) -> Span {
        let (start, end) = heading(&self.document).map_or((0, 0), |range| (range.start as u32, range.end as u32));
        Span { source, start, end }
    }
}

/// The bytes of the first `cel` block's code, the line feed before its end left out.
fn block(document: &str) -> Option<std::ops::Range<usize>> {
    let mut fence = None;
    let mut start = 0;
    for line in document.split_inclusive('\n') {
        let (text, end) = (line.trim_end(), start + line.len());
        match fence {
            None if text.starts_with("```") => fence = Some((text == "```cel", end)),
            Some((is_cel, code)) if text == "```" => {
                if is_cel {
                    return Some(code..start.saturating_sub(1).max(code));
                }
                fence = None;
            }
            _ => {}
        }
        start = end;
    }
    None
}

/// The bytes of the heading's text.
fn heading(document: &str) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for line in document.split_inclusive('\n') {
        if let Some(text) = line.strip_prefix("# ") {
            let text = text.trim_end();
            return Some(start + 2..start + 2 + text.len());
        }
        start += line.len();
    }
    None
}

/// The bytes of the front matter between its lines of dashes.
fn front(document: &str) -> Option<std::ops::Range<usize>> {
    let start = if document.starts_with("---\r\n") { 5 } else { document.starts_with("---\n").then_some(4)? };
    let rest = &document[start..];
    let end = rest.find("\n---\n").or_else(|| rest.find("\n---\r\n"))?;
    Some(start..start + end + 1)
}

/// What front matter says.
#[derive(Default)]
struct Front {
    severity: Option<Severity>,
    kinds: Vec<String>,
    namespaces: Vec<String>,
    labels: Vec<(String, String)>,
    each: Option<&'static (&'static str, &'static str)>,
    at: Option<String>,
    message: Option<String>,
    help: Option<String>,
}

struct Reading<'k> {
    keys: &'k [&'static str],
    /// Where the front matter begins.
    offset: usize,
    mistakes: Vec<ShortMistake>,
}

impl<'k> Reading<'k> {
    fn new(document: &str, keys: &'k [&'static str]) -> Self {
        Reading { keys, offset: front(document).map_or(0, |range| range.start), mistakes: Vec::new() }
    }

    fn mistake(&mut self, node: NodeRef<'_>, message: String, help: Option<String>) {
        let (span, offset) = (node.span(), self.offset as u32);
        self.mistakes.push(ShortMistake { range: (span.start + offset, span.end + offset), message, help });
    }

    fn read(mut self, id: &str, document: &str, url: Option<&str>) -> Short {
        let front = self.front(document);
        let is_name = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
        if !is_name {
            let place = heading(document).unwrap_or(0..0);
            let message = format!("`{id}`, the file's name, is the policy's, and can be no object's name");
            let help = Some("use lower-case letters, digits and `-`".to_owned());
            self.mistakes.push(ShortMistake { range: (place.start as u32, place.end as u32), message, help });
        }
        let Some(code) = block(document) else {
            let place = heading(document).unwrap_or(0..0);
            let message = "this policy has no expression".to_owned();
            let help = Some("put it into a block that begins with ```cel".to_owned());
            self.mistakes.push(ShortMistake { range: (place.start as u32, place.end as u32), message, help });
            return self.short(id, document, &front, String::new(), Vec::new());
        };
        let expression = &document[code.clone()];
        let mut manifest = String::new();
        let lines = write_policy(&mut manifest, id, document, &front, (expression, code.start), url);
        self.short(id, document, &front, manifest, lines)
    }

    fn short(self, id: &str, document: &str, front: &Front, manifest: String, lines: Vec<(u32, u32, u32)>) -> Short {
        Short {
            id: id.to_owned(),
            severity: front.severity.unwrap_or(Severity::Warning),
            asks_graph: block(document).is_some_and(|code| document[code].contains(GRAPH)),
            document: document.to_owned(),
            manifest,
            mistakes: self.mistakes,
            lines,
        }
    }

    fn front(&mut self, document: &str) -> Front {
        let mut front = Front::default();
        let Some(range) = self::front(document) else { return front };
        let tree = yaml::parse(SourceId(0), document[range].into());
        for error in tree.errors() {
            let (start, end, offset) = (error.span.start, error.span.end, self.offset as u32);
            self.mistakes.push(ShortMistake { range: (start + offset, end + offset), message: error.message.clone(), help: None });
        }
        let Some(root) = tree.documents().find_map(|document| document.root) else { return front };
        for (key, value) in self.fields(root, self.keys) {
            match key {
                "severity" => front.severity = self.severity(value),
                "match" => self.matches(value, &mut front),
                "each" => front.each = self.each(value),
                "at" => front.at = self.text(value),
                "message" => front.message = self.text(value),
                "help" => front.help = self.text(value),
                _ => {}
            }
        }
        if front.kinds.is_empty() && self.mistakes.is_empty() {
            let help = "say which by `match: {kinds: [Deployment]}`".to_owned();
            self.mistake(root, "this policy names no kinds of objects that it is about".into(), Some(help));
        }
        front
    }

    /// The entries whose key is known and whose value isn't null.
    fn fields<'t>(&mut self, node: NodeRef<'t>, keys: &[&'static str]) -> Vec<(&'static str, NodeRef<'t>)> {
        if !node.is_mapping() {
            self.mistake(node, "keys with values are expected here".into(), None);
        }
        let mut fields = Vec::new();
        for entry in node.entries() {
            match keys.iter().find(|key| **key == entry.key.text()) {
                Some(key) if !entry.value.is_null() => fields.push((*key, entry.value)),
                Some(_) => {}
                None => {
                    let help = did_you_mean(entry.key.text(), keys.iter().copied());
                    self.mistake(entry.key, format!("unknown key `{}`", entry.key.text()), help);
                }
            }
        }
        fields
    }

    fn text(&mut self, node: NodeRef<'_>) -> Option<String> {
        let text = node.value_text().map(str::to_owned);
        if text.is_none() {
            self.mistake(node, "a single text is expected here".into(), None);
        }
        text
    }

    fn texts(&mut self, node: NodeRef<'_>) -> Vec<String> {
        if node.is_sequence() { node.items().filter_map(|item| self.text(item)).collect() } else { self.text(node).into_iter().collect() }
    }

    fn severity(&mut self, node: NodeRef<'_>) -> Option<Severity> {
        let severity = Severity::from_name(node.text());
        if severity.is_none() {
            self.mistake(node, format!("`{}` is not one of `error`, `warning`, `note`", node.text()), None);
        }
        severity
    }

    fn each(&mut self, node: NodeRef<'_>) -> Option<&'static (&'static str, &'static str)> {
        let each = EACH.iter().find(|(name, _)| *name == node.text());
        if each.is_none() {
            let names = EACH.map(|(name, _)| format!("`{name}`")).join(", ");
            self.mistake(node, format!("`{}` is not one of {names}", node.text()), None);
        }
        each
    }

    fn matches(&mut self, node: NodeRef<'_>, front: &mut Front) {
        for (key, value) in self.fields(node, &["kinds", "namespaces", "labels"]) {
            match key {
                "kinds" => {
                    front.kinds = self.texts(value);
                    for kind in front.kinds.clone() {
                        self.check_kind(value, &kind);
                    }
                }
                "namespaces" => front.namespaces = self.texts(value),
                _ => {
                    for entry in value.entries() {
                        let text = self.text(entry.value);
                        front.labels.extend(text.map(|text| (entry.key.text().to_owned(), text)));
                    }
                }
            }
        }
    }

    fn check_kind(&mut self, node: NodeRef<'_>, kind: &str) {
        if rules_of(kind).is_empty() {
            let known = schema::kinds().iter().map(|known| known.kind);
            let help = did_you_mean(kind, known).unwrap_or_else(|| "write kinds of your own with their group: `example.com/Widget`".into());
            self.mistake(node, format!("Kubernetes has no kind `{kind}`"), Some(help));
        }
    }
}

/// Group, version and plural of what a kind may mean: of Kubernetes' own in its newest version, `example.com/Widget` of any other.
fn rules_of(kind: &str) -> Vec<(String, String, String)> {
    if let Some((group, kind)) = kind.split_once('/') {
        return vec![(group.to_owned(), "*".to_owned(), plural_of(kind))];
    }
    let mut rules: Vec<(String, String, String)> = Vec::new();
    for known in schema::kinds().iter().filter(|known| known.kind == kind) {
        let version = known.api_version.rsplit('/').next().unwrap_or_default();
        let is_stable = version.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        if is_stable && !rules.iter().any(|(group, ..)| group == known.group()) {
            rules.push((known.group().to_owned(), version.to_owned(), plural_of(kind)));
        }
    }
    rules
}

/// Groups and versions, each once, with the plurals of the kinds in them.
fn resource_rules(kinds: &[String]) -> Vec<(String, String, Vec<String>)> {
    let mut rules: Vec<(String, String, Vec<String>)> = Vec::new();
    for (group, version, plural) in kinds.iter().flat_map(|kind| rules_of(kind)) {
        match rules.iter_mut().find(|(known, of, _)| (known, of) == (&group, &version)) {
            Some((.., plurals)) => plurals.push(plural),
            None => rules.push((group, version, vec![plural])),
        }
    }
    rules
}

/// What a binding asks for, so that findings weigh that much.
fn action_of(severity: Severity) -> Action {
    match severity {
        Severity::Error => Action::Deny,
        Severity::Warning => Action::Warn,
        Severity::Note => Action::Audit,
    }
}

/// A text between quotes, as YAML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", texts.into_iter().map(quoted).collect::<Vec<_>>().join(", "))
}

/// Writes policy and binding; the lines that are the document's, see [`Short::place_in_document`].
fn write_policy(
    out: &mut String,
    id: &str,
    document: &str,
    front: &Front,
    (expression, code): (&str, usize),
    url: Option<&str>,
) -> Vec<(u32, u32, u32)> {
    let title = heading(document).map_or(id, |range| &document[range]);
    let message = front.message.as_deref().unwrap_or(title);
    let annotations: Vec<(&str, &str)> = [
        ("asks-graph", expression.contains(GRAPH).then_some("true")),
        ("at", front.at.as_deref()),
        ("help", front.help.as_deref()),
        ("url", url),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect();
    *out += "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata:\n";
    push(out, format_args!("  name: {}\n", quoted(id)));
    if !annotations.is_empty() {
        *out += "  annotations:\n";
        for (key, value) in annotations {
            push(out, format_args!("    kubeshoal.dev/{key}: {}\n", quoted(value)));
        }
    }
    *out += "spec:\n  failurePolicy: Fail\n  matchConstraints:\n    resourceRules:\n";
    for (group, version, plurals) in resource_rules(&front.kinds) {
        push(out, format_args!("    - apiGroups: {}\n      apiVersions: {}\n", list([group.as_str()]), list([version.as_str()])));
        let plurals = list(plurals.iter().map(String::as_str));
        push(out, format_args!("      operations: {}\n      resources: {plurals}\n", list(["CREATE", "UPDATE"])));
    }
    if !front.labels.is_empty() {
        *out += "    objectSelector:\n      matchLabels:\n";
        for (key, value) in &front.labels {
            push(out, format_args!("        {}: {}\n", quoted(key), quoted(value)));
        }
    }
    write_namespaces(out, &front.namespaces);
    write_variables(out, expression, front.each.map(|(_, list)| *list));
    *out += "  validations:\n  - expression: |2-\n";
    let mut lines = Vec::new();
    if let Some((name, list)) = front.each {
        push(out, format_args!("      {list}.all({name},\n"));
    }
    let mut place = code;
    for line in expression.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        *out += "      ";
        lines.push((out.len() as u32, place as u32, text.len() as u32));
        push(out, format_args!("{text}\n"));
        place += line.len();
    }
    if front.each.is_some() {
        *out += "      )\n";
    }
    let told = url.map_or_else(|| message.to_owned(), |url| format!("{message} ({url})"));
    push(out, format_args!("    message: {}\n", quoted(if url.is_some() { &told } else { message })));
    *out += "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata:\n";
    let action = action_of(front.severity.unwrap_or(Severity::Warning)).name();
    push(out, format_args!("  name: {}\nspec:\n  policyName: {}\n  validationActions: [{action}]\n", quoted(id), quoted(id)));
    lines
}

/// Namespaces are conditions, because selectors know no patterns.
fn write_namespaces(out: &mut String, namespaces: &[String]) {
    if namespaces.is_empty() {
        return;
    }
    let pattern = namespaces.iter().map(|glob| pattern_of(glob)).collect::<Vec<_>>().join("|");
    let expression = format!("object.metadata.?namespace.orValue('').matches('^({pattern})$')");
    push(out, format_args!("  matchConditions:\n  - name: namespaces\n    expression: {}\n", quoted(&expression)));
}

/// A regular expression for a pattern in which `*` stands for any text and `?` for a character.
fn pattern_of(glob: &str) -> String {
    let part = |letter: char| match letter {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        letter if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' => letter.to_string(),
        letter if letter.is_ascii() && !letter.is_ascii_control() && letter != '\'' && letter != '\\' => format!("[{letter}]"),
        _ => ".".to_owned(),
    };
    glob.chars().map(part).collect()
}

/// The variables that the expression uses, and those that these use.
fn write_variables(out: &mut String, expression: &str, list: Option<&str>) {
    let uses = |name: &str| {
        let name = format!("variables.{name}");
        expression.contains(&name) || list.is_some_and(|list| list.contains(&name))
    };
    let containers = uses("containers");
    let needed = VARIABLES.iter().filter(|(name, _)| uses(name) || (containers && *name == "podSpec"));
    for (index, (name, value)) in needed.enumerate() {
        if index == 0 {
            *out += "  variables:\n";
        }
        push(out, format_args!("  - name: {name}\n    expression: {}\n", quoted(value)));
    }
}

/// A string takes everything that is written into it.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "---\nseverity: error\nmatch: {kinds: [Deployment, example.com/Widget], namespaces: [\"prod-*\"], labels: {a: b}}\n\
                            each: container\n---\n# Images from elsewhere\n\n```cel\ncontainer.image\n  .startsWith('r/')\n```\n";

    #[test]
    fn a_policy_and_a_binding_are_written() {
        let short = Short::read("registry", DOCUMENT);
        assert_eq!(short.mistakes, []);
        let tree = yaml::parse(SourceId(0), short.manifest.as_str().into());
        assert!(tree.errors().is_empty(), "{}", short.manifest);
        let policy = tree.documents().next().and_then(|document| document.root).expect("a policy");
        let text = |path: &str| policy.at(path).map(NodeRef::text).unwrap_or_default();
        assert_eq!(text("spec.validations[0].expression"), "variables.containers.all(container,\ncontainer.image\n  .startsWith('r/')\n)");
        assert_eq!(text("spec.validations[0].message"), "Images from elsewhere");
        assert_eq!(text("spec.matchConstraints.resourceRules[0].apiGroups[0]"), "apps");
        assert_eq!(text("spec.matchConstraints.resourceRules[1].resources[0]"), "widgets");
        assert_eq!(text("spec.variables[1].name"), "containers");
    }

    #[test]
    fn parts_of_the_expression_are_found_again_in_the_document() {
        let short = Short::read("registry", DOCUMENT);
        let place = |word: &str, text: &str| text.find(word).map(|start| (start as u32, (start + word.len()) as u32)).expect("it is there");
        for word in ["container.image\n", "startsWith", "'r/'"] {
            let word = word.trim();
            let (start, end) = place(word, &short.manifest[short.manifest.find("validations").unwrap_or_default()..]);
            let shift = short.manifest.find("validations").unwrap_or_default() as u32;
            let span = short.place_in_document(Span { source: SourceId(0), start: start + shift, end: end + shift });
            assert_eq!(&DOCUMENT[span.start as usize..span.end as usize], word);
        }
    }

    #[test]
    fn mistakes_are_told_at_their_places() {
        let text = "---\nseverity: bad\nmatch: {kind: [Deployment]}\neach: pod\n---\n# A\n";
        let told: Vec<_> = Short::read("a", text)
            .mistakes
            .into_iter()
            .map(|mistake| text[mistake.range.0 as usize..mistake.range.1 as usize].to_owned())
            .collect();
        assert_eq!(told, ["bad", "kind", "pod", "A"]);
    }

    #[test]
    fn patterns_of_namespaces_become_regular_expressions() {
        assert_eq!(pattern_of("prod-*"), "prod-.*");
        assert_eq!(pattern_of("a.b?"), "a[.]b.");
    }
}
