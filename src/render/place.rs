//! Where findings are, as other programs want to be told.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::finding::{Finding, ObjectName};
use crate::source::{Source, Sources, Span};

/// Where this run is, for those who look at its output elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Whereabouts {
    /// The working folder from the repository's root, with a `/` at its end; empty at the root.
    pub prefix: String,
    /// What a path is put behind to be a link: `https://github.com/owner/repository/blob/revision/`.
    pub blob: Option<String>,
}

/// A span in lines and columns of characters, both from 1, the end behind the last character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Region {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl Region {
    pub(super) fn of(span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.source);
        let (start, end) = (source.line_column(span.start), source.line_column(span.end));
        Region { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }

    /// Its first line alone.
    pub(super) fn first_line(self, span: Span, sources: &Sources) -> Self {
        let source = sources.get(span.source);
        if self.line == self.end_line {
            return Region { end_column: self.end_column.max(self.column + 1), ..self };
        }
        let end = source.line_start(self.line) as u32;
        let line = source.text()[span.start as usize..end as usize].trim_end_matches(['\n', '\r']);
        Region { end_line: self.line, end_column: self.column + line.chars().count().max(1), ..self }
    }
}

impl Whereabouts {
    /// The path of a text from the repository's root, without `./`; of an old text, that which it had.
    pub(super) fn path(&self, source: &Source) -> String {
        let name = source.name();
        let path = if source.is_old() { name.split_once(':').map_or(name, |(_, path)| path) } else { name };
        if path == "-" {
            return "stdin".into();
        }
        if path.starts_with('/') {
            return path.to_owned();
        }
        let mut steps: Vec<&str> = self.prefix.split('/').filter(|step| !step.is_empty()).collect();
        for step in path.split('/') {
            match step {
                "" | "." => {}
                ".." if steps.last().is_some_and(|last| *last != "..") => _ = steps.pop(),
                step => steps.push(step),
            }
        }
        steps.join("/")
    }
}

/// A path as a part of an address.
pub(super) fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    encoded
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

/// Names findings by what they are about and not by their lines, so that they are known again when lines have moved.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    /// The name of the next finding; no two are the same.
    pub(super) fn next(&mut self, finding: &Finding, path: &str) -> String {
        let object = finding.object.as_ref();
        let part = |of: fn(&ObjectName) -> Option<&str>| object.and_then(of).unwrap_or_default();
        let parts = [
            finding.rule.as_ref(),
            path,
            part(|object| Some(&object.api_version)),
            part(|object| Some(&object.kind)),
            part(|object| object.namespace.as_deref()),
            part(|object| object.name.as_deref()),
            finding.field.as_deref().unwrap_or_default(),
        ];
        let key = parts.join("\0");
        let count = self.seen.entry(key.clone()).or_default();
        *count += 1;
        let digest = Sha256::digest(format!("{key}\0{count}"));
        digest.iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect::<String>().to_lowercase()
    }
}
