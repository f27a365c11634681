//! Where an object's old and new fields surely differ for the API server: quantities are compared by value, defaults filled in, and
//! what is empty is the same as what is not there (`apiequality.Semantic.DeepEqual` on defaulted objects).
//!
//! Whether a field that is there with `false`, `0` or `""` equals one that is not there depends on its Go type; that is no sure difference.

use super::Quantity;
use crate::yaml::{Kind, NodeRef, Scalar};

/// A field that is not what it was.
#[derive(Clone, Debug)]
pub struct Difference<'t> {
    /// Its path from where the comparison began: `spec.volumeClaimTemplates[0].spec.resources.requests.storage`.
    pub path: String,
    /// The old value; none where there was none.
    pub old: Option<NodeRef<'t>>,
    /// The new value; none where there is none.
    pub new: Option<NodeRef<'t>>,
    /// What holds the old value, or would: the nearest parent that is written.
    pub old_parent: NodeRef<'t>,
    /// What holds the new value, or would.
    pub new_parent: NodeRef<'t>,
}

impl<'t> Difference<'t> {
    /// Where to point in the new text: at the value, or at what lacks it.
    pub fn new_place(&self) -> NodeRef<'t> {
        self.new.unwrap_or(self.new_parent)
    }

    /// The last key on its path, if it is no item of a list.
    pub fn key(&self) -> Option<&'t str> {
        Some(self.new.or(self.old)?.key()?.text())
    }

    /// Where to point in the old text.
    pub fn old_place(&self) -> NodeRef<'t> {
        self.old.unwrap_or(self.old_parent)
    }
}

/// The first sure difference below `path` (keys parted by dots) of two objects, in the order of the new text; but for those that `is_free`
/// says may differ, by their path.
pub fn difference<'t>(old: NodeRef<'t>, new: NodeRef<'t>, path: &str, is_free: &dyn Fn(&str) -> bool) -> Option<Difference<'t>> {
    let mut walk = Walk { is_free, path: String::new(), keys: vec!["-"], budget: BUDGET };
    let (mut at_old, mut at_new) = (Some(old), Some(new));
    let (mut old_parent, mut new_parent) = (old, new);
    for key in path.split('.') {
        walk.enter(key);
        old_parent = at_old.unwrap_or(old_parent);
        new_parent = at_new.unwrap_or(new_parent);
        (at_old, at_new) = (at_old.and_then(|node| field(node, key)), at_new.and_then(|node| field(node, key)));
    }
    walk.differ(Sides { old: at_old, new: at_new, old_parent, new_parent })
}

/// The first sure difference of two values whatever their fields are called.
pub fn difference_of_values<'t>(old: NodeRef<'t>, new: NodeRef<'t>) -> Option<Difference<'t>> {
    let mut walk = Walk { is_free: &|_| false, path: String::new(), keys: vec!["-"], budget: BUDGET };
    walk.differ(Sides { old: Some(old), new: Some(new), old_parent: old, new_parent: new })
}

/// A field that has a value.
fn field<'t>(node: NodeRef<'t>, key: &str) -> Option<NodeRef<'t>> {
    node.get(key).filter(|node| !node.is_null())
}

/// A field on both sides, and what holds it.
#[derive(Clone, Copy)]
struct Sides<'t> {
    old: Option<NodeRef<'t>>,
    new: Option<NodeRef<'t>>,
    old_parent: NodeRef<'t>,
    new_parent: NodeRef<'t>,
}

struct Walk<'f> {
    is_free: &'f dyn Fn(&str) -> bool,
    path: String,
    /// The keys that lead here, those of lists once.
    keys: Vec<&'f str>,
    /// Fields that may still be looked at.
    budget: usize,
}

/// Fields that are compared at most: aliases can make more of them than any text holds.
const BUDGET: usize = 100_000;

/// Fields that say nothing of what is wanted.
const IGNORED: [&str; 2] = ["status", "creationTimestamp"];

/// Fields that the API server fills in from others: what one side lacks of them may be the same as what the other writes.
const DERIVED: [&str; 4] = ["imagePullPolicy", "requests", "serviceAccount", "hostPort"];

/// Fields in which `false`, `0` and the empty text are not the same as nothing: pointers in the API's Go types.
const KNOWS_NOTHING: [&str; 12] = [
    "allowPrivilegeEscalation",
    "automountServiceAccountToken",
    "fsGroup",
    "hostUsers",
    "optional",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
    "shareProcessNamespace",
    "storageClassName",
];

impl<'f> Walk<'f> {
    fn enter(&mut self, key: &'f str) {
        if key.contains(['.', '[']) {
            self.path.extend(["['", key, "']"]);
        } else {
            self.path.push_str(if self.path.is_empty() { "" } else { "." });
            self.path.push_str(key);
        }
        self.keys.push(key);
    }

    fn differ<'t: 'f>(&mut self, sides: Sides<'t>) -> Option<Difference<'t>> {
        if self.budget == 0 || (self.is_free)(&self.path) {
            return None;
        }
        self.budget -= 1;
        match (sides.old, sides.new) {
            (None, None) => None,
            (Some(written), None) | (None, Some(written)) => self.differ_from_nothing(written, sides),
            (Some(old), Some(new)) => match (old.kind(), new.kind()) {
                (Kind::Mapping, Kind::Mapping) => self.differ_as_mappings(old, new),
                (Kind::Sequence, Kind::Sequence) => self.differ_as_lists(old, new, sides),
                (Kind::Scalar, Kind::Scalar) if self.are_unlike(old, new) => Some(self.found(sides)),
                _ => None,
            },
        }
    }

    fn found<'t>(&self, Sides { old, new, old_parent, new_parent }: Sides<'t>) -> Difference<'t> {
        Difference { path: self.path.clone(), old, new, old_parent, new_parent }
    }

    fn differ_as_mappings<'t: 'f>(&mut self, old: NodeRef<'t>, new: NodeRef<'t>) -> Option<Difference<'t>> {
        let news = new.entries().map(|entry| entry.key.text());
        let olds = old.entries().map(|entry| entry.key.text()).filter(|key| new.get(key).is_none());
        let keys: Vec<&str> = news.chain(olds).filter(|key| !IGNORED.contains(key)).collect();
        keys.into_iter().find_map(|key| {
            let (length, depth) = (self.path.len(), self.keys.len());
            self.enter(key);
            let difference = self.differ(Sides { old: field(old, key), new: field(new, key), old_parent: old, new_parent: new });
            self.path.truncate(length);
            self.keys.truncate(depth);
            difference
        })
    }

    fn differ_as_lists<'t: 'f>(&mut self, old: NodeRef<'t>, new: NodeRef<'t>, sides: Sides<'t>) -> Option<Difference<'t>> {
        let (olds, news): (Vec<_>, Vec<_>) = (old.items().collect(), new.items().collect());
        for (index, (&before, &after)) in olds.iter().zip(&news).enumerate() {
            let length = self.path.len();
            self.path.extend(["[", &index.to_string(), "]"]);
            let difference = self.differ(Sides { old: Some(before), new: Some(after), old_parent: old, new_parent: new });
            self.path.truncate(length);
            if difference.is_some() {
                return difference;
            }
        }
        (olds.len() != news.len()).then(|| self.found(sides))
    }

    /// Whether two scalars are surely not the same. `80` and `"80"` may be, where both stand for a text.
    fn are_unlike(&self, old: NodeRef<'_>, new: NodeRef<'_>) -> bool {
        if old.is_unknown() || new.is_unknown() || old.text() == new.text() || old.scalar() == new.scalar() {
            return false;
        }
        match (self.is_quantity(), Quantity::read(old), Quantity::read(new)) {
            (true, Some(old), Some(new)) => old != new,
            _ => true,
        }
    }

    /// Whether the value is an amount of a resource.
    fn is_quantity(&self) -> bool {
        let [.., parent, key] = self.keys[..] else { return false };
        matches!(parent, "requests" | "limits" | "capacity" | "overhead") || matches!(key, "sizeLimit" | "divisor")
    }

    fn differ_from_nothing<'t: 'f>(&mut self, written: NodeRef<'t>, sides: Sides<'t>) -> Option<Difference<'t>> {
        if self.keys.iter().any(|key| DERIVED.contains(key)) || self.may_be_nothing(written) {
            return None;
        }
        Some(self.found(sides))
    }

    /// Whether a value may be what the API server has where nothing is written.
    fn may_be_nothing(&self, written: NodeRef<'_>) -> bool {
        let [.., parent, key] = self.keys[..] else { return true };
        match written.kind() {
            Kind::Mapping => written.entries().all(|entry| {
                let inner = entry.key.text();
                DERIVED.contains(&inner) || IGNORED.contains(&inner) || is_default_or_zero(key, inner, entry.value)
            }),
            _ => is_default_or_zero(parent, key, written),
        }
    }
}

/// Whether a value is the default of its field, or where it has none may be the zero of its type.
fn is_default_or_zero(parent: &str, key: &str, written: NodeRef<'_>) -> bool {
    let is_number = |default: &str| default.parse().is_ok_and(|number| written.int() == Some(number));
    match default_of(parent, key) {
        _ if written.is_null() || written.is_unknown() => true,
        Some(default) => written.text() == default || is_number(default),
        None => may_be_zero(written) && !(KNOWS_NOTHING.contains(&key) && written.kind() == Kind::Scalar),
    }
}

/// Whether a value is nothing, or the zero of its type.
fn may_be_zero(node: NodeRef<'_>) -> bool {
    match node.kind() {
        Kind::Scalar => match node.scalar() {
            Scalar::Bool(value) => !value,
            Scalar::Int(number) => number == 0,
            Scalar::Str(text) => text.is_empty(),
            Scalar::Null | Scalar::Unknown => true,
            _ => false,
        },
        _ => node.is_empty() || node.entries().all(|entry| may_be_zero(entry.value)) && node.is_mapping(),
    }
}

fn default_of(parent: &str, key: &str) -> Option<&'static str> {
    let lines = include_str!("data/defaults.txt").lines().filter(|line| !line.starts_with('#'));
    let mut rows = lines.map(|line| line.split_whitespace());
    rows.find_map(|mut row| (row.next() == Some(parent) && row.next() == Some(key)).then(|| row.next())?)
}
