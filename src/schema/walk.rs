//! One walk along an object's tree that tells all that its schema has against it.

use super::scalar;
use super::suggest;
use super::table::{Field, Shape, Type, type_named};
use super::{Fault, Mistake, Remedy, Versions, Whole};
use crate::finding::{Place, closest};
use crate::resource::Resource;
use crate::yaml::{Entry, Kind, NodeRef, Scalar};

/// How deep a walk goes: the parser's own limit, which aliases could exceed.
const DEEPEST: usize = 255;

/// Descriptions that are longer help nobody in a hurry.
const LONGEST_HELP: usize = 120;

/// A walk and what it has found.
pub(super) struct Walk<'t> {
    pub(super) resource: Resource<'t>,
    /// The versions that are asked for, cut to those that have all fields above.
    pub(super) versions: Versions,
    whole: Whole,
    /// The nodes that may still be looked at: aliases can make a small text a large tree, within go-yaml's limit.
    budget: usize,
    /// The types from the object's own down to the one that the walk is in, and the step that led to each.
    pub(super) above: Vec<(&'static Type, &'t str)>,
    faults: Vec<Fault<'t>>,
    /// Fields that are missing, and whether each is one without which no patch could be applied either.
    missing: Vec<(Fault<'t>, bool)>,
    /// The fields that are there by another name, in the mapping that the walk is in.
    meant: Vec<&'static str>,
    has_directives: bool,
    /// Whether it is in an object's status, which is set aside when an object is made.
    pub(super) is_in_status: bool,
    depth: usize,
}

impl<'t> Walk<'t> {
    pub(super) fn new(resource: Resource<'t>, versions: Versions, whole: Whole) -> Self {
        let budget = resource.node().size().saturating_mul(16).saturating_add(1000);
        Walk {
            resource,
            versions,
            whole,
            budget,
            above: Vec::new(),
            faults: Vec::new(),
            missing: Vec::new(),
            meant: Vec::new(),
            has_directives: false,
            is_in_status: false,
            depth: 0,
        }
    }

    /// What was found. A patch is not blamed for what it lacks, save for the keys of list items: without those it can't be merged.
    pub(super) fn finish(self) -> Vec<Fault<'t>> {
        let is_patch = self.whole == Whole::No || (self.has_directives && self.whole != Whole::Surely);
        let has_broken_items = self.missing.iter().any(|&(_, is_key)| is_key);
        let missing = self.missing.into_iter().filter(|_| !is_patch || has_broken_items).map(|(fault, _)| fault);
        self.faults.into_iter().chain(missing).collect()
    }

    /// An object of a kind that is built in.
    pub(super) fn object(&mut self, of: &'static Type) {
        let node = self.resource.node();
        self.fields(node, of, "", &[]);
        if of.field("metadata").is_some() && !of.name.starts_with("auth") {
            self.name();
        }
    }

    /// Each object has a name, or has one generated.
    pub(super) fn name(&mut self) {
        let metadata = self.resource.metadata();
        let has = |key: &str| metadata.and_then(|metadata| metadata.get(key)).is_some_and(|name| !is_empty(name));
        if metadata.is_some_and(NodeRef::is_unknown) || has("name") || has("generateName") {
            return;
        }
        let message = format!("this {} has no name: the API server refuses it", self.resource.kind_name());
        self.lacks(self.resource.nearest("metadata"), message, "set metadata.name".into(), false);
    }

    /// Counts a node. Where there were too many, or it lies too deep, no more are looked at.
    pub(super) fn may_go_on(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }

    pub(super) fn each<T>(&mut self, items: impl Iterator<Item = T>, look: impl Fn(&mut Self, T)) {
        for item in items {
            if !self.may_go_on() {
                break;
            }
            look(self, item);
        }
    }

    /// Looks at what lies below a node, unless it lies too deep.
    pub(super) fn deeper(&mut self, look: impl FnOnce(&mut Self)) {
        if self.depth < DEEPEST {
            self.depth += 1;
            look(self);
            self.depth -= 1;
        }
    }

    pub(super) fn fields(&mut self, node: NodeRef<'t>, of: &'static Type, step: &'t str, keys: &[&str]) {
        if !node.is_mapping() {
            return self.wrong(node, "a mapping");
        }
        self.above.push((of, step));
        let meant_outside = std::mem::take(&mut self.meant);
        self.each(node.entries(), |walk, entry| match of.field(entry.key.text()) {
            Some(field) => walk.field(entry, field),
            None => walk.unknown(entry, of),
        });
        for field in of.needed() {
            // An empty text for a number is of the wrong type.
            let may_be_empty = field.facts.may_be_empty || matches!(field.shape, Shape::Int32 | Shape::Int64);
            let counts = |value: NodeRef<'t>| !value.is_null() && (may_be_empty || !is_empty(value));
            let is_there = |name: &str| self.meant.contains(&name) || node.get(name).is_some_and(counts);
            if !is_there(field.name) && !field.facts.unless.is_some_and(is_there) {
                self.missing(node, field, keys.contains(&field.name));
            }
        }
        self.meant = meant_outside;
        self.above.pop();
    }

    fn field(&mut self, entry: Entry<'t>, field: &'static Field) {
        let (asked, was_in_status) = (self.versions, self.is_in_status);
        self.is_in_status |= field.name == "status" && self.above.len() == 1;
        if let Some(lacking) = asked.outside(field.versions) {
            self.push(Mistake::UnknownField, entry, suggest::lacking(field.name, field.versions, lacking), None);
            self.faults.last_mut().expect("a fault was pushed").is_partial = lacking != asked;
            self.versions = asked.common(field.versions).unwrap_or(field.versions);
        }
        self.value(entry.value, &field.shape, field, entry.key.text());
        (self.versions, self.is_in_status) = (asked, was_in_status);
    }

    /// A value of a field, an item or value of one, or of one's.
    fn value(&mut self, node: NodeRef<'t>, shape: &'static Shape, field: &'static Field, step: &'t str) {
        if matches!(shape, Shape::Text) && node.is_evidently_text() {
            return self.member(node, field);
        }
        let is_scalar = node.kind() == Kind::Scalar;
        if matches!(shape, Shape::Any) || (is_scalar && matches!(node.scalar(), Scalar::Null | Scalar::Unknown)) {
            return;
        }
        match shape {
            Shape::Fields(of) => self.deeper(|walk| walk.fields(node, of.get(), step, field.facts.keys)),
            Shape::List(items) if node.is_sequence() => self.each(node.items(), |walk, item| walk.value(item, items, field, step)),
            Shape::Map(values) if node.is_mapping() => {
                self.each(node.entries(), |walk, entry| walk.value(entry.value, values, field, step));
            }
            Shape::List(_) => self.wrong(node, "a list"),
            Shape::Map(_) => self.wrong(node, "a mapping"),
            Shape::Either(shapes) => {
                let is_other = match &shapes.1 {
                    Shape::List(_) => node.is_sequence(),
                    _ => !node.is_mapping(),
                };
                self.value(node, if is_other { &shapes.1 } else { &shapes.0 }, field, step);
            }
            scalar => match scalar::misfit(node, scalar) {
                Some(misfit) => self.misfit(node, &misfit),
                None => self.member(node, field),
            },
        }
    }

    /// Whether a text belongs to the field's closed set.
    fn member(&mut self, node: NodeRef<'t>, field: &Field) {
        let values = field.facts.values;
        if values.is_empty() || self.is_in_status || values.iter().any(|value| node.is_text(value)) {
            return;
        }
        let Some(written) = node.str().filter(|written| !written.is_empty() && !scalar::is_substituted(written)) else { return };
        let noun = match field.shape {
            Shape::List(_) => suggest::item_of(field.name),
            _ => format!("value of {}", field.name),
        };
        self.invalid(node, written, &noun, values);
    }

    pub(super) fn invalid(&mut self, node: NodeRef<'t>, written: &str, noun: &str, values: &[&str]) {
        let message = format!("`{written}` is no {noun}: the API server refuses it");
        let meant = closest(written, values.iter().copied());
        let help = meant.map_or_else(|| format!("use {}", suggest::one_of(values)), |meant| format!("did you mean `{meant}`?"));
        self.push(Mistake::InvalidValue, node, message, Some(help));
        self.offer(meant.map(|meant| Remedy::Replace(node, meant.to_owned())));
    }

    fn unknown(&mut self, entry: Entry<'t>, of: &'static Type) {
        let written = entry.key.text();
        if entry.key.is_unknown() {
            return;
        }
        if written.starts_with('$') && self.whole != Whole::Surely {
            self.has_directives = true;
            return;
        }
        let (meant, help) = suggest::for_field(self, written, of);
        self.meant.extend(meant);
        self.no_field(entry, help);
        self.offer(suggest::remedy(entry, meant, of));
    }

    pub(super) fn no_field(&mut self, entry: Entry<'t>, help: Option<String>) {
        let article = suggest::article(self.resource.kind_name());
        let (kind, path) = (self.resource.kind_name(), self.path(entry.value));
        self.push(Mistake::UnknownField, entry, format!("{article} {kind} has no field `{path}`: the API server refuses it"), help);
    }

    fn missing(&mut self, node: NodeRef<'t>, field: &Field, is_key: bool) {
        if self.is_of_other_metric(node) {
            return;
        }
        let path = self.path(node);
        let owner = if path.is_empty() { format!("this {}", self.resource.kind_name()) } else { format!("`{path}`") };
        let what = match field.facts.unless {
            Some(other) => format!("neither `{}` nor `{other}`", field.name),
            None => format!("no `{}`", field.name),
        };
        let description = self.above.last().and_then(|(of, _)| of.description_of(field.name));
        let help = description.filter(|text| text.len() <= LONGEST_HELP).unwrap_or_default();
        self.lacks(node, format!("{owner} has {what}: the API server refuses it"), help.to_owned(), is_key);
    }

    /// Whether it is the source of another type of metric than the one it stands in, which autoscaler-invalid tells.
    fn is_of_other_metric(&self, node: NodeRef<'t>) -> bool {
        let [.., (owner, _), (_, step)] = self.above[..] else { return false };
        let kind = || node.parent()?.get("type")?.str();
        owner.name == "autoscaling.v2.MetricSpec"
            && kind().is_some_and(|kind| owner.field(step).is_some() && !kind.eq_ignore_ascii_case(step))
    }

    pub(super) fn lacks(&mut self, node: NodeRef<'t>, message: String, help: String, is_key: bool) {
        if self.is_in_status {
            return;
        }
        let help = Some(help).filter(|help| !help.is_empty());
        let place = if node == self.resource.node() { Place::from(self.resource.nearest("kind")) } else { Place::from(node) };
        self.missing.push((Fault { mistake: Mistake::MissingField, place, message, help, fix: None, is_partial: false }, is_key));
    }

    pub(super) fn wrong(&mut self, node: NodeRef<'t>, wanted: &'static str) {
        self.misfit(node, &scalar::Misfit::of(node, wanted));
    }

    pub(super) fn misfit(&mut self, node: NodeRef<'t>, misfit: &scalar::Misfit) {
        let name = last_step(&self.path(node)).to_owned();
        let help = misfit.help.map(str::to_owned);
        self.push(Mistake::WrongType, node, format!("{name} {}: the API server refuses it", misfit.reason), help);
    }

    pub(super) fn push(&mut self, mistake: Mistake, place: impl Into<Place<'t>>, message: String, help: Option<String>) {
        self.faults.push(Fault { mistake, place: place.into(), message, help, fix: None, is_partial: false });
    }

    /// Adds to the last mistake what may be done about it.
    fn offer(&mut self, fix: Option<Remedy<'t>>) {
        if let Some(fault) = self.faults.last_mut() {
            fault.fix = fix;
        }
    }

    fn path(&self, node: NodeRef<'t>) -> String {
        node.path_from(self.resource.node())
    }

    /// The metadata of an object whose kind is defined elsewhere.
    pub(super) fn metadata(&mut self, node: NodeRef<'t>) {
        if let Some(of) = type_named("meta.v1.ObjectMeta") {
            self.fields(node, of, "metadata", &[]);
        }
    }
}

/// Whether a value is the same as none for the API server: null, no text, no items.
fn is_empty(node: NodeRef<'_>) -> bool {
    match node.scalar() {
        Scalar::Null => true,
        Scalar::Str(text) => text.is_empty(),
        Scalar::None => node.is_sequence() && node.is_empty(),
        _ => false,
    }
}

/// `replicas` of `spec.replicas`, `args[0]` of `spec.containers[0].args[0]`.
fn last_step(path: &str) -> &str {
    if let Some(key) = path.strip_suffix("']").and_then(|path| path.rsplit_once("['")) {
        return key.1;
    }
    path.rsplit_once('.').map_or(path, |(_, step)| step)
}
