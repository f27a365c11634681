//! GitLab's Code Quality report (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use std::io::{self, Write};

use serde_json::{Value, json};

use super::place::{Fingerprints, Region, Whereabouts};
use super::shown_message;
use crate::finding::Severity;
use crate::lint::Outcome;
use crate::source::Sources;

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let entries = outcome.findings.iter().map(|finding| {
        let path = whereabouts.path(sources.get(finding.span.source));
        let Region { line, column, end_line, end_column } = Region::of(finding.span, sources);
        json!({
            // The name of the check is shown nowhere else.
            "description": format!("{}: {}", finding.rule, shown_message(finding, sources)),
            "check_name": finding.rule,
            "fingerprint": fingerprints.next(finding, &path),
            "severity": match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Note => "info",
            },
            "location": {"path": path, "positions": {
                "begin": {"line": line, "column": column},
                "end": {"line": end_line, "column": end_column},
            }},
        })
    });
    let entries: Vec<Value> = entries.collect();
    serde_json::to_writer_pretty(&mut *out, &entries).map_err(io::Error::from)?;
    writeln!(out)
}
