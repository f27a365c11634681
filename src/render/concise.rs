//! One line a finding, in the style of GNU compilers, for editors and `grep`.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Look, message, printable};
use crate::finding::{Finding, Severity};
use crate::source::Sources;

pub(super) fn write(findings: &[Finding], sources: &Sources, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let style = |style: Style| if look.color { style } else { Style::new() };
    let (path_style, rule_style) = (style(Style::new().bold()), style(Style::new().dimmed()));
    for finding in findings {
        let source = sources.get(finding.span.source);
        let place = source.line_column(finding.span.start);
        let (path, severity, message) = (printable(source.name()), finding.severity, message(finding, sources));
        let severity_style = style(severity_style(severity));
        writeln!(
            out,
            "{path_style}{path}{path_style:#}:{}:{}: {severity_style}{severity}{severity_style:#}: {message} {rule_style}[{}]{rule_style:#}",
            place.line, place.column, finding.rule
        )?;
    }
    Ok(())
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Note => AnsiColor::Cyan.on_default().bold(),
    }
}
