//! Text to tree. The only file that knows the parser.
//!
//! YAML and JSON are read by one parser, since JSON is YAML. The tree is built without recursion; nesting is bounded by the parser,
//! alias expansion by go-yaml's own measure.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use granit_parser::{ErrorKind, Event, Parser, Placement, ScalarStyle, ScanError, StrInput, StructureStyle};

use super::{Anchor, DocumentRange, IN_SOURCE, Kind, NO_ALIAS, Node, NodeId, Style, SyntaxError, Tag, Tree};
use crate::source::{SourceId, Span};

/// Keys of a mapping up to which comparing each with each is cheaper than a set.
const FEW_KEYS: usize = 12;

/// Mistakes of one sort that are told of one text. Nobody mends more in one go, and hostile texts could be made of nothing else.
const MOST_MISTAKES: usize = 10_000;

/// Reads the bytes of a file: UTF-8, or UTF-16 with a byte order mark, which go-yaml reads too. Other bytes are an error of the text,
/// and none of its documents is read. Spans count bytes of the text as UTF-8.
pub fn parse_bytes(source: SourceId, bytes: Vec<u8>) -> Tree {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)])).collect::<Vec<_>>()
    };
    let utf16 = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => Some(units(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(units(rest, u16::from_be_bytes)),
        _ => None,
    };
    if let Some(units) = utf16 {
        return parse(source, String::from_utf16_lossy(&units).into());
    }
    match String::from_utf8(bytes) {
        Ok(text) => parse(source, text.into()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[at];
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let mut tree = Builder::new(source, text.into()).tree;
            let span = Span { source, start: at as u32, end: (at + char::REPLACEMENT_CHARACTER.len_utf8()) as u32 };
            let message = format!("byte 0x{byte:02x} at offset {at} is not UTF-8; the API server reads no other encoding");
            tree.errors.push(SyntaxError { span, message, help: Some("save the file as UTF-8") });
            tree
        }
    }
}

/// Reads all documents of a text. What can't be read is in [`Tree::errors`]; reading goes on behind the next `---`.
#[expect(clippy::needless_pass_by_value, reason = "the tree keeps the text; the caller's handle is the spare one")]
pub fn parse(source: SourceId, text: Arc<str>) -> Tree {
    let mut builder = Builder::new(source, Arc::clone(&text));
    builder.read(&text);
    let mut tree = builder.tree;
    tree.templated |= !tree.errors.is_empty() && has_markers(&tree.text);
    tree.nodes.shrink_to_fit();
    tree.decoded.shrink_to_fit();
    tree.decoded_text.shrink_to_fit();
    tree
}

fn has_markers(text: &str) -> bool {
    text.find("{{").is_some_and(|at| text[at..].contains("}}"))
}

/// Counts of what a decoder would do with the document, aliases expanded.
#[derive(Default)]
struct Expansion {
    /// Nodes, those behind aliases counted at each use.
    total: u64,
    /// Nodes behind aliases only.
    behind_aliases: u64,
    /// By anchored node: nodes in it, expanded.
    sizes: HashMap<NodeId, u64>,
}

impl Expansion {
    /// Go-yaml's limit, by which the API server and kubectl refuse a document ("document contains excessive aliasing"):
    /// <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/decode.go>, `allowedAliasRatio`.
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    fn is_excessive(&self) -> bool {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        let total = self.total as f64;
        let allowed = if total <= LOW {
            0.99
        } else if total >= HIGH {
            0.10
        } else {
            0.99 - 0.89 * (total - LOW) / (HIGH - LOW)
        };
        self.behind_aliases > 100 && self.total > 1000 && self.behind_aliases as f64 / total > allowed
    }
}

struct Open {
    node: NodeId,
    children: u32,
    /// Expanded nodes before this one, to know its own number when it closes.
    total_before: u64,
    anchored: bool,
}

struct Builder {
    tree: Tree,
    open: Vec<Open>,
    /// The parser's anchor ids to nodes.
    targets: HashMap<usize, NodeId>,
    expansion: Expansion,
    document_start: u32,
    document_root: NodeId,
    in_document: bool,
    /// Anchors of the document start here.
    first_anchor: usize,
    /// Where the last written thing ended.
    end: u32,
}

impl Builder {
    fn new(source: SourceId, text: Arc<str>) -> Self {
        Builder {
            tree: Tree {
                source,
                text,
                nodes: Vec::new(),
                decoded: Vec::new(),
                decoded_text: String::new(),
                comments: Vec::new(),
                anchors: Vec::new(),
                documents: Vec::new(),
                duplicates: Vec::new(),
                errors: Vec::new(),
                templated: false,
                children: Mutex::default(),
            },
            open: Vec::new(),
            targets: HashMap::new(),
            expansion: Expansion::default(),
            document_start: 0,
            document_root: NO_ALIAS,
            in_document: false,
            first_anchor: 0,
            end: 0,
        }
    }

    fn read(&mut self, text: &str) {
        let options = granit_parser::options! {
            block_scalar_eof_without_line_feed: true,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 1_000_000,
        };
        let mut parser = Parser::new_from_str_with_options(text, options);
        loop {
            match parser.next_event() {
                None | Some(Ok((Event::StreamEnd, _))) => return,
                Some(Ok((event, span))) => {
                    let range = span.byte_range().unwrap_or_default();
                    self.event(event, range.start as u32, range.end as u32);
                }
                Some(Err(error)) => {
                    self.fail(&error);
                    if !self.resume(&mut parser) {
                        return;
                    }
                }
            }
        }
    }

    fn resume<'t>(&mut self, parser: &mut Parser<'t, StrInput<'t>>) -> bool {
        loop {
            match parser.proceed_next_document() {
                Ok(more) => return more,
                // The rest up to the next `---` is broken in another way too; one error a document is enough.
                Err(_) if self.tree.errors.len() < MOST_MISTAKES => {}
                Err(_) => return false,
            }
        }
    }

    fn event(&mut self, event: Event<'_>, start: u32, end: u32) {
        match event {
            Event::DocumentStart(..) => self.start_document(start),
            Event::DocumentEnd => self.end_document(),
            Event::Comment(_, placement) => self.tree.comments.push((start, end, placement == Placement::Right)),
            Event::Anchor(_, name) => self.anchor(start, end, &name),
            Event::Alias(id) => self.alias(id, start, end),
            Event::UnresolvedAlias(name) => {
                self.error(start, end, format!("alias `*{name}` refers to no anchor above it"), None);
                self.add(Node { style: Style::Absent, ..scalar(start, start) }, false);
            }
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.as_deref().map_or(Tag::None, |tag| tag_of(tag.core_suffix()));
                let node = self.scalar_node(&value, style, start, end, tag);
                let id = self.add(node, false);
                if anchor != 0 {
                    self.targets.insert(anchor, id);
                    self.expansion.sizes.insert(id, 1);
                }
            }
            Event::MappingStart(style, anchor, _) => self.open_collection(Kind::Mapping, style, anchor, start, end),
            Event::SequenceStart(style, anchor, _) => self.open_collection(Kind::Sequence, style, anchor, start, end),
            Event::MappingEnd | Event::SequenceEnd => self.close_collection(end),
            _ => {}
        }
    }

    fn start_document(&mut self, start: u32) {
        self.document_start = start;
        self.document_root = NO_ALIAS;
        self.in_document = true;
        self.first_anchor = self.tree.anchors.len();
        self.targets.clear();
        self.expansion = Expansion::default();
        self.end = start;
    }

    fn end_document(&mut self) {
        if self.expansion.is_excessive() {
            let (start, end) = self.tree.anchors[self.first_anchor..]
                .first()
                .map_or((self.document_start, self.document_start), |anchor| (anchor.start, anchor.end));
            self.error(
                start,
                end,
                "aliases expand to too many nodes; the API server refuses this document".into(),
                Some("write the values out, or use fewer nested aliases"),
            );
            self.drop_document();
            return;
        }
        self.in_document = false;
        if self.document_root == NO_ALIAS {
            return;
        }
        let end = self.end.max(self.document_start);
        self.tree.documents.push(DocumentRange { root: self.document_root, start: self.document_start, end });
        self.document_root = NO_ALIAS;
    }

    /// Takes up the last document again if what stands at a byte belongs to it, no `---` or `...` being between: a line indented less
    /// than the first one ends a document for the parser, but not for whoever wrote it.
    fn reopen_document(&mut self, at: usize) {
        let Some(last) = self.tree.documents.last() else { return };
        let between = self.tree.text.get(last.end as usize..at).unwrap_or_default();
        if !between.lines().any(|line| line.starts_with("---") || line.starts_with("...")) {
            self.document_root = last.root;
            self.tree.documents.pop();
        }
    }

    /// Forgets the nodes of a document that can't be used, so that no rule judges half an object.
    fn drop_document(&mut self) {
        let first = self.document_root;
        if first != NO_ALIAS {
            self.tree.nodes.truncate(first as usize);
            while self.tree.duplicates.last().is_some_and(|duplicate| duplicate.0 >= first) {
                self.tree.duplicates.pop();
            }
        }
        self.tree.anchors.truncate(self.first_anchor);
        self.open.clear();
        self.document_root = NO_ALIAS;
        self.in_document = false;
    }

    fn fail(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or_default().min(self.tree.text.len());
        let (message, help) = explain(error, &self.tree.text, at);
        let end = self.tree.text[at..].chars().next().filter(|&next| next != '\n' && next != '\r').map_or(at, |next| at + next.len_utf8());
        self.error(at as u32, end as u32, message, help);
        if !self.in_document {
            self.reopen_document(at);
        }
        self.drop_document();
    }

    fn error(&mut self, start: u32, end: u32, message: String, help: Option<&'static str>) {
        if self.tree.errors.len() < MOST_MISTAKES {
            self.tree.errors.push(SyntaxError { span: Span { source: self.tree.source, start, end }, message, help });
        }
    }

    fn anchor(&mut self, start: u32, end: u32, _name: &str) {
        // The event follows its node at once, so that the node is the last one.
        let node = self.tree.nodes.len() as NodeId - 1;
        self.tree.anchors.push(Anchor { node, start, end });
    }

    fn alias(&mut self, id: usize, start: u32, end: u32) {
        let Some(&target) = self.targets.get(&id) else { return };
        if self.open.iter().any(|open| open.node == target) {
            let name = &self.tree.text[start as usize..end as usize];
            let message = format!("alias `{name}` stands inside the node that it refers to");
            self.error(start, end, message, None);
            self.add(Node { style: Style::Absent, ..scalar(start, start) }, false);
            return;
        }
        let size = self.expansion.sizes.get(&target).copied().unwrap_or(1);
        self.expansion.total = self.expansion.total.saturating_add(size);
        self.expansion.behind_aliases = self.expansion.behind_aliases.saturating_add(size);
        self.add(Node { kind: Kind::Alias, value: target, ..scalar(start, end) }, false);
    }

    /// The value is kept only where it isn't a slice of the text.
    fn scalar_node(&mut self, value: &str, style: ScalarStyle, start: u32, end: u32, tag: Tag) -> Node {
        let style = match style {
            ScalarStyle::Plain if start == end => Style::Absent,
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let (start, end) = match style {
            // The parser puts a value that isn't written anywhere up to the next token.
            Style::Absent => (self.end.max(self.document_start), self.end.max(self.document_start)),
            Style::Literal | Style::Folded => self.block_scalar_range(start, end),
            _ => (start, end),
        };
        let quote = u32::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
        let in_source = style == Style::Absent || self.tree.text.get((start + quote) as usize..(end - quote) as usize) == Some(value);
        let value = if in_source { IN_SOURCE } else { self.keep(value) };
        Node { value, style, tag, ..scalar(start, end) }
    }

    /// From the `|` or `>` to the last line's end: the parser gives the content only, or the header alone where there is none.
    fn block_scalar_range(&self, start: u32, end: u32) -> (u32, u32) {
        let text = &self.tree.text;
        let before = text.get(self.end as usize..start as usize).unwrap_or_default();
        let header = block_scalar_header(before).map_or(start, |at| self.end + at as u32);
        let end = text[..end as usize].trim_end().len() as u32;
        (header, end.max(header + 1))
    }

    fn keep(&mut self, value: &str) -> u32 {
        let start = self.tree.decoded_text.len() as u32;
        self.tree.decoded_text.push_str(value);
        self.tree.decoded.push((start, start + value.len() as u32));
        self.tree.decoded.len() as u32 - 1
    }

    fn open_collection(&mut self, kind: Kind, style: StructureStyle, anchor: usize, start: u32, end: u32) {
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Plain };
        let total_before = self.expansion.total;
        self.tree.templated |= kind == Kind::Mapping && style == Style::Flow && self.opens_marker(start);
        let id = self.add(Node { kind, style, ..scalar(start, end) }, true);
        if anchor != 0 {
            self.targets.insert(anchor, id);
        }
        self.open.push(Open { node: id, children: 0, total_before, anchored: anchor != 0 });
    }

    /// `a: {{ .Values.b }}` parses: a mapping whose only key is a mapping. No manifest means that.
    fn opens_marker(&self, start: u32) -> bool {
        self.tree.text[start as usize..].starts_with("{{")
    }

    fn close_collection(&mut self, end: u32) {
        let Some(Open { node, total_before, anchored, .. }) = self.open.pop() else { return };
        let after = self.tree.nodes.len() as NodeId;
        let collection = &mut self.tree.nodes[node as usize];
        collection.after = after;
        collection.end = if collection.style == Style::Flow { end } else { self.end.max(collection.start) };
        self.end = collection.end;
        if anchored {
            self.expansion.sizes.insert(node, self.expansion.total - total_before);
        }
        if collection.kind == Kind::Mapping {
            self.check_keys(node, after);
        }
    }

    /// Adds a node below the innermost open collection.
    fn add(&mut self, node: Node, is_collection: bool) -> NodeId {
        let id = self.tree.nodes.len() as NodeId;
        match self.open.last_mut() {
            Some(parent) => {
                let is_key = parent.children % 2 == 0 && self.tree.nodes[parent.node as usize].kind == Kind::Mapping;
                parent.children += 1;
                if is_key && node.style == Style::Plain && self.tree.text.get(node.start as usize..node.end as usize) == Some("<<") {
                    self.tree.nodes[parent.node as usize].merges = true;
                }
            }
            None => self.document_root = id,
        }
        if node.kind != Kind::Alias {
            self.expansion.total = self.expansion.total.saturating_add(1);
        }
        if !is_collection {
            self.end = self.end.max(node.end);
        }
        self.tree.nodes.push(Node { after: id + 1, ..node });
        id
    }

    fn check_keys(&mut self, mapping: NodeId, after: NodeId) {
        let tree = &self.tree;
        let mut keys: Vec<NodeId> = Vec::new();
        let mut key = mapping + 1;
        while key < after {
            let value = tree.nodes[key as usize].after;
            if tree.nodes[key as usize].kind == Kind::Scalar {
                keys.push(key);
            }
            key = tree.nodes.get(value as usize).map_or(after, |node| node.after);
        }
        let text = |key: NodeId| tree.cursor(key).text();
        let mut found: Vec<(NodeId, NodeId, NodeId)> = Vec::new();
        if keys.len() <= FEW_KEYS {
            for (index, &key) in keys.iter().enumerate() {
                if let Some(&first) = keys[..index].iter().find(|&&first| text(first) == text(key)) {
                    found.push((mapping, first, key));
                }
            }
        } else {
            let mut seen: HashMap<&str, NodeId> = HashMap::with_capacity(keys.len());
            for &key in &keys {
                let first = *seen.entry(text(key)).or_insert(key);
                if first != key {
                    found.push((mapping, first, key));
                }
            }
        }
        found.retain(|&(_, first, _)| text(first) != "<<");
        found.truncate(MOST_MISTAKES.saturating_sub(tree.duplicates.len()));
        self.tree.duplicates.append(&mut found);
    }
}

/// Where the `|` or `>` stands in what lies between a block scalar's content and the value before it: a key's colon, anchor, tag,
/// comments.
fn block_scalar_header(text: &str) -> Option<usize> {
    let mut start = 0;
    text.split_inclusive('\n').find_map(|line| {
        let is_comment = |&(at, _): &(usize, &str)| line[..at].trim_end_matches([' ', '\t']).len() < at || at == 0;
        let code = line.match_indices('#').find(is_comment).map_or(line, |(at, _)| &line[..at]);
        let header = code.rfind(['|', '>']).map(|at| start + at);
        start += line.len();
        header
    })
}

fn scalar(start: u32, end: u32) -> Node {
    Node { start, end, after: 0, value: IN_SOURCE, kind: Kind::Scalar, style: Style::Plain, tag: Tag::None, merges: false }
}

fn tag_of(core: Option<&str>) -> Tag {
    match core {
        Some("str") => Tag::Str,
        Some("null") => Tag::Null,
        Some("bool") => Tag::Bool,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        _ => Tag::Other,
    }
}

/// What Git leaves around the two sides of a conflict.
fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<< ", "=======\n", "=======\r\n", ">>>>>>> "].iter().any(|marker| line.starts_with(marker)) || line == "======="
}

/// Why a document can't go on with the line that begins at a byte, the text of which begins at another.
fn explain_early_end(text: &str, line: usize, at: usize) -> (String, Option<&'static str>) {
    let start = text[..line].rfind("\n---").map_or(0, |at| at + 1);
    let is_content = |line: &str| !line.is_empty() && !line.starts_with('#') && line != "---" && !line.starts_with("--- ");
    let mut lines = text[start..line].lines().enumerate();
    let (number, first) = lines.find(|(_, line)| is_content(line.trim())).unwrap_or_default();
    if !first.is_empty() && first.trim().bytes().all(|byte| byte == b'-') {
        let number = text[..start].matches('\n').count() + number + 1;
        return (format!("line {number} is `{}`; a document starts with `---`", first.trim()), Some("write three dashes"));
    }
    if at - line < first.len() - first.trim_start().len() {
        let message = "the document ends above this line, which is indented less than its first line";
        return (message.into(), Some("indent it like the lines above, or start a new document with `---`"));
    }
    ("the document ends above this line, which can't continue it".into(), Some("start a new document with `---`"))
}

/// The parser's error in a user's words.
fn explain(error: &ScanError, text: &str, at: usize) -> (String, Option<&'static str>) {
    let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let starts_line = text[line..at].trim().is_empty();
    let line_above = text[..line].trim_end().rsplit('\n').next().unwrap_or_default();
    if [line_above, &text[line..]].iter().any(|line| is_conflict_marker(line)) {
        return ("a merge conflict is left in the text".into(), Some("resolve it"));
    }
    let (message, help) = match error.kind() {
        ErrorKind::TabInPlainScalar | ErrorKind::TabInBlockIndentation => {
            ("a tab is used for indentation, which YAML does not allow", "indent with spaces")
        }
        ErrorKind::UnexpectedCharacter { character: '\0' } => {
            ("a NUL byte stands in the text; no YAML reader takes it", "is this a binary file, or UTF-16 without a byte order mark?")
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let message = format!("the control character U+{:04X} stands in the text; YAML allows none", u32::from(*character));
            return (message, Some("remove it, or write it as an escape in double quotes"));
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (format!("a value can't begin with `{character}`"), Some("quote the value"));
        }
        ErrorKind::MappingValueNotAllowed if text.trim_start().starts_with(['{', '[']) || line_above.ends_with(['{', '[', ',']) => (
            "`:` starts a value where none is expected",
            "close all brackets and quotation marks above; nothing may stand before the first bracket of JSON",
        ),
        ErrorKind::MappingValueNotAllowed => (
            "`:` starts a value where none is expected",
            "check the indentation of this line and the one above, or quote a text that holds `: `",
        ),
        ErrorKind::ExpectedDocumentStart if line_above.starts_with('%') => {
            ("a document begins here without `---`, which has to follow a directive (`%…`)", "put `---` on a line of its own above")
        }
        ErrorKind::ExpectedDocumentStart if starts_line => return explain_early_end(text, line, at),
        ErrorKind::ExpectedDocumentStart => {
            ("something stands behind the end of the document", "remove it, or start a new document with `---`")
        }
        ErrorKind::ExpectedBlockMappingKey => (
            "a key is expected here: this line's indentation fits none of the lines above, or it mixes list items with keys",
            "indent it like the key or item that it belongs with",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "a list item (`- `) is expected here: this line's indentation is that of the list above",
            "indent it like the key or item that it belongs with",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => ("a list can't begin on the line of its key", "put `- ` on the next line"),
        ErrorKind::SimpleKeyExpected => {
            ("a `:` is missing: this line is neither a key nor the continuation of a value", "write `key: value`")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("something stands behind a closed quotation mark", "quote the whole value, or separate what follows")
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("the quotation mark that opens here is never closed", "close it")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a `,` or the closing bracket is missing before this",
            "close the bracket, or quote a text that holds `: ` or a quotation mark",
        ),
        ErrorKind::InvalidColonPlacement => {
            ("`:` stands where no key can end; a bracket above may not be closed", "close the bracket, or quote a text that holds `:`")
        }
        ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("an entry is missing here or not finished", "remove what is too much, or close the bracket")
        }
        ErrorKind::MisplacedFlowCollectionEnd => ("this bracket closes nothing", "remove it, or open it above"),
        ErrorKind::CommentInterceptedScalar => ("a comment ends the value above, so that this line can't continue it", "move the comment"),
        ErrorKind::RecursionLimitExceeded => {
            ("this is nested more than 255 levels deep, which is where reading stops", "no Kubernetes object is; flatten it")
        }
        _ => {
            let message = error.info();
            let plain = message.strip_prefix("while ").and_then(|rest| rest.split_once(", ")).map_or(message.as_str(), |(_, rest)| rest);
            return (plain.to_owned(), None);
        }
    };
    (message.to_owned(), Some(help))
}
