//! What a container runs, read as a shell would.

use std::ops::Range;

use super::Container;
use crate::finding::Place;
use crate::yaml::NodeRef;

/// Command and arguments of a container as one text in lower case, for phrases run across its items.
#[derive(Clone, Debug)]
pub struct Script<'t> {
    lower: String,
    /// Where each item starts in the text.
    items: Vec<(usize, NodeRef<'t>)>,
}

impl<'t> Container<'t> {
    /// What it runs, as far as it is written: `command` and `args`.
    pub fn script(&self) -> Script<'t> {
        let mut script = Script { lower: String::new(), items: Vec::new() };
        // Shell variables (`${X}`) are no placeholders here: what is written around them is known.
        for node in ["command", "args"].into_iter().filter_map(|key| self.field(key)).flat_map(NodeRef::items) {
            script.items.push((script.lower.len(), node));
            // What stands between commands becomes a `; ` of the same length.
            let lower = node.text().to_ascii_lowercase().replace("&&", "; ").replace("||", "; ").replace(" | ", " ; ");
            script.lower.push_str(&lower);
            script.lower.push(' ');
        }
        script
    }
}

impl<'t> Script<'t> {
    /// Its commands, each with where it starts, without comments and without what they print.
    pub fn commands(&self) -> impl Iterator<Item = (usize, &str)> {
        pieces(&self.lower, "\n").flat_map(|(line_start, line)| {
            let commands = pieces(without_comment(line), "; ");
            commands.map(move |(start, command)| (line_start + start, without_output(command)))
        })
    }

    /// The place of some bytes: in the item that holds them, or else the item that they begin in.
    pub fn place(&self, range: Range<usize>) -> Option<Place<'t>> {
        let index = self.items.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, node) = self.items[index];
        let is_inside = range.end - start <= node.text().len();
        Some(if is_inside { Place::part(node, range.start - start..range.end - start) } else { Place::from(node) })
    }
}

/// The first place where a phrase stands as whole words.
pub fn find_words(text: &str, phrase: &str) -> Option<Range<usize>> {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    let is_whole = |range: &Range<usize>| {
        let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
        !is_word(before) && !is_word(bytes.get(range.end))
    };
    text.match_indices(phrase).map(|(start, _)| start..start + phrase.len()).find(is_whole)
}

/// The pieces between separators, each with where it starts.
fn pieces<'a>(text: &'a str, separator: &'static str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut next = 0;
    text.split(separator).map(move |piece| {
        let start = next;
        next += piece.len() + separator.len();
        (start, piece)
    })
}

/// A line up to a `#` that begins a word.
fn without_comment(line: &str) -> &str {
    let begins_a_word = |at: &usize| *at == 0 || line[..*at].ends_with(char::is_whitespace);
    line.match_indices('#').map(|(at, _)| at).find(begins_a_word).map_or(line, |at| &line[..at])
}

/// A command up to the word that prints the rest.
fn without_output(command: &str) -> &str {
    let prints = ["echo", "printf"].into_iter().filter_map(|print| find_words(command, print));
    prints.map(|range| range.start).min().map_or(command, |end| &command[..end])
}
