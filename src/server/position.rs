//! Places and files as editors name them: lines from 0, characters in the encoding agreed on, `file:` URIs.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use lsp_types::{Position, Range};

use crate::source::{Source, Span};

/// A byte order mark, which editors take off a file before they count.
const MARK: char = '\u{feff}';

/// What the character of a position counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    pub(super) fn units(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
        }
    }

    /// Where a byte is. `is_open` says that the text is the editor's own, in which a byte order mark counts.
    pub(super) fn position(self, source: &Source, byte: u32, is_open: bool) -> Position {
        let (line, start) = source.line_at(byte);
        let text = source.text();
        let mut end = (byte as usize).min(text.len()).max(start);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[start..end];
        let before = if line == 0 && !is_open { before.strip_prefix(MARK).unwrap_or(before) } else { before };
        Position { line: line as u32, character: self.units(before) as u32 }
    }

    /// The positions of a span.
    pub(super) fn range(self, source: &Source, span: Span, is_open: bool) -> Range {
        Range { start: self.position(source, span.start, is_open), end: self.position(source, span.end, is_open) }
    }

    /// The byte at a position of an open text; the end of the line, or of the text, where the position lies behind it.
    pub(super) fn byte(self, text: &str, position: Position) -> usize {
        let line_start = match position.line {
            0 => 0,
            line => text.match_indices('\n').nth(line as usize - 1).map_or(text.len(), |(at, _)| at + 1),
        };
        let line = text[line_start..].split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut units = 0;
        for (at, character) in line.char_indices() {
            units += match self {
                Encoding::Utf8 => character.len_utf8(),
                Encoding::Utf16 => character.len_utf16(),
            };
            if units > position.character as usize {
                return line_start + at;
            }
        }
        line_start + line.len()
    }
}

/// The path of a `file:` URI.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        bytes.push(if byte == b'%' { (digit(rest.next())? * 16 + digit(rest.next())?) as u8 } else { byte });
    }
    let path = String::from_utf8(bytes).ok()?;
    let is_drive = cfg!(windows) && path.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(if is_drive { &path[1..] } else { &path }))
}

/// The `file:` URI of an absolute path.
pub(super) fn uri_of(path: &Path) -> String {
    let path = crate::input::shown(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::Sources;

    proptest! {
        #[test]
        fn bytes_and_positions_lead_to_each_other(text in "[a\u{e9}\u{20ac}\u{1f980}\u{feff} :]{0,9}(\r?\n[a\u{e9}\u{20ac}\u{1f980}\u{feff} :]{0,9}){0,4}") {
            let mut sources = Sources::default();
            let id = sources.add("a.yaml", text.as_str().into());
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                for (byte, _) in text.char_indices().filter(|(at, _)| !text[*at..].starts_with('\n') || !text[..*at].ends_with('\r')) {
                    let position = encoding.position(sources.get(id), byte as u32, true);
                    prop_assert_eq!(encoding.byte(&text, position), byte);
                    let line = text.split('\n').nth(position.line as usize).expect("the line is there");
                    let before = &line[..byte - sources.get(id).line_at(byte as u32).1];
                    let counted = if encoding == Encoding::Utf8 { before.len() } else { before.encode_utf16().count() };
                    prop_assert_eq!(position.character as usize, counted);
                }
            }
        }

        #[test]
        fn no_position_leads_out_of_the_text(text in "\\PC{0,20}(\r?\n\\PC{0,20}){0,3}", line in 0..9u32, character in 0..99u32) {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let byte = encoding.byte(&text, Position { line, character });
                prop_assert!(text.is_char_boundary(byte));
            }
        }

        #[test]
        fn uris_lead_back_to_their_paths(path in "(/[^/\0\\\\]{1,8}){1,4}") {
            let shown = crate::input::shown(Path::new(&path));
            prop_assert_eq!(path_of(&uri_of(Path::new(&path))), Some(PathBuf::from(shown)));
        }
    }

    #[test]
    fn a_mark_counts_in_the_editors_own_text_only() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "\u{feff}a: x\n".into());
        assert_eq!(Encoding::Utf16.position(sources.get(id), 6, false).character, 3);
        assert_eq!(Encoding::Utf16.position(sources.get(id), 6, true).character, 4);
    }

    #[test]
    fn other_schemes_and_broken_escapes_have_no_path() {
        assert_eq!(path_of("untitled:Untitled-1"), None);
        assert_eq!(path_of("file:///a%4"), None);
        assert_eq!(path_of("file://localhost/a%20b.yaml"), Some(PathBuf::from("/a b.yaml")));
    }
}
