//! The texts of a run, byte spans in them, and where a byte is in lines and columns.

use std::sync::{Arc, OnceLock};

/// Names one text of a run. Ids follow the order in which texts were added.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

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
    text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    is_ascii: OnceLock<bool>,
}

impl Source {
    /// The path as shown to the user.
    pub fn name(&self) -> &str {
        &self.name
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
        if *self.is_ascii.get_or_init(|| self.text.is_ascii()) {
            // Without this, each place on an endless line (a list as JSON) would cost a count from its start.
            return LineColumn { line: line + 1, column: (byte as usize).min(self.text.len()).saturating_sub(start) + 1 };
        }
        let end = floor_char_boundary(&self.text, byte as usize);
        let before = &self.text[start..end.max(start)];
        let before = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        LineColumn { line: line + 1, column: before.chars().count() + 1 }
    }
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
}

impl Sources {
    /// Adds a text and names it. Texts are at most 4 GiB, which `input` sees to.
    pub fn add(&mut self, name: impl Into<String>, text: Arc<str>) -> SourceId {
        let id = SourceId(self.sources.len() as u32);
        self.sources.push(Source { name: name.into(), text, line_starts: OnceLock::new(), is_ascii: OnceLock::new() });
        id
    }

    /// The text with that id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// All texts, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources.iter().enumerate().map(|(id, source)| (SourceId(id as u32), source))
    }

    /// How many texts there are.
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
    }
}
