//! The bytes of a part of a scalar, however that is written.

use super::node::NodeRef;
use super::{IN_SOURCE, Kind, Style};
use crate::source::Span;

impl NodeRef<'_> {
    /// The bytes of a part of the value: `range` counts bytes of [`NodeRef::text`]. The whole node's where the text is reached
    /// through an alias.
    pub fn span_of(self, range: std::ops::Range<usize>) -> Span {
        if self.origin().is_some() {
            return self.span();
        }
        let node = self.node();
        match node.style {
            Style::Literal => self.literal_span(range),
            _ if node.kind != Kind::Scalar => self.span(),
            _ if node.value != IN_SOURCE && range == (0..self.text().len()) => self.span(),
            _ if node.value != IN_SOURCE => self.written_span(range).unwrap_or_else(|| self.span()),
            style => {
                let quote = u32::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
                let start = node.start + quote;
                self.tree().span(start + range.start as u32, start + range.end as u32)
            }
        }
    }

    /// Finds the source line of a line of a literal scalar and steps over its indentation.
    fn literal_span(self, range: std::ops::Range<usize>) -> Span {
        let (text, node) = (self.text(), self.node());
        let before = &text[..range.start];
        let line_number = before.matches('\n').count();
        let column = range.start - before.rfind('\n').map_or(0, |at| at + 1);
        let raw = &self.tree().text()[node.start as usize..node.end as usize];
        // The node begins on the line of `|`; its content on the next one.
        let mut offset = raw.find('\n').map_or(raw.len(), |at| at + 1);
        for _ in 0..line_number {
            offset += raw[offset..].find('\n').map_or(raw.len() - offset, |at| at + 1);
        }
        let source_line = raw[offset..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let value_line = text[range.start - column..].split('\n').next().unwrap_or_default();
        if !source_line.ends_with(value_line) || range.end - range.start > value_line.len().saturating_sub(column) {
            return self.span();
        }
        let start = node.start + (offset + source_line.len() - value_line.len() + column) as u32;
        self.tree().span(start, start + range.len() as u32)
    }

    /// The bytes of a part of a scalar with escapes or folded lines: what is no blank is counted in the value and in the text.
    fn written_span(self, range: std::ops::Range<usize>) -> Option<Span> {
        let (text, node) = (self.text(), self.node());
        let raw = &self.tree().text()[node.start as usize..node.end as usize];
        let content = match node.style {
            Style::Folded => raw.find('\n')? + 1,
            Style::SingleQuoted | Style::DoubleQuoted => 1,
            _ => 0,
        };
        let solid = |text: &str| text.chars().filter(|next| !next.is_whitespace()).count();
        let before = solid(&text[..range.start]);
        let mut starts =
            Written { raw, at: content, style: node.style }.filter(|(_, next)| !next.is_whitespace()).map(|(at, _)| at).skip(before);
        let start = starts.next()?;
        // Behind the last character that is no blank.
        let last = match solid(text.get(range)?) {
            0 | 1 => start,
            count => starts.nth(count - 2)?,
        };
        let end = last + raw[last..].chars().next().map_or(0, char::len_utf8);
        Some(Span { source: self.span().source, start: node.start + start as u32, end: node.start + end as u32 })
    }
}

/// The characters of a scalar as it is written, and the bytes where they begin.
struct Written<'t> {
    raw: &'t str,
    at: usize,
    style: Style,
}

impl Iterator for Written<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        let start = self.at;
        let mut rest = self.raw[start..].chars();
        let first = rest.next()?;
        let (next, length) = match (self.style, first) {
            (Style::DoubleQuoted, '\\') => unescaped(rest.as_str())?,
            (Style::SingleQuoted, '\'') if rest.as_str().starts_with('\'') => ('\'', 1),
            _ => (first, 0),
        };
        self.at = start + first.len_utf8() + length;
        Some((start, next))
    }
}

/// What the text behind a backslash stands for, and its length.
fn unescaped(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'n' | 'r' | 't' | 'N' | '_' | 'L' | 'P' => return Some((' ', 1)),
        '"' | '\\' | '/' => return Some((first, 1)),
        _ if first.is_whitespace() => return Some((' ', first.len_utf8())),
        _ => return Some(('\u{1}', first.len_utf8())),
    };
    let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
    Some((char::from_u32(code)?, 1 + digits))
}
