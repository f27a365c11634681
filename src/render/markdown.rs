//! A report in Markdown, for the summary of a job or a comment on a change.

use std::io::{self, Write};

use super::place::{Region, Whereabouts, encoded};
use super::{printable, shown_message, summary};
use crate::finding::Finding;
use crate::lint::Outcome;
use crate::rules::{Rule, rule};
use crate::source::Sources;

/// Bytes after which findings are counted only: GitHub refuses summaries of more than 1 MiB whole.
const MOST_BYTES: usize = 900 * 1024;

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let head = format!("## kubeshoal\n\n{}\n", escaped(&summary(outcome)));
    let (mut written, mut left_out) = (head.len(), 0);
    out.write_all(head.as_bytes())?;
    for findings in outcome.findings.chunk_by(|a, b| a.span.source == b.span.source) {
        let text = file(findings, sources, whereabouts);
        if written + text.len() > MOST_BYTES {
            left_out += findings.len();
            continue;
        }
        written += text.len();
        out.write_all(text.as_bytes())?;
    }
    if left_out > 0 {
        writeln!(out, "\n{left_out} more findings are left out here: a summary takes no more.")?;
    }
    Ok(())
}

fn file(findings: &[Finding], sources: &Sources, whereabouts: &Whereabouts) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let path = whereabouts.path(sources.get(first.span.source));
    let mut text = format!(
        "\n<details open><summary><code>{}</code> ({})</summary>\n\n| | line | rule | object | finding |\n|---|---|---|---|---|\n",
        escaped(&path),
        findings.len()
    );
    for finding in findings {
        let Region { line, end_line, .. } = Region::of(finding.span, sources);
        let place = match &whereabouts.blob {
            Some(blob) if line == end_line => format!("[{line}]({blob}{}#L{line})", encoded(&path)),
            Some(blob) => format!("[{line}]({blob}{}#L{line}-L{end_line})", encoded(&path)),
            None => line.to_string(),
        };
        let name = match rule(&finding.rule).map(Rule::url) {
            Some(url) => format!("[{}]({url})", finding.rule),
            None => escaped(&finding.rule),
        };
        let object = finding.object.as_ref().map(|object| format!("{} {}", object.kind, object.name.as_deref().unwrap_or_default()));
        let help = finding.help.as_ref().map_or(String::new(), |help| format!("<br>{}", escaped(help)));
        let row = [
            finding.severity.name().to_owned(),
            place,
            name,
            escaped(&object.unwrap_or_default()),
            format!("{}{help}", escaped(&shown_message(finding, sources))),
        ];
        text.extend(["| ", &row.join(" | "), " |\n"]);
    }
    text + "\n</details>\n"
}

/// Text for a cell of a table: nothing in it means anything to Markdown or HTML, but for code between backticks.
fn escaped(text: &str) -> String {
    let text = printable(&text.replace('\n', " ")).replace('|', "\\|").replace('&', "&amp;").replace('<', "&lt;");
    let parts = text.split('`').enumerate();
    let prose = |part: &str| part.replace('*', "\\*").replace('_', "\\_");
    parts.map(|(index, part)| if index % 2 == 0 { prose(part) } else { part.to_owned() }).collect::<Vec<_>>().join("`")
}
