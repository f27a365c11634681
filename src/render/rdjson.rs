//! The Reviewdog Diagnostic Format (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>). Columns count bytes of UTF-8.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::place::Whereabouts;
use super::shown_message;
use crate::finding::{Edit, Finding, Severity};
use crate::lint::Outcome;
use crate::rules::{Rule, rule};
use crate::source::{Sources, Span};

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics: Vec<Value> = outcome.findings.iter().map(|finding| diagnostic(finding, sources, whereabouts)).collect();
    let report = json!({
        "source": {"name": env!("CARGO_PKG_NAME"), "url": env!("CARGO_PKG_REPOSITORY")},
        "diagnostics": diagnostics,
    });
    serde_json::to_writer_pretty(&mut *out, &report).map_err(io::Error::from)?;
    writeln!(out)
}

fn diagnostic(finding: &Finding, sources: &Sources, whereabouts: &Whereabouts) -> Value {
    let severity = match finding.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    };
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
    let mut diagnostic = json!({
        "message": format!("{}{help}", shown_message(finding, sources)),
        "location": location(finding.span, sources, whereabouts),
        "severity": severity,
        "code": {"value": finding.rule},
    });
    if let Some(url) = rule(&finding.rule).map(Rule::url) {
        diagnostic["code"]["url"] = url.into();
    }
    // A suggestion is for one file: that of the finding.
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    let suggestion = |edit: &Edit| json!({"range": range(edit.span, sources), "text": edit.text});
    let is_here = finding.fix.iter().flat_map(|fix| &fix.edits).all(|edit| edit.span.source == finding.span.source);
    let suggestions: Vec<Value> = edits.filter(|_| is_here).map(suggestion).collect();
    if !suggestions.is_empty() {
        diagnostic["suggestions"] = suggestions.into();
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| json!({"message": related.message, "location": location(related.span, sources, whereabouts)}))
        .collect();
    if !related.is_empty() {
        diagnostic["relatedLocations"] = related.into();
    }
    diagnostic
}

fn location(span: Span, sources: &Sources, whereabouts: &Whereabouts) -> Value {
    json!({"path": whereabouts.path(sources.get(span.source)), "range": range(span, sources)})
}

fn range(span: Span, sources: &Sources) -> Value {
    let source = sources.get(span.source);
    let position = |byte: u32| {
        let (line, start) = source.line_at(byte);
        json!({"line": line + 1, "column": byte as usize - start + 1})
    };
    json!({"start": position(span.start), "end": position(span.end)})
}
