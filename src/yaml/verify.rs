//! Whether edits changed what they were to change, and nothing else.

use super::edit::Edit;
use super::{Kind, Node, NodeId, Style, Tree};

/// Whether two texts, the second being the first with edits, mean the same apart from what the edits touch.
///
/// Intended is: an entry or item that an edit takes out whole is gone; an entry or item that lies whole in what an edit wrote is new; a
/// scalar, or a value that is replaced whole, says something else. All other nodes and comments stand where they stood, under the same
/// keys, in the same order, and are written the same. `edits` are in the order of the text and don't overlap.
pub fn changes_only(old: &Tree, new: &Tree, edits: &[&Edit]) -> bool {
    let comparison = Comparison { old, new, shift: Shift::new(edits) };
    let (before, after) = (&old.documents, &new.documents);
    old.errors.len() == new.errors.len()
        && old.templated == new.templated
        && before.len() == after.len()
        && before.iter().zip(after).all(|(before, after)| comparison.is_kept(before.root, after.root))
        && comparison.keeps_comments()
}

/// What an edit replaced, and what it wrote, in bytes of the two texts.
#[derive(Clone, Copy, Debug)]
struct Range {
    old: (u32, u32),
    new: (u32, u32),
}

/// How the bytes of a text move when edits are made.
#[derive(Debug)]
pub struct Shift(Vec<Range>);

impl Shift {
    /// By edits in the order of the text that don't overlap.
    pub fn new(edits: &[&Edit]) -> Self {
        let (mut taken, mut written) = (0, 0);
        let range = |edit: &&Edit| {
            let start = edit.span.start - taken + written;
            let length = edit.text.len() as u32;
            (taken, written) = (taken + edit.span.len() as u32, written + length);
            Range { old: (edit.span.start, edit.span.end), new: (start, start + length) }
        };
        Shift(edits.iter().map(range).collect())
    }

    /// Where what began at a byte begins in the new text: where what an edit wrote in its place begins, if it was replaced; nowhere if it
    /// was taken out.
    pub fn moved(&self, at: u32) -> Option<u32> {
        let before = self.0.partition_point(|range| range.old.1 <= at);
        match self.0.get(before).filter(|range| range.old.0 <= at) {
            Some(range) => (range.new.0 < range.new.1).then_some(range.new.0),
            None => Some(before.checked_sub(1).map(|last| self.0[last]).map_or(at, |range| range.new.1 + (at - range.old.1))),
        }
    }

    /// Whether an edit replaces all of some old bytes, and more than none.
    fn is_replaced(&self, (start, end): (u32, u32)) -> bool {
        let index = self.0.partition_point(|range| range.old.1 < end);
        self.0.get(index).is_some_and(|range| range.old.0 <= start && start < end)
    }

    /// Whether an edit wrote all of some new bytes.
    fn is_written(&self, (start, end): (u32, u32)) -> bool {
        let index = self.0.partition_point(|range| range.new.1 < end);
        self.0.get(index).is_some_and(|range| range.new.0 <= start && range.new.0 < range.new.1)
    }

    fn is_touched(&self, (start, end): (u32, u32)) -> bool {
        let index = self.0.partition_point(|range| range.old.1 <= start);
        self.0.get(index).is_some_and(|range| range.old.0 < end)
    }
}

struct Comparison<'t> {
    old: &'t Tree,
    new: &'t Tree,
    shift: Shift,
}

/// A child: a value, and its key in a mapping.
#[derive(Clone, Copy)]
struct Child {
    key: Option<NodeId>,
    value: NodeId,
}

impl Comparison<'_> {
    fn is_kept(&self, old: NodeId, new: NodeId) -> bool {
        let (before, after) = (&self.old.nodes[old as usize], &self.new.nodes[new as usize]);
        let (span, written) = ((before.start, before.end), (after.start, after.end));
        if self.shift.is_replaced(span) || (before.style == Style::Absent && after.style != Style::Absent) {
            return self.shift.is_written(written);
        }
        if before.kind != after.kind {
            return false;
        }
        let is_same_scalar =
            || before.style == after.style && before.tag == after.tag && self.old.cursor(old).text() == self.new.cursor(new).text();
        match before.kind {
            Kind::Alias => {
                self.shift.moved(self.old.nodes[before.value as usize].start) == Some(self.new.nodes[after.value as usize].start)
            }
            Kind::Scalar if self.shift.is_touched(span) => true,
            Kind::Scalar if before.style == Style::Absent => true,
            Kind::Scalar => self.shift.moved(before.start) == Some(after.start) && is_same_scalar(),
            Kind::Mapping | Kind::Sequence => before.style == after.style && before.tag == after.tag && self.keeps_children(old, new),
        }
    }

    fn keeps_children(&self, old: NodeId, new: NodeId) -> bool {
        let mut before = children(self.old, old).into_iter().filter(|child| !self.shift.is_replaced(extent(self.old, child)));
        let mut after = children(self.new, new).into_iter().filter(|child| !self.shift.is_written(extent(self.new, child)));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return true,
                (Some(old), Some(new)) => {
                    let is_key_kept = old.key.zip(new.key).is_none_or(|(old, new)| self.is_kept(old, new));
                    if !is_key_kept || !self.is_kept(old.value, new.value) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    fn keeps_comments(&self) -> bool {
        let text = |tree: &'_ Tree, start: u32, end: u32| tree.text.get(start as usize..end as usize).map(str::to_owned);
        let old = self.old.comments.iter().filter(|(start, end, _)| !self.shift.is_replaced((*start, *end)));
        let new = self.new.comments.iter().filter(|(start, end, _)| !self.shift.is_written((*start, *end)));
        let mut before = old.map(|&(start, end, _)| (self.shift.moved(start), text(self.old, start, end)));
        let mut after = new.map(|&(start, end, _)| (Some(start), text(self.new, start, end)));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return true,
                (Some(before), Some(after)) if before == after => {}
                _ => return false,
            }
        }
    }
}

fn extent(tree: &Tree, child: &Child) -> (u32, u32) {
    let value: &Node = &tree.nodes[child.value as usize];
    let key = child.key.map_or(value, |key| &tree.nodes[key as usize]);
    (key.start, value.end.max(key.end))
}

fn children(tree: &Tree, id: NodeId) -> Vec<Child> {
    let (mut next, end) = (id + 1, tree.nodes[id as usize].after);
    let is_mapping = tree.nodes[id as usize].kind == Kind::Mapping;
    let mut children = Vec::new();
    while next < end {
        let key = is_mapping.then_some(next);
        let value = if is_mapping { tree.nodes[next as usize].after } else { next };
        children.push(Child { key, value });
        next = tree.nodes[value as usize].after;
    }
    children
}
