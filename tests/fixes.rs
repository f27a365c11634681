//! Fixes are safe: what they leave of real manifests still reads, means the same apart from what was to change, has every other byte as it
//! was, and has no finding that it did not have; and a second run changes nothing.
//!
//! They are tried on the examples of all documents, on those written in other ways, and on real manifests where `KUBESHOAL_SHARED`, by default `../shared`, has the
//! folder `corpus`.
#![expect(clippy::disallowed_methods, reason = "documents and manifests are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kubeshoal::config::Settings;
use kubeshoal::document::Document;
use kubeshoal::finding::{Finding, RuleId, Safety};
use kubeshoal::fix::{Wanted, fix, is_wanted};
use kubeshoal::input::{Request, collect};
use kubeshoal::lint::{Side, Text, lint, unknown};
use kubeshoal::source::SourceId;
use kubeshoal::yaml::{NodeRef, parse};
use proptest::prelude::*;
use similar::{ChangeTag, TextDiff};
use styled::{Choices, Meaning, written};
use trail::Trail;

#[path = "fixes/styled.rs"]
mod styled;
#[path = "fixes/trail.rs"]
mod trail;

/// Safe fixes as they are by default; and all that any rule has, of those too that are off by default.
fn ways() -> [(Safety, Settings); 2] {
    [(Safety::Safe, Settings::default()), (Safety::Unsafe, Settings { select: vec!["all".into()], ..Settings::default() })]
}

/// How many findings were fixed, and the rules of those that are left.
type Done = (usize, Vec<RuleId>);

/// Makes all fixes of texts and holds what comes of them against what was.
fn fixed(texts: &mut [Text], (safety, settings): &(Safety, Settings), what: &str) -> Done {
    let safety = *safety;
    let lint = |texts: &[Text]| lint(texts, settings);
    let before: Vec<String> = texts.iter().map(|text| text.tree.text().to_owned()).collect();
    let old: Vec<Finding> = lint(texts).findings;
    let wanted = Wanted { safety, only: None };
    if !old.iter().any(|finding| is_wanted(finding, wanted, texts)) {
        return (0, rules_of(&old));
    }
    let trail = Trail::default();
    let done = fix(texts, wanted, settings, |texts| {
        let outcome = lint(texts);
        trail.note(texts, wanted, &outcome);
        outcome
    });
    assert!(trail.leads_to(texts), "{what}: bytes that no fix was to change are not what they were");
    for (text, before) in texts.iter().zip(&before) {
        let (name, after) = (&text.name, text.tree.text());
        let had_errors = !kubeshoal::yaml::parse(text.tree.source(), before.as_str().into()).errors().is_empty();
        assert!(had_errors || text.tree.errors().is_empty(), "{what}: {name} does not read any more");
        let ends = |text: &str| (text.ends_with('\n'), text.contains("\r\n"), text.starts_with('\u{feff}'));
        assert_eq!(ends(before), ends(after), "{what}: {name} ends or begins otherwise");
        comments_stay(before, after, safety, &format!("{what}: {name}"));
    }
    let mut new = unknown(done.outcome.findings.clone(), &old, texts, settings);
    // An object may have got its name by a fix, and what it lacked may be told elsewhere.
    let is_known = |new: &Finding| {
        let is_like = |old: &&Finding| {
            (&old.rule, old.severity, old.span.source, &old.message) == (&new.rule, new.severity, new.span.source, &new.message)
        };
        old.iter().any(|old| is_like(&old))
    };
    new.retain(|new| !is_known(new));
    let told: Vec<_> = new.iter().map(|finding| (&finding.rule, &finding.message)).collect();
    assert!(told.is_empty(), "{what}: found only after fixing: {told:?}");
    let count = done.counts.values().sum();
    let left = rules_of(&done.outcome.findings);
    let after: Vec<String> = texts.iter().map(|text| text.tree.text().to_owned()).collect();
    let again = fix(texts, wanted, settings, lint);
    assert_eq!(again.counts, BTreeMap::new(), "{what}: a second run fixes more");
    assert!(texts.iter().zip(&after).all(|(text, after)| text.tree.text() == after), "{what}: a second run changes something");
    (count, left)
}

fn rules_of(findings: &[Finding]) -> Vec<RuleId> {
    let mut rules: Vec<RuleId> = findings.iter().map(|finding| finding.rule.clone()).collect();
    rules.sort();
    rules
}

/// A safe fix takes no comment away.
fn comments_stay(before: &str, after: &str, safety: Safety, what: &str) {
    if safety == Safety::Safe {
        let difference = TextDiff::from_lines(before, after);
        let lines = difference.iter_all_changes().filter(|change| change.tag() == ChangeTag::Delete).map(|change| change.value());
        let gone: Vec<&str> = lines.filter(|line| line.trim_start().starts_with('#')).collect();
        assert!(gone.is_empty(), "{what}: comments are gone: {gone:?}");
    }
}

fn documents() -> Vec<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["rules", "testdata/rules"].map(|folder| fs::read_dir(root.join(folder)).expect("there are documents"));
    let paths = folders.into_iter().flatten().flatten().map(|entry| entry.path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut texts: Vec<String> = texts.map(|path| fs::read_to_string(path).expect("documents are readable")).collect();
    texts.sort();
    texts.iter().map(|text| Document::read(text).expect("they are right")).collect()
}

#[test]
fn examples_are_fixed_and_nothing_else_is_changed() {
    let mut count = 0;
    for document in documents() {
        for way in &ways() {
            for mut set in document.sets().filter(|set| set.config.is_none() && !set.is_change) {
                count += fixed(&mut set.texts, way, document.text().lines().find(|line| line.starts_with("# ")).unwrap_or_default()).0;
            }
        }
    }
    assert!(count > 100, "{count} findings fixed");
}

fn shared(folder: &str) -> Vec<PathBuf> {
    let shared =
        std::env::var_os("KUBESHOAL_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folders = fs::read_dir(shared.join(folder)).into_iter().flatten().flatten();
    folders.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn count_fixed_of(paths: &[PathBuf]) -> usize {
    let mut count = 0;
    for path in paths {
        for way in &ways() {
            let mut input = collect(Request { paths: std::slice::from_ref(path), stdin_name: "-", settings: &way.1 });
            count += fixed(&mut input.texts, way, &path.to_string_lossy()).0;
        }
    }
    count
}

#[test]
fn real_manifests_are_fixed_and_nothing_else_is_changed() {
    let repositories = shared("corpus");
    let count = count_fixed_of(&repositories);
    assert!(repositories.is_empty() || count > 100, "{count} findings fixed");
}

#[test]
fn both_sides_of_real_updates_are_fixed_and_nothing_else_is_changed() {
    let updates = shared("pairs");
    let sides: Vec<PathBuf> = updates.iter().flat_map(|update| ["old.yaml", "new.yaml"].map(|side| update.join(side))).collect();
    let count = count_fixed_of(&sides);
    assert!(updates.is_empty() || count > 100, "{count} findings fixed");
}

/// The examples of rules that fix something, each as what its documents say.
fn examples_with_fixes() -> &'static [Vec<Meaning>] {
    static EXAMPLES: LazyLock<Vec<Vec<Meaning>>> = LazyLock::new(|| {
        let documents = documents();
        let fixing = documents.iter().filter(|document| document.shows_fixes());
        let sets = fixing.flat_map(Document::sets).filter(|set| set.config.is_none() && !set.is_change);
        let is_known = |text: &Text| {
            let nodes = text.tree.documents().filter_map(|document| document.root).flat_map(NodeRef::scalars);
            text.tree.errors().is_empty() && !text.tree.is_templated() && !nodes.into_iter().any(NodeRef::is_unknown)
        };
        let known = sets.filter(|set| set.texts.iter().all(is_known));
        known.map(|set| set.texts.iter().flat_map(|text| Meaning::of_documents(&text.tree)).collect()).collect()
    });
    &EXAMPLES
}

fn text(content: &str) -> Text {
    Text { name: "a.yaml".into(), tree: parse(SourceId(0), content.into()), alone: false, side: Side::New }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_a_manifest_is_written_its_fixes_do_the_same(
        example: prop::sample::Index,
        other: prop::sample::Index,
        is_alone: bool,
        style in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let examples = examples_with_fixes();
        let mut documents = example.get(examples).clone();
        if !is_alone {
            documents.extend(other.get(examples).iter().cloned());
        }
        let (content, shares) = written(&documents, &mut Choices::new(&style));
        let (plain, _) = written(&documents, &mut Choices::new(&[]));
        let (mut styled, mut plain) = ([text(&content)], [text(&plain)]);
        prop_assert!(styled[0].tree.errors().is_empty(), "{content}\n{:?}", styled[0].tree.errors());
        prop_assert_eq!(Meaning::of_documents(&styled[0].tree), documents, "{}", content);
        for way in &ways() {
            let done = fixed(&mut styled, way, &content);
            let plainly = fixed(&mut plain, way, &content);
            if !shares && done == plainly {
                let meaning = |of: &[Text]| Meaning::of_documents(&of[0].tree).into_iter().map(Meaning::in_order).collect::<Vec<_>>();
                prop_assert_eq!(meaning(&styled), meaning(&plain), "{}", content);
            }
        }
    }
}
