//! One JSON document, written as it is made. Its shape is a promise: a change of it is a new `version`.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::Tally;
use crate::finding::{Edit, Finding, Fix, ObjectName, Related};
use crate::lint::{Baselined, Changes, Outcome, SkipReason};
use crate::rules::{Rule, rule};
use crate::source::{Source, Sources, Span};

const VERSION: u32 = 1;

pub(super) fn write(outcome: &Outcome, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        version: VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        findings: Findings { findings: &outcome.findings, sources },
        summary: summary(outcome),
    };
    serde_json::to_writer_pretty(&mut *out, &report).map_err(io::Error::from)?;
    writeln!(out)
}

/// Each finding as a document on a line of its own.
pub(super) fn write_lines(outcome: &Outcome, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        serde_json::to_writer(&mut *out, &json_finding(finding, sources)).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    tool: Tool,
    findings: Findings<'a>,
    summary: JsonSummary<'a>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Findings that are converted one by one while they are written.
struct Findings<'a> {
    findings: &'a [Finding],
    sources: &'a Sources,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| json_finding(finding, self.sources)))
    }
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    range: Range<'a>,
    object: Option<&'a ObjectName>,
    field: Option<&'a str>,
    related: Vec<JsonRelated<'a>>,
    fix: Option<JsonFix<'a>>,
    url: Option<String>,
}

#[derive(Serialize)]
struct Range<'a> {
    path: &'a str,
    /// `old` for a text of what was; not written for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    start: Position,
    /// Behind the last byte.
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    byte: u32,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    text: &'a str,
}

fn json_finding<'a>(finding: &'a Finding, sources: &'a Sources) -> JsonFinding<'a> {
    let related = |related: &'a Related| JsonRelated { range: range(related.span, sources), message: &related.message };
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        help: finding.help.as_deref(),
        range: range(finding.span, sources),
        object: finding.object.as_ref(),
        field: finding.field.as_deref(),
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().map(|fix| json_fix(fix, sources)),
        url: rule(&finding.rule).map(Rule::url),
    }
}

fn json_fix<'a>(fix: &'a Fix, sources: &'a Sources) -> JsonFix<'a> {
    let edit = |edit: &'a Edit| JsonEdit { range: range(edit.span, sources), text: &edit.text };
    JsonFix { title: &fix.title, safety: fix.safety.name(), edits: fix.edits.iter().map(edit).collect() }
}

fn range(span: Span, sources: &Sources) -> Range<'_> {
    let source = sources.get(span.source);
    Range {
        path: source.name(),
        side: source.is_old().then_some("old"),
        start: position(source, span.start),
        end: position(source, span.end),
    }
}

fn position(source: &Source, byte: u32) -> Position {
    let place = source.line_column(byte);
    Position { line: place.line, column: place.column, byte }
}

#[derive(Serialize)]
struct JsonSummary<'a> {
    files: usize,
    documents: usize,
    objects: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    /// Where there is a baseline: findings that it covers, and those in it that are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baselined>,
    skipped: Vec<JsonSkipped<'a>>,
    /// Where two sets were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
}

#[derive(Serialize)]
struct JsonSkipped<'a> {
    path: &'a str,
    reason: &'static str,
}

fn summary(outcome: &Outcome) -> JsonSummary<'_> {
    let summary = &outcome.summary;
    let Tally { errors, warnings, notes } = Tally::of(outcome);
    let reason = |reason: &SkipReason| match reason {
        SkipReason::Templated => "templated",
        SkipReason::NotKubernetes => "not-kubernetes",
        SkipReason::Unreadable(_) => "unreadable",
    };
    JsonSummary {
        files: summary.files,
        documents: summary.documents,
        objects: summary.objects,
        errors,
        warnings,
        notes,
        suppressed: summary.suppressed,
        baseline: summary.baseline,
        skipped: summary.skipped.iter().map(|skipped| JsonSkipped { path: &skipped.path, reason: reason(&skipped.reason) }).collect(),
        changes: outcome.changes,
    }
}
