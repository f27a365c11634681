//! What is to be expected of workloads, as a table for people and as JSON.

mod json;
mod sentences;
mod timeline;

use std::io::{self, Write};

use super::{Look, printable};
use crate::rollout::Outlook;
use crate::source::Sources;

/// How outlooks are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum RolloutFormat {
    /// A block of sentences a workload
    Text,
    /// One JSON document
    Json,
    /// A table a workload, for a pull request
    Markdown,
}

/// What is asked of an outlook beside itself.
#[derive(Clone, Copy, Debug)]
pub struct RolloutView {
    /// The number of replicas that was asked for in place of those written.
    pub scale: Option<usize>,
    /// The number of nodes that was given.
    pub nodes: Option<usize>,
    /// Whether to draw the steps pod by pod.
    pub timeline: bool,
}

/// Writes outlooks.
pub fn render_rollout(
    format: RolloutFormat,
    outlooks: &[Outlook<'_>],
    view: RolloutView,
    sources: &Sources,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        RolloutFormat::Text => write_text(outlooks, view, sources, look, out),
        RolloutFormat::Markdown => write_markdown(outlooks, view, sources, out),
        RolloutFormat::Json => json::write(outlooks, view, sources, out),
    }
}

fn write_text(outlooks: &[Outlook<'_>], view: RolloutView, sources: &Sources, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (index, outlook) in outlooks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let (name, place) = (outlook.workload.describe(), place(outlook, sources));
        let gap = look.width.saturating_sub(name.chars().count() + place.chars().count()).max(2);
        writeln!(out, "{}{}{}", printable(&name), " ".repeat(gap), printable(&place))?;
        for (label, sentences) in sentences::rows(outlook, view) {
            for (line, sentence) in sentences.iter().enumerate() {
                let label = if line == 0 { label } else { "" };
                writeln!(out, "  {label:<17}{}", printable(sentence))?;
            }
        }
        if view.timeline {
            timeline::write(outlook, look, out)?;
        }
    }
    Ok(())
}

fn write_markdown(outlooks: &[Outlook<'_>], view: RolloutView, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    for outlook in outlooks {
        writeln!(out, "### {} (`{}`)\n\n| | |\n|---|---|", escaped(&outlook.workload.describe()), place(outlook, sources))?;
        for (label, sentences) in sentences::rows(outlook, view) {
            let cell: Vec<String> = sentences.iter().map(|sentence| escaped(sentence)).collect();
            writeln!(out, "| {label} | {} |", cell.join("<br>"))?;
        }
        writeln!(out)?;
        if view.timeline {
            writeln!(out, "```text")?;
            timeline::write(outlook, Look::PLAIN, out)?;
            writeln!(out, "```\n")?;
        }
    }
    Ok(())
}

/// Text for a cell of a Markdown table.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
}

/// File and line of the workload.
fn place(outlook: &Outlook<'_>, sources: &Sources) -> String {
    let span = outlook.workload.resource().node().span();
    let source = sources.get(span.source);
    format!("{}:{}", source.name(), source.line_column(span.start).line)
}
