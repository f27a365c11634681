//! Pictures of objects and their references, for people and for other programs.

mod dot;
mod layout;
mod mermaid;
mod svg;

use std::borrow::Cow;
use std::io::{self, Write};

use super::printable;
use crate::finding::Severity;
use crate::picture::{Drawn, Family, Picture};

pub use mermaid::MOST_LINKS as MERMAID_MOST_LINKS;

/// How a picture is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum PictureFormat {
    /// A picture by itself, for browsers
    Svg,
    /// A flowchart, for Markdown
    Mermaid,
    /// For Graphviz
    Dot,
}

/// Writes a picture.
pub fn render_picture(format: PictureFormat, picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    match format {
        PictureFormat::Svg => svg::write(picture, out),
        PictureFormat::Mermaid => mermaid::write(picture, out),
        PictureFormat::Dot => dot::write(picture, out),
    }
}

/// Hazards that are written into an object's box; the others are counted.
const MOST_HAZARDS: usize = 4;
/// Characters of a line; the rest is left out.
const LONGEST: usize = 44;

/// A mark that tells severities apart without colours.
fn mark(severity: Severity) -> char {
    match severity {
        Severity::Error => '✖',
        Severity::Warning => '▲',
        Severity::Note => '●',
    }
}

/// The lines about an object's hazards: rules, each once, with the worst of its severities.
fn hazard_lines(object: &Drawn) -> Vec<(Severity, String)> {
    let mut rules: Vec<(Severity, &str, usize)> = Vec::new();
    for hazard in &object.hazards {
        match rules.iter_mut().find(|(_, rule, _)| *rule == hazard.rule) {
            Some((.., count)) => *count += 1,
            None => rules.push((hazard.severity, &hazard.rule, 1)),
        }
    }
    let rest = rules.len().saturating_sub(MOST_HAZARDS);
    let last = rules.get(MOST_HAZARDS).map(|(severity, ..)| (*severity, format!("… and {rest} more")));
    let line = |(severity, rule, count): &(Severity, &str, usize)| {
        let times = if *count > 1 { format!(" ({count})") } else { String::new() };
        (*severity, shortened(&format!("{} {rule}{times}", mark(*severity))).into_owned())
    };
    rules.iter().take(MOST_HAZARDS).map(line).chain(last).collect()
}

/// A line of a box: what can't be shown escaped, and what is too long cut.
fn shortened(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text,
    }
}

/// The name of a unit: of a long path, the end.
fn unit_name(path: &str) -> Cow<'_, str> {
    let path = printable(path);
    let Some(start) = path.char_indices().rev().nth(LONGEST).map(|(at, first)| at + first.len_utf8()) else { return path };
    format!("…{}", &path[start..]).into()
}

/// How many characters are shown of a text.
fn characters(text: &str) -> f64 {
    let count = u16::try_from(shortened(text).chars().count());
    f64::from(count.unwrap_or(u16::MAX))
}

/// The class of an object: its worst severity, or that it is missing.
fn class(object: &Drawn) -> Option<&'static str> {
    match (object.family, object.worst()) {
        (Family::Missing, _) => Some("missing"),
        (_, Some(severity)) => Some(severity.name()),
        (_, None) => None,
    }
}
