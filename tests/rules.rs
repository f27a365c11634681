//! The rules' documents are run: what they show is what their rules report.
//!
//! Each `yaml` block of `rules/*.md` and `testdata/rules/*.md` is linted with the document's rule alone. Below each line that a finding
//! points at stands a line that draws the place and says the message; `BLESS=1` writes these lines.
//!
//! A `diff` block behind an example shows its only file after all fixes that the findings offer.
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
#![expect(clippy::disallowed_methods, reason = "the documents are files, and BLESS a variable")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kubeshoal::config::{self, Date, Settings};
use kubeshoal::finding::{Finding, Fix, Safety};
use kubeshoal::lint::{Kept, Side, Text, diff, lint, sources};
use kubeshoal::rules::{Check, RULES, Rule, rule};
use kubeshoal::source::{Source, SourceId};
use kubeshoal::yaml;

const CATEGORIES: [&str; 9] = ["syntax", "schema", "storage", "scheduling", "identity", "rollback", "availability", "coherence", "change"];
const CONFIG: &str = ".kubeshoal.yaml";
/// The day on which all examples are linted.
const TODAY: &str = "2026-01-01";

#[test]
fn documents_show_what_their_rules_report() {
    let mut stale = String::new();
    for path in all_documents() {
        let document = Document::read(&path);
        let rewritten = document.rewritten();
        if rewritten == document.text {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, rewritten).expect("documents are writable");
        } else {
            stale = format!("{stale}{}:\n{}\n", path.display(), difference(&document.text, &rewritten));
        }
    }
    assert!(stale.is_empty(), "documents show something else than their rules report; `BLESS=1 cargo test` rewrites them:\n{stale}");
}

#[test]
fn every_first_example_has_a_finding() {
    for path in documents_in("rules") {
        let document = Document::read(&path);
        let first = document.sets().next().unwrap_or_else(|| panic!("{} has no example", path.display()));
        let has_finding = document.findings_of(&first).iter().any(|lines| !lines.is_empty());
        assert!(has_finding, "the first example of {} shows no finding", path.display());
    }
}

#[test]
fn every_document_has_a_rule() {
    for path in all_documents() {
        let id = id_of(&path);
        assert!(rule(&id).is_some(), "{} belongs to no rule", path.display());
    }
}

#[test]
fn every_rule_has_a_document_with_a_title_and_a_consequence() {
    for rule in RULES {
        let text = rule.document().trim_start();
        let (title, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        assert!(title.starts_with("# ") && !title.contains('\n'), "rules/{}.md begins with no title", rule.id);
        let is_prose = |first: char| first.is_alphanumeric() || matches!(first, '`' | '*' | '[');
        let says_what_follows = rest.trim_start().starts_with(is_prose) && !rest.trim_start().starts_with("```");
        assert!(says_what_follows, "rules/{}.md does not begin with what happens in the cluster", rule.id);
    }
}

#[test]
fn documents_say_which_rules_offer_fixes_and_show_them() {
    for path in documents_in("rules") {
        let document = Document::read(&path);
        let fixes = document.sets().flat_map(|set| document.findings_of(&set)).flatten().filter_map(|drawn| drawn.fix);
        let worst = fixes.map(|fix| fix.safety).max_by_key(|safety| *safety == Safety::Unsafe);
        assert_eq!(worst, document.rule.fix(), "the front matter of {} says another fix than its examples get", path.display());
        let is_shown = document.parts.iter().any(|part| matches!(part, Part::Fixed));
        assert_eq!(is_shown, worst.is_some(), "{} shows its fix in a diff block", path.display());
    }
}

#[test]
fn rules_have_known_categories_and_kebab_case_names_and_are_listed_once() {
    let mut seen = BTreeSet::new();
    for rule in RULES {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(rule.id.split('-').all(is_word), "`{}` is not kebab-case", rule.id);
        assert!(seen.insert(rule.id), "`{}` is listed twice", rule.id);
        assert!(CATEGORIES.contains(&rule.category()), "rules/{}.md has an unknown category", rule.id);
        let meta = rule.meta();
        assert_eq!((meta.severity, meta.category.as_str()), (rule.severity(), rule.category()), "{}", rule.id);
        assert!(matches!(meta.default.as_deref(), None | Some("off")) && meta.default.is_none() == rule.is_on_by_default(), "{}", rule.id);
        assert!(
            matches!(meta.fix.as_deref(), None | Some("safe" | "unsafe")) && meta.fix.as_deref() == rule.fix().map(Safety::name),
            "{}",
            rule.id
        );
    }
}

#[test]
fn what_is_drawn_is_unambiguous() {
    let text = "spec: é\n  a: 1\n b\n";
    let mut sources = kubeshoal::source::Sources::default();
    let id = sources.add("a", text.into());
    let draw = |start: u32, end: u32| drawing(sources.get(id), start, end);
    assert_eq!(draw(0, 4), "#^^^");
    assert_eq!(draw(0, 1), "#@1..2");
    assert_eq!(draw(0, 0), "#@1..1");
    assert_eq!(draw(1, 4), "#@2..5");
    assert_eq!(draw(6, 8), "#     ^");
    assert_eq!(draw(8, 8), "#@8..8");
    assert_eq!(draw(11, 12), "# ^");
    assert_eq!(draw(0, 15), "#@1..+1:7");
    for (start, end) in [(0, 4), (0, 1), (6, 8), (0, 15)] {
        assert!(is_drawing(&draw(start, end)) && is_drawing(&format!("{} message", draw(start, end))));
    }
    for line in ["# a comment", "#", "#  @1", "a: 1 # ^^", "#^a"] {
        assert!(!is_drawing(line), "{line}");
    }
}

fn documents_in(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("folders are readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

fn all_documents() -> Vec<PathBuf> {
    [documents_in("rules"), documents_in("testdata/rules")].concat()
}

fn id_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A piece of a document: an example, or whatever else stands between the examples.
enum Part {
    Prose(String),
    Example(Example),
    /// What the fixes make of the example before it.
    Fixed,
}

/// A `yaml` block, drawings taken out.
struct Example {
    fence: String,
    name: Option<String>,
    alone: bool,
    old: bool,
    code: String,
}

impl Example {
    fn new(fence: &str, lines: &[&str]) -> Self {
        let mut words: Vec<&str> = fence.split_whitespace().skip(1).collect();
        let mut is_word = |word| {
            let is_it = words.first() == Some(&word);
            words.drain(..usize::from(is_it));
            is_it
        };
        let (alone, old) = (is_word("alone"), is_word("old"));
        assert!(words.len() <= 1, "`{fence}`: one name at most");
        let name = words.first().map(|name| (*name).to_owned());
        let is_file = |name: &String| [".yaml", ".yml", ".json"].iter().any(|extension| name.ends_with(extension));
        assert!(name.iter().all(is_file), "`{fence}`: the name is no file's");
        let code = lines.iter().filter(|line| !is_drawing(line)).flat_map(|line| [line, "\n"]).collect();
        Example { fence: fence.to_owned(), name, alone, old, code }
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

struct Document {
    rule: &'static Rule,
    text: String,
    parts: Vec<Part>,
}

impl Document {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("documents are readable");
        let rule = rule(&id_of(path)).unwrap_or_else(|| panic!("{} belongs to no rule", path.display()));
        let parts = parts_of(&text);
        Document { rule, text, parts }
    }

    /// The examples that are linted together, as indices of parts.
    fn sets(&self) -> impl Iterator<Item = Vec<usize>> {
        let mut sets: Vec<Vec<usize>> = Vec::new();
        let mut last: Option<&Example> = None;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Prose(prose) => last = last.filter(|_| prose.trim().is_empty()),
                Part::Fixed => last = None,
                Part::Example(example) => {
                    match sets.last_mut().filter(|_| last.is_some_and(|last| example.continues(last))) {
                        Some(set) => set.push(index),
                        None => sets.push(vec![index]),
                    }
                    last = Some(example);
                }
            }
        }
        sets.into_iter()
    }

    fn rewritten(&self) -> String {
        let mut drawn: Vec<Vec<Drawn>> = self.parts.iter().map(|_| Vec::new()).collect();
        for set in self.sets() {
            for (index, lines) in set.iter().zip(self.findings_of(&set)) {
                drawn[*index] = lines;
            }
        }
        let mut last: Option<(&Example, &[Drawn])> = None;
        let mut text = String::new();
        for (part, drawn) in self.parts.iter().zip(&drawn) {
            match part {
                Part::Prose(prose) => text.push_str(prose),
                Part::Example(example) => {
                    text.extend([&example.fence, "\n", &with_drawings(&example.code, drawn), "```\n"]);
                    last = Some((example, drawn));
                }
                Part::Fixed => {
                    let (example, drawn) = last.unwrap_or_else(|| panic!("{}: a diff stands behind an example", self.rule.id));
                    text.extend(["```diff\n", &changed_lines(&example.code, &fixed(&example.code, drawn)), "```\n"]);
                }
            }
        }
        text
    }

    /// Lints a set of examples with the document's rule; what is to be drawn into each of them.
    fn findings_of(&self, set: &[usize]) -> Vec<Vec<Drawn>> {
        let examples: Vec<&Example> = set
            .iter()
            .filter_map(|&index| match &self.parts[index] {
                Part::Example(example) => Some(example),
                Part::Prose(_) | Part::Fixed => None,
            })
            .collect();
        let settings = self.settings(&examples);
        let files: Vec<&Example> = examples.iter().copied().filter(|example| !example.is_config()).collect();
        let texts: Vec<Text> = files.iter().enumerate().map(|(id, example)| example.text(id)).collect();
        let sources = sources(&texts);
        let is_change = examples.iter().any(|example| example.old);
        let outcome = if is_change { diff(&texts, &settings, Kept::All) } else { lint(&texts, &settings) };
        let mut findings = outcome.findings;
        findings.retain(|finding| finding.rule == self.rule.id);
        let mut ids = 0..;
        let drawn = examples.iter().map(|example| {
            let id = if example.is_config() { None } else { ids.next().map(SourceId) };
            let of_file = findings.iter().filter(|finding| Some(finding.span.source) == id);
            of_file.map(|finding| Drawn::new(sources.get(finding.span.source), finding, self.rule)).collect()
        });
        drawn.collect()
    }

    fn settings(&self, examples: &[&Example]) -> Settings {
        let config = examples.iter().find(|example| example.is_config());
        let settings = config.map_or_else(|| Ok(Settings::default()), |example| config::read(CONFIG, &example.code));
        let select = match self.rule.check {
            // The engine's own rules speak about what the others report.
            Check::Engine => RULES.iter().map(|rule| rule.id.to_owned()).collect(),
            _ => vec![self.rule.id.to_owned()],
        };
        let today = Date::parse(TODAY).expect("a day of the calendar");
        Settings { select, today, ..settings.expect("the example's config is right") }
    }
}

fn parts_of(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut prose = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.strip_prefix("```").and_then(|info| info.split_whitespace().next()) == Some("yaml") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            parts.push(Part::Prose(std::mem::take(&mut prose)));
            parts.push(Part::Example(Example::new(line, &code)));
            continue;
        }
        if line == "```diff" {
            parts.extend([Part::Prose(std::mem::take(&mut prose)), Part::Fixed]);
            lines.by_ref().take_while(|line| *line != "```").for_each(drop);
            continue;
        }
        prose.extend([line, "\n"]);
        if line.starts_with("```") {
            prose.extend(lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]));
            prose.push_str("```\n");
        }
    }
    parts.push(Part::Prose(prose));
    parts
}

/// A finding as a line of the document.
struct Drawn {
    /// Behind which line of the code, from 0.
    line: usize,
    text: String,
    fix: Option<Fix>,
}

impl Drawn {
    fn new(source: &Source, finding: &Finding, rule: &Rule) -> Self {
        let lowered = if finding.severity == rule.severity() { String::new() } else { format!("{}: ", finding.severity) };
        let drawing = drawing(source, finding.span.start, finding.span.end);
        let text = format!("{drawing} {lowered}{}", finding.message);
        Drawn { line: source.line_at(finding.span.start).0, text, fix: finding.fix.clone() }
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

/// The code after all fixes, which don't overlap.
fn fixed(code: &str, drawn: &[Drawn]) -> String {
    let mut edits: Vec<_> = drawn.iter().filter_map(|drawn| drawn.fix.as_ref()).flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut text = code.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

/// The lines that differ, those of the old text with `-` before them and those of the new one with `+`.
fn changed_lines(old: &str, new: &str) -> String {
    difference(old, new).lines().skip(1).flat_map(|line| [&line[..1], &line[2..], "\n"]).collect()
}

/// The lines that one text has and the other has not, from the first to the last that differ.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same_before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same_before..], &new[same_before..]);
    let same_behind = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let marked = |mark: &str, lines: &[&str]| lines.iter().flat_map(|line| [mark, line, "\n"]).collect::<String>();
    let (old, new) = (&old[..old.len() - same_behind], &new[..new.len() - same_behind]);
    format!("  line {}\n{}{}", same_before + 1, marked("- ", old), marked("+ ", new))
}
