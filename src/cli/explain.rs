//! `kubeshoal explain` and `kubeshoal rules`

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::console::{self, Console};
use crate::finding::Safety;
use crate::finding::did_you_mean;
use crate::rules::{RULES, Rule, rule};

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The rule's id
    #[arg(value_parser = known_rule)]
    rule: &'static Rule,
}

#[derive(Debug, clap::Args)]
pub(super) struct RulesArgs {
    /// How to write the list
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum ListFormat {
    Text,
    Json,
}

fn known_rule(id: &str) -> Result<&'static Rule, String> {
    rule(id).ok_or_else(|| {
        let hint = did_you_mean(id, RULES.iter().map(|rule| rule.id)).unwrap_or_else(|| "`kubeshoal rules` lists them all".into());
        format!("no rule has that id; {hint}")
    })
}

/// Shows a rule's document: as Markdown where a program reads it, set for reading on a terminal.
pub(super) fn explain(args: &ExplainArgs, console: &Console) -> anyhow::Result<()> {
    let document = document(args.rule);
    console::write(|out| {
        if console.is_terminal || console.look.color { Page { console, out }.write(&document) } else { write!(out, "{document}") }
    })
}

/// The document with what its front matter says in words: under the heading, and at the end.
fn document(rule: &Rule) -> String {
    let meta = rule.meta();
    let (title, body) = rule.document().trim_start().split_once('\n').unwrap_or_default();
    let default = if rule.is_on_by_default() { "" } else { ", off by default" };
    let head = format!("`{}`: {}, {}, since {}{default}", rule.id, meta.severity, meta.category, meta.since);
    let links: Vec<String> = std::iter::once(rule.url()).chain(meta.sources).collect();
    format!("{title}\n\n{head}\n\n{}\n\nSee also:\n\n- {}\n", without_markers(body.trim()), links.join("\n- "))
}

/// A document without its marks of cases that have to stay covered, `(tricky case A.1.2)`, which mean nothing to its readers.
fn without_markers(document: &str) -> String {
    let mut parts = document.split("(tricky case ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.truncate(plain.trim_end().len());
        plain.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// Markdown for the eye, as far as rule documents use it: headings, paragraphs, lists, code.
struct Page<'a> {
    console: &'a Console,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn write(&mut self, markdown: &str) -> io::Result<()> {
        let (mut paragraph, mut is_code) = (String::new(), false);
        for line in markdown.lines() {
            let is_fence = line.starts_with("```");
            let starts_anew = is_fence || is_code || line.is_empty() || line.starts_with(['#', '|']) || is_item(line);
            if starts_anew && !paragraph.is_empty() {
                self.paragraph(&std::mem::take(&mut paragraph))?;
            }
            match line {
                _ if is_fence => is_code = !is_code,
                _ if is_code => self.code(line)?,
                "" => writeln!(self.out)?,
                _ if line.starts_with('#') => self.heading(line)?,
                _ if line.starts_with('|') => writeln!(self.out, "{line}")?,
                _ => {
                    paragraph.push_str(line);
                    paragraph.push(' ');
                }
            }
        }
        if paragraph.is_empty() { Ok(()) } else { self.paragraph(&paragraph) }
    }

    fn heading(&mut self, line: &str) -> io::Result<()> {
        let style = self.console.style(Style::new().bold());
        writeln!(self.out, "{style}{}{style:#}", line.trim_start_matches(['#', ' ']))
    }

    /// A line of an example; the carets that show a finding stand out.
    fn code(&mut self, line: &str) -> io::Result<()> {
        let is_finding = line.starts_with('#') && line.contains('^');
        let style = self.console.style(if is_finding { AnsiColor::Yellow.on_default() } else { Style::new() });
        let indent = if line.is_empty() { "" } else { "    " };
        writeln!(self.out, "{indent}{style}{line}{style:#}")
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        let indent = if is_item(text) { "  " } else { "" };
        let wrapped = wrap(text, self.console.look.width, indent);
        let style = self.console.style(AnsiColor::Cyan.on_default());
        for (index, part) in wrapped.split('`').enumerate() {
            match index % 2 {
                1 if self.console.look.color => write!(self.out, "{style}{part}{style:#}")?,
                1 => write!(self.out, "`{part}`")?,
                _ => write!(self.out, "{part}")?,
            }
        }
        writeln!(self.out)
    }
}

/// Whether a line begins an item of a list: `- …`, `* …`, `1. …`.
fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|character: char| character.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || (number.len() < line.len() && number.starts_with(". "))
}

/// Breaks a text between words into lines of `width` characters; all but the first are indented.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let (mut wrapped, mut column) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// One rule in the list.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    severity: &'static str,
    category: &'static str,
    default: bool,
    /// How safe the fix is that it offers.
    fix: Option<&'static str>,
    /// Whether `policy export` writes it for the API server.
    exportable: bool,
    since: String,
    title: &'static str,
    url: String,
}

impl Listed {
    fn new(rule: &Rule) -> Self {
        let (severity, category, default) = (rule.severity().name(), rule.category(), rule.is_on_by_default());
        let fix = rule.fix().map(Safety::name);
        Listed {
            id: rule.id,
            severity,
            category,
            default,
            fix,
            exportable: rule.policy().is_some(),
            since: rule.meta().since,
            title: rule.title(),
            url: rule.url(),
        }
    }
}

/// Lists all rules, by family.
pub(super) fn rules(args: &RulesArgs, console: &Console) -> anyhow::Result<()> {
    let rules: Vec<Listed> = RULES.iter().map(Listed::new).collect();
    console::write(|out| match args.format {
        ListFormat::Text => table(&rules, console, out),
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &rules)?;
            writeln!(out)
        }
    })
}

fn table(rules: &[Listed], console: &Console, out: &mut dyn Write) -> io::Result<()> {
    let bold = console.style(Style::new().bold());
    let id_width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let category_width = rules.iter().map(|rule| rule.category.len()).max().unwrap_or_default();
    for Listed { id, severity, category, default, exportable, title, .. } in rules {
        let default = if *default { "on" } else { "off" };
        let export = if *exportable { "export" } else { "" };
        writeln!(out, "{bold}{id:id_width$}{bold:#}  {severity:7}  {category:category_width$}  {default:3}  {export:6}  {title}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::console::Color;

    #[test]
    fn a_document_is_set_to_the_width_of_the_terminal() {
        let mut console = Console::new(Color::Never);
        console.look.width = 30;
        let markdown = "# What it is\n\nA paragraph with `code` that is\nlonger than a line.\n\n\
                        1. first\n2. second, which goes on and\n   on\n\n| a | b, which is a table and stays |\n\n```yaml\na: 1 # a line of code stays as it is\n```\n";
        let mut out = Vec::new();
        Page { console: &console, out: &mut out }.write(markdown).expect("a vector takes everything");
        let expected = "What it is\n\nA paragraph with `code` that\nis longer than a line.\n\n\
                        1. first\n2. second, which goes on and\n  on\n\n| a | b, which is a table and stays |\n\n    a: 1 # a line of code stays as it is\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn every_document_can_be_shown() {
        for rule in RULES {
            let document = document(rule);
            assert!(document.starts_with(&format!("# {}\n\n`{}`: ", rule.title(), rule.id)), "{document}");
            let mut out = Vec::new();
            Page { console: &Console::new(Color::Never), out: &mut out }.write(&document).expect("a vector takes everything");
            assert!(!out.is_empty());
            assert!(!document.contains("tricky case"), "{document}");
        }
    }

    #[test]
    fn marks_of_cases_are_left_out() {
        let document = "A pod goes (tricky case A.1.2). It stays\n(tricky case B.2.11).\n\nAnd here: (tricky case C.1.1)\n\nThe end.";
        assert_eq!(without_markers(document), "A pod goes. It stays.\n\nAnd here:\n\nThe end.");
    }
}
