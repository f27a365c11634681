//! What stands at a place: the rules that findings or ignores name, and the objects that a name or a selector leads to.

use lsp_types::{HoverParams, TextDocumentPositionParams};
use serde_json::{Value, json};

use super::Server;
use crate::graph::{Graph, Reference};
use crate::lint;
use crate::resource::{Kind, Resource};
use crate::rules::{Rule, rule};
use crate::source::Span;
use crate::yaml::NodeRef;

impl Server<'_> {
    /// The documents of the rules that are named at a place, or whose findings are there.
    pub(super) fn hover(&self, params: &HoverParams) -> Value {
        let Some((folder, path, byte)) = self.at(&params.text_document_position_params) else { return Value::Null };
        let named = self.buffers.get(path).and_then(|buffer| rule(word_at(&buffer.text, byte as usize)));
        let mut rules: Vec<&Rule> = match named {
            Some(named) => vec![named],
            None => folder.findings_at(path, byte, byte).filter_map(|finding| rule(&finding.rule)).collect(),
        };
        rules.dedup_by_key(|rule| rule.id);
        if rules.is_empty() {
            return Value::Null;
        }
        let page = |rule: &&Rule| format!("{}\n\n[{}]({})", rule.document().trim(), rule.id, rule.url());
        let pages: Vec<String> = rules.iter().map(page).collect();
        json!({ "contents": { "kind": "markdown", "value": pages.join("\n\n---\n\n") } })
    }

    /// Where the objects are that stand behind a place.
    pub(super) fn definition(&self, params: &TextDocumentPositionParams) -> Value {
        self.look_up(params, |graph, place| goals(graph, place).into_iter().map(|goal| name_of(&goal).span()).collect())
    }

    /// Where the object whose name is at a place, or to which a place leads, is spoken of; and where it is itself, if that is asked for.
    pub(super) fn references(&self, params: &TextDocumentPositionParams, with_itself: bool) -> Value {
        self.look_up(params, |graph, place| {
            let own = || graph.resource_at(place).filter(|resource| name_of(resource).span().contains(place)).copied();
            let goals = own().map_or_else(|| goals(graph, place), |own| vec![own]);
            let uses = goals.iter().flat_map(|goal| uses(graph, goal));
            let itself = goals.iter().filter(|_| with_itself).map(|goal| name_of(goal).span());
            uses.chain(itself).collect()
        })
    }

    fn look_up(&self, params: &TextDocumentPositionParams, find: impl Fn(&Graph<'_>, Span) -> Vec<Span>) -> Value {
        let found = self.at(params).and_then(|(folder, path, byte)| {
            let place = Span { source: folder.id(path)?, start: byte, end: byte };
            let graph = lint::graph(&folder.input.texts, &folder.settings);
            let mut spans = find(&graph, place);
            spans.sort_unstable_by_key(|span| (span.source, span.start));
            spans.dedup();
            Some(spans.into_iter().filter_map(|span| self.location(folder, span)).collect::<Vec<_>>())
        });
        json!(found.unwrap_or_default())
    }
}

/// The word of letters, digits and dashes at a byte.
fn word_at(text: &str, at: usize) -> &str {
    let is_other = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    let start = text[..at].char_indices().rfind(|&(_, letter)| is_other(letter)).map_or(0, |(before, letter)| before + letter.len_utf8());
    let end = text[at..].find(is_other).map_or(text.len(), |end| at + end);
    &text[start..end]
}

fn name_of<'t>(resource: &Resource<'t>) -> NodeRef<'t> {
    resource.nearest("metadata.name")
}

/// The objects that a name at a place means, or that a selector there selects.
fn goals<'t>(graph: &Graph<'t>, place: Span) -> Vec<Resource<'t>> {
    let Some(from) = graph.resource_at(place) else { return Vec::new() };
    if is_in(from.node().at("spec.selector"), place) {
        return selected(graph, from);
    }
    let scalar = from.node().scalars().find(|scalar| scalar.span().contains(place));
    scalar.and_then(|name| named(graph, from, name)).into_iter().collect()
}

fn is_in(node: Option<NodeRef<'_>>, place: Span) -> bool {
    node.is_some_and(|node| node.span().contains(place))
}

/// The workloads whose pods a Service or a disruption budget selects.
fn selected<'t>(graph: &Graph<'t>, from: &Resource<'t>) -> Vec<Resource<'t>> {
    let selector = from.service().and_then(|service| service.selector()).or_else(|| from.budget()?.selector());
    selector.into_iter().flat_map(|selector| graph.selected(from, selector)).map(|workload| *workload.resource()).collect()
}

/// The object that a name in another one means.
fn named<'t>(graph: &Graph<'t>, from: &Resource<'t>, name: NodeRef<'t>) -> Option<Resource<'t>> {
    let key = name.key()?.text();
    let found = match from.autoscaler() {
        Some(autoscaler) if name.parent()?.key().is_some_and(|above| above.is_text("scaleTargetRef")) && key == "name" => {
            graph.target(&autoscaler)
        }
        _ => graph.reference(from, kind_of(name)?, name.value_text()?),
    };
    match found {
        Reference::Found(resource) => Some(resource),
        Reference::Missing(_) | Reference::Unknown => None,
    }
}

/// Whether a scalar is the name of another object.
pub(super) fn names_object(scalar: NodeRef<'_>) -> bool {
    let is_target =
        || scalar.parent()?.key().map(|above| above.is_text("scaleTargetRef") && scalar.key().is_some_and(|key| key.is_text("name")));
    kind_of(scalar).is_some() || is_target().unwrap_or_default()
}

/// The kind of the object that a scalar names, by the key that it stands at and the one above.
fn kind_of(name: NodeRef<'_>) -> Option<Kind> {
    let key = name.key()?.text();
    let holder = name.parent()?;
    let above = holder.key().or_else(|| holder.parent()?.key()).map_or("", NodeRef::text);
    Some(match (above, key) {
        (_, "claimName") => Kind::PersistentVolumeClaim,
        ("spec", "volumeName") => Kind::PersistentVolume,
        (_, "storageClassName") => Kind::StorageClass,
        ("spec", "serviceName") | ("service" | "backend", "name" | "serviceName") => Kind::Service,
        (_, "serviceAccountName" | "serviceAccount") => Kind::ServiceAccount,
        (_, "priorityClassName") => Kind::PriorityClass,
        (_, "ingressClassName") => Kind::IngressClass,
        (_, "runtimeClassName") => Kind::RuntimeClass,
        (_, "secretName") | ("secretRef" | "secretKeyRef" | "secret" | "imagePullSecrets", "name") => Kind::Secret,
        ("configMap" | "configMapRef" | "configMapKeyRef", "name") => Kind::ConfigMap,
        ("roleRef", "name") => Kind::of("rbac.authorization.k8s.io", holder.get("kind")?.text()),
        ("backendRefs", "name") if holder.get("kind").is_none_or(|kind| kind.is_text("Service")) => Kind::Service,
        _ => return None,
    })
}

/// Where other objects name an object, and the selectors by which Services and disruption budgets select its pods.
fn uses(graph: &Graph<'_>, goal: &Resource<'_>) -> Vec<Span> {
    let Some(name) = goal.name() else { return Vec::new() };
    let by_name = graph.resources().iter().flat_map(|from| {
        let same = from.node().scalars().filter(|scalar| scalar.is_text(name));
        same.filter(|scalar| named(graph, from, *scalar).is_some_and(|found| found.is(goal))).map(NodeRef::span)
    });
    let mut uses: Vec<Span> = by_name.collect();
    if goal.workload().is_some() {
        let selecting = graph.of_kind(Kind::Service).chain(graph.of_kind(Kind::PodDisruptionBudget));
        let selecting = selecting.filter(|from| selected(graph, from).iter().any(|workload| workload.is(goal)));
        uses.extend(selecting.map(|from| from.nearest("spec.selector").span()));
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::word_at;

    #[test]
    fn words_are_found_at_their_ends_and_beside_other_letters() {
        let text = "é# ignore[a-b] ü";
        let at = |part: &str| text.find(part).expect("the part is there");
        assert_eq!(word_at(text, at("a-b")), "a-b");
        assert_eq!(word_at(text, at("]")), "a-b");
        assert_eq!(word_at(text, at("ü")), "");
        assert_eq!(word_at(text, text.len()), "");
        assert_eq!(word_at("", 0), "");
    }
}
