//! What a run of fixes did to texts, told from outside: from the texts that were linted on the way and the edits that were offered for each,
//! without the code that makes edits.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kubeshoal::finding::{Edit, Finding};
use kubeshoal::fix::{Wanted, is_wanted};
use kubeshoal::lint::{Outcome, Text};

/// The states that texts were in, in the order of time; some were given up again.
#[derive(Default)]
pub(crate) struct Trail(RefCell<Vec<State>>);

/// Texts as they were linted once, and what was offered for each.
struct State {
    texts: Vec<Arc<str>>,
    offered: Vec<Vec<Edit>>,
}

impl Trail {
    /// Notes a state.
    pub(crate) fn note(&self, texts: &[Text], wanted: Wanted, outcome: &Outcome) {
        let mut offered = vec![Vec::new(); texts.len()];
        let edits = |finding: &Finding| finding.fix.iter().flat_map(|fix| fix.edits.clone()).collect::<Vec<_>>();
        for edit in outcome.findings.iter().filter(|finding| is_wanted(finding, wanted, texts)).flat_map(edits) {
            offered[edit.span.source.0 as usize].push(edit);
        }
        let texts = texts.iter().map(|text| text.tree.shared_text()).collect();
        self.0.borrow_mut().push(State { texts, offered });
    }

    /// Whether a chain of states leads from the first one to the texts, each being the one before it with some of the edits that were
    /// offered for it, and each byte that no edit replaced in its place.
    pub(crate) fn leads_to(&self, texts: &[Text]) -> bool {
        let states = self.0.borrow();
        let mut reached: Vec<usize> = vec![0];
        for (index, state) in states.iter().enumerate().skip(1) {
            if reached.iter().rev().any(|&before| states[before].leads_to(state)) {
                reached.push(index);
            }
        }
        let is_end = |state: &State| state.texts.iter().zip(texts).all(|(state, text)| **state == *text.tree.text());
        reached.into_iter().any(|index| is_end(&states[index]))
    }
}

impl State {
    fn leads_to(&self, after: &State) -> bool {
        let mut pairs = self.texts.iter().zip(&after.texts).zip(&self.offered);
        pairs.all(|((before, after), edits)| Arc::ptr_eq(before, after) || is_edited(before, after, edits))
    }
}

/// Whether a text is another one in which some edits were made and every other byte is kept: all ways to read the two side by side are gone
/// along, at each of which either the same byte follows in both, or an edit begins and what it writes follows.
fn is_edited(before: &str, after: &str, edits: &[Edit]) -> bool {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    let mut beginning: HashMap<usize, Vec<&Edit>> = HashMap::new();
    for edit in edits.iter().filter(|edit| !edit.span.is_empty() || !edit.text.is_empty()) {
        beginning.entry(edit.span.start as usize).or_default().push(edit);
    }
    let mut open = vec![(0, 0)];
    let mut seen = HashSet::new();
    while let Some((mut old, mut new)) = open.pop() {
        loop {
            // Ways part only where edits begin, and only there can they meet again.
            if let Some(edits) = beginning.get(&old) {
                if !seen.insert((old, new)) {
                    break;
                }
                let made = edits.iter().filter(|edit| after[new..].starts_with(edit.text.as_bytes()));
                open.extend(made.map(|edit| (edit.span.end as usize, new + edit.text.len())));
            }
            match (before.get(old), after.get(new)) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b => (old, new) = (old + 1, new + 1),
                _ => break,
            }
        }
    }
    false
}

#[test]
fn bytes_outside_of_edits_count() {
    use kubeshoal::source::{SourceId, Span};
    let edit = |start, end, text: &str| Edit { span: Span { source: SourceId(0), start, end }, text: text.into() };
    let edits = [edit(3, 4, "2"), edit(3, 3, "-"), edit(5, 9, ""), edit(9, 9, "c: 3\n")];
    for (after, is_right) in [
        ("a: 1\nb:1\n", true),
        ("a: 2\nb:1\n", true),
        ("a: -1\nb:1\n", true),
        ("a: 2\n", true),
        ("a: 2\nb:1\nc: 3\n", true),
        ("a: 3\nb:1\n", false),
        ("a: 2\nb: 1\n", false),
        ("a: 2\nb:1", false),
        ("a: 2\r\nb:1\n", false),
        ("a:  2\nb:1\n", false),
    ] {
        assert_eq!(is_edited("a: 1\nb:1\n", after, &edits), is_right, "{after:?}");
    }
}
