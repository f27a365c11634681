//! Values with their defaults, and numbers that may be percentages.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::fmt;
use std::hash::Hash;

use crate::finding::{Finding, Safety};
use crate::yaml::edit::{self, Value};
use crate::yaml::{NodeRef, Scalar};

/// A field's text, with its place; nothing for a placeholder and any other type.
pub fn text<'t>(node: NodeRef<'t>, key: &str) -> Option<(NodeRef<'t>, &'t str)> {
    let value = node.get(key)?;
    Some((value, value.str()?))
}

/// A field's integer, with its place; nothing for a placeholder and any other type.
pub fn number<'t>(node: NodeRef<'t>, key: &str) -> Option<(NodeRef<'t>, i64)> {
    let value = node.get(key)?;
    Some((value, value.int()?))
}

/// The items with a key that an earlier item has, each with the first of those.
pub fn repeated<K: Eq + Hash, T: Copy>(items: impl IntoIterator<Item = (K, T)>) -> Vec<(T, T)> {
    /// So many are compared with each other sooner than hashed.
    const FEW: usize = 12;
    let items: Vec<_> = items.into_iter().collect();
    if items.len() <= FEW {
        let earlier = |index: usize| items[..index].iter().find(|(key, _)| *key == items[index].0);
        return (1..items.len()).filter_map(|index| Some((items[index].1, earlier(index)?.1))).collect();
    }
    let mut seen = HashMap::with_capacity(items.len());
    let mut repeated = Vec::new();
    for (key, item) in items {
        match seen.entry(key) {
            Occupied(earlier) => repeated.push((item, *earlier.get())),
            Vacant(place) => _ = place.insert(item),
        }
    }
    repeated
}

/// A value as the API server sees it, and where it is written: nowhere for a default.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Setting<'t, T> {
    /// What it is.
    pub value: T,
    /// Where it is written.
    pub node: Option<NodeRef<'t>>,
}

impl<'t, T> Setting<'t, T> {
    /// The value of `key` below `parent`, or the default where it is absent or null. `None` where it is written but can't be read:
    /// a placeholder, a wrong type.
    pub fn read(parent: Option<NodeRef<'t>>, key: &str, read: impl FnOnce(NodeRef<'t>) -> Option<T>, default: T) -> Option<Self> {
        match parent.and_then(|parent| parent.get(key)).filter(|node| !node.is_null()) {
            Some(node) => read(node).map(|value| Setting { value, node: Some(node) }),
            None => Some(Setting { value: default, node: None }),
        }
    }

    /// Whether nothing is written.
    pub fn is_default(&self) -> bool {
        self.node.is_none()
    }
}

/// A number of pods, absolute or in percent of the wanted ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntOrPercent {
    /// So many.
    Int(i64),
    /// That share, in percent.
    Percent(i64),
}

impl IntOrPercent {
    /// `3` or `25%`; a quoted number is neither for the API server.
    pub fn read(node: NodeRef<'_>) -> Option<Self> {
        match node.scalar() {
            Scalar::Int(number) => Some(IntOrPercent::Int(number)),
            Scalar::Str(text) => {
                let digits = text.strip_suffix('%')?;
                let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| digits.parse().ok().map(IntOrPercent::Percent))?
            }
            _ => None,
        }
    }

    /// Offers to write what a text that is neither was to be: `"1"` is 1, and `25 %` is 25%. It is refused as it stands, so that nothing that
    /// runs changes.
    pub fn offer_meant(node: NodeRef<'_>, finding: &mut Finding) {
        if Self::read(node).is_some() {
            return;
        }
        let percent = node.text().strip_suffix('%').map(str::trim_end);
        let digits = percent.unwrap_or(node.text());
        let Some(number) = digits.parse::<u16>().ok().filter(|number| number.to_string() == digits) else { return };
        let (Some(mapping), Some(key), true) = (node.parent(), node.key(), percent.is_none() || number <= 100) else { return };
        let text = percent.map_or_else(|| digits.to_owned(), |digits| format!("{digits}%"));
        let value = if percent.is_some() { Value::Str(&text) } else { Value::Word(&text) };
        finding.offer(format!("Write {text}"), Safety::Safe, [edit::set(mapping, key.text(), value, &[])]);
    }

    /// Whether it is written as nothing: `0` or `0%`. What validation looks at.
    pub fn is_zero(self) -> bool {
        matches!(self, IntOrPercent::Int(0) | IntOrPercent::Percent(0))
    }

    /// Of `total`, rounded down.
    pub fn floor(self, total: i64) -> i64 {
        match self {
            IntOrPercent::Int(number) => number,
            IntOrPercent::Percent(percent) => percent.saturating_mul(total).div_euclid(100),
        }
    }

    /// Of `total`, rounded up.
    pub fn ceil(self, total: i64) -> i64 {
        match self {
            IntOrPercent::Int(number) => number,
            IntOrPercent::Percent(percent) => percent.saturating_mul(total).saturating_add(99).div_euclid(100),
        }
    }
}

impl fmt::Display for IntOrPercent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrPercent::Int(number) => write!(formatter, "{number}"),
            IntOrPercent::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_comes_with_what_was_first() {
        assert_eq!(repeated([("a", 1), ("b", 2), ("a", 3), ("a", 4)]), [(3, 1), (4, 1)]);
        let many: Vec<_> = (0..40).map(|number| (number % 30, number)).collect();
        assert_eq!(repeated(many), (30..40).map(|number| (number, number - 30)).collect::<Vec<_>>());
        assert_eq!(repeated::<&str, u8>([]), []);
    }
}
