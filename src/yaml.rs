//! A text as a tree of nodes that know their place; scalars as the API server resolves them.
//!
//! One `Tree` holds all documents of one text. Its nodes lie in one vector in the order of the text, each knowing where its
//! subtree ends, so a node costs 20 bytes and no allocation. A `NodeRef` is a cursor on that vector which follows aliases and
//! honours merge keys; what it reads through an alias has the alias's place.

pub mod edit;
mod node;
mod parse;
mod part;
mod scalar;
mod verify;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::{SourceId, Span};

pub use node::{Address, Entry, NodeRef, same_meaning};
pub use parse::{parse, parse_bytes};
pub use scalar::Scalar;
pub use verify::{Shift, changes_only};

/// Index of a node in its tree.
pub type NodeId = u32;

const NO_ALIAS: NodeId = NodeId::MAX;
const IN_SOURCE: u32 = u32::MAX;

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Keys and values.
    Mapping,
    /// Items.
    Sequence,
    /// A value.
    Scalar,
    /// A reference to an anchored node; a [`NodeRef`] never stands on one.
    Alias,
}

/// How a node is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Indented, or an unquoted scalar.
    Plain,
    /// `{…}`, `[…]`.
    Flow,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// Not written at all: the value of `key:`.
    Absent,
}

/// The type that a tag asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tag {
    None,
    Str,
    Null,
    Bool,
    Int,
    Float,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    start: u32,
    end: u32,
    /// The first node behind this one's subtree.
    after: NodeId,
    /// Scalar: index into `Tree::decoded`, or `IN_SOURCE`. Alias: the node it stands for.
    value: u32,
    kind: Kind,
    style: Style,
    tag: Tag,
    /// A mapping with a `<<` key.
    merges: bool,
}

/// A comment, and whether code stands before it on its line.
#[derive(Clone, Copy, Debug)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Whether it stands behind something on the same line.
    pub trailing: bool,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    node: NodeId,
    start: u32,
    end: u32,
}

/// One YAML document of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// Its root, unless it is empty.
    pub root: Option<NodeRef<'t>>,
    /// From its first to its last byte.
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
struct DocumentRange {
    /// An absent scalar for an empty document, so that roots ascend.
    root: NodeId,
    start: u32,
    end: u32,
}

/// Why a text, or a document of it, could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong, in a line.
    pub message: String,
    /// What to do.
    pub help: Option<&'static str>,
}

/// A key that a mapping holds twice.
#[derive(Clone, Copy, Debug)]
pub struct DuplicateKey<'t> {
    /// The mapping.
    pub mapping: NodeRef<'t>,
    /// The earlier entry.
    pub first: Entry<'t>,
    /// The later one, which wins.
    pub second: Entry<'t>,
}

/// All documents of one text.
#[derive(Debug)]
pub struct Tree {
    source: SourceId,
    text: Arc<str>,
    nodes: Vec<Node>,
    /// Values that are not a slice of the text (escapes, folded lines), one behind the other in `decoded_text`.
    decoded: Vec<(u32, u32)>,
    decoded_text: String,
    comments: Vec<(u32, u32, bool)>,
    /// In the order of their nodes.
    anchors: Vec<Anchor>,
    documents: Vec<DocumentRange>,
    /// Mapping, first key, second key.
    duplicates: Vec<(NodeId, NodeId, NodeId)>,
    errors: Vec<SyntaxError>,
    templated: bool,
    /// The children of collections that have many, by collection; filled when findings ask for paths.
    children: Mutex<HashMap<NodeId, Box<[NodeId]>>>,
}

/// Children that are stepped over one by one.
const FEW_CHILDREN: usize = 64;

impl Tree {
    /// The text's id.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The documents that could be read, in the order of the text.
    pub fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        self.documents.iter().map(|range| Document {
            root: (self.nodes[range.root as usize].style != Style::Absent).then(|| self.cursor(range.root)),
            span: self.span(range.start, range.end),
        })
    }

    /// What could not be read.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// Whether this is the text of a template (`{{ … }}` outside strings), which has to be rendered before it can be judged.
    pub fn is_templated(&self) -> bool {
        self.templated
    }

    /// Keys written twice in one mapping.
    pub fn duplicate_keys(&self) -> impl Iterator<Item = DuplicateKey<'_>> {
        let entry = |key: NodeId| Entry { key: self.cursor(key), value: self.cursor(self.nodes[key as usize].after) };
        self.duplicates.iter().map(move |&(mapping, first, second)| DuplicateKey {
            mapping: self.cursor(mapping),
            first: entry(first),
            second: entry(second),
        })
    }

    /// All comments, in the order of the text.
    pub fn comments(&self) -> impl Iterator<Item = Comment> + '_ {
        self.comments.iter().map(|&(start, end, trailing)| Comment { span: self.span(start, end), trailing })
    }

    /// Whether a comment lies in some bytes, or part of one.
    fn has_comment(&self, span: Span) -> bool {
        let behind = self.comments.partition_point(|&(_, end, _)| end <= span.start);
        self.comments.get(behind).is_some_and(|&(start, _, _)| start < span.end)
    }

    /// How many nodes the tree has.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The bytes that a comment speaks for: behind code, the entry or item that its line begins; on a line of its own, the entry,
    /// item or document that begins on the next line with code. `None` where nothing begins there.
    pub fn commented(&self, comment: Comment) -> Option<Span> {
        let line_start = self.text[..comment.span.start as usize].rfind('\n').map_or(0, |at| at + 1) as u32;
        let before = &self.text[line_start as usize..comment.span.start as usize];
        if comment.trailing && before.trim_matches([' ', '\t', '-']).is_empty() {
            return self.begun(comment, before);
        }
        let from = if comment.trailing { line_start } else { comment.span.end };
        let first = self.nodes.partition_point(|node| node.start < from);
        let is_item_list = |node: &Node| node.kind == Kind::Sequence && node.style == Style::Plain;
        let id = (first..self.nodes.len()).find(|&id| self.nodes[id].style != Style::Absent && !is_item_list(&self.nodes[id]))? as NodeId;
        let node = self.nodes[id as usize];
        if comment.trailing && node.start >= comment.span.start {
            // The line only continues what began above it: a closing bracket, a folded line.
            return None;
        }
        let index = self.documents.partition_point(|document| document.end < node.start);
        let document = self.documents.get(index)?;
        if index > 0 && comment.span.start < document.start {
            // Behind the last line of one document, before the `---` of the next.
            return None;
        }
        let is_item = self.text[..node.start as usize].trim_end_matches([' ', '\t']).ends_with('-');
        let is_document = !comment.trailing && document.root == id;
        if is_item || is_document {
            return Some(self.span(node.start, node.end));
        }
        let key = if node.kind == Kind::Mapping && node.style == Style::Plain { id + 1 } else { id };
        Some(self.entry_span(key))
    }

    /// The item or document that a line begins with nothing but `-` or `---` and a comment.
    fn begun(&self, comment: Comment, before: &str) -> Option<Span> {
        let node = self.nodes.get(self.nodes.partition_point(|node| node.start <= comment.span.end))?;
        let document = self.documents.get(self.documents.partition_point(|document| document.end < node.start))?;
        let line_start = self.text[..node.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let indent = &self.text[line_start..node.start as usize];
        let is_deeper = |dash: usize| indent.get(..=dash).is_some_and(|indent| indent.trim().is_empty());
        let is_inside = before.starts_with("---") || before.rfind('-').is_some_and(is_deeper);
        (is_inside && document.start <= comment.span.start).then(|| self.span(node.start, node.end))
    }

    /// The node's span, with the value's where the node is a key.
    fn entry_span(&self, id: NodeId) -> Span {
        let node = self.nodes[id as usize];
        match self.nodes.get(node.after as usize) {
            Some(value) if node.kind == Kind::Scalar && self.is_key(node, *value) => self.span(node.start, value.end.max(node.end)),
            _ => self.span(node.start, node.end),
        }
    }

    fn is_key(&self, node: Node, next: Node) -> bool {
        let between = self.text.get(node.end as usize..next.start.max(node.end) as usize).unwrap_or_default();
        let written =
            if next.style == Style::Absent { self.text[node.end as usize..].trim_start_matches([' ', '\t']) } else { between.trim_start() };
        written.starts_with(':')
    }

    /// The child of `parent` that holds `target`: its number, the child before it (or itself), and it. A few siblings are stepped
    /// over; where there are many, their ids are collected once, so that thousands of findings in one list don't each walk it.
    fn child_towards(&self, parent: NodeId, target: NodeId) -> (usize, NodeId, NodeId) {
        let (mut previous, mut child) = (parent + 1, parent + 1);
        for index in 0..FEW_CHILDREN {
            let after = self.nodes[child as usize].after;
            if target < after {
                return (index, previous, child);
            }
            (previous, child) = (child, after);
        }
        let mut indexed = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        let children = indexed.entry(parent).or_insert_with(|| self.cursor(parent).child_ids().collect());
        let index = children.partition_point(|&child| child <= target) - 1;
        (index, children[index - 1], children[index])
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source, start, end }
    }

    fn cursor(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef::of(self, id)
    }

    /// The node with that address; see [`NodeRef::address`].
    pub fn node(&self, address: Address) -> NodeRef<'_> {
        NodeRef::at_address(self, address)
    }
}

#[cfg(test)]
mod tests;
