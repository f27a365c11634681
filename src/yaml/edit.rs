//! Changes of a text that leave every other byte as it is: an entry or item comes, goes or says something else.
//!
//! Each function looks at how the text around is written (indentation, quotes, line endings, block or flow) and writes likewise. Where
//! that can't be done for sure, it gives nothing: what an alias or a merge key shares is not changed for one of its users.

use super::{Kind, NodeRef, Style, Tree};
use crate::source::Span;

/// Entries or items of what is changed: nobody writes more by hand, and each change looks at all of them.
const MOST_PIECES: usize = 1000;

/// One replacement of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What to replace; an empty span inserts.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// An edit, and what it costs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What to replace by what.
    pub edit: Edit,
    /// Whether a comment goes with what it spoke of.
    pub takes_comment: bool,
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A string, quoted where it has to be.
    Str(&'a str),
    /// A number or a boolean.
    Word(&'a str),
    /// Keys and values.
    Mapping(&'a [(&'a str, Value<'a>)]),
    /// Items.
    List(&'a [Value<'a>]),
}

/// The text with edits made that are in its order and don't overlap.
pub fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut edited = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut done = 0;
    for edit in edits {
        edited.extend([&text[done..edit.span.start as usize], &edit.text]);
        done = edit.span.end as usize;
    }
    edited + &text[done..]
}

/// Writes another string in a scalar's place, in its quotes if it has some.
pub fn replace(scalar: NodeRef<'_>, text: &str) -> Option<Change> {
    let needs_no_escape = |quote: char| !text.contains(quote) && !text.contains(|next: char| next == '\\' || next.is_control());
    let (span, is_own) = (scalar.span(), is_own(scalar) && scalar.kind() == Kind::Scalar);
    match scalar.style() {
        Style::Plain if is_own => Some(change(span, string(text))),
        Style::SingleQuoted if is_own && needs_no_escape('\'') => Some(change(span, format!("'{text}'"))),
        Style::DoubleQuoted if is_own && needs_no_escape('"') => Some(change(span, format!("\"{text}\""))),
        _ => None,
    }
}

/// Gives a key another value, or writes it behind the last of those siblings that are there (else at the end) if it isn't there.
pub fn set(mapping: NodeRef<'_>, key: &str, value: Value<'_>, after: &[&str]) -> Option<Change> {
    if Container::of(mapping)?.has(key) { put_in_place(mapping, key, key, value) } else { insert(mapping, key, value, after) }
}

/// Writes an entry that is not there yet behind the last of those siblings that are there, else at the end.
pub fn insert(mapping: NodeRef<'_>, key: &str, value: Value<'_>, after: &[&str]) -> Option<Change> {
    let container = Container::of(mapping).filter(|container| mapping.is_mapping() && !container.has(key))?;
    if container.pieces.is_empty() {
        let is_json = mapping.tree().text().trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        return Some(change(mapping.span(), flow(Value::Mapping(&[(key, value)]), is_json)));
    }
    let index = after.iter().filter_map(|key| container.position(key)).max();
    container.insert_behind(index, Added::Entry(key, value))
}

/// Writes an entry that is not there yet before all others.
pub fn insert_first(mapping: NodeRef<'_>, key: &str, value: Value<'_>) -> Option<Change> {
    let container = Container::of(mapping).filter(|container| mapping.is_mapping() && !container.has(key))?;
    let at = container.pieces.first()?.start as u32;
    let entry = container.entry(key, None, value)?;
    let gap = if container.is_block() { format!("{}{}", newline(container.text()), container.indent()?) } else { ", ".to_owned() };
    Some(change(mapping.tree().span(at, at), format!("{entry}{gap}")))
}

/// Writes an item behind another one of a list, else at its end.
pub fn add_item(list: NodeRef<'_>, behind: Option<NodeRef<'_>>, value: Value<'_>) -> Option<Change> {
    let container = Container::of(list).filter(|container| list.is_sequence() && !container.pieces.is_empty())?;
    let index = behind.and_then(|behind| container.pieces.iter().position(|piece| piece.value == behind));
    container.insert_behind(index, Added::Item(value))
}

/// Writes another key and value where an entry stands.
pub fn put_in_place(mapping: NodeRef<'_>, key: &str, new_key: &str, value: Value<'_>) -> Option<Change> {
    let container = Container::of(mapping)?;
    let piece = container.pieces[container.position(key)?];
    let (old_key, old) = (piece.key?, piece.value);
    if !is_own(old) || holds_anchor(old) {
        return None;
    }
    let is_inline = matches!(old.style(), Style::Plain | Style::SingleQuoted | Style::DoubleQuoted) && old.kind() == Kind::Scalar;
    if is_inline && key == new_key && matches!(value, Value::Str(_) | Value::Word(_)) {
        return Some(change(old.span(), flow(value, container.is_json())));
    }
    if old.style() == Style::Absent {
        return container.give(old_key, value).filter(|_| key == new_key);
    }
    let span = piece.span(mapping.tree());
    let takes_comment = mapping.tree().has_comment(span);
    Some(Change { edit: Edit { span, text: container.entry(new_key, Some(old_key), value)? }, takes_comment })
}

/// Takes out the entry or item whose value a node is. If it is the only one, what it stands in goes too, with its key.
pub fn remove(value: NodeRef<'_>) -> Option<Change> {
    let container = Container::of(value.parent()?)?;
    container.remove(container.pieces.iter().position(|piece| piece.value == value)?)
}

fn change(span: Span, text: String) -> Change {
    Change { edit: Edit { span, text }, takes_comment: false }
}

/// Whether what the node says is said here and for itself only.
fn is_own(node: NodeRef<'_>) -> bool {
    let tree = node.tree();
    let is_anchored = |id| tree.anchors.binary_search_by_key(&id, |anchor| anchor.node).is_ok();
    node.origin().is_none() && (tree.anchors.is_empty() || !node.lineage().into_iter().any(is_anchored))
}

/// Whether something in the node may be referred to from elsewhere.
fn holds_anchor(node: NodeRef<'_>) -> bool {
    let anchors = &node.tree().anchors;
    let ids = node.ids();
    anchors.get(anchors.partition_point(|anchor| anchor.node < ids.start)).is_some_and(|anchor| anchor.node < ids.end)
}

/// An entry or item.
#[derive(Clone, Copy)]
struct Piece<'t> {
    key: Option<NodeRef<'t>>,
    value: NodeRef<'t>,
    /// Of the key, or of the dash or first byte of an item.
    start: usize,
    end: usize,
}

impl Piece<'_> {
    fn span(&self, tree: &Tree) -> Span {
        tree.span(self.start as u32, self.end as u32)
    }
}

/// What comes into a mapping or list.
#[derive(Clone, Copy)]
enum Added<'a> {
    Entry(&'a str, Value<'a>),
    Item(Value<'a>),
}

/// A mapping or list that is said once and brings nothing in from elsewhere.
struct Container<'t> {
    node: NodeRef<'t>,
    pieces: Vec<Piece<'t>>,
}

impl<'t> Container<'t> {
    fn of(node: NodeRef<'t>) -> Option<Self> {
        if node.kind() == Kind::Scalar || !is_own(node) || node.merges() {
            return None;
        }
        let is_block = node.style() != Style::Flow;
        let entries = node.entries().map(|entry| Some((Some(entry.key), entry.value, entry.key.span().start as usize)));
        let items = node.items().map(|item| {
            let start = item.span().start as usize;
            Some((None, item, if is_block { dash_before(node.tree(), start)? } else { start }))
        });
        let pieces = entries.chain(items).take(MOST_PIECES + 1).map(|piece| {
            let (key, value, start) = piece?;
            let end = key.map_or(0, |key| key.span().end).max(value.span().end) as usize;
            (end > start).then_some(Piece { key, value, start, end })
        });
        let pieces: Vec<_> = pieces.collect::<Option<_>>()?;
        (pieces.len() <= MOST_PIECES).then_some(Container { node, pieces })
    }

    fn has(&self, key: &str) -> bool {
        self.pieces.iter().any(|piece| piece.key.is_some_and(|written| written.is_text(key)))
    }

    /// The number of the only entry with a key.
    fn position(&self, key: &str) -> Option<usize> {
        let is_it = |piece: &Piece<'_>| piece.key.is_some_and(|written| written.is_text(key));
        let position = self.pieces.iter().position(is_it)?;
        (self.pieces.iter().rposition(is_it) == Some(position)).then_some(position)
    }

    fn text(&self) -> &'t str {
        self.node.tree().text()
    }

    fn is_block(&self) -> bool {
        self.node.style() != Style::Flow
    }

    /// Whether keys and strings are quoted as in JSON: as the first key is, the node's own or an item's.
    fn is_json(&self) -> bool {
        let first = self
            .pieces
            .first()
            .map(|piece| piece.key.or_else(|| piece.value.entries().next().map(|entry| entry.key)).unwrap_or(piece.value));
        !self.is_block() && first.is_some_and(|first| first.style() == Style::DoubleQuoted)
    }

    /// Blanks up to the column in which pieces begin.
    fn indent(&self) -> Option<String> {
        let start = self.pieces.first()?.start;
        let before = self.text()[line_start(self.text(), start)..start].trim_start_matches('\u{feff}');
        before.bytes().all(|byte| matches!(byte, b' ' | b'-')).then(|| " ".repeat(before.len()))
    }

    fn layout(&self) -> Option<Layout<'t>> {
        Some(Layout { newline: newline(self.text()), indent: self.indent()?, step: step(self.node.root()), dash: dash_offset(self.node) })
    }

    /// An entry as it is written in this mapping, without what separates it from others.
    fn entry(&self, key: &str, like: Option<NodeRef<'_>>, value: Value<'_>) -> Option<String> {
        if self.is_block() {
            let is_quoted = like.is_some_and(|like| like.style() == Style::DoubleQuoted);
            let key = if is_quoted { quoted(key) } else { string(key) };
            return Some(format!("{key}:{}", self.layout()?.behind_key(value, 0)));
        }
        let entry = flow(Value::Mapping(&[(key, value)]), self.is_json());
        Some(entry[1..entry.len() - 1].to_owned())
    }

    /// Writes a value behind a key that has none.
    fn give(&self, key: NodeRef<'_>, value: Value<'_>) -> Option<Change> {
        let (text, end) = (self.text(), key.span().end as usize);
        let rest = &text[end..line_end(text, end)];
        let at = (end + rest.find(':')? + 1) as u32;
        let is_bare = self.is_block() && rest.trim() == ":";
        is_bare.then_some(())?;
        Some(change(self.node.tree().span(at, at), self.layout()?.behind_key(value, 0)))
    }

    fn insert_behind(&self, index: Option<usize>, added: Added<'_>) -> Option<Change> {
        let index = index.unwrap_or(self.pieces.len() - 1);
        let (tree, piece) = (self.node.tree(), &self.pieces[index]);
        if self.is_block() {
            let layout = self.layout()?;
            let text = match added {
                Added::Entry(key, value) => self.entry(key, None, value)?,
                Added::Item(value) if self.pieces[index].value.style() == Style::Flow => format!("- {}", flow(value, false)),
                Added::Item(value) => format!("- {}", layout.item(value, 0)),
            };
            let at = self.end_of_lines(piece)?;
            return Some(change(tree.span(at as u32, at as u32), format!("{}{}{text}", layout.newline, layout.indent)));
        }
        if piece.value.style() == Style::Absent {
            return None;
        }
        let text = match added {
            Added::Entry(key, value) => self.entry(key, None, value)?,
            Added::Item(value) => flow(value, self.is_json()),
        };
        let gap =
            &self.text()[index.checked_sub(1).map_or(self.node.span().start as usize + 1, |before| self.pieces[before].end)..piece.start];
        let gap = gap.rfind('\n').map_or(" ", |at| &gap[if gap[..at].ends_with('\r') { at - 1 } else { at }..]);
        let at = piece.end as u32;
        gap.trim().is_empty().then(|| change(tree.span(at, at), format!(",{gap}{text}")))
    }

    fn remove(&self, index: usize) -> Option<Change> {
        let piece = &self.pieces[index];
        let (tree, node) = (self.node.tree(), self.node);
        if holds_anchor(piece.value) || piece.key.is_some_and(holds_anchor) {
            return None;
        }
        if self.pieces.len() == 1 {
            return remove(node).filter(|_| node.parent().is_some_and(NodeRef::is_mapping));
        }
        let range = if self.is_block() { self.lines_of(index)? } else { self.flow_range(index)? };
        let span = tree.span(range.start as u32, range.end as u32);
        Some(Change { edit: Edit { span, text: String::new() }, takes_comment: tree.has_comment(span) })
    }

    /// The piece with the comma that belongs to it.
    fn flow_range(&self, index: usize) -> Option<std::ops::Range<usize>> {
        let piece = &self.pieces[index];
        let is_last = index + 1 == self.pieces.len();
        let range = if is_last { self.pieces[index - 1].end..piece.end } else { piece.start..self.pieces[index + 1].start };
        (piece.value.style() != Style::Absent).then_some(range)
    }

    /// The lines of the piece with those of the comment above it; only the piece where it begins behind the dash of an item.
    fn lines_of(&self, index: usize) -> Option<std::ops::Range<usize>> {
        let (text, piece) = (self.text(), &self.pieces[index]);
        let line = line_start(text, piece.start);
        let indent = text[line..piece.start].trim_start_matches('\u{feff}');
        if !indent.trim().is_empty() {
            return self.pieces.get(index + 1).map(|next| piece.start..next.start);
        }
        let mut start = piece.start - indent.len();
        let mut end = self.end_of_lines(piece)?;
        while start > 0 && start == line_start(text, start) {
            let above = line_start(text, start - 1);
            let is_comment = text[above..start].strip_prefix(indent).is_some_and(|line| line.starts_with('#'));
            if !is_comment {
                break;
            }
            start = above;
        }
        match line_feed(text, end) {
            // The last line has no line feed: the line that is the last one now has none either.
            0 if !self.needs_line_feed(index) => start = text[..start].trim_end().len(),
            length => end += length,
        }
        // One of two blank lines that would follow each other.
        let below = line_end(text, end);
        if below < text.len() && text[end..below].trim().is_empty() && is_behind_blank_line(text, start) {
            end = below + line_feed(text, below);
        }
        Some(start..end)
    }

    /// Whether the line feeds above a piece belong to a text, as behind `|` and `>`, but not behind `|-`.
    fn needs_line_feed(&self, index: usize) -> bool {
        let text_above = self.pieces[..index].last().and_then(|above| above.value.scalars().last());
        text_above.filter(|node| matches!(node.style(), Style::Literal | Style::Folded)).is_some_and(|node| {
            let header = self.text()[node.span().start as usize..].lines().next().unwrap_or_default();
            !header.contains('-')
        })
    }

    /// The end of the last line that belongs to a piece, comments indented deeper among them.
    fn end_of_lines(&self, piece: &Piece<'_>) -> Option<usize> {
        let text = self.text();
        let mut end = line_end(text, piece.end);
        let rest = text[piece.end..end].trim_start();
        let rest = if piece.value.style() == Style::Absent { rest.strip_prefix(':')?.trim_start() } else { rest };
        if !rest.trim_end().is_empty() && !rest.starts_with('#') {
            return None;
        }
        let column = piece.start - line_start(text, piece.start);
        let mut next = end + line_feed(text, end);
        while next > end && next < text.len() {
            let line = &text[next..line_end(text, next)];
            let blanks = line.len() - line.trim_start_matches(' ').len();
            if blanks <= column || !line[blanks..].starts_with('#') {
                break;
            }
            end = next + line.len();
            next = end + line_feed(text, end);
        }
        Some(end)
    }
}

/// How block collections are written around a place.
struct Layout<'t> {
    newline: &'t str,
    indent: String,
    /// Blanks by which a mapping stands deeper than its key.
    step: usize,
    /// Blanks by which a dash stands deeper than its list's key.
    dash: usize,
}

impl Layout<'_> {
    /// What follows the colon of a key that stands `depth` deeper than the layout's indentation.
    fn behind_key(&self, value: Value<'_>, depth: usize) -> String {
        let line = |depth: usize| format!("{}{}{}", self.newline, self.indent, " ".repeat(depth));
        match value {
            Value::Mapping(entries) => {
                let depth = depth + self.step;
                let entry = |(key, value): &(&str, Value<'_>)| [line(depth), string(key), ":".into(), self.behind_key(*value, depth)];
                entries.iter().flat_map(entry).collect()
            }
            Value::List(items) => {
                let depth = depth + self.dash;
                items.iter().flat_map(|item| [line(depth), "- ".into(), self.item(*item, depth)]).collect()
            }
            Value::Str(_) | Value::Word(_) => format!(" {}", flow(value, false)),
        }
    }

    /// What follows the dash of an item.
    fn item(&self, value: Value<'_>, depth: usize) -> String {
        let Value::Mapping(entries) = value else { return flow(value, false) };
        let line = format!("{}{}", self.newline, self.indent) + &" ".repeat(depth + 2);
        let entries: Vec<_> =
            entries.iter().map(|(key, value)| format!("{}:{}", string(key), self.behind_key(*value, depth + 2))).collect();
        entries.join(&line)
    }
}

/// The value on one line.
fn flow(value: Value<'_>, is_json: bool) -> String {
    let key = |key: &str| if is_json { quoted(key) } else { string(key) };
    match value {
        Value::Str(text) if is_json => quoted(text),
        Value::Str(text) => string(text),
        Value::Word(word) => word.to_owned(),
        Value::Mapping(entries) => {
            let entries: Vec<_> = entries.iter().map(|(name, value)| format!("{}: {}", key(name), flow(*value, is_json))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(*item, is_json)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// A string, in quotes unless it is surely one without.
fn string(text: &str) -> String {
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"];
    let is_harmless = |next: u8| next.is_ascii_alphanumeric() || matches!(next, b'-' | b'_' | b'.' | b'/');
    let begins_harmlessly = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let number = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let is_quantity = number.len() < text.len() && ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "k", "M", "G", "T", "m"].contains(&number);
    let is_plain = begins_harmlessly && text.bytes().all(is_harmless) && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain || is_quantity { text.to_owned() } else { quoted(text) }
}

/// In double quotes, as JSON and YAML read them.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The dash before an item of a block list, comments between them or not.
fn dash_before(tree: &Tree, start: usize) -> Option<usize> {
    let is_before = |at: usize| tree.comments.partition_point(|&(start, _, _)| (start as usize) < at);
    let mut before = &tree.text()[..start];
    loop {
        before = before.trim_end_matches([' ', '\t', '\r', '\n']);
        let comment = is_before(before.len()).checked_sub(1).map(|last| tree.comments[last]);
        let Some((start, ..)) = comment.filter(|&(_, end, _)| end as usize >= before.len()) else { break };
        before = &before[..start as usize];
    }
    before.ends_with('-').then(|| before.len() - 1)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

fn is_behind_blank_line(text: &str, at: usize) -> bool {
    at > 0 && text[line_start(text, at - 1)..at].trim().is_empty()
}

/// Where the line's text ends: before its line feed and the carriage return before that.
fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    if end > at && end < text.len() && text[..end].ends_with('\r') { end - 1 } else { end }
}

/// The length of the line break that begins at a byte.
fn line_feed(text: &str, at: usize) -> usize {
    match text.as_bytes()[at..] {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => 0,
    }
}

/// How lines end in a text: as the first one does.
fn newline(text: &str) -> &'static str {
    if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// By how much the first block mapping of a document stands deeper than the root; 2 where there is none.
fn step(root: NodeRef<'_>) -> usize {
    let column = |key: NodeRef<'_>| {
        let start = key.span().start as usize;
        start - line_start(root.tree().text(), start)
    };
    let first_key = |node: NodeRef<'_>| node.entries().next().map(|entry| column(entry.key));
    let Some(own) = first_key(root).filter(|_| root.style() != Style::Flow) else { return 2 };
    let nested = root.entries().map(|entry| entry.value).filter(|value| value.is_mapping() && value.style() != Style::Flow);
    nested.filter_map(first_key).find_map(|column| column.checked_sub(own)).filter(|step| (1..=8).contains(step)).unwrap_or(2)
}

/// By how much the dashes of the first list among a mapping's values, or its parent's, stand deeper than its key; 0 where there is none.
fn dash_offset(node: NodeRef<'_>) -> usize {
    let text = node.tree().text();
    let offset = |node: NodeRef<'_>| {
        let lists = node.entries().filter(|entry| entry.value.is_sequence() && entry.value.style() != Style::Flow);
        lists.into_iter().find_map(|entry| {
            let dash = dash_before(node.tree(), entry.value.items().next()?.span().start as usize)?;
            let key = entry.key.span().start as usize;
            (dash - line_start(text, dash)).checked_sub(key - line_start(text, key))
        })
    };
    offset(node).or_else(|| offset(node.parent()?)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
