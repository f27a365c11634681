//! A picture as a Mermaid flowchart, which GitHub and others draw in Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{class, hazard_lines, shortened, unit_name};
use crate::picture::{Drawn, Family, Picture};

/// Links above which Mermaid draws nothing unless it is told to (`maxEdges` in
/// <https://mermaid.js.org/config/schema-docs/config.html>).
pub const MOST_LINKS: usize = 500;

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (unit, name) in picture.units.iter().enumerate() {
        writeln!(out, "  subgraph u{unit}[\"{}\"]", escaped(&unit_name(name)))?;
        for (index, object) in picture.objects.iter().enumerate().filter(|(_, object)| object.unit == unit) {
            let (open, close) = brackets(object.family);
            writeln!(out, "    n{index}{open}\"{}\"{close}", label(object))?;
        }
        writeln!(out, "  end")?;
    }
    for link in &picture.links {
        let arrow = if picture.objects[link.to].family == Family::Missing { "-.->" } else { "-->" };
        writeln!(out, "  n{} {arrow}|{}| n{}", link.from, link.verb, link.to)?;
    }
    writeln!(out, "  classDef error stroke:#b3261e,stroke-width:3px\n  classDef warning stroke:#9a5b00,stroke-width:3px")?;
    writeln!(out, "  classDef note stroke:#0a5a9c,stroke-width:2px\n  classDef missing stroke:#b3261e,stroke-dasharray:5 4")?;
    for of in ["error", "warning", "note", "missing"] {
        let members: Vec<String> = picture
            .objects
            .iter()
            .enumerate()
            .filter(|(_, object)| class(object) == Some(of))
            .map(|(index, _)| format!("n{index}"))
            .collect();
        if !members.is_empty() {
            writeln!(out, "  class {} {of}", members.join(","))?;
        }
    }
    Ok(())
}

/// Shapes that tell families apart.
fn brackets(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Storage => ("[(", ")]"),
        Family::Network => ("([", "])"),
        Family::Scaling => ("{{", "}}"),
        Family::Config => ("[/", "/]"),
        Family::Workload | Family::Other | Family::Missing => ("[", "]"),
    }
}

fn label(object: &Drawn) -> String {
    let mut label = format!("<i>{}</i><br>{}", escaped(&shortened(&object.kind)), escaped(&shortened(&object.name)));
    if object.family == Family::Missing {
        label += "<br>(not here)";
    }
    for (_, line) in hazard_lines(object) {
        // A string takes everything that is written into it.
        let _ = write!(label, "<br><b>{}</b>", escaped(&line));
    }
    label
}

/// Text in quotes: what could end it, or mean something in Markdown or HTML, as an entity.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '"' | '<' | '>' | '&' | '#' | ';' | '`' | '*' | '_' | '\\' | '[' | ']' | '{' | '}' | '|') {
            let _ = write!(escaped, "#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}
