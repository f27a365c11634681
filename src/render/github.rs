//! Annotations of GitHub Actions: workflow commands that the runner reads from a step's output
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use std::io::{self, Write};

use super::place::{Region, Whereabouts};
use super::{printable, shown_message};
use crate::finding::{Finding, Severity};
use crate::lint::Outcome;
use crate::source::Sources;

/// Annotations of each level that GitHub takes of a step.
const MOST: usize = 10;

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let mut left_out = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let findings: Vec<&Finding> = outcome.findings.iter().filter(|finding| finding.severity == severity).collect();
        // The last notice takes a place, too.
        let most = if severity == Severity::Note { MOST - 1 } else { MOST };
        left_out += findings.len().saturating_sub(most);
        for finding in findings.into_iter().take(most) {
            write_finding(finding, sources, whereabouts, out)?;
        }
    }
    if left_out > 0 {
        writeln!(out, "::notice title=kubeshoal::{left_out} more, see the job summary or the log")?;
    }
    Ok(())
}

fn write_finding(finding: &Finding, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let path = property(&whereabouts.path(sources.get(finding.span.source)));
    let Region { line, column, end_line, end_column } = Region::of(finding.span, sources);
    // Columns count only where all is on one line.
    let columns = if line == end_line { format!(",col={column},endColumn={end_column}") } else { String::new() };
    let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n{help}"));
    let message = data(&format!("{}{help}", shown_message(finding, sources)));
    writeln!(out, "::{command} file={path},line={line},endLine={end_line}{columns},title={}::{message}", property(&finding.rule))
}

/// A line feed is the only one of the characters that move a cursor which may stand in a message.
fn data(text: &str) -> String {
    let text = text.split('\n').map(printable).collect::<Vec<_>>().join("\n");
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
