//! What a change asks people to do by hand, as a shell script to be read first. Nothing is run.

use std::collections::HashMap;
use std::io::{self, Write};

use super::printable;
use crate::finding::{Finding, When};
use crate::resource::quoted;
use crate::source::{Source, Sources};

const HEAD: &str = "\
#!/bin/sh
# What this change asks for beside applying it, as `kubeshoal diff --plan` sees it from the manifests. Nothing of it has been run: read it,
# and take out or add what your cluster needs. Commands without --namespace are for the namespace of the current context.
set -eu
";

/// Writes the steps of all findings, in the order in which they are due.
pub fn plan(findings: &[Finding], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let mut with_steps: Vec<&Finding> = findings.iter().filter(|finding| !finding.steps.is_empty()).collect();
    write!(out, "{HEAD}")?;
    if with_steps.is_empty() {
        return writeln!(out, "\n# Nothing has to be done by hand.");
    }
    // What people have to decide may end it all, and so comes before the first command.
    with_steps.sort_by_key(|finding| finding.steps.iter().any(|step| step.when == When::Before && !step.commands.is_empty()));
    section(&with_steps, When::Before, sources, out)?;
    apply(&with_steps, sources, out)?;
    section(&with_steps, When::After, sources, out)
}

/// The steps of one time. What two findings ask for is done for the last of them, when all else that they ask for is done.
fn section(findings: &[&Finding], when: When, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let due = |finding: &&&Finding| finding.steps.iter().any(|step| step.when == when);
    let mut times: HashMap<&str, usize> = HashMap::new();
    let steps = findings.iter().flat_map(|finding| &finding.steps).filter(|step| step.when == when);
    for command in steps.flat_map(|step| &step.commands) {
        *times.entry(command).or_default() += 1;
    }
    for finding in findings.iter().filter(due) {
        let source = sources.get(finding.span.source);
        let line = source.line_column(finding.span.start).line;
        let side = if when == When::Before { "Before" } else { "After" };
        writeln!(out, "\n# {side}: {}:{line}: {} [{}]", printable(source.name()), printable(&finding.message), finding.rule)?;
        for step in finding.steps.iter().filter(|step| step.when == when) {
            writeln!(out, "# {}{}", printable(&step.purpose), if step.commands.is_empty() { "" } else { ":" })?;
            for command in &step.commands {
                let left = times.get_mut(command.as_str()).map_or(0, |left| {
                    *left -= 1;
                    *left
                });
                if left == 0 { writeln!(out, "{}", printable(command))? } else { writeln!(out, "# (see below)")? }
            }
        }
    }
    Ok(())
}

/// Applies the files that the findings are about.
fn apply(findings: &[&Finding], sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let mut files: Vec<&str> =
        findings.iter().map(|finding| sources.get(finding.span.source)).filter(|source| !source.is_old()).map(Source::name).collect();
    files.sort_unstable();
    files.dedup();
    writeln!(out, "\n# Apply the new manifests, in the way that you always do{}", if files.is_empty() { "." } else { ":" })?;
    files.iter().try_for_each(|file| writeln!(out, "kubectl apply --filename {}", printable(&quoted(file))))
}
