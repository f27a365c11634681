//! What findings offer to change, done: edits to new texts, which are read again and judged.
//!
//! Fixes are made in rounds, as many at once as don't touch each other, until none is left. A round counts only if each text still
//! reads, means the same apart from what its edits touch ([`changes_only`](crate::yaml::changes_only)), and nothing is found that was
//! not found before. The fix that stands in the way is told apart by halves and left out; when no other is left it is tried again, because
//! what it depends on may have been fixed. So there is nothing left for a second run.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;

use crate::config::Settings;
use crate::finding::{Edit, Finding, Fix, RuleId, Safety};
use crate::lint::{Outcome, Text, unknown};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Shift, Tree, changes_only, edit};

/// Rounds after which it ends whatever is left.
const MOST_ROUNDS: usize = 100;

/// Which fixes are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// `Unsafe` for all.
    pub safety: Safety,
    /// The only text that may be changed, if not all may be.
    pub only: Option<SourceId>,
}

/// What became of the fixes.
#[derive(Debug, Default)]
pub struct Fixed {
    /// What is found in the new texts.
    pub outcome: Outcome,
    /// How many findings were fixed, by the text that they were in.
    pub counts: BTreeMap<SourceId, usize>,
    /// Fixes that were not made though they were wanted.
    pub refused: Vec<Refused>,
}

/// A fix that was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The rule that offered it.
    pub rule: RuleId,
    /// The name of the text that the finding is in.
    pub path: String,
    /// What it would have done.
    pub title: String,
    /// Why it was not done.
    pub reason: Reason,
}

/// Why a fix was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The text would not read any more, or mean something else.
    Meaning,
    /// Something would be found that was not there.
    NewFinding(RuleId),
    /// It would still be found.
    NoEffect,
}

/// Makes the fixes that are wanted, and puts the new trees in the place of the old ones.
pub fn fix(texts: &mut [Text], wanted: Wanted, settings: &Settings, lint: impl Fn(&[Text]) -> Outcome) -> Fixed {
    let outcome = lint(texts);
    let done = Fixed { outcome, ..Fixed::default() };
    let mut fixer = Fixer { texts, lint, wanted, settings, refused: HashSet::new(), has_fixed: false, fixed: done };
    for _ in 0..MOST_ROUNDS {
        let candidates = fixer.candidates();
        if !candidates.is_empty() {
            fixer.round(&candidates);
        } else if !fixer.tries_again() {
            break;
        }
    }
    fixer.fixed
}

/// Whether a finding's fix is wanted.
pub fn is_wanted(finding: &Finding, wanted: Wanted, texts: &[Text]) -> bool {
    let is_in_reach = |edit: &Edit| {
        let source = edit.span.source;
        texts[source.0 as usize].is_new() && wanted.only.is_none_or(|only| only == source)
    };
    let is_safe_enough = |fix: &Fix| wanted.safety == Safety::Unsafe || fix.safety == Safety::Safe;
    finding.fix.as_ref().is_some_and(|fix| is_safe_enough(fix) && fix.edits.iter().all(is_in_reach))
}

/// Where a finding is, and what it says: by that it is known again when its text has changed.
#[derive(PartialEq, Eq, Hash)]
struct Mark {
    rule: RuleId,
    message: String,
    source: SourceId,
    start: u32,
}

impl Mark {
    fn of(finding: &Finding) -> Self {
        let Span { source, start, .. } = finding.span;
        Mark { rule: finding.rule.clone(), message: finding.message.clone(), source, start }
    }
}

struct Fixer<'a, L> {
    texts: &'a mut [Text],
    lint: L,
    wanted: Wanted,
    settings: &'a Settings,
    /// Of findings whose fix is refused.
    refused: HashSet<Mark>,
    /// Whether something was fixed since nothing was refused.
    has_fixed: bool,
    fixed: Fixed,
}

/// Fixes of which one stands in the way, by their place in the round.
struct Suspects {
    fixes: Vec<usize>,
    reason: Reason,
}

impl<L: Fn(&[Text]) -> Outcome> Fixer<'_, L> {
    /// The findings whose fixes can be made at once: none touches what another one replaces.
    fn candidates(&self) -> Vec<Finding> {
        let mut taken = Taken::default();
        let wanted = self.fixed.outcome.findings.iter().filter(|finding| is_wanted(finding, self.wanted, self.texts));
        let is_new = |finding: &&Finding| !self.refused.contains(&Mark::of(finding));
        wanted.filter(is_new).filter(|finding| finding.fix.as_ref().is_some_and(|fix| taken.take(fix))).cloned().collect()
    }

    /// Forgets what was refused, if something has been fixed since the last time.
    fn tries_again(&mut self) -> bool {
        let is_useful = std::mem::take(&mut self.has_fixed) && !self.refused.is_empty();
        if is_useful {
            self.refused.clear();
            self.fixed.refused.clear();
        }
        is_useful
    }

    /// Makes as many of the fixes as can be; refuses at least one where none can be.
    fn round(&mut self, candidates: &[Finding]) {
        let mut chosen: Vec<usize> = (0..candidates.len()).collect();
        while !chosen.is_empty() {
            let suspects = match self.attempt(candidates, &chosen) {
                Ok(()) => return,
                Err(suspects) => suspects,
            };
            let left_out: HashSet<usize> = suspects.into_iter().flat_map(|suspects| self.narrow(suspects, candidates)).collect();
            chosen.retain(|index| !left_out.contains(index));
        }
    }

    /// The later half of the suspects, which wait for another round; one alone is refused.
    fn narrow(&mut self, Suspects { mut fixes, reason }: Suspects, candidates: &[Finding]) -> Vec<usize> {
        if let [index] = fixes[..] {
            let finding = &candidates[index];
            self.refused.insert(Mark::of(finding));
            let title = finding.fix.as_ref().map(|fix| fix.title.clone()).unwrap_or_default();
            let path = self.texts[finding.span.source.0 as usize].name.clone();
            self.fixed.refused.push(Refused { rule: finding.rule.clone(), path, title, reason });
            return fixes;
        }
        fixes.split_off(fixes.len() / 2)
    }

    /// Makes the chosen fixes, or says which of them can't be made together.
    fn attempt(&mut self, candidates: &[Finding], chosen: &[usize]) -> Result<(), Vec<Suspects>> {
        let edits = Edits::of(candidates, chosen);
        let texts = &*self.texts;
        let read: Vec<(SourceId, Option<Tree>)> = edits.by_source.par_iter().map(|(&id, edits)| (id, edited(texts, id, edits))).collect();
        let unread = read.iter().filter(|(_, tree)| tree.is_none());
        let suspects: Vec<_> =
            unread.map(|&(id, _)| Suspects { fixes: Edits::touching(candidates, chosen, id), reason: Reason::Meaning }).collect();
        if !suspects.is_empty() {
            return Err(suspects);
        }
        let mut trees: Vec<(SourceId, Tree)> = read.into_iter().filter_map(|(id, tree)| Some((id, tree?))).collect();
        self.swap(&mut trees);
        let outcome = (self.lint)(self.texts);
        let moves = Moves(edits.by_source.iter().map(|(&id, edits)| (id, Shift::new(edits))).collect());
        let suspects = self.suspects(candidates, chosen, &moves, &outcome);
        if !suspects.is_empty() {
            self.swap(&mut trees);
            return Err(suspects);
        }
        for finding in chosen.iter().map(|&index| &candidates[index]) {
            *self.fixed.counts.entry(finding.span.source).or_default() += 1;
        }
        self.fixed.outcome = outcome;
        self.has_fixed = true;
        let in_new_text = |mark: Mark| Some(Mark { start: moves.start(mark.source, mark.start)?, ..mark });
        self.refused = self.refused.drain().filter_map(in_new_text).collect();
        Ok(())
    }

    fn swap(&mut self, trees: &mut [(SourceId, Tree)]) {
        for (id, tree) in trees {
            std::mem::swap(tree, &mut self.texts[id.0 as usize].tree);
        }
    }

    /// The fixes that can have brought about what is found now and was not found before, and those without effect.
    fn suspects(&self, candidates: &[Finding], chosen: &[usize], moves: &Moves, outcome: &Outcome) -> Vec<Suspects> {
        let before = &self.fixed.outcome.findings;
        let in_new_text = |span: Span| (span.source, moves.start(span.source, span.start));
        let place = |span: Span| (span.source, Some(span.start));
        // What is found where a fix wrote something else is as new as what is found at a new place.
        let is_replaced = |finding: &Finding| edits(finding).iter().any(|edit| edit.span.contains(finding.span));
        let replaced: HashSet<Mark> =
            chosen.iter().map(|&index| &candidates[index]).filter(|finding| is_replaced(finding)).map(Mark::of).collect();
        let stays = |finding: &&Finding| !replaced.contains(&Mark::of(finding));
        let places: HashSet<_> =
            before.iter().filter(stays).map(|finding| (&finding.rule, in_new_text(finding.span), finding.severity)).collect();
        let elsewhere = outcome.findings.iter().filter(|new| !places.contains(&(&new.rule, place(new.span), new.severity)));
        // Of those at new places, as many are new as there are more of their kind; a place moves when what it lacked is written.
        let mut new = unknown(elsewhere.cloned().collect(), before, self.texts, self.settings);
        let is_like = |a: &Finding, b: &Finding| {
            let is_same = (&a.rule, a.severity, a.span.source) == (&b.rule, b.severity, b.span.source);
            is_same && (&a.object, &a.message) == (&b.object, &b.message)
        };
        let number = |findings: &[Finding], of: &Finding| findings.iter().filter(|finding| is_like(finding, of)).count();
        new.retain(|new| number(&outcome.findings, new) > number(before, new));
        let after: HashSet<_> = outcome.findings.iter().map(|new| (&new.rule, place(new.span), &new.message)).collect();
        let still_found = chosen.iter().filter(|&&index| {
            let finding = &candidates[index];
            after.contains(&(&finding.rule, in_new_text(finding.span), &finding.message))
        });
        let without_effect = still_found.map(|&index| Suspects { fixes: vec![index], reason: Reason::NoEffect });
        new.iter().map(|new| Edits::culprits(candidates, chosen, new)).chain(without_effect).collect()
    }
}

/// How the bytes of texts move in a round.
struct Moves(BTreeMap<SourceId, Shift>);

impl Moves {
    /// Where what began at a byte begins now.
    fn start(&self, source: SourceId, at: u32) -> Option<u32> {
        self.0.get(&source).map_or(Some(at), |shift| shift.moved(at))
    }
}

/// The text with edits, if it means the same apart from them.
fn edited(texts: &[Text], id: SourceId, edits: &[&Edit]) -> Option<Tree> {
    let old = &texts[id.0 as usize].tree;
    let new = yaml::parse(id, edit::apply(old.text(), edits).into());
    changes_only(old, &new, edits).then_some(new)
}

/// The edits of a round.
struct Edits<'a> {
    /// In the order of the text.
    by_source: BTreeMap<SourceId, Vec<&'a Edit>>,
}

impl<'a> Edits<'a> {
    fn of(candidates: &'a [Finding], chosen: &[usize]) -> Self {
        let mut by_source: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
        for edit in chosen.iter().flat_map(|&index| edits(&candidates[index])) {
            by_source.entry(edit.span.source).or_default().push(edit);
        }
        for edits in by_source.values_mut() {
            edits.sort_by_key(|edit| edit.span);
        }
        Edits { by_source }
    }

    fn touching(candidates: &[Finding], chosen: &[usize], source: SourceId) -> Vec<usize> {
        let touches = |index: &usize| edits(&candidates[*index]).iter().any(|edit| edit.span.source == source);
        chosen.iter().copied().filter(touches).collect()
    }

    /// The fixes of the object that a new finding is about; if none, those of its text; if none, all.
    fn culprits(candidates: &[Finding], chosen: &[usize], new: &Finding) -> Suspects {
        let reason = Reason::NewFinding(new.rule.clone());
        let of_text = Self::touching(candidates, chosen, new.span.source);
        let of_object: Vec<usize> = of_text.iter().copied().filter(|&index| candidates[index].object == new.object).collect();
        let all = || chosen.to_vec();
        let fixes = [of_object, of_text].into_iter().find(|fixes| !fixes.is_empty()).unwrap_or_else(all);
        Suspects { fixes, reason }
    }
}

fn edits(finding: &Finding) -> &[Edit] {
    finding.fix.as_ref().map_or(&[], |fix| &fix.edits)
}

/// The bytes that are to be replaced.
#[derive(Default)]
struct Taken(BTreeSet<Span>);

impl Taken {
    /// Takes what a fix replaces, unless some of it is taken.
    fn take(&mut self, fix: &Fix) -> bool {
        let mut added = Vec::new();
        let is_free = fix.edits.iter().all(|edit| {
            let is_free = self.is_free(edit.span);
            if is_free {
                self.0.insert(edit.span);
                added.push(edit.span);
            }
            is_free
        });
        if !is_free {
            for span in &added {
                self.0.remove(span);
            }
        }
        is_free
    }

    /// Whether the span meets none of those taken. What is inserted at the end of something else that changes meets it.
    fn is_free(&self, span: Span) -> bool {
        let meets = |other: &Span| {
            let touches = other.start <= span.end && span.start <= other.end;
            let overlaps = other.start < span.end && span.start < other.end;
            other.source == span.source && if span.is_empty() || other.is_empty() { touches } else { overlaps }
        };
        let before = self.0.range(..span).next_back();
        let behind = self.0.range(span..).next();
        !before.into_iter().chain(behind).any(meets)
    }
}

#[cfg(test)]
mod tests;
