//! The tables of kinds and types, of which only what is asked for is ever read.

use std::ops::Range;
use std::sync::OnceLock;

use super::Versions;

static TYPES: Sections = Sections::new(include_str!("types.txt"));
static FACTS: Sections = Sections::new(include_str!("facts.txt"));
static DESCRIPTIONS: Sections = Sections::new(include_str!("descriptions.txt"));
const KINDS: &str = include_str!("kinds.txt");

/// The minor versions that the tables know, `1.` left out.
pub const KNOWN: Versions = Versions { oldest: 33, newest: 37 };

/// A kind of object in one version of its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApiKind {
    /// `apps/v1`
    pub api_version: &'static str,
    /// `Deployment`
    pub kind: &'static str,
    /// Whether its objects belong to no namespace.
    pub is_cluster_scoped: bool,
    /// The versions of Kubernetes that have it, served by default or not.
    pub versions: Versions,
    type_name: &'static str,
}

impl ApiKind {
    fn read(line: &'static str) -> Self {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (api_version, kind, type_name, scope, limits) = (word(), word(), word(), word(), word());
        ApiKind { api_version, kind, type_name, is_cluster_scoped: scope == "cluster", versions: KNOWN.limited(limits) }
    }

    /// Its group, empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Its type.
    pub fn schema(&self) -> &'static Type {
        type_named(self.type_name).expect("a test holds that each kind has a type")
    }
}

/// All kinds that are built in, of all versions that the tables know, by API version and name.
pub fn kinds() -> &'static [ApiKind] {
    static READ: OnceLock<Box<[ApiKind]>> = OnceLock::new();
    READ.get_or_init(|| lines(KINDS).map(ApiKind::read).collect())
}

/// The kind of that API version and name.
pub fn kind(api_version: &str, name: &str) -> Option<&'static ApiKind> {
    let index = kinds().binary_search_by(|kind| (kind.api_version, kind.kind).cmp(&(api_version, name))).ok()?;
    kinds().get(index)
}

/// A type with fields: `DeploymentSpec`.
#[derive(Debug)]
pub struct Type {
    /// `apps.v1.DeploymentSpec`
    pub name: &'static str,
    /// By name.
    pub fields: Vec<Field>,
    /// Indices of the fields without which an object is refused.
    needed: Vec<usize>,
    /// The index of the last field in each slot, by [`slot`]; of those that share one the others are sought in order.
    slots: [u8; SLOTS],
}

const SLOTS: usize = 64;
const NO_FIELD: u8 = u8::MAX;

/// A number that tells most names of a type's fields apart at a glance: walks live on look-ups.
fn slot(name: &str) -> usize {
    let (first, last) = (name.as_bytes().first().copied().unwrap_or_default(), name.as_bytes().last().copied().unwrap_or_default());
    (name.len() * 7 + usize::from(first) * 3 + usize::from(last)) % SLOTS
}

/// A field of a type.
#[derive(Debug)]
pub struct Field {
    /// `replicas`
    pub name: &'static str,
    /// The versions of Kubernetes that have it.
    pub versions: Versions,
    /// What it holds.
    pub shape: Shape,
    /// Whether the published schema requires it. The API server often doesn't.
    pub is_required: bool,
    /// What is known of it besides.
    pub facts: Facts,
}

/// What the published schema doesn't say of a field.
#[derive(Clone, Copy, Default, Debug)]
pub struct Facts {
    /// Whether the API server refuses an object in which it is missing.
    pub is_needed: bool,
    /// Whether a rule of its own tells what is wrong with an empty value.
    pub may_be_empty: bool,
    /// The other field in whose presence it may be missing all the same.
    pub unless: Option<&'static str>,
    /// The strings that it may be, or its items; none where there is no closed set.
    pub values: &'static [&'static str],
    /// What the API server fills in where it is missing, in YAML.
    pub default: Option<&'static str>,
    /// The fields that tell the items of a list apart; none where the list is replaced as a whole.
    pub keys: &'static [&'static str],
}

/// What a value has to look like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A number.
    Double,
    /// Text.
    Text,
    /// Bytes in Base64.
    Bytes,
    /// A time as RFC 3339 has it.
    Time,
    /// An amount of a resource.
    Quantity,
    /// An integer of 32 bits, or text.
    IntOrString,
    /// Whatever.
    Any,
    /// A mapping with the fields of a type, whose number it is.
    Fields(TypeId),
    /// A sequence.
    List(Box<Shape>),
    /// A mapping with any keys.
    Map(Box<Shape>),
    /// The first, or the second one.
    Either(Box<(Shape, Shape)>),
}

/// Names a [`Type`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeId(u32);

impl TypeId {
    /// The type.
    pub fn get(self) -> &'static Type {
        static READ: OnceLock<Box<[OnceLock<Type>]>> = OnceLock::new();
        let read = READ.get_or_init(|| TYPES.starts().iter().map(|_| OnceLock::new()).collect());
        read[self.0 as usize].get_or_init(|| Type::read(self.0 as usize))
    }
}

/// The type of that name: `core.v1.Container`.
pub fn type_named(name: &str) -> Option<&'static Type> {
    TYPES.find(name).map(|index| TypeId(index as u32).get())
}

/// All types. Reads them all: for tests and tools.
pub fn types() -> impl Iterator<Item = &'static Type> {
    (0..TYPES.starts().len() as u32).map(|id| TypeId(id).get())
}

impl Type {
    fn read(index: usize) -> Self {
        let (head, lines) = TYPES.section(index);
        let (name, limits) = head.split_once(' ').unwrap_or((head, ""));
        let own = KNOWN.limited(limits);
        let mut fields: Vec<Field> = Vec::new();
        for line in lines {
            let field = Field::read(line, own);
            match fields.last_mut().filter(|last| last.name == field.name) {
                // Only whether it is required differs by version.
                Some(last) => last.merge(&field),
                None => fields.push(field),
            }
        }
        if let Some(section) = FACTS.find(name) {
            for line in FACTS.section(section).1 {
                add_fact(&mut fields, line);
            }
        }
        let needed = (0..fields.len()).filter(|&index| fields[index].facts.is_needed).collect();
        let mut slots = [NO_FIELD; SLOTS];
        for (index, field) in fields.iter().enumerate() {
            slots[slot(field.name)] = index as u8;
        }
        Type { name, fields, needed, slots }
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let likely = self.fields.get(usize::from(self.slots[slot(name)]))?;
        if likely.name == name {
            return Some(likely);
        }
        let index = self.fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        Some(&self.fields[index])
    }

    /// The fields without which the API server refuses an object.
    pub fn needed(&self) -> impl Iterator<Item = &Field> {
        self.needed.iter().map(|&index| &self.fields[index])
    }

    /// What it means, in a sentence.
    pub fn description(&self) -> Option<&'static str> {
        let (head, _) = DESCRIPTIONS.section(DESCRIPTIONS.find(self.name)?);
        Some(head.split_once(' ')?.1)
    }

    /// What a field means, in a sentence.
    pub fn description_of(&self, field: &str) -> Option<&'static str> {
        let (_, mut lines) = DESCRIPTIONS.section(DESCRIPTIONS.find(self.name)?);
        lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(' '))
    }
}

impl Field {
    fn read(line: &'static str, of_type: Versions) -> Self {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (written, shape, limits) = (word(), word(), word());
        let name = written.trim_end_matches('!');
        let versions = if limits.is_empty() { of_type } else { KNOWN.limited(limits) };
        Field { name, versions, shape: Shape::read(shape), is_required: name != written, facts: Facts::default() }
    }

    fn merge(&mut self, other: &Field) {
        let (oldest, newest) = (self.versions.oldest.min(other.versions.oldest), self.versions.newest.max(other.versions.newest));
        self.versions = Versions { oldest, newest };
        self.is_required &= other.is_required;
    }
}

fn add_fact(fields: &mut [Field], line: &'static str) {
    let mut words = line.split(' ');
    let (Some(name), Some(what)) = (words.next(), words.next()) else { return };
    let Some(field) = fields.iter_mut().find(|field| field.name == name) else { return };
    // Each type is read once, so that this is kept once.
    let list = |words: std::str::Split<'static, char>| Vec::leak(words.collect::<Vec<_>>());
    match what {
        "needed" => field.facts.is_needed = true,
        "written" => (field.facts.is_needed, field.facts.may_be_empty) = (true, true),
        "needed-unless" => (field.facts.is_needed, field.facts.unless) = (true, words.next()),
        "enum" => field.facts.values = list(words),
        "keys" => field.facts.keys = list(words),
        _ => field.facts.default = line.split_once(" default ").map(|(_, default)| default),
    }
}

impl Shape {
    fn read(word: &str) -> Self {
        if let Some(items) = word.strip_prefix("[]") {
            return Shape::List(Box::new(Shape::read(items)));
        }
        if let Some(values) = word.strip_prefix("{}") {
            return Shape::Map(Box::new(Shape::read(values)));
        }
        if let Some((one, other)) = word.split_once('|') {
            return Shape::Either(Box::new((Shape::read(one), Shape::read(other))));
        }
        match word {
            "bool" => Shape::Bool,
            "int32" => Shape::Int32,
            "int64" => Shape::Int64,
            "double" => Shape::Double,
            "string" => Shape::Text,
            "bytes" => Shape::Bytes,
            "time" | "micro-time" => Shape::Time,
            "quantity" => Shape::Quantity,
            "int-or-string" => Shape::IntOrString,
            name => TYPES.find(name).map_or(Shape::Any, |index| Shape::Fields(TypeId(index as u32))),
        }
    }

    /// The type of the mapping that it is, or that its items are, with `[]` or `.*` for the step there.
    pub(super) fn fields(&self) -> Option<(&'static Type, &'static str)> {
        match self {
            Shape::Fields(id) => Some((id.get(), "")),
            Shape::List(items) => items.fields().map(|(found, _)| (found, "[]")),
            Shape::Map(values) => values.fields().map(|(found, _)| (found, ".*")),
            Shape::Either(shapes) => shapes.0.fields(),
            _ => None,
        }
    }
}

impl Versions {
    /// These versions, cut to `34..36`, an end of which may be left out; all of them for nothing.
    fn limited(self, limits: &str) -> Self {
        let Some((oldest, newest)) = limits.split_once("..") else { return self };
        Versions { oldest: oldest.parse().unwrap_or(self.oldest), newest: newest.parse().unwrap_or(self.newest) }
    }
}

/// A text of sections in the order of their names: a line that begins with the name, then lines that begin with a tab.
struct Sections {
    text: &'static str,
    starts: OnceLock<Box<[u32]>>,
}

impl Sections {
    const fn new(text: &'static str) -> Self {
        Sections { text, starts: OnceLock::new() }
    }

    /// Where each section begins.
    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let ends = self.text.match_indices('\n').map(|(end, _)| end + 1);
            let begins = |start: &usize| bytes.get(*start).is_some_and(|first| !matches!(first, b'\t' | b'#' | b'\n'));
            [0].into_iter().chain(ends).filter(begins).map(|start| start as u32).collect()
        })
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name_at = |start: u32| {
            let line = &self.text[start as usize..];
            &line[..line.find([' ', '\n']).unwrap_or(line.len())]
        };
        self.starts().binary_search_by(|&start| name_at(start).cmp(name)).ok()
    }

    fn range(&self, index: usize) -> Range<usize> {
        let end = self.starts().get(index + 1).map_or(self.text.len(), |&end| end as usize);
        self.starts()[index] as usize..end
    }

    /// Its first line, and the others without their tab; comments left out.
    fn section(&self, index: usize) -> (&'static str, impl Iterator<Item = &'static str>) {
        let mut lines = lines(&self.text[self.range(index)]);
        (lines.next().unwrap_or_default(), lines.map(|line| line.trim_start_matches('\t')))
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'))
}
