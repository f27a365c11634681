//! Rules that a cluster can enforce: the policy of each says of an object by itself what the rule says.
//!
//! They are held against each other on the examples of all documents, and on real manifests where `KUBESHOAL_SHARED`, by default
//! `../shared`, has the folders `corpus` and `pairs`.
#![expect(clippy::disallowed_methods, reason = "documents and manifests are files")]

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use kubeshoal::config::Settings;
use kubeshoal::document::Document;
use kubeshoal::finding::Severity;
use kubeshoal::graph::{Change, Graph};
use kubeshoal::lint::{self, Kept, Outcome, Side, Text, diff};
use kubeshoal::policy::{Policies, Short, Violation};
use kubeshoal::resource::Resource;
use kubeshoal::rules::{Check, RULES, Rule};
use kubeshoal::schema;
use kubeshoal::source::SourceId;
use kubeshoal::yaml;

fn exported() -> impl Iterator<Item = (&'static Rule, Short)> {
    RULES.iter().filter_map(|rule| Some((rule, rule.policy()?)))
}

fn text(id: usize, name: &str, text: &str, side: Side) -> Text {
    Text { name: name.into(), tree: yaml::parse(SourceId(id as u32), text.into()), alone: true, side }
}

#[test]
fn at_least_fifteen_rules_can_be_exported_and_their_policies_are_taken() {
    let mut count = 0;
    for (rule, short) in exported() {
        assert_eq!(short.mistakes, [], "{}", rule.id);
        let texts = [text(0, "policy.yaml", &short.manifest, Side::New)];
        let findings = lint::lint(&texts, &Settings::default()).findings;
        assert!(findings.is_empty(), "{}: {findings:#?}\n{}", rule.id, short.manifest);
        assert!(!short.asks_graph, "{} asks for other objects", rule.id);
        count += 1;
    }
    assert!(count >= 15, "{count}");
}

/// A rule tells of a change what another one tells more of.
const TOLD_BY: [(&str, &str); 1] = [("change-scale-down-deletes-data", "change-replicas-dropped")];

/// The rules of one sort and the texts of their policies.
struct Both {
    ids: Vec<String>,
    texts: Vec<Text>,
    settings: Settings,
}

impl Both {
    fn new(is_such: fn(&Rule) -> bool) -> Self {
        let shorts: Vec<Short> = exported().filter(|(rule, _)| is_such(rule)).map(|(_, short)| short).collect();
        let side = || Side::Policy { markdown: None };
        let texts = shorts.iter().enumerate().map(|(id, short)| text(id, "policy.yaml", &short.manifest, side())).collect();
        let ids: Vec<String> = shorts.into_iter().map(|short| short.id).collect();
        let select = ids.iter().cloned().chain(TOLD_BY.map(|(_, by)| by.to_owned())).collect();
        Both { ids, texts, settings: Settings { select, ..Settings::default() } }
    }

    /// The policies, compiled once.
    fn policies<'t>(&'t self, graph: &Graph<'t>) -> Policies<'t> {
        let documents = self.texts.iter().flat_map(|text| text.tree.documents()).filter_map(|document| document.root);
        Policies::new(graph, &documents.collect::<Vec<_>>(), 37, false, |_| true)
    }

    /// The rules that say something where their policies don't, and the other way round.
    fn differences(&self, outcome: &Outcome, violations: &[Violation<'_, '_>]) -> Vec<String> {
        let mut by_rules: BTreeSet<&str> = outcome.findings.iter().map(|finding| finding.rule.as_ref()).collect();
        for (rule, by) in TOLD_BY {
            if by_rules.contains(by) && violations.iter().any(|violation| violation.policy.name() == rule) {
                by_rules.insert(rule);
            }
        }
        let by_policies: BTreeSet<&str> = violations.iter().map(|violation| violation.policy.name()).collect();
        let ids = self.ids.iter().map(String::as_str);
        let different = ids.filter(|id| by_rules.contains(id) != by_policies.contains(id));
        different
            .map(|id| format!("{id} says {}", if by_rules.contains(id) { "more than its policy" } else { "less than its policy" }))
            .collect()
    }

    /// Holds the rules against the policies on objects by themselves.
    fn agree_on(&self, objects: &BTreeSet<String>) {
        let sets: Vec<[Text; 1]> = objects.iter().map(|object| [text(0, "object.yaml", object, Side::New)]).collect();
        let none = lint::graph(&[], &self.settings);
        let policies = self.policies(&none);
        let mut differences = Vec::new();
        for set in &sets {
            let graph = lint::graph(set, &self.settings);
            if !matches!(graph.resources(), [resource] if may_reach_a_policy(resource, set)) {
                continue;
            }
            let told = self.differences(&lint::lint(set, &self.settings), &policies.check(&graph).violations);
            differences.extend(told.into_iter().map(|told| format!("{told}:\n{}", set[0].tree.text())));
        }
        let first = differences[..differences.len().min(100)].join("\n---\n");
        assert!(differences.is_empty(), "{} differences, the first:\n{first}", differences.len());
    }
}

/// Whether a cluster would get so far with an object as to ask a policy: it is served, whole, has no placeholders, and is not refused.
fn may_reach_a_policy(resource: &Resource<'_>, set: &[Text]) -> bool {
    let is_served = schema::kind(resource.api_version(), resource.kind_name()).is_some();
    let is_whole = !resource.is_partial() && resource.workload().is_none_or(|workload| workload.is_surely_whole());
    let refused = || lint::lint(set, &Settings::default()).findings.into_iter().any(|finding| finding.severity == Severity::Error);
    is_served && is_whole && !set[0].tree.text().contains("${") && !refused()
}

/// The documents of a text, each as a text of its own.
fn objects(text: &str) -> Vec<String> {
    let tree = yaml::parse(SourceId(0), text.into());
    if tree.is_templated() {
        return Vec::new();
    }
    let roots = tree.documents().filter_map(|document| document.root).filter(|root| root.is_mapping());
    roots.map(|root| text[root.span().start as usize..root.span().end as usize].to_owned()).collect()
}

fn files_below(folder: &Path, is_such: fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.append(&mut files_below(&path, is_such));
        } else if is_such(&path) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn shared(folder: &str) -> PathBuf {
    let shared =
        std::env::var_os("KUBESHOAL_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    shared.join(folder)
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The texts of all examples.
fn examples() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = [files_below(&root.join("rules"), is_document), files_below(&root.join("testdata/rules"), is_document)].concat();
    let documents =
        paths.iter().map(|path| Document::read(&fs::read_to_string(path).expect("documents are readable")).expect("they are right"));
    documents
        .flat_map(|document| document.sets().flat_map(|set| set.texts).map(|text| text.tree.text().to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn policies_say_of_single_objects_what_their_rules_say() {
    let corpus = files_below(&shared("corpus"), is_manifest);
    let texts = examples().into_iter().chain(corpus.iter().filter_map(|path| fs::read_to_string(path).ok()));
    Both::new(|rule| !matches!(rule.check, Check::Change(_))).agree_on(&texts.flat_map(|text| objects(&text)).collect());
}

#[test]
fn every_moving_tag_is_known_to_the_policy() {
    let table = include_str!("../src/resource/data/mutable-tags.txt");
    let words = table.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    let tags = words.flat_map(|word| [word.to_owned(), format!("1-{word}"), format!("{word}-7.4"), format!("2.3.1-{word}")]);
    let pod = |tag: String| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: a, image: \"a/b:{tag}\"}}]}}\n")
    };
    Both::new(|rule| rule.id == "image-tag-mutable").agree_on(&tags.map(pod).collect());
}

/// Old and new texts: real changes, and the examples of the documents.
fn changes() -> Vec<(String, String)> {
    let mut changes = Vec::new();
    for path in files_below(&shared("pairs"), |path| path.ends_with("old.yaml")) {
        let (old, new) = (fs::read_to_string(&path), fs::read_to_string(path.with_file_name("new.yaml")));
        changes.extend(old.ok().zip(new.ok()));
    }
    for path in files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), is_document) {
        let document = Document::read(&fs::read_to_string(path).expect("documents are readable")).expect("they are right");
        for set in document.sets().filter(|set| set.is_change && set.texts.len() == 2 && set.config.is_none()) {
            changes.push((set.texts[0].tree.text().to_owned(), set.texts[1].tree.text().to_owned()));
        }
    }
    changes.retain(|(old, new)| objects(old).len() == 1 && objects(new).len() == 1);
    changes
}

#[test]
fn policies_say_of_changes_what_their_rules_say() {
    let both = Both::new(|rule| matches!(rule.check, Check::Change(_)));
    let old_side = || Side::Old { path: "object.yaml".into() };
    let changes = changes();
    let sets: Vec<[Text; 2]> =
        changes.iter().map(|(old, new)| [text(0, "old:object.yaml", old, old_side()), text(1, "object.yaml", new, Side::New)]).collect();
    let none = lint::graph(&[], &both.settings);
    let policies = both.policies(&none);
    let mut differences = Vec::new();
    for set in &sets {
        let (old, new) = (lint::graph(&set[..1], &both.settings), lint::graph(&set[1..], &both.settings));
        let change = Change::between((&old, &HashSet::new()), (&new, &HashSet::new()));
        let outcome = diff(set, &both.settings, Kept::Change);
        let told = both.differences(&outcome, &policies.check_change(&change).violations);
        differences.extend(told.into_iter().map(|told| format!("{told}:\n{}\n---\n{}", set[0].tree.text(), set[1].tree.text())));
    }
    let first = differences[..differences.len().min(3)].join("\n----\n");
    assert!(differences.is_empty(), "{} differences, the first:\n{first}", differences.len());
}
