//! A picture as SVG that needs nothing else, in light and dark.

use std::io::{self, Write};

use super::layout::{Curve, Layout, Rectangle, place};
use super::{characters, class, hazard_lines, shortened, unit_name};
use crate::picture::{Drawn, Family, Picture};
use crate::render::printable;

/// Height of a line of text, and width of a character in it, estimated widely: fonts differ.
const LINE: f64 = 16.0;
const CHARACTER: f64 = 7.3;
/// Room around the text of a box, and the width of the bar that tells what it is for.
const PADDING: f64 = 10.0;
const BAR: f64 = 6.0;
const NARROWEST: f64 = 120.0;

/// Colours are written out, because not every viewer knows variables.
const STYLE: &str = "\
svg{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif}
.kind{font-size:11px}.name-of-unit{font-weight:600}.rule{font-size:11.5px;font-weight:600}.link{fill:none;stroke-width:1.4}
.box.error,.box.warning{stroke-width:2}.missing{stroke-dasharray:5 4}
.workload{fill:#4477aa}.network{fill:#228833}.storage{fill:#aa3377}.config{fill:#998800}.scaling{fill:#2299bb}.other{fill:#888}
.page{fill:#fff}.unit{fill:#f4f6f8;stroke:#c9d1d9}.box{fill:#fff;stroke:#c9d1d9}text{fill:#1f2328}
.kind,.name-of-unit{fill:#59636e}.link{stroke:#818b98}.head{fill:#818b98}
.box.error,.box.missing,.link.missing{stroke:#b3261e}.box.warning{stroke:#9a5b00}.box.note{stroke:#0a5a9c}
.rule.error{fill:#b3261e}.rule.warning{fill:#9a5b00}.rule.note{fill:#0a5a9c}
@media(prefers-color-scheme:dark){
.page{fill:#0d1117}.unit{fill:#151b23;stroke:#3d444d}.box{fill:#212830;stroke:#3d444d}text{fill:#f0f6fc}
.kind,.name-of-unit{fill:#9198a1}.link{stroke:#656c76}.head{fill:#656c76}
.box.error,.box.missing,.link.missing{stroke:#ff8a80}.box.warning{stroke:#e8b04a}.box.note{stroke:#79b8ff}
.rule.error{fill:#ff8a80}.rule.warning{fill:#e8b04a}.rule.note{fill:#79b8ff}
}
";

/// The families with a bar of their own, for the legend.
const FAMILIES: [(Family, &str); 6] = [
    (Family::Workload, "workload"),
    (Family::Network, "network"),
    (Family::Storage, "storage"),
    (Family::Config, "config"),
    (Family::Scaling, "scaling"),
    (Family::Other, "other"),
];

pub(super) fn write(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let sizes: Vec<(f64, f64)> = picture.objects.iter().map(size).collect();
    let layout = place(picture, &sizes);
    let legend = legend(picture);
    let (width, height) = (layout.width.max(legend.width), layout.height + LINE * 2.0);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"{}\">",
        escaped(&describe(picture)),
        w = number(width),
        h = number(height)
    )?;
    writeln!(out, "<title>{}</title>\n<style>{STYLE}</style>", escaped(&describe(picture)))?;
    writeln!(
        out,
        "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path \
         class=\"head\" d=\"M0 0 8 4 0 8z\"/></marker></defs>"
    )?;
    writeln!(out, "<rect class=\"page\" width=\"{}\" height=\"{}\"/>", number(width), number(height))?;
    for (name, place) in picture.units.iter().zip(&layout.units) {
        write_unit(name, *place, out)?;
    }
    write_links(picture, &layout, out)?;
    for (object, place) in picture.objects.iter().zip(&layout.objects) {
        write_object(object, *place, out)?;
    }
    legend.write(layout.height + LINE / 2.0, out)?;
    writeln!(out, "</svg>")
}

fn describe(picture: &Picture) -> String {
    let hazards: usize = picture.objects.iter().map(|object| object.hazards.len()).sum();
    format!("{} objects, {} references, {hazards} findings", picture.objects.len(), picture.links.len())
}

/// Room for the lines of an object.
fn size(object: &Drawn) -> (f64, f64) {
    let hazards = hazard_lines(object);
    let texts = [object.kind.as_str(), object.name.as_str()].into_iter().chain(hazards.iter().map(|(_, line)| line.as_str()));
    let width = texts.map(|text| characters(text) * CHARACTER + 2.0 * PADDING + BAR).fold(NARROWEST, f64::max);
    let hazards: f64 = hazards.iter().map(|_| LINE).sum();
    (width, LINE * 2.0 + hazards + 1.4 * PADDING)
}

fn write_unit(name: &str, place: Rectangle, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<g>{}", rectangle("unit", place, 8.0))?;
    let name = escaped(&unit_name(name));
    writeln!(out, "<text class=\"name-of-unit\" x=\"{}\" y=\"{}\">{name}</text></g>", number(place.x + 14.0), number(place.y + 20.0))
}

fn write_links(picture: &Picture, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    for (link, curve) in picture.links.iter().zip(&layout.links) {
        let (from, to) = (&picture.objects[link.from], &picture.objects[link.to]);
        let class = if to.family == Family::Missing { "link missing" } else { "link" };
        let title = format!("{} {} {} {} {}", from.kind, from.name, link.verb, to.kind, to.name);
        let path = path(curve);
        writeln!(out, "<path class=\"{class}\" marker-end=\"url(#head)\" d=\"{path}\"><title>{}</title></path>", escaped(&title))?;
    }
    Ok(())
}

fn write_object(object: &Drawn, place: Rectangle, out: &mut dyn Write) -> io::Result<()> {
    let class = class(object).map_or_else(|| "box".to_owned(), |class| format!("box {class}"));
    writeln!(out, "<g><title>{}</title>{}", escaped(&tooltip(object)), rectangle(&class, place, 5.0))?;
    if let Some((_, family)) = FAMILIES.iter().find(|(family, _)| *family == object.family) {
        let bar = Rectangle { x: place.x + 1.0, y: place.y + 1.0, width: BAR, height: place.height - 2.0 };
        writeln!(out, "{}", rectangle(family, bar, 3.0))?;
    }
    let x = number(place.x + BAR + PADDING);
    let mut y = place.y + LINE;
    let kind = if object.family == Family::Missing { format!("{} (not here)", object.kind) } else { object.kind.clone() };
    writeln!(out, "<text class=\"kind\" x=\"{x}\" y=\"{}\">{}</text>", number(y), escaped(&shortened(&kind)))?;
    y += LINE;
    writeln!(out, "<text x=\"{x}\" y=\"{}\">{}</text>", number(y), escaped(&shortened(&object.name)))?;
    for (severity, line) in hazard_lines(object) {
        y += LINE;
        writeln!(out, "<text class=\"rule {severity}\" x=\"{x}\" y=\"{}\">{}</text>", number(y), escaped(&line))?;
    }
    writeln!(out, "</g>")
}

fn tooltip(object: &Drawn) -> String {
    let place = object.place.as_deref().unwrap_or("not in these files");
    let hazards =
        object.hazards.iter().map(|hazard| format!("\n{} {} [{}] ({})", hazard.severity, hazard.message, hazard.rule, hazard.place));
    std::iter::once(format!("{} {}\n{place}", object.kind, object.name)).chain(hazards).collect()
}

/// A row of what colours and marks mean.
struct Legend {
    text: String,
    width: f64,
}

fn legend(picture: &Picture) -> Legend {
    let mut legend = Legend { text: String::new(), width: 18.0 };
    for (_, name) in FAMILIES.iter().filter(|(family, _)| picture.objects.iter().any(|object| object.family == *family)) {
        let bar = format!("<rect class=\"{name}\" x=\"{}\" y=\"Y0\" width=\"{BAR}\" height=\"12\" rx=\"2\"/>", number(legend.width));
        legend.text += &bar;
        legend.add("kind", name, BAR + 5.0);
    }
    for (severity, what) in [
        (crate::finding::Severity::Error, "error"),
        (crate::finding::Severity::Warning, "warning"),
        (crate::finding::Severity::Note, "note"),
    ] {
        if picture.objects.iter().flat_map(|object| &object.hazards).any(|hazard| hazard.severity == severity) {
            let text = format!("{} {what}", super::mark(severity));
            legend.add(&format!("rule {what}"), &text, 0.0);
        }
    }
    legend
}

impl Legend {
    fn add(&mut self, class: &str, text: &str, indent: f64) {
        self.width += indent;
        self.text.extend([format!("<text class=\"{class}\" x=\"{}\" y=\"Y1\">{text}</text>", number(self.width))]);
        self.width += characters(text) * CHARACTER + 18.0;
    }

    fn write(&self, y: f64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.text.replace("Y0", &number(y)).replace("Y1", &number(y + 10.0)))
    }
}

fn rectangle(class: &str, Rectangle { x, y, width, height }: Rectangle, round: f64) -> String {
    let [x, y, width, height] = [x, y, width, height].map(number);
    format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>")
}

fn path(curve: &Curve) -> String {
    let mut points = curve.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y)));
    let start = points.next().unwrap_or_default();
    let rest: Vec<String> = points.collect();
    format!("M{start} C{}", rest.join(" "))
}

/// To a tenth of a pixel, without a zero behind the point.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escaped(text: &str) -> String {
    let text = text.split('\n').map(printable).collect::<Vec<_>>().join("\n");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
