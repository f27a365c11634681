//! Manifests written anew in any of the ways that people and programs write YAML.

use std::fmt::Write as _;

use kubeshoal::source::SourceId;
use kubeshoal::yaml::{NodeRef, Scalar, Tree, parse};

/// What a node says, however it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// A string.
    Text(String),
    /// A number, a boolean or nothing, as written.
    Word(String),
    Map(Vec<(String, Meaning)>),
    List(Vec<Meaning>),
}

impl Meaning {
    /// What the documents of a text say.
    pub(crate) fn of_documents(tree: &Tree) -> Vec<Self> {
        tree.documents().filter_map(|document| document.root).map(Self::of).collect()
    }

    fn of(node: NodeRef<'_>) -> Self {
        match node.scalar() {
            Scalar::None if node.is_mapping() => {
                Meaning::Map(node.entries().map(|entry| (entry.key.text().to_owned(), Self::of(entry.value))).collect())
            }
            Scalar::None => Meaning::List(node.items().map(Self::of).collect()),
            Scalar::Str(text) => Meaning::Text(text.to_owned()),
            Scalar::Null => Meaning::Word("null".into()),
            _ => Meaning::Word(node.text().to_owned()),
        }
    }

    /// The same with the keys of each mapping in one order.
    pub(crate) fn in_order(self) -> Self {
        match self {
            Meaning::Map(entries) => {
                let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, value.in_order())).collect();
                entries.sort_by(|(a, _), (b, _)| a.cmp(b));
                Meaning::Map(entries)
            }
            Meaning::List(items) => Meaning::List(items.into_iter().map(Self::in_order).collect()),
            scalar => scalar,
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Meaning::Map(entries) if entries.is_empty()) || matches!(self, Meaning::List(items) if items.is_empty())
    }

    fn is_collection(&self) -> bool {
        matches!(self, Meaning::Map(_) | Meaning::List(_))
    }
}

/// Decisions, each a number below a bound; where none are left it is 0, the plainest way.
pub(crate) struct Choices<'a> {
    numbers: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(numbers: &'a [u8]) -> Self {
        Choices { numbers: numbers.iter() }
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.numbers.next().map_or(0, |&number| usize::from(number) % bound)
    }

    /// Once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn one_of(&mut self, ways: &[&'static str]) -> &'static str {
        ways[self.below(ways.len())]
    }
}

/// Documents in a way that was chosen, and whether anything in them stands for something else.
pub(crate) fn written(documents: &[Meaning], choices: &mut Choices<'_>) -> (String, bool) {
    let mut writer = Writer { choices, out: String::new(), anchored: Vec::new(), step: 2, dash: 0, shares: false, is_behind_text: false };
    for (index, document) in documents.iter().enumerate() {
        writer.document(document, index > 0);
    }
    let (mut text, shares) = (writer.out, writer.shares);
    if choices.once_in(6) && !text.contains("|+") {
        text.truncate(text.trim_end().len());
    }
    if choices.once_in(4) {
        text = text.replace('\n', "\r\n");
    }
    if choices.once_in(8) {
        text.insert(0, '\u{feff}');
    }
    (text, shares)
}

struct Writer<'c, 'n> {
    choices: &'c mut Choices<'n>,
    out: String,
    /// What the anchors of the document stand for, by number.
    anchored: Vec<Meaning>,
    step: usize,
    dash: usize,
    shares: bool,
    /// Whether the line above is one of a text that would take blanks and comments for its own.
    is_behind_text: bool,
}

impl Writer<'_, '_> {
    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).expect("a string takes all");
    }

    fn document(&mut self, document: &Meaning, is_later: bool) {
        self.anchored.clear();
        self.step = [2, 4, 1, 3][self.choices.below(4)];
        self.dash = [0, 2, 1][self.choices.below(3)];
        if is_later || self.choices.once_in(4) {
            let start = self.choices.one_of(&["---\n", "--- # next\n", "---\n\n", "# first\n---\n", "---   \n"]);
            if is_later && self.choices.once_in(5) {
                self.out += "...\n";
            }
            self.out += start;
        }
        match self.choices.below(8) {
            7 => {
                self.out += &json(document, 0);
                self.out += "\n";
            }
            6 => {
                let text = self.flow(document, 1);
                self.out += &text;
                self.out += "\n";
            }
            _ => self.block(document, 0),
        }
    }

    /// A collection from the beginning of a line; the first piece may stand behind a dash, where the line has begun.
    fn block(&mut self, node: &Meaning, indent: usize) {
        match node {
            Meaning::Map(entries) if !entries.is_empty() => self.entries(entries, indent, false),
            Meaning::List(items) if !items.is_empty() => self.items(items, indent),
            other => {
                let text = self.flow(other, indent + 1);
                self.write(format_args!("{}{text}\n", " ".repeat(indent)));
            }
        }
    }

    fn entries(&mut self, entries: &[(String, Meaning)], indent: usize, mut has_begun: bool) {
        let mut entries = entries;
        if self.choices.once_in(24) && entries.len() > 1 && is_without_doubles(entries) {
            self.shares = true;
            let merged = Meaning::Map(entries[..1].to_vec());
            let text = self.flow(&merged, indent + 1);
            self.begin(indent, &mut has_begun);
            self.write(format_args!("<<: {text}\n"));
            entries = &entries[1..];
        }
        for (key, value) in entries {
            self.begin(indent, &mut has_begun);
            let key = if self.choices.once_in(12) { quoted(key) } else { plain_or_quoted(key) };
            let gap = self.choices.one_of(&["", "", "", "", "", " "]);
            self.write(format_args!("{key}{gap}:"));
            self.behind(value, indent, self.dash);
        }
    }

    fn items(&mut self, items: &[Meaning], indent: usize) {
        for item in items {
            let mut has_begun = false;
            self.begin(indent, &mut has_begun);
            self.out.push('-');
            match item {
                Meaning::Map(entries) if !entries.is_empty() && !self.choices.once_in(6) => {
                    let gap = [1, 1, 3][self.choices.below(3)];
                    self.out += &" ".repeat(gap);
                    self.entries(entries, indent + 1 + gap, true);
                }
                item => self.behind(item, indent, 1),
            }
        }
    }

    /// The place for an entry or item: comments and blank lines above it, and blanks before it.
    fn begin(&mut self, indent: usize, has_begun: &mut bool) {
        if std::mem::replace(has_begun, false) {
            return;
        }
        let is_free = !std::mem::replace(&mut self.is_behind_text, false);
        if self.choices.once_in(7) {
            let column = [indent, 0, indent + 3][self.choices.below(if is_free { 3 } else { 2 })];
            self.write(format_args!("{}# é: a comment, 'quoted\n", " ".repeat(column)));
        }
        if self.choices.once_in(9) {
            self.out += self.choices.one_of(&["\n", "\n\n", "   \n"][..if is_free { 3 } else { 2 }]);
        }
        self.out += &" ".repeat(indent);
    }

    /// A value behind a colon or dash, to the end of its line. Lists may stand as deep as `dash` more than what they belong to.
    fn behind(&mut self, value: &Meaning, indent: usize, dash: usize) {
        let known = self.anchored.iter().position(|anchored| anchored == value);
        if let Some(number) = known.filter(|_| self.choices.once_in(3)) {
            self.shares = true;
            self.write(format_args!(" *a{number}"));
            self.end();
            return;
        }
        if self.choices.once_in(20) && !value.is_empty() {
            self.shares = true;
            let number = self.anchored.len();
            self.write(format_args!(" &a{number}"));
            self.anchored.push(value.clone());
        }
        let is_flow = value.is_empty() || self.choices.once_in(6);
        match value {
            Meaning::Map(entries) if !is_flow => {
                self.end();
                self.entries(entries, indent + self.step, false);
            }
            Meaning::List(items) if !is_flow => {
                self.end();
                self.items(items, indent + dash);
            }
            Meaning::Text(text) if self.choices.once_in(6) && self.long(text, indent) => {}
            value => {
                let text = self.flow(value, indent + 1);
                let gap = self.choices.one_of(&[" ", " ", " ", "  "]);
                self.write(format_args!("{gap}{text}"));
                self.end();
            }
        }
    }

    fn end(&mut self) {
        self.out += self.choices.one_of(&["\n", "\n", "\n", "\n", "\n", " # why: ü\n", "  \n", "\t# tab\n"]);
    }

    /// A text on lines of its own, if it can be written so.
    fn long(&mut self, text: &str, indent: usize) -> bool {
        let is_simple = !text.is_empty() && !text.starts_with([' ', '\n', '\t']) && !text.contains(['\r', '\t']) && !text.contains(" \n");
        let body = text.trim_end_matches('\n');
        let ending = match text.len() - body.len() {
            0 => "-",
            1 => "",
            _ => "+",
        };
        let is_one_line = !body.contains('\n');
        if !is_simple || body.is_empty() || body.ends_with(' ') || ending == "+" {
            return false;
        }
        let indent = " ".repeat(indent + self.step);
        if is_one_line && self.choices.once_in(2) {
            self.write(format_args!(" >{ending}\n{indent}{}\n", folded(body, &indent)));
        } else {
            let lines: Vec<String> =
                body.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
            self.write(format_args!(" |{ending}\n{}\n", lines.join("\n")));
        }
        self.is_behind_text = true;
        true
    }

    /// A value that ends on the line where it begins, or in brackets. Lines begin deeper than what it belongs to.
    fn flow(&mut self, value: &Meaning, indent: usize) -> String {
        let pieces: Vec<String> = match value {
            Meaning::Word(word) => return word.clone(),
            Meaning::Text(text) => return self.text(text),
            Meaning::Map(entries) => {
                entries.iter().map(|(key, value)| format!("{}: {}", plain_or_quoted(key), self.flow(value, indent))).collect()
            }
            Meaning::List(items) => items.iter().map(|item| self.flow(item, indent)).collect(),
        };
        let [open, close] = if matches!(value, Meaning::Map(_)) { ["{", "}"] } else { ["[", "]"] };
        if pieces.is_empty() {
            return format!("{open}{close}");
        }
        let line = format!("\n{}", " ".repeat(indent + 1));
        let (before, between, after) = match self.choices.below(8) {
            0..=2 => (String::new(), ", ".to_owned(), String::new()),
            3 => (" ".into(), ",\t".into(), " ".into()),
            4 => (line.clone(), format!(",{line}"), line),
            5 => (format!(" # first{line}"), format!(", # é{line}"), line),
            6 => (String::new(), " ,".into(), ",".into()),
            _ => (String::new(), format!(",{line}"), String::new()),
        };
        format!("{open}{before}{}{after}{close}", pieces.join(&between))
    }

    fn text(&mut self, text: &str) -> String {
        let is_single = !text.contains('\'') && !text.contains(char::is_control);
        match self.choices.below(6) {
            4 if is_single => format!("'{text}'"),
            5 => quoted(text),
            _ => plain_or_quoted(text),
        }
    }
}

fn is_without_doubles(entries: &[(String, Meaning)]) -> bool {
    let mut keys: Vec<&String> = entries.iter().map(|(key, _)| key).collect();
    keys.sort();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}

/// A line broken at its blanks, where only one separates two words.
fn folded(line: &str, indent: &str) -> String {
    if line.contains("  ") { line.to_owned() } else { line.replace(' ', &format!("\n{indent}")) }
}

/// As programs write JSON.
fn json(value: &Meaning, indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    let pieces: Vec<String> = match value {
        Meaning::Word(word) => return word.clone(),
        Meaning::Text(text) => return quoted(text),
        Meaning::Map(entries) => {
            entries.iter().map(|(key, value)| format!("{inner}{}: {}", quoted(key), json(value, indent + 2))).collect()
        }
        Meaning::List(items) => items.iter().map(|item| format!("{inner}{}", json(item, indent + 2))).collect(),
    };
    let [open, close] = if matches!(value, Meaning::Map(_)) { ["{", "}"] } else { ["[", "]"] };
    if value.is_collection() && pieces.is_empty() {
        return format!("{open}{close}");
    }
    format!("{open}\n{}\n{}{close}", pieces.join(",\n"), " ".repeat(indent))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Plain where it surely says the same so.
fn plain_or_quoted(text: &str) -> String {
    let is_harmless = text.starts_with(|first: char| first.is_alphabetic())
        && !text.ends_with([' ', ':'])
        && text.chars().all(|next| next.is_alphanumeric() || " ./_-".contains(next));
    let plain = parse(SourceId(0), text.into());
    let is_text = plain.documents().next().and_then(|document| document.root).is_some_and(|root| root.str() == Some(text));
    if is_harmless && is_text && !text.contains("  ") { text.to_owned() } else { quoted(text) }
}
