//! What was found, as text for people and programs.

mod concise;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod picture;
mod place;
mod plan;
mod rdjson;
mod rollout;
mod sarif;
mod statistics;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::finding::{Finding, Safety, Severity, count};
use crate::lint::{Baselined, Changes, Outcome, SkipReason, Summary};
use crate::source::Sources;

pub use picture::{MERMAID_MOST_LINKS, PictureFormat, render_picture};
pub use place::Whereabouts;
pub use plan::plan;
pub use statistics::statistics;

pub use rollout::{RolloutFormat, RolloutView, render_rollout};

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// The text around each finding, with the places that explain it and what to do
    Full,
    /// One line a finding: `path:line:column: severity: message [rule]`
    Concise,
    /// One JSON document
    Json,
    /// A JSON document a finding, each on a line
    Jsonl,
    /// SARIF 2.1.0, for GitHub's code scanning and others
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// XML as test runners write it
    Junit,
    /// The format of reviewdog, with suggestions
    Rdjson,
    /// Tables in Markdown, for the summary of a job
    Markdown,
}

impl Format {
    /// Whether people read it as it comes, so that a summary may stand below it.
    pub fn is_prose(self) -> bool {
        matches!(self, Format::Full | Format::Concise)
    }
}

/// What the reader of the text can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// ANSI colours and links.
    pub color: bool,
    /// Characters that draw lines.
    pub unicode: bool,
    /// Columns in which prose is wrapped.
    pub width: usize,
}

impl Look {
    /// For files and pipes.
    pub const PLAIN: Look = Look { color: false, unicode: true, width: 100 };
}

/// Writes all findings of a run; where a format has room for it, the summary too.
pub fn render(
    format: Format,
    outcome: &Outcome,
    sources: &Sources,
    look: Look,
    whereabouts: &Whereabouts,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full => full::write(&outcome.findings, sources, look, out),
        Format::Concise => concise::write(&outcome.findings, sources, look, out),
        Format::Json => json::write(outcome, sources, out),
        Format::Jsonl => json::write_lines(outcome, sources, out),
        Format::Sarif => sarif::write(outcome, sources, whereabouts, out),
        Format::Github => github::write(outcome, sources, whereabouts, out),
        Format::Gitlab => gitlab::write(outcome, sources, whereabouts, out),
        Format::Junit => junit::write(outcome, sources, whereabouts, out),
        Format::Rdjson => rdjson::write(outcome, sources, whereabouts, out),
        Format::Markdown => markdown::write(outcome, sources, whereabouts, out),
    }
}

/// Findings by severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Tally {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Tally {
    fn of(outcome: &Outcome) -> Self {
        let number = |severity| outcome.findings.iter().filter(|finding| finding.severity == severity).count();
        Tally { errors: number(Severity::Error), warnings: number(Severity::Warning), notes: number(Severity::Note) }
    }
}

/// The run in a line: what was found, where it was sought, what was not looked at and why.
pub fn summary(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let Tally { errors, warnings, notes } = Tally::of(outcome);
    let found = listed([(errors, "error"), (warnings, "warning"), (notes, "note")]);
    let found = if found.is_empty() { "no findings".to_owned() } else { found };
    let mut parts = vec![format!("{found} in {} ({})", counted(summary.files, "file"), counted(summary.objects, "object"))];
    parts.extend(outcome.changes.map(changes));
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    parts.extend(summary.baseline.map(baseline));
    parts.extend(skipped(summary));
    parts.join("; ")
}

/// How many findings there are with a fix that is safe, and with another one.
fn with_fix(outcome: &Outcome) -> (usize, usize) {
    let number = |safety| outcome.findings.iter().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safety == safety)).count();
    (number(Safety::Safe), number(Safety::Unsafe))
}

/// What can be fixed, if something can: "3 fixable with --fix (2 more with --unsafe-fixes)".
pub fn fixable(outcome: &Outcome, with_unsafe: bool) -> Option<String> {
    match with_fix(outcome) {
        (0, 0) => None,
        (safe, more) if with_unsafe => Some(format!("{} fixable with --fix --unsafe-fixes", safe + more)),
        (0, more) => Some(format!("{more} fixable with --fix --unsafe-fixes")),
        (safe, 0) => Some(format!("{safe} fixable with --fix")),
        (safe, more) => Some(format!("{safe} fixable with --fix ({more} more with --unsafe-fixes)")),
    }
}

/// What was fixed, and what more could be: "3 fixed (2 more with --unsafe-fixes)".
pub fn fixed(count: usize, what: &str, outcome: &Outcome, with_unsafe: bool) -> String {
    match with_fix(outcome) {
        (_, more) if more > 0 && !with_unsafe => format!("{count} {what} ({more} more with --unsafe-fixes)"),
        _ => format!("{count} {what}"),
    }
}

/// "12 in the baseline and 2 that are gone: …"
fn baseline(baseline: Baselined) -> String {
    let Baselined { covered, stale } = baseline;
    let gone = match stale {
        0 => String::new(),
        1 => " and 1 that is gone: --write-baseline drops it".to_owned(),
        _ => format!(" and {stale} that are gone: --write-baseline drops them"),
    };
    format!("{covered} in the baseline{gone}")
}

/// "2 objects changed, 1 removed"
fn changes(changes: Changes) -> String {
    let parts = [(changes.changed, "changed"), (changes.added, "added"), (changes.removed, "removed"), (changes.moved, "moved")];
    let parts: Vec<_> = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if parts.is_empty() { "nothing changed".into() } else { parts.join(", ") }
}

fn listed<const N: usize>(parts: [(usize, &str); N]) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| counted(number, noun)).collect();
    parts.join(", ")
}

fn counted(number: usize, noun: &str) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX), noun)
}

/// How many files were not looked at, if any, and why: "3 files skipped: 1 templated (…), 2 not Kubernetes".
pub fn skipped(summary: &Summary) -> Option<String> {
    let number = |of: fn(&SkipReason) -> bool| summary.skipped.iter().filter(|skipped| of(&skipped.reason)).count();
    let parts = [
        (number(|reason| matches!(reason, SkipReason::Templated)), TEMPLATED),
        (number(|reason| matches!(reason, SkipReason::NotKubernetes)), NOT_KUBERNETES),
        (number(|reason| matches!(reason, SkipReason::Unreadable(_))), "unreadable"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    (!parts.is_empty()).then(|| format!("{} skipped: {}", counted(summary.skipped.len(), "file"), parts.join(", ")))
}

const TEMPLATED: &str = "templated (render it first: helm template, kustomize build)";
const NOT_KUBERNETES: &str = "not Kubernetes";

/// Why a file was not looked at.
pub fn skip_reason(reason: &SkipReason) -> Cow<'_, str> {
    match reason {
        SkipReason::Templated => TEMPLATED.into(),
        SkipReason::NotKubernetes => NOT_KUBERNETES.into(),
        SkipReason::Unreadable(why) => format!("unreadable: {why}").into(),
    }
}

/// Whether a character may not reach a terminal: it would move the cursor, change colours or turn the direction of writing.
fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text for one line of a terminal, what can't be shown escaped: names and values come from files that nobody vouches for.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unprintable(character) { escaped.extend(character.escape_default()) } else { escaped.push(character) }
    }
    escaped.into()
}

/// The finding's message as it is, and that it points at what was, where it does.
fn shown_message(finding: &Finding, sources: &Sources) -> String {
    let suffix = if sources.get(finding.span.source).is_old() { " (in the old text)" } else { "" };
    format!("{}{suffix}", finding.message)
}

/// The finding's message, and that it points at what was, where it does.
fn message<'a>(finding: &'a Finding, sources: &Sources) -> Cow<'a, str> {
    let message = printable(&finding.message);
    if sources.get(finding.span.source).is_old() { format!("{message} (in the old text)").into() } else { message }
}

#[cfg(test)]
mod tests;
