//! Regular expressions in the syntax of RE2, each compiled once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::Stop;

/// Bytes that one compiled expression may take, and its cache while matching.
const LARGEST: usize = 1 << 20;
/// Expressions that are kept; patterns may be made up by an expression, without end.
const MOST: usize = 1000;

/// The expressions that were used so far.
#[derive(Default, Debug)]
pub(in crate::policy) struct Regexes(Mutex<HashMap<String, Arc<Regex>>>);

impl Regexes {
    /// The expression of a pattern.
    pub(super) fn get(&self, pattern: &str) -> Result<Arc<Regex>, Stop> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = known().get(pattern) {
            return Ok(Arc::clone(regex));
        }
        let compiled = compile(pattern).map(Arc::new).map_err(Stop::Error)?;
        let mut known = known();
        if known.len() < MOST {
            known.insert(pattern.to_owned(), Arc::clone(&compiled));
        }
        Ok(compiled)
    }
}

/// Compiles a pattern, or says in a line what is wrong with it.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(&translated(pattern)).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
    regex.map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        format!("`{pattern}` is no regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
    })
}

/// What RE2 means by a pattern, in the syntax of the crate `regex`: classes hold ASCII only, and brackets and doubled operators inside of
/// classes stand for themselves.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let (mut in_class, mut class_start) = (false, false);
    while let Some(next) = rest.next() {
        let at_start = std::mem::take(&mut class_start);
        match next {
            '\\' => {
                let Some(escaped) = rest.next() else {
                    out.push('\\');
                    break;
                };
                match (escaped, in_class) {
                    ('d', false) => out.push_str("[0-9]"),
                    ('d', true) => out.push_str("0-9"),
                    ('D', _) => out.push_str("[^0-9]"),
                    ('w', false) => out.push_str("[0-9A-Za-z_]"),
                    ('w', true) => out.push_str("0-9A-Za-z_"),
                    ('W', _) => out.push_str("[^0-9A-Za-z_]"),
                    ('s', false) => out.push_str(r"[\t\n\f\r ]"),
                    ('s', true) => out.push_str(r"\t\n\f\r "),
                    ('S', _) => out.push_str(r"[^\t\n\f\r ]"),
                    ('b', false) => out.push_str(r"(?-u:\b)"),
                    ('Q', false) => quote(&mut rest, &mut out),
                    _ => out.extend(['\\', escaped]),
                }
            }
            '[' if !in_class => {
                (in_class, class_start) = (true, true);
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            '[' if rest.peek() == Some(&':') => out.push('['),
            ']' if in_class && at_start => out.push_str(r"\]"),
            ']' => {
                // The end of `[:alpha:]` stands before the class's own.
                let closes_named = out.ends_with(':') && out.rfind("[:").is_some_and(|start| !out[start..].contains(']'));
                in_class &= closes_named;
                out.push(']');
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', next]),
            _ => out.push(next),
        }
    }
    out
}

/// The literal text between `\Q` and `\E`.
fn quote(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut literal = String::new();
    for next in rest.by_ref() {
        literal.push(next);
        if literal.ends_with("\\E") {
            literal.truncate(literal.len() - 2);
            break;
        }
    }
    out.push_str(&regex::escape(&literal));
}
