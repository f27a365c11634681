use super::{Reason, Wanted, fix};
use crate::config::Settings;
use crate::finding::{Finding, Report, Safety, Severity};
use crate::lint::{Outcome, Side, Text, lint};
use crate::source::SourceId;
use crate::yaml::{NodeRef, edit, parse};

fn texts(of: &[&str]) -> Vec<Text> {
    let text = |(id, text): (usize, &&str)| Text {
        name: format!("{id}.yaml"),
        tree: parse(SourceId(id as u32), (*text).into()),
        alone: false,
        side: Side::New,
    };
    of.iter().enumerate().map(text).collect()
}

const ALL: Wanted = Wanted { safety: Safety::Unsafe, only: None };

/// Lints by a rule of the test's own.
fn linted(texts: &[Text], check: impl Fn(&Text, &mut Report)) -> Outcome {
    let mut report = Report::new("test", Severity::Warning);
    for text in texts {
        check(text, &mut report);
    }
    Outcome { findings: report.into_findings(), ..Outcome::default() }
}

/// Finds each entry of the root whose value is `old`.
fn finds_old(text: &Text, report: &mut Report, offer: impl Fn(&mut Finding, crate::yaml::NodeRef<'_>)) {
    let Some(root) = text.tree.documents().next().and_then(|document| document.root) else { return };
    for entry in root.entries().filter(|entry| entry.value.text() == "old") {
        offer(report.at(entry.value, "old"), entry.value);
    }
}

#[test]
fn fixes_are_made_until_none_is_left() {
    let mut set = texts(&["a: old\nb: 1\nc: old\n", "a: 1\n"]);
    let fixed = fix(&mut set, ALL, &Settings::default(), |texts| {
        linted(texts, |text, report| finds_old(text, report, |finding, node| _ = finding.replace("", Safety::Safe, node, "new")))
    });
    assert_eq!(set[0].tree.text(), "a: new\nb: 1\nc: new\n");
    assert_eq!((fixed.counts.get(&SourceId(0)), fixed.outcome.findings.len(), fixed.refused.len()), (Some(&2), 0, 0));
}

#[test]
fn the_last_of_several_removals_takes_the_key_along() {
    let mut set = texts(&["l:\n- old\n- old\nb: 1\n"]);
    let check = |text: &Text, report: &mut Report| {
        let root = text.tree.documents().next().and_then(|document| document.root).expect("it is there");
        for item in root.get("l").into_iter().flat_map(NodeRef::items) {
            report.at(item, "old").offer("", Safety::Safe, [edit::remove(item)]);
        }
    };
    let fixed = fix(&mut set, ALL, &Settings::default(), |texts| linted(texts, check));
    assert_eq!(set[0].tree.text(), "b: 1\n");
    assert_eq!(fixed.counts.get(&SourceId(0)), Some(&2));
}

#[test]
fn unsafe_fixes_and_those_of_other_texts_wait() {
    let offer = |texts: &[Text]| {
        linted(texts, |text, report| finds_old(text, report, |finding, node| _ = finding.replace("", Safety::Unsafe, node, "new")))
    };
    let mut set = texts(&["a: old\n", "a: old\n"]);
    let fixed = fix(&mut set, Wanted { safety: Safety::Safe, only: None }, &Settings::default(), offer);
    assert_eq!((fixed.counts.len(), fixed.outcome.findings.len()), (0, 2));
    fix(&mut set, Wanted { only: Some(SourceId(1)), ..ALL }, &Settings::default(), offer);
    assert_eq!([set[0].tree.text(), set[1].tree.text()], ["a: old\n", "a: new\n"]);
    set[0].side = Side::Old { path: "0.yaml".into() };
    let fixed = fix(&mut set, ALL, &Settings::default(), offer);
    assert_eq!((set[0].tree.text(), fixed.outcome.findings.len()), ("a: old\n", 1));
}

#[test]
fn what_brings_about_another_finding_is_refused_and_the_others_are_made() {
    let many: String = (0..20).flat_map(|number| ["k".to_owned(), number.to_string(), ": old\n".to_owned()]).collect();
    let mut set = texts(&[&many]);
    let fixed = fix(&mut set, ALL, &Settings::default(), |texts| {
        let mut outcome = linted(texts, |text, report| {
            finds_old(text, report, |finding, node| _ = finding.replace("", Safety::Safe, node, "new"));
        });
        let root = texts[0].tree.documents().next().and_then(|document| document.root).expect("it is there");
        if root.get("k7").is_some_and(|node| node.text() == "new") {
            let mut other = Report::new("other", Severity::Warning);
            other.at(root, "k7 is new");
            outcome.findings.extend(other.into_findings());
        }
        outcome
    });
    assert_eq!(set[0].tree.text(), many.replace("old", "new").replace("k7: new", "k7: old"));
    let reasons: Vec<_> = fixed.refused.iter().map(|refused| &refused.reason).collect();
    assert_eq!(reasons, [&Reason::NewFinding("other".into())]);
}

#[test]
fn what_has_no_effect_or_means_something_else_is_refused() {
    let mut set = texts(&["a: old\n"]);
    let fixed = fix(&mut set, ALL, &Settings::default(), |texts| {
        linted(texts, |text, report| {
            let root = text.tree.documents().next().and_then(|document| document.root).expect("it is there");
            let value = root.get("a").expect("it is there");
            report.at(value, "always").replace("", Safety::Safe, value, "new");
        })
    });
    assert_eq!((set[0].tree.text(), &fixed.refused[0].reason), ("a: old\n", &Reason::NoEffect));
    let fixed = fix(&mut set, ALL, &Settings::default(), |texts| {
        linted(texts, |text, report| {
            finds_old(text, report, |finding, node| {
                let edit = edit::Edit { span: node.span(), text: "[".into() };
                finding.offer("", Safety::Safe, [Some(edit::Change { edit, takes_comment: false })]);
            });
        })
    });
    assert_eq!((set[0].tree.text(), &fixed.refused[0].reason), ("a: old\n", &Reason::Meaning));
}

#[test]
fn what_another_fix_makes_possible_is_done_in_the_same_run() {
    // The first one brings about a finding as long as the last one isn't made, which is offered when the second one is.
    let mut set = texts(&["a: old\nb: old\nc: old\n"]);
    let check = |texts: &[Text]| {
        let is_offered = |node: NodeRef<'_>| node.key().is_none_or(|key| key.text() != "c") || texts[0].tree.text().contains("b: new");
        let mut outcome = linted(texts, |text, report| {
            finds_old(text, report, |finding, node| {
                if is_offered(node) {
                    finding.replace("", Safety::Safe, node, "new");
                }
            });
        });
        let root = texts[0].tree.documents().next().and_then(|document| document.root).expect("it is there");
        if ["a", "c"].map(|key| root.get(key).map(NodeRef::text)) == [Some("new"), Some("old")] {
            let mut other = Report::new("other", Severity::Warning);
            other.at(root, "half done");
            outcome.findings.extend(other.into_findings());
        }
        outcome
    };
    let fixed = fix(&mut set, ALL, &Settings::default(), check);
    assert_eq!(set[0].tree.text(), "a: new\nb: new\nc: new\n");
    assert_eq!((fixed.counts.get(&SourceId(0)), fixed.refused), (Some(&3), Vec::new()));
}

#[test]
fn what_another_fix_makes_wrong_is_not_written() {
    // `a` is to name what is there, and what nothing names is to go.
    let mut set = texts(&["a: setings\nof:\n  settings: 1\n  others: 2\nb: others\n"]);
    let check = |text: &Text, report: &mut Report| {
        let root = text.tree.documents().next().and_then(|document| document.root).expect("it is there");
        let (of, users) = (root.get("of").expect("it is there"), ["a", "b"].map(|key| root.get(key).expect("it is there")));
        for user in users.into_iter().filter(|user| of.get(user.text()).is_none()) {
            report.at(user, format!("no {}", user.text())).suggest(user, of.entries().map(|entry| entry.key.text()), "add it");
        }
        for entry in of.entries().filter(|entry| users.iter().all(|user| user.text() != entry.key.text())) {
            report.at(entry.value, "unused").remove(Safety::Safe, entry.value);
        }
    };
    fix(&mut set, ALL, &Settings::default(), |texts| linted(texts, check));
    assert_eq!(set[0].tree.text(), "a: settings\nof:\n  settings: 1\n  others: 2\nb: others\n");
}

#[test]
fn what_is_ignored_stays() {
    let text = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a} # kubeshoal: ignore[duplicate-key]\n";
    let mut set = texts(&[
        text,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec:\n  # kubeshoal: ignore[deployment-paused] on purpose\n  paused: true\n",
    ]);
    let settings = Settings { select: vec!["deployment-paused".into()], ..Settings::default() };
    let fixed = fix(&mut set, ALL, &settings, |texts| lint(texts, &settings));
    assert!(fixed.counts.is_empty() && set[1].tree.text().contains("paused: true"));
}
