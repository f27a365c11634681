//! The value of an expression, and where in a tree it comes from.
//!
//! Mappings and sequences of a tree are values as they are, without a copy. What is read from a tree remembers its node through lists,
//! variables and comprehensions, so that a finding can point at it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use super::Stop;
use super::meter::Meter;
use super::network::{Address, Network};
use super::semver::Version;
use super::time::{Duration, Time};
use super::tree::Shadow;
use super::url::Url;
use crate::resource::Quantity;
use crate::yaml::NodeRef;

/// What evaluation gives.
pub(in crate::policy) type Eval<'t> = Result<Value<'t>, Stop>;

/// A value, and the node that it was read from.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Value<'t> {
    pub(in crate::policy) data: Data<'t>,
    /// None for what was computed.
    pub(in crate::policy) origin: Option<NodeRef<'t>>,
}

/// The keys and values of a map.
pub(in crate::policy) type Entries<'t> = Rc<[(Value<'t>, Value<'t>)]>;

/// What a value is.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Data<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Str(Text<'t>),
    Bytes(Rc<[u8]>),
    List(Rc<[Value<'t>]>),
    /// Keys and values, no key twice.
    Map(Entries<'t>),
    /// A mapping or sequence of a tree.
    Node(Shadow<'t>),
    Time(Time),
    Duration(Duration),
    Type(Cow<'static, str>),
    Optional(Option<Rc<Value<'t>>>),
    Quantity(Quantity),
    Url(Rc<Url>),
    Address(Address),
    Network(Network),
    Version(Rc<Version>),
    /// The name of a format.
    Format(&'static str),
    /// What can't be known without a cluster, and why: every use of it is undecided.
    Unknowable(&'static str),
}

/// A string of a tree, or one that was made.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Text<'t> {
    Borrowed(&'t str),
    Made(Rc<str>),
}

impl Text<'_> {
    pub(in crate::policy) fn as_str(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Made(text) => text,
        }
    }
}

impl<'t> From<Data<'t>> for Value<'t> {
    fn from(data: Data<'t>) -> Self {
        Value { data, origin: None }
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Data::Bool(value).into()
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Data::Int(value).into()
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Data::Double(value).into()
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Data::Str(Text::Made(text.into())).into()
    }
}

impl<'t> From<&'t str> for Value<'t> {
    fn from(text: &'t str) -> Self {
        Data::Str(Text::Borrowed(text)).into()
    }
}

impl<'t> From<Vec<Value<'t>>> for Value<'t> {
    fn from(items: Vec<Value<'t>>) -> Self {
        Data::List(items.into()).into()
    }
}

impl<'t> Value<'t> {
    pub(in crate::policy) const NULL: Value<'static> = Value { data: Data::Null, origin: None };

    pub(in crate::policy) fn map(entries: Vec<(Value<'t>, Value<'t>)>) -> Self {
        Data::Map(entries.into()).into()
    }

    pub(in crate::policy) fn some(value: Value<'t>) -> Self {
        Value { origin: value.origin, data: Data::Optional(Some(Rc::new(value))) }
    }

    pub(in crate::policy) fn none() -> Self {
        Data::Optional(None).into()
    }

    pub(in crate::policy) fn str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(in crate::policy) fn bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The boolean; anything else can't be where true or false is wanted.
    pub(in crate::policy) fn truth(&self) -> Result<bool, Stop> {
        match self.data {
            Data::Bool(value) => Ok(value),
            Data::Unknowable(why) => Err(Stop::Undecided(why.into())),
            _ => Err(Stop::NoOverload),
        }
    }

    pub(in crate::policy) fn int(&self) -> Option<i64> {
        match self.data {
            Data::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The name of its type.
    pub(in crate::policy) fn type_name(&self) -> &'static str {
        match &self.data {
            Data::Null => "null_type",
            Data::Bool(_) => "bool",
            Data::Int(_) => "int",
            Data::Uint(_) => "uint",
            Data::Double(_) => "double",
            Data::Str(_) => "string",
            Data::Bytes(_) => "bytes",
            Data::List(_) => "list",
            Data::Node(shadow) if shadow.is_list() => "list",
            Data::Map(_) | Data::Node(_) => "map",
            Data::Time(_) => "google.protobuf.Timestamp",
            Data::Duration(_) => "google.protobuf.Duration",
            Data::Type(_) => "type",
            Data::Optional(_) => "optional_type",
            Data::Quantity(_) => "kubernetes.Quantity",
            Data::Url(_) => "kubernetes.URL",
            Data::Address(_) => "net.IP",
            Data::Network(_) => "net.CIDR",
            Data::Version(_) => "kubernetes.Semver",
            Data::Format(_) => "kubernetes.NamedFormat",
            Data::Unknowable(_) => "dyn",
        }
    }

    pub(in crate::policy) fn is_list(&self) -> bool {
        self.type_name() == "list"
    }

    pub(in crate::policy) fn is_map(&self) -> bool {
        self.type_name() == "map"
    }

    /// How many elements a list or map has.
    pub(in crate::policy) fn len(&self) -> Option<usize> {
        match &self.data {
            Data::List(items) => Some(items.len()),
            Data::Map(entries) => Some(entries.len()),
            Data::Node(shadow) => Some(shadow.len()),
            _ => None,
        }
    }

    /// The items of a list.
    pub(in crate::policy) fn items(&self) -> Option<Result<Rc<[Value<'t>]>, Stop>> {
        match &self.data {
            Data::List(items) => Some(Ok(Rc::clone(items))),
            Data::Node(shadow) if shadow.is_list() => Some(shadow.items().collect()),
            _ => None,
        }
    }

    /// The keys and values of a map.
    pub(in crate::policy) fn entries(&self) -> Option<Result<Entries<'t>, Stop>> {
        match &self.data {
            Data::Map(entries) => Some(Ok(Rc::clone(entries))),
            Data::Node(shadow) if !shadow.is_list() => Some(shadow.entries().collect()),
            _ => None,
        }
    }

    /// The value of a key that is a string; nothing where it isn't there.
    pub(in crate::policy) fn field(&self, name: &str) -> Result<Option<Value<'t>>, Stop> {
        match &self.data {
            Data::Node(shadow) if !shadow.is_list() => shadow.field(name),
            Data::Map(entries) => Ok(entries.iter().find(|(key, _)| key.str() == Some(name)).map(|(_, value)| value.clone())),
            Data::Unknowable(why) => Err(Stop::Undecided((*why).into())),
            _ => Err(Stop::Error(format!("no such key: {name}, in what is no map but {}", self.article()))),
        }
    }

    /// Its type with an article, for messages.
    fn article(&self) -> String {
        match self.type_name() {
            "null_type" => "null".into(),
            name @ ("int" | "optional_type") => format!("an {name}"),
            name => format!("a {name}"),
        }
    }
}

/// Nodes beyond which a mapping may have so many keys that it takes time to find one.
const MANY_NODES: usize = 1000;

/// A number of any type, for comparisons across types.
#[derive(Clone, Copy)]
enum Number {
    /// An int or uint.
    Whole(i128),
    Double(f64),
}

fn number(data: &Data<'_>) -> Option<Number> {
    match *data {
        Data::Int(value) => Some(Number::Whole(value.into())),
        Data::Uint(value) => Some(Number::Whole(value.into())),
        Data::Double(value) => Some(Number::Double(value)),
        _ => None,
    }
}

/// Numbers compare by value, whatever their types; NaN to nothing.
#[expect(clippy::cast_precision_loss, reason = "a number that large has no fraction, so that rounding decides nothing between neighbours")]
fn compare_numbers(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
        (Number::Double(a), Number::Double(b)) => a.partial_cmp(&b),
        (Number::Whole(a), Number::Double(b)) => (a as f64).partial_cmp(&b),
        (Number::Double(a), Number::Whole(b)) => a.partial_cmp(&(b as f64)),
    }
}

/// Whether two values are equal; those of different types are not, but for numbers.
pub(super) fn equal<'t>(a: &Value<'t>, b: &Value<'t>, meter: &mut Meter) -> Result<bool, Stop> {
    meter.take(1)?;
    if let (Some(a), Some(b)) = (number(&a.data), number(&b.data)) {
        return Ok(compare_numbers(a, b) == Some(Ordering::Equal));
    }
    if let (Some(a), Some(b)) = (a.str(), b.str()) {
        meter.take_text(a.len().min(b.len()))?;
        return Ok(a == b);
    }
    if let Some(reason) = unknowable(a).or_else(|| unknowable(b)) {
        return Err(Stop::Undecided(reason.into()));
    }
    Ok(match (&a.data, &b.data) {
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Bytes(a), Data::Bytes(b)) => a == b,
        (Data::Time(a), Data::Time(b)) => a == b,
        (Data::Duration(a), Data::Duration(b)) => a == b,
        (Data::Type(a), Data::Type(b)) => a == b,
        (Data::Quantity(a), Data::Quantity(b)) => a == b,
        (Data::Url(a), Data::Url(b)) => a == b,
        (Data::Address(a), Data::Address(b)) => a == b,
        (Data::Network(a), Data::Network(b)) => a == b,
        (Data::Version(a), Data::Version(b)) => a.cmp_precedence(b) == Ordering::Equal,
        (Data::Format(a), Data::Format(b)) => a == b,
        (Data::Null, Data::Null) | (Data::Optional(None), Data::Optional(None)) => true,
        (Data::Optional(Some(a)), Data::Optional(Some(b))) => equal(a, b, meter)?,
        _ if a.is_list() && b.is_list() => equal_lists(a, b, meter)?,
        _ if a.is_map() && b.is_map() => equal_maps(a, b, meter)?,
        _ => false,
    })
}

fn unknowable(value: &Value<'_>) -> Option<&'static str> {
    match value.data {
        Data::Unknowable(why) => Some(why),
        _ => None,
    }
}

fn equal_lists<'t>(a: &Value<'t>, b: &Value<'t>, meter: &mut Meter) -> Result<bool, Stop> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let (Some(a), Some(b)) = (a.items(), b.items()) else { return Ok(false) };
    for (a, b) in a?.iter().zip(b?.iter()) {
        if !equal(a, b, meter)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps<'t>(a: &Value<'t>, b: &Value<'t>, meter: &mut Meter) -> Result<bool, Stop> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let Some(entries) = a.entries() else { return Ok(false) };
    for (key, value) in entries?.iter() {
        match get(b, key, meter)? {
            Some(other) if equal(value, &other, meter)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// What it costs to find a key, beyond what few keys do.
pub(super) fn lookup_cost(map: &Value<'_>, key: &str) -> u64 {
    match &map.data {
        Data::Map(entries) => entries.len() as u64 / 16,
        Data::Node(shadow) if shadow.node.size() > MANY_NODES => {
            shadow.node.entries().take_while(|entry| !entry.key.is_text(key)).count() as u64 / 4
        }
        _ => 0,
    }
}

/// The value of a key of a map; nothing where it isn't there.
pub(super) fn get<'t>(map: &Value<'t>, key: &Value<'t>, meter: &mut Meter) -> Result<Option<Value<'t>>, Stop> {
    if let Some(name) = key.str() {
        meter.take(1 + lookup_cost(map, name))?;
        return map.field(name);
    }
    let Data::Map(entries) = &map.data else { return Ok(None) };
    for (own, value) in entries.iter() {
        if equal(own, key, meter)? {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

/// The order of two values that can be ordered.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>, meter: &mut Meter) -> Result<Option<Ordering>, Stop> {
    meter.take(1)?;
    if let (Some(a), Some(b)) = (number(&a.data), number(&b.data)) {
        return Ok(compare_numbers(a, b));
    }
    match (&a.data, &b.data) {
        (Data::Str(a), Data::Str(b)) => {
            meter.take_text(a.as_str().len().min(b.as_str().len()))?;
            Ok(Some(a.as_str().cmp(b.as_str())))
        }
        (Data::Bool(a), Data::Bool(b)) => Ok(Some(a.cmp(b))),
        (Data::Bytes(a), Data::Bytes(b)) => Ok(Some(a.cmp(b))),
        (Data::Time(a), Data::Time(b)) => Ok(Some(a.cmp(b))),
        (Data::Duration(a), Data::Duration(b)) => Ok(Some(a.cmp(b))),
        (Data::Unknowable(why), _) | (_, Data::Unknowable(why)) => Err(Stop::Undecided((*why).into())),
        _ => Err(Stop::NoOverload),
    }
}

/// Writes a value as `%s` of `format` does; for tests.
#[cfg(test)]
pub(super) fn write(value: &Value<'_>, out: &mut String) -> Result<(), Stop> {
    super::operators::write_value(value, out, &mut Meter::new(Meter::EXPRESSION))
}
