//! What becomes of an API version: deprecated, then no longer served.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Resource;

const TABLE: &str = include_str!("data/api-lifecycle.txt");

/// When an API version of a kind ends, and what takes its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifecycle {
    /// The minor version that deprecated it.
    pub deprecated: u32,
    /// The first minor version that doesn't serve it; `None` where that isn't planned.
    pub removed: Option<u32>,
    /// The API version that takes its place.
    pub replacement: Option<&'static str>,
    /// What has to change with the API version; `None` where it isn't known.
    pub change: Option<Migration>,
}

/// What an object needs beside another API version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Migration {
    /// Nothing.
    Rename,
    /// This.
    Rewrite(&'static str),
}

impl Lifecycle {
    /// The API version to write instead, where nothing else changes with it.
    pub fn rename(&self) -> Option<&'static str> {
        self.replacement.filter(|_| self.change == Some(Migration::Rename))
    }

    /// What to do about it.
    pub fn advice(&self) -> String {
        match (self.replacement, self.change) {
            (Some(replacement), Some(Migration::Rename)) => format!("use {replacement}; nothing else changes"),
            (Some(replacement), Some(Migration::Rewrite(change))) => format!("use {replacement}, where {change}"),
            (Some(replacement), None) => format!("use {replacement}, and compare the fields with its reference"),
            (None, Some(Migration::Rewrite(change))) => format!("remove it: {change}"),
            (None, _) => "remove it: no other API version takes its place".into(),
        }
    }
}

impl Resource<'_> {
    /// The end of its API version, if it has one that is known.
    pub fn lifecycle(&self) -> Option<Lifecycle> {
        static BY_TYPE: OnceLock<HashMap<(&str, &str), Lifecycle>> = OnceLock::new();
        let may_end = self.version.contains("alpha") || self.version.contains("beta") || self.group.is_empty();
        let table = || BY_TYPE.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).map(row).collect());
        may_end.then(|| table().get(&(self.node.get("apiVersion")?.text(), self.kind_name)).copied())?
    }
}

fn row(line: &'static str) -> ((&'static str, &'static str), Lifecycle) {
    let mut rest = line;
    let mut word = || {
        let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = behind.trim_start();
        Some(word).filter(|word| *word != "-")
    };
    let (api_version, kind) = (word().expect("a row has an API version"), word().expect("a row has a kind"));
    let minor = |version: &str| version.strip_prefix("1.").and_then(|minor| minor.parse().ok()).expect("versions are 1.x");
    let (deprecated, removed, replacement) = (minor(word().expect("a row says since when")), word().map(minor), word());
    let change = match rest {
        "" => None,
        "rename" => Some(Migration::Rename),
        change => Some(Migration::Rewrite(change)),
    };
    ((api_version, kind), Lifecycle { deprecated, removed, replacement, change })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read_and_a_replacement_is_no_row_that_ended_before() {
        let rows: HashMap<_, _> = TABLE.lines().filter(|line| !line.starts_with('#')).map(row).collect();
        assert_eq!(rows.len(), TABLE.lines().filter(|line| !line.starts_with('#')).count(), "a type has two rows");
        for ((api_version, kind), lifecycle) in &rows {
            assert!(lifecycle.removed.is_none_or(|removed| removed >= lifecycle.deprecated), "{api_version} {kind}");
            let next = lifecycle.replacement.and_then(|replacement| rows.get(&(replacement, *kind)));
            assert!(next.is_none_or(|next| next.removed > lifecycle.removed), "{api_version} {kind}");
            assert!(lifecycle.change != Some(Migration::Rename) || lifecycle.replacement.is_some(), "{api_version} {kind}");
        }
    }
}
