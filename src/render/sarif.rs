//! SARIF 2.1.0 as GitHub reads it: regions on one line, addresses from the repository's root, results even where there are none
//! (<https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::place::{Fingerprints, Region, Whereabouts, encoded};
use super::shown_message;
use crate::finding::{Finding, Severity};
use crate::lint::Outcome;
use crate::rules::{Rule, rule};
use crate::source::{Sources, Span};

/// Characters that a description of a rule may have.
const LONGEST_DESCRIPTION: usize = 1024;

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &outcome.findings {
        indices.insert(finding.rule.as_ref(), 0);
    }
    for (index, place) in indices.values_mut().enumerate() {
        *place = index;
    }
    let mut fingerprints = Fingerprints::default();
    let results: Vec<Value> =
        outcome.findings.iter().map(|finding| result(finding, sources, whereabouts, &indices, &mut fingerprints)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": indices.keys().map(|id| descriptor(id)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log).map_err(io::Error::from)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn descriptor(id: &str) -> Value {
    let Some(rule) = rule(id) else {
        let text = format!("Policy {id}");
        return json!({
            "id": id,
            "name": id,
            "shortDescription": {"text": text},
            "fullDescription": {"text": text},
            "help": {"text": "A policy of this repository"},
        });
    };
    let kind = match rule.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    };
    json!({
        "id": id,
        "name": id,
        "shortDescription": {"text": short(rule.title())},
        "fullDescription": {"text": short(&consequence(rule))},
        "help": {"text": rule.document().trim(), "markdown": rule.document().trim()},
        "helpUri": rule.url(),
        "defaultConfiguration": {"level": level(rule.severity())},
        "properties": {"tags": [rule.category()], "precision": "high", "problem.severity": kind},
    })
}

/// The first paragraph below the heading, on one line.
fn consequence(rule: &Rule) -> String {
    let paragraph = rule.document().trim().split("\n\n").nth(1).unwrap_or(rule.title());
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_DESCRIPTION).collect()
}

fn location(span: Span, sources: &Sources, whereabouts: &Whereabouts) -> Value {
    let Region { line, column, end_line, end_column } = Region::of(span, sources).first_line(span, sources);
    json!({
        "artifactLocation": {"uri": encoded(&whereabouts.path(sources.get(span.source)))},
        "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
    })
}

fn result(
    finding: &Finding,
    sources: &Sources,
    whereabouts: &Whereabouts,
    indices: &BTreeMap<&str, usize>,
    fingerprints: &mut Fingerprints,
) -> Value {
    let mut text = shown_message(finding, sources);
    if let Some(help) = &finding.help {
        text = format!("{text}. To do: {help}");
    }
    for (index, related) in finding.related.iter().enumerate() {
        let label = related.message.replace(['[', ']', '(', ')'], " ");
        text = format!("{text} [{}]({})", label.trim(), index + 1);
    }
    let related = finding.related.iter().enumerate().map(|(index, related)| {
        json!({
            "id": index + 1,
            "message": {"text": related.message},
            "physicalLocation": location(related.span, sources, whereabouts),
        })
    });
    let path = whereabouts.path(sources.get(finding.span.source));
    json!({
        "ruleId": finding.rule,
        "ruleIndex": indices.get(finding.rule.as_ref()),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": location(finding.span, sources, whereabouts)}],
        "relatedLocations": related.collect::<Vec<_>>(),
        "partialFingerprints": {"kubeshoal/v1": fingerprints.next(finding, &path)},
    })
}
