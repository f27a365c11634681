//! How often each rule found something.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::printable;
use crate::finding::Severity;
use crate::lint::Outcome;
use crate::rules::{Rule, rule};

/// Writes rules with the number of their findings, the most frequent first.
pub fn statistics(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    for finding in &outcome.findings {
        let (count, severity) = counts.entry(&finding.rule).or_insert((0, finding.severity));
        *count += 1;
        *severity = finding.severity.max(*severity);
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let width = rows.iter().map(|(id, _)| id.chars().count()).max().unwrap_or_default();
    for (id, (count, severity)) in rows {
        let title = rule(id).map_or("", Rule::title);
        let line = format!("{count:6}  {severity:7}  {:width$}  {title}", printable(id), severity = severity.name());
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
