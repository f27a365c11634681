//! The texts of a run, byte spans in them, and where a byte is in lines and columns.

use std::sync::{Arc, OnceLock};

/// Names one text of a run. Ids follow the order in which texts were added.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The user's config, of which there is one at most and which is none of the texts that are linted. It sorts last.
    pub const CONFIG: SourceId = SourceId(u32::MAX);
}

/// A range of bytes in one text, end excluded. Sorts by text, then by place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// First byte after the range.
    pub end: u32,
}

impl Span {
    /// Whether `other` lies in this span, ends included.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place as people count it: both from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One text and its name: a path as the user would write it, or `-`.
#[derive(Debug)]
pub struct Source {
    name: String,
    is_old: bool,
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters stand before each block of the text.
    characters: OnceLock<Vec<u32>>,
}

/// Bytes whose characters are counted when a column is asked for. Without such blocks each place on an endless line (a list as JSON)
/// would cost a count from its start.
const BLOCK: usize = 1024;

impl Source {
    fn new(name: String, text: Arc<str>, is_old: bool) -> Self {
        Source { name, is_old, text, line_starts: OnceLock::new(), characters: OnceLock::new() }
    }

    /// The path as shown to the user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the text belongs to the old side of a change only: what it says is not so any more.
    pub fn is_old(&self) -> bool {
        self.is_old
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offsets at which lines start; made on first use, because most files have no finding.
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Line (from 0) that holds the byte, and the byte at which that line starts.
    pub fn line_at(&self, byte: u32) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= byte).saturating_sub(1);
        (line, starts[line] as usize)
    }

    /// Byte at which line `line` (from 0) starts; the text's length behind the last line.
    pub fn line_start(&self, line: usize) -> usize {
        self.line_starts().get(line).map_or(self.text.len(), |&start| start as usize)
    }

    /// Line and column of a byte. A byte inside a character counts as that character; a byte order mark takes no column.
    pub fn line_column(&self, byte: u32) -> LineColumn {
        let (line, start) = self.line_at(byte);
        let end = floor_char_boundary(&self.text, byte as usize).max(start);
        let has_mark = start == 0 && end > 0 && self.text.starts_with('\u{feff}');
        let before = self.characters_before(end) - self.characters_before(start) - usize::from(has_mark);
        LineColumn { line: line + 1, column: before + 1 }
    }

    fn characters_before(&self, byte: usize) -> usize {
        let blocks = self.characters.get_or_init(|| {
            let counts = self.text.as_bytes().chunks(BLOCK).scan(0, |count, block| {
                *count += characters_in(block) as u32;
                Some(*count)
            });
            std::iter::once(0).chain(counts).collect()
        });
        let block = byte / BLOCK;
        blocks[block] as usize + characters_in(&self.text.as_bytes()[block * BLOCK..byte])
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// All texts of a run.
#[derive(Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
    config: Option<Source>,
}

impl Sources {
    /// Adds a text and names it. Texts are at most 4 GiB, which `input` sees to.
    pub fn add(&mut self, name: impl Into<String>, text: Arc<str>) -> SourceId {
        self.push(name.into(), text, false)
    }

    /// Adds a text of the old side of a change.
    pub fn add_old(&mut self, name: impl Into<String>, text: Arc<str>) -> SourceId {
        self.push(name.into(), text, true)
    }

    fn push(&mut self, name: String, text: Arc<str>, is_old: bool) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Source::new(name, text, is_old));
        id
    }

    /// Adds the config, whose id is [`SourceId::CONFIG`].
    pub fn add_config(&mut self, name: impl Into<String>, text: Arc<str>) {
        self.config = Some(Source::new(name.into(), text, false));
    }

    /// The text with that id.
    pub fn get(&self, id: SourceId) -> &Source {
        match &self.config {
            Some(config) if id == SourceId::CONFIG => config,
            _ => &self.sources[id.0 as usize],
        }
    }

    /// All texts but the config, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources.iter().enumerate().map(|(id, source)| (SourceId(id as u32), source))
    }

    /// How many texts there are, the config left out.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text().get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_line_feeds() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "\u{feff}é: x\r\nb: ü!\n".into());
        let at = |needle: &str| {
            let byte = sources.get(id).text().find(needle).expect("needle is in the text") as u32;
            let place = sources.get(id).line_column(byte);
            (place.line, place.column)
        };
        assert_eq!(at("é"), (1, 1));
        assert_eq!(at("x"), (1, 4));
        assert_eq!(at("b"), (2, 1));
        assert_eq!(at("!"), (2, 5));
        let place = |byte| sources.get(id).line_column(byte);
        assert_eq!((place(0).column, place(3).column, place(4).column, place(100).line), (1, 1, 1, 3));
    }

    #[test]
    fn columns_are_right_on_endless_lines() {
        let mut sources = Sources::default();
        let text = "é-".repeat(2 * BLOCK);
        let id = sources.add("a.yaml", format!("a\n{text}").into());
        for (character, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(sources.get(id).line_column(byte as u32 + 2), LineColumn { line: 2, column: character + 1 });
        }
        let end = LineColumn { line: 2, column: 4 * BLOCK + 1 };
        assert_eq!(sources.get(id).line_column(2 + text.len() as u32), end);
    }
}
