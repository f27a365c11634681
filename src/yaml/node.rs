//! A cursor on a tree: it follows aliases, honours merge keys, and knows its place and path.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use super::{IN_SOURCE, Kind, NO_ALIAS, Node, NodeId, Scalar, Style, Tag, Tree, scalar};
use crate::source::Span;

/// Names a node of a tree without borrowing it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Address {
    id: NodeId,
    via: NodeId,
}

/// A cursor on a node. It has followed aliases already; what lies behind one has the place of the alias's use.
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: NodeId,
    /// The outermost alias through which the node was reached.
    via: NodeId,
}

impl std::fmt::Debug for NodeRef<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "NodeRef({:?} {}..{})", self.kind(), self.node().start, self.node().end)
    }
}

impl PartialEq for NodeRef<'_> {
    /// The same node of the same tree, whichever alias led there.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.tree, other.tree)
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: NodeRef<'t>,
    /// The value; a null scalar where none is written.
    pub value: NodeRef<'t>,
}

impl<'t> NodeRef<'t> {
    /// The node with that id, an alias followed.
    pub(super) fn of(tree: &'t Tree, id: NodeId) -> Self {
        NodeRef { tree, id, via: NO_ALIAS }.resolved()
    }

    /// The node with that address; see [`NodeRef::address`].
    pub(super) fn at_address(tree: &'t Tree, address: Address) -> Self {
        NodeRef { tree, id: address.id, via: address.via }
    }

    pub(super) fn node(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// Steps from an alias to what it stands for. Aliases always point backwards to a finished node, so this ends.
    fn resolved(mut self) -> Self {
        while self.node().kind == Kind::Alias {
            if self.via == NO_ALIAS {
                self.via = self.id;
            }
            self.id = self.node().value;
        }
        self
    }

    fn child(self, id: NodeId) -> Self {
        NodeRef { id, ..self }.resolved()
    }

    /// The tree that holds the node.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// A name for the node that can be kept without its tree.
    pub fn address(self) -> Address {
        Address { id: self.id, via: self.via }
    }

    /// Mapping, sequence or scalar.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// How it is written.
    pub fn style(self) -> Style {
        self.node().style
    }

    /// Whether it is a mapping.
    pub fn is_mapping(self) -> bool {
        self.kind() == Kind::Mapping
    }

    /// Whether it is a sequence.
    pub fn is_sequence(self) -> bool {
        self.kind() == Kind::Sequence
    }

    /// The bytes to point at: the node's own, or the use of the alias through which it was reached.
    pub fn span(self) -> Span {
        let place = if self.via == NO_ALIAS { self.node() } else { &self.tree.nodes[self.via as usize] };
        self.tree.span(place.start, place.end)
    }

    /// The bytes where the node is written, if that is elsewhere than [`NodeRef::span`] says: inside an anchored node.
    pub fn origin(self) -> Option<Span> {
        (self.via != NO_ALIAS).then(|| self.tree.span(self.node().start, self.node().end))
    }

    /// The anchor (`&name`) behind the alias through which the node was reached.
    pub fn anchor(self) -> Option<Span> {
        let target = self.tree.nodes.get(self.via as usize)?.value;
        let anchors = &self.tree.anchors;
        let found = anchors.binary_search_by_key(&target, |anchor| anchor.node).ok()?;
        Some(self.tree.span(anchors[found].start, anchors[found].end))
    }

    /// The value of a key, through merge keys (`<<`) too; the last one where a key is written twice. A null counts as a value.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The value of a key unless it is null, which for the API server is the same as not being there.
    pub fn field(self, key: &str) -> Option<NodeRef<'t>> {
        self.get(key).filter(|value| !value.is_null())
    }

    /// Like [`NodeRef::get`], with the key.
    ///
    /// Go-yaml v2 takes keys and merges in the order of the text, so that a merge behind a key wins over it; YAML 1.1 would have it
    /// the other way round.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        if self.kind() != Kind::Mapping {
            return None;
        }
        if !self.node().merges {
            return self.own_entry(key);
        }
        let entries: Vec<_> = self.own_entries().collect();
        entries.into_iter().rev().find_map(|entry| {
            if entry.key.is_merge_key() {
                return entry.value.merged().find_map(|mapping| mapping.entry(key));
            }
            entry.key.is_text(key).then_some(entry)
        })
    }

    /// Like [`NodeRef::entry`], of a mapping that merges nothing. Most of what rules cost is this loop: of plain keys the length is
    /// compared before anything else.
    fn own_entry(self, key: &str) -> Option<Entry<'t>> {
        let (nodes, bytes, end) = (self.tree.nodes.as_slice(), self.tree.text.as_bytes(), self.node().after);
        let may_repeat = !self.tree.duplicates.is_empty();
        let length = key.len() as u32;
        let (mut id, mut found) = (self.id + 1, None);
        while id < end {
            let node = &nodes[id as usize];
            let is_it = if node.style == Style::Plain && node.kind == Kind::Scalar && node.value == IN_SOURCE {
                node.end - node.start == length && &bytes[node.start as usize..node.end as usize] == key.as_bytes()
            } else {
                self.child(id).is_text(key)
            };
            if is_it {
                found = Some(Entry { key: self.child(id), value: self.child(node.after) });
                if !may_repeat {
                    break;
                }
            }
            id = nodes[node.after as usize].after;
        }
        found
    }

    /// The mappings that `<<` with this value brings in; the first one that has a key wins.
    fn merged(self) -> impl DoubleEndedIterator<Item = NodeRef<'t>> {
        let mappings: Vec<_> = if self.is_mapping() { vec![self] } else { self.items().filter(|item| item.is_mapping()).collect() };
        mappings.into_iter()
    }

    fn is_merge_key(self) -> bool {
        self.style() == Style::Plain && self.text() == "<<"
    }

    /// The keys and values as written, `<<` among them.
    fn own_entries(self) -> impl Iterator<Item = Entry<'t>> {
        let mut keys = self.children();
        std::iter::from_fn(move || {
            let key = keys.next()?;
            Some(Entry { key, value: keys.next()? })
        })
    }

    pub(super) fn child_ids(self) -> impl Iterator<Item = NodeId> + 't {
        let (mut next, end, nodes) = (self.id + 1, self.node().after, &self.tree.nodes);
        std::iter::from_fn(move || {
            let id = (next < end).then_some(next)?;
            next = nodes[id as usize].after;
            Some(id)
        })
    }

    fn children(self) -> impl Iterator<Item = NodeRef<'t>> {
        self.child_ids().map(move |id| self.child(id))
    }

    /// The entries of a mapping, as written; where it merges others (`<<`), each key once, with the value that counts. None of anything
    /// else.
    pub fn entries(self) -> impl Iterator<Item = Entry<'t>> {
        let merges = self.is_mapping() && self.node().merges;
        let own = (self.is_mapping() && !merges).then(|| self.own_entries());
        let brought = if merges { self.merged_entries() } else { Vec::new() };
        own.into_iter().flatten().chain(brought)
    }

    fn merged_entries(self) -> Vec<Entry<'t>> {
        let mut merged: Vec<Entry<'t>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut set = |entry: Entry<'t>| match places.entry(entry.key.text()) {
            Occupied(place) => merged[*place.get()] = entry,
            Vacant(place) => {
                place.insert(merged.len());
                merged.push(entry);
            }
        };
        for entry in self.own_entries() {
            if entry.key.is_merge_key() {
                entry.value.merged().rev().flat_map(NodeRef::entries).for_each(&mut set);
            } else {
                set(entry);
            }
        }
        merged
    }

    /// The items of a sequence; none of anything else.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        self.is_sequence().then(|| self.children()).into_iter().flatten()
    }

    /// The scalars in the node, keys among them, in the order of the text. What stands behind an alias is not among them: it is in
    /// the anchored node.
    pub fn scalars(self) -> impl Iterator<Item = NodeRef<'t>> {
        let ids = self.id..self.node().after;
        ids.filter(move |&id| self.tree.nodes[id as usize].kind == Kind::Scalar).map(move |id| NodeRef { id, ..self })
    }

    /// Whether a mapping or sequence has no content, or the node is a scalar.
    pub fn is_empty(self) -> bool {
        self.node().after == self.id + 1
    }

    /// How many nodes it has, itself and keys among them; what stands behind an alias is in the anchored node.
    pub fn size(self) -> usize {
        (self.node().after - self.id) as usize
    }

    /// The node at a path such as `spec.template.spec.volumes[0]`, from here.
    pub fn at(self, path: &str) -> Option<NodeRef<'t>> {
        path.split('.').try_fold(self, |node, step| {
            let (key, indices) = step.split_once('[').map_or((step, ""), |(key, rest)| (key, rest.trim_end_matches(']')));
            let node = if key.is_empty() { Some(node) } else { node.get(key) };
            indices.split("][").filter(|index| !index.is_empty()).try_fold(node?, |node, index| node.items().nth(index.parse().ok()?))
        })
    }

    /// The value of a scalar as written, quotes and escapes undone; empty for anything else and for a value that is not written.
    pub fn text(self) -> &'t str {
        let node = self.node();
        if node.kind != Kind::Scalar || node.style == Style::Absent {
            return "";
        }
        if node.value != IN_SOURCE {
            let (start, end) = self.tree.decoded[node.value as usize];
            return &self.tree.decoded_text[start as usize..end as usize];
        }
        let quote = u32::from(matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted));
        &self.tree.text[(node.start + quote) as usize..(node.end - quote) as usize]
    }

    /// Whether [`NodeRef::text`] is this: the lengths say no before bytes are compared, which look-ups of keys live on.
    pub fn is_text(self, text: &str) -> bool {
        let node = self.node();
        if node.kind != Kind::Scalar || node.value != IN_SOURCE || node.style == Style::Absent {
            return self.text() == text;
        }
        let quote = u32::from(matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted));
        let (start, end) = ((node.start + quote) as usize, (node.end - quote) as usize);
        end - start == text.len() && &self.tree.text.as_bytes()[start..end] == text.as_bytes()
    }

    /// Whether a first look is enough to tell that the scalar is a string (or a placeholder): it is quoted, a block, or begins as no
    /// number or word does that YAML reads as something else.
    pub fn is_evidently_text(self) -> bool {
        let node = self.node();
        let begins_as_text = || {
            let first = self.text().as_bytes().first();
            first.is_some_and(|first| !matches!(first, b'+' | b'-' | b'.' | b'0'..=b'9' | b'~') && !b"nNtTfFyYoO".contains(first))
        };
        node.kind == Kind::Scalar
            && node.tag == Tag::None
            && match node.style {
                Style::Absent => false,
                Style::Plain => begins_as_text(),
                _ => true,
            }
    }

    /// The scalar as go-yaml resolves it for the API server. Mappings and sequences are [`Scalar::None`].
    pub fn scalar(self) -> Scalar<'t> {
        scalar::resolve(self)
    }

    /// The string, if the scalar is one and holds no placeholder.
    pub fn str(self) -> Option<&'t str> {
        match self.scalar() {
            Scalar::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, number or boolean that holds no placeholder: what a Kubernetes name or label value would be.
    pub fn value_text(self) -> Option<&'t str> {
        match self.scalar() {
            Scalar::None | Scalar::Null | Scalar::Unknown => None,
            _ => Some(self.text()),
        }
    }

    /// The integer, if the scalar is one.
    pub fn int(self) -> Option<i64> {
        match self.scalar() {
            Scalar::Int(number) => Some(number),
            _ => None,
        }
    }

    /// The boolean, if the scalar is one.
    pub fn bool(self) -> Option<bool> {
        match self.scalar() {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the value is null, which for the API server is the same as not being there.
    pub fn is_null(self) -> bool {
        let node = self.node();
        match (node.kind, node.tag, node.style) {
            (Kind::Scalar, Tag::None, Style::Absent) => true,
            (Kind::Scalar, Tag::None, Style::Plain) => scalar::is_null_word(self.text()),
            (Kind::Scalar, Tag::None | Tag::Str | Tag::Other, _) | (Kind::Mapping | Kind::Sequence | Kind::Alias, ..) => false,
            (Kind::Scalar, Tag::Null | Tag::Bool | Tag::Int | Tag::Float, _) => matches!(self.scalar(), Scalar::Null),
        }
    }

    /// Whether the scalar holds a placeholder (`${VAR}`, `{{ … }}`), so that nothing is known of its value.
    pub fn is_unknown(self) -> bool {
        matches!(self.scalar(), Scalar::Unknown)
    }

    /// The root of the node's document.
    #[must_use]
    pub fn root(self) -> NodeRef<'t> {
        let documents = &self.tree.documents;
        let behind = documents.partition_point(|document| document.root <= self.id);
        self.tree.cursor(documents[behind - 1].root)
    }

    /// Whether both are collections of the very same text in the same column. An alias may mean something else elsewhere.
    fn is_written_like(self, other: NodeRef<'_>) -> bool {
        fn written(node: NodeRef<'_>) -> Option<(usize, &str)> {
            let (text, own) = (node.tree.text(), node.node());
            let start = own.start as usize;
            let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
            Some((column, text.get(start..own.end as usize)?)).filter(|(_, text)| !text.contains('*'))
        }
        self.kind() != Kind::Scalar && self.kind() == other.kind() && written(self).is_some_and(|own| written(other) == Some(own))
    }

    /// The key under which the node stands; none for roots and items. Costs a walk from the root: for findings, not for loops.
    pub fn key(self) -> Option<NodeRef<'t>> {
        let mut key = None;
        self.walk_from_root(|_, step| {
            key = match step {
                Step::Key(node) => Some(node),
                Step::Index(..) => None,
            }
        });
        key.map(|id| NodeRef { id, ..self })
    }

    /// The node that holds this one; none for roots. Costs a walk from the root.
    pub fn parent(self) -> Option<NodeRef<'t>> {
        let mut parent = None;
        self.walk_from_root(|node, _| parent = Some(node));
        parent.map(|id| NodeRef { id, ..self })
    }

    /// Where the node stands below `root`, as `spec.template.spec.volumes[0]`. Behind an alias: the alias's path, then the path
    /// inside the anchored node, unless another alias leads out of that.
    pub fn path_from(self, root: NodeRef<'t>) -> String {
        self.path(root, |_| None)
    }

    /// The same path with the items of lists by their names where they have one, as `spec.template.spec.volumes[data]`.
    pub fn named_path_from(self, root: NodeRef<'t>) -> String {
        self.path(root, |item| {
            let name = item.field("name").or_else(|| item.field("metadata")?.field("name"));
            name.and_then(NodeRef::str)
        })
    }

    fn path(self, root: NodeRef<'t>, name_of: impl Fn(NodeRef<'t>) -> Option<&'t str>) -> String {
        let mut path = String::new();
        let tree = self.tree;
        let (mut below, mut is_merged) = (false, false);
        let mut append = |node: NodeId, step: Step| {
            below |= node == root.id;
            if !below {
                return;
            }
            // What is merged is a field of the mapping it is merged into.
            let was_merged = std::mem::take(&mut is_merged);
            match step {
                Step::Key(key) if tree.cursor(key).is_merge_key() => is_merged = true,
                Step::Index(..) if was_merged => {}
                Step::Key(key) => {
                    let key = tree.cursor(key).text();
                    if key.contains(['.', '[']) {
                        path.push_str("['");
                        path.push_str(key);
                        path.push_str("']");
                    } else {
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(key);
                    }
                }
                Step::Index(index, item) => match name_of(tree.cursor(item)) {
                    Some(name) => path.extend(["[", name, "]"]),
                    None => path.extend(["[", &index.to_string(), "]"]),
                },
            }
        };
        if self.via == NO_ALIAS {
            self.walk_from_root(&mut append);
        } else {
            NodeRef { id: self.via, via: NO_ALIAS, ..self }.walk_from_root(&mut append);
            let target = tree.nodes[self.via as usize].value;
            if target <= self.id && self.id < tree.nodes[target as usize].after {
                self.walk_from(target, &mut append);
            }
        }
        path
    }

    /// The ids of the nodes from the root to this one.
    pub(super) fn lineage(self) -> Vec<NodeId> {
        let mut ids = Vec::new();
        self.walk_from_root(|node, _| ids.push(node));
        ids.push(self.id);
        ids
    }

    /// The ids of the node and all that is in it.
    pub(super) fn ids(self) -> std::ops::Range<NodeId> {
        self.id..self.node().after
    }

    /// Whether it is a mapping that brings others in by `<<`.
    pub(super) fn merges(self) -> bool {
        self.node().merges
    }

    fn walk_from_root(self, visit: impl FnMut(NodeId, Step)) {
        self.walk_from(self.root().id, visit);
    }

    /// Calls `visit` with each node between `top` and this one, and the step taken from it.
    fn walk_from(self, top: NodeId, mut visit: impl FnMut(NodeId, Step)) {
        let mut at = top;
        while at != self.id {
            let (index, previous, child) = self.tree.child_towards(at, self.id);
            let step = match self.tree.nodes[at as usize].kind {
                Kind::Mapping if index % 2 == 1 => Step::Key(previous),
                Kind::Mapping => Step::Key(child),
                _ => Step::Index(index, child),
            };
            visit(at, step);
            at = child;
        }
    }
}

enum Step {
    Key(NodeId),
    Index(usize, NodeId),
}

/// Whether two nodes mean the same: same scalars, same items in order, same keys in any order. Placeholders do where their text is the
/// same. Stops at `budget` comparisons and says no, so that hostile input costs no more than that.
pub fn same_meaning(a: NodeRef<'_>, b: NodeRef<'_>, budget: &mut usize) -> bool {
    if *budget == 0 {
        return false;
    }
    *budget -= 1;
    if a.is_written_like(b) {
        return true;
    }
    match (a.kind(), b.kind()) {
        (Kind::Scalar, Kind::Scalar) => a.scalar() == b.scalar() && (!a.is_unknown() || a.text() == b.text()),
        (Kind::Sequence, Kind::Sequence) => {
            let (mut left, mut right) = (a.items(), b.items());
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return true,
                    (Some(x), Some(y)) if same_meaning(x, y, budget) => {}
                    _ => return false,
                }
            }
        }
        (Kind::Mapping, Kind::Mapping) => {
            a.entries().filter(|entry| !entry.value.is_null()).count() == b.entries().filter(|entry| !entry.value.is_null()).count()
                && a.entries().filter(|entry| !entry.value.is_null()).all(|entry| {
                    *budget = budget.saturating_sub(1);
                    b.get(entry.key.text()).is_some_and(|other| same_meaning(entry.value, other, budget))
                })
        }
        _ => false,
    }
}
