//! A picture in the language of Graphviz.

use std::io::{self, Write};

use super::{class, hazard_lines, shortened, unit_name};
use crate::picture::{Drawn, Family, Picture};
use crate::render::printable;

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph {{\n  rankdir=LR\n  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11]")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9, color=\"#818b98\"]")?;
    for (unit, name) in picture.units.iter().enumerate() {
        writeln!(out, "  subgraph cluster_{unit} {{\n    label={}\n    color=\"#c9d1d9\"", quoted(&unit_name(name)))?;
        for (index, object) in picture.objects.iter().enumerate().filter(|(_, object)| object.unit == unit) {
            writeln!(out, "    n{index} [label={}{}]", quoted(&label(object)), look(object))?;
        }
        writeln!(out, "  }}")?;
    }
    for link in &picture.links {
        let style = if picture.objects[link.to].family == Family::Missing { ", style=dashed" } else { "" };
        writeln!(out, "  n{} -> n{} [label={}{style}]", link.from, link.to, quoted(link.verb))?;
    }
    writeln!(out, "}}")
}

fn label(object: &Drawn) -> String {
    let missing = (object.family == Family::Missing).then(|| "(not here)".to_owned());
    let lines = [shortened(&object.kind).into_owned(), shortened(&object.name).into_owned()].into_iter();
    lines.chain(missing).chain(hazard_lines(object).into_iter().map(|(_, line)| line)).collect::<Vec<_>>().join("\n")
}

fn look(object: &Drawn) -> String {
    let (color, width) = match class(object) {
        Some("error") => ("#b3261e", 2),
        Some("warning") => ("#9a5b00", 2),
        Some("note") => ("#0a5a9c", 2),
        Some(_) => return ", color=\"#b3261e\", style=\"rounded,dashed\"".into(),
        None => return String::new(),
    };
    let tooltip: Vec<String> = object.hazards.iter().map(|hazard| format!("{}: {}", hazard.rule, printable(&hazard.message))).collect();
    format!(", color=\"{color}\", penwidth={width}, tooltip={}", quoted(&tooltip.join("\n")))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
