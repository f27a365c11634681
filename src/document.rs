//! The document of a rule: what it says and examples that show it, each of which is run.
//!
//! Each `yaml` block is an example. Below each line that a finding points at stands a line that draws the place and says the message, so
//! that a document can be held against what its rule reports, and be rewritten to show it.
//!
//! A `diff` block behind examples shows the lines that all fixes of the rule change in their set, file by file.
//!
//! ````text
//! ```yaml                  a set of one file
//! ```yaml a.yaml           a named file; named blocks with nothing but blank lines between them are one set
//! ```yaml .kubeshoal.yaml  the config of its set
//! ```yaml alone            a file linted by itself, so that others may exist; also before a name
//! ```yaml old              what was, before the block or blocks that say what shall be; also before a name
//! ````
//!
//! Places are drawn in columns of characters: `#   ^^^` stands below the fifth to seventh. In the first column the `#` is part of the
//! drawing, so that `#^^^` stands below four characters. What can't be drawn is written, columns counted from 1 and the end left out:
//! `#@2..5`, for a place that begins in the second column, is empty, or is a single character in the first one; `#@3..+2:7` for one
//! that ends two lines further down.

use crate::config::{ConfigSource, Settings};
use crate::finding::{Finding, Severity};
use crate::lint::{Side, Text, sources};
use crate::source::{Source, SourceId, Sources};
use crate::yaml;

const CONFIG: &str = ".kubeshoal.yaml";

/// What is wrong with a document, by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is so, in a line.
    pub message: String,
}

/// A document taken apart.
#[derive(Debug)]
pub struct Document {
    text: String,
    parts: Vec<Part>,
}

/// A piece of a document: an example, or whatever else stands between the examples.
#[derive(Debug)]
enum Part {
    Prose(String),
    Example(Example),
    /// What the fixes make of the example before it.
    Fixed,
}

/// A `yaml` block, drawings taken out.
#[derive(Debug)]
struct Example {
    fence: String,
    /// Its line in the document, from 1.
    line: usize,
    name: Option<String>,
    alone: bool,
    old: bool,
    code: String,
}

/// Examples that are linted together.
#[derive(Debug)]
pub struct Set<'a> {
    /// The line in the document, from 1, on which the first of them begins.
    pub line: usize,
    /// The files, in their order.
    pub texts: Vec<Text>,
    /// What the `.kubeshoal.yaml` among them says.
    pub config: Option<&'a str>,
    /// Whether some of them are what was, so that a change is judged.
    pub is_change: bool,
}

impl Set<'_> {
    /// The files and the config by id.
    pub fn sources(&self) -> Sources {
        let source = self.config.map(|text| ConfigSource { name: CONFIG.to_owned(), text: text.into() });
        sources(&self.texts, &Settings { source, ..Settings::default() })
    }
}

impl Example {
    fn new(fence: &str, line: usize, code: &[&str]) -> Result<Self, Mistake> {
        let mut words: Vec<&str> = fence.split_whitespace().skip(1).collect();
        let mut is_word = |word| {
            let is_it = words.first() == Some(&word);
            words.drain(..usize::from(is_it));
            is_it
        };
        let (alone, old) = (is_word("alone"), is_word("old"));
        let is_file = |name: &&str| [".yaml", ".yml", ".json"].iter().any(|extension| name.ends_with(extension));
        let name = match words[..] {
            [] => None,
            [name] if is_file(&name) => Some(name.to_owned()),
            [name] => return Err(Mistake { line, message: format!("`{name}` is no name of a YAML or JSON file") }),
            [..] => return Err(Mistake { line, message: "an example has one name at most, without blanks".into() }),
        };
        let code = code.iter().filter(|line| !is_drawing(line)).flat_map(|line| [line, "\n"]).collect();
        Ok(Example { fence: fence.to_owned(), line, name, alone, old, code })
    }

    fn is_config(&self) -> bool {
        self.name.as_deref() == Some(CONFIG)
    }

    /// Whether it belongs to the set that ends with `last`, with nothing but blank lines between them.
    fn continues(&self, last: &Example) -> bool {
        if self.old { last.old || last.is_config() } else { last.old || (last.name.is_some() && self.name.is_some()) }
    }

    fn text(&self, id: usize) -> Text {
        let path = self.name.clone().unwrap_or_else(|| "set.yaml".into());
        let tree = yaml::parse(SourceId(id as u32), self.code.as_str().into());
        let (name, side) = if self.old { (format!("old:{path}"), Side::Old { path }) } else { (path, Side::New) };
        Text { name, tree, alone: self.alone, side }
    }
}

impl Document {
    /// Takes a document apart.
    pub fn read(text: &str) -> Result<Self, Mistake> {
        Ok(Document { text: text.to_owned(), parts: parts_of(text)? })
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it shows what fixes make of an example.
    pub fn shows_fixes(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Fixed))
    }

    /// Its examples, those that are linted together as one.
    pub fn sets(&self) -> impl Iterator<Item = Set<'_>> {
        self.groups().into_iter().map(|group| self.set(&group))
    }

    /// The examples that are linted together, as indices of parts.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut last: Option<&Example> = None;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Prose(prose) => last = last.filter(|_| prose.trim().is_empty()),
                Part::Fixed => last = None,
                Part::Example(example) => {
                    match groups.last_mut().filter(|_| last.is_some_and(|last| example.continues(last))) {
                        Some(group) => group.push(index),
                        None => groups.push(vec![index]),
                    }
                    last = Some(example);
                }
            }
        }
        groups
    }

    fn examples(&self, group: &[usize]) -> Vec<&Example> {
        let example = |&index: &usize| match &self.parts[index] {
            Part::Example(example) => Some(example),
            Part::Prose(_) | Part::Fixed => None,
        };
        group.iter().filter_map(example).collect()
    }

    fn set(&self, group: &[usize]) -> Set<'_> {
        let examples = self.examples(group);
        let files = examples.iter().filter(|example| !example.is_config()).enumerate();
        Set {
            line: examples.first().map_or(1, |example| example.line),
            texts: files.map(|(id, example)| example.text(id)).collect(),
            config: examples.iter().find(|example| example.is_config()).map(|example| example.code.as_str()),
            is_change: examples.iter().any(|example| example.old),
        }
    }

    /// The document with what `judge` finds in its examples drawn into them, in place of what is drawn there now, and the lines that
    /// `fix` changes in them. A finding that doesn't weigh what `own` says is drawn with its severity.
    pub fn rewritten(
        &self,
        own: Severity,
        judge: impl Fn(&mut Set<'_>) -> Result<Vec<Finding>, Mistake>,
        fix: impl Fn(Set<'_>) -> Result<String, Mistake>,
    ) -> Result<String, Mistake> {
        let mut drawn: Vec<Vec<Drawn>> = self.parts.iter().map(|_| Vec::new()).collect();
        for group in self.groups() {
            let mut set = self.set(&group);
            let (findings, sources) = (judge(&mut set)?, set.sources());
            let mut ids = (0..).map(SourceId);
            for (&index, example) in group.iter().zip(self.examples(&group)) {
                let id = if example.is_config() { Some(SourceId::CONFIG) } else { ids.next() };
                let of_file = findings.iter().filter(|finding| Some(finding.span.source) == id);
                drawn[index] = of_file.map(|finding| Drawn::new(sources.get(finding.span.source), finding, own)).collect();
            }
        }
        self.drawn(&drawn, fix)
    }

    fn drawn(&self, drawn: &[Vec<Drawn>], fix: impl Fn(Set<'_>) -> Result<String, Mistake>) -> Result<String, Mistake> {
        let groups = self.groups();
        let mut text = String::new();
        for (index, (part, drawn)) in self.parts.iter().zip(drawn).enumerate() {
            match part {
                Part::Prose(prose) => text.push_str(prose),
                Part::Example(example) => text.extend([&example.fence, "\n", &with_drawings(&example.code, drawn), "```\n"]),
                Part::Fixed => {
                    let line = text.lines().count() + 1;
                    let group = groups.iter().rfind(|group| group.iter().all(|part| *part < index));
                    let group = group
                        .ok_or_else(|| Mistake { line, message: "a `diff` block stands behind the examples that it changes".into() })?;
                    text.extend(["```diff\n", &fix(self.set(group))?, "```\n"]);
                }
            }
        }
        Ok(text)
    }
}

fn parts_of(text: &str) -> Result<Vec<Part>, Mistake> {
    let mut parts = Vec::new();
    let mut prose = String::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let mut code = || lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect::<Vec<_>>();
        if line.strip_prefix("```").and_then(|info| info.split_whitespace().next()) == Some("yaml") {
            parts.push(Part::Prose(std::mem::take(&mut prose)));
            parts.push(Part::Example(Example::new(line, index + 1, &code())?));
            continue;
        }
        if line == "```diff" {
            parts.extend([Part::Prose(std::mem::take(&mut prose)), Part::Fixed]);
            code();
            continue;
        }
        prose.extend([line, "\n"]);
        if line.starts_with("```") {
            prose.extend(code().into_iter().flat_map(|line| [line, "\n"]));
            prose.push_str("```\n");
        }
    }
    parts.push(Part::Prose(prose));
    Ok(parts)
}

/// A finding as a line of the document.
#[derive(Debug)]
struct Drawn {
    /// Behind which line of the code, from 0.
    line: usize,
    text: String,
}

impl Drawn {
    fn new(source: &Source, finding: &Finding, own: Severity) -> Self {
        let lowered = if finding.severity == own { String::new() } else { format!("{}: ", finding.severity) };
        let drawing = drawing(source, finding.span.start, finding.span.end);
        let text = format!("{drawing} {lowered}{}", finding.message);
        Drawn { line: source.line_at(finding.span.start).0, text }
    }
}

fn drawing(source: &Source, start: u32, end: u32) -> String {
    let (from, to) = (source.line_column(start), source.line_column(end));
    if from.line != to.line {
        return format!("#@{}..+{}:{}", from.column, to.line - from.line, to.column);
    }
    match (from.column, to.column - from.column) {
        (1, width) if width > 1 => format!("#{}", "^".repeat(width - 1)),
        (column, width) if column > 2 && width > 0 => format!("#{}{}", " ".repeat(column - 2), "^".repeat(width)),
        (column, _) => format!("#@{column}..{}", to.column),
    }
}

fn is_drawing(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('#') else { return false };
    if let Some(columns) = rest.strip_prefix('@') {
        return columns.starts_with(|first: char| first.is_ascii_digit());
    }
    let rest = rest.trim_start_matches(' ');
    let behind = rest.trim_start_matches('^');
    behind.len() < rest.len() && (behind.is_empty() || behind.starts_with(' '))
}

fn with_drawings(code: &str, drawn: &[Drawn]) -> String {
    let last = code.lines().count().saturating_sub(1);
    let mut lines: Vec<&str> = Vec::new();
    for (index, line) in code.lines().enumerate() {
        lines.push(line);
        // What points behind the last line feed is drawn below the last line.
        lines.extend(drawn.iter().filter(|drawn| drawn.line.min(last) == index).map(|drawn| drawn.text.as_str()));
    }
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

/// The lines that one text has and the other has not, from the first to the last that differ, below the number of that line.
pub fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same_before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same_before..], &new[same_before..]);
    let same_behind = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let marked = |mark: &str, lines: &[&str]| lines.iter().flat_map(|line| [mark, line, "\n"]).collect::<String>();
    let (old, new) = (&old[..old.len() - same_behind], &new[..new.len() - same_behind]);
    format!("  line {}\n{}{}", same_before + 1, marked("- ", old), marked("+ ", new))
}

#[cfg(test)]
mod tests;
