//! The rules' documents are run: what they show (see [`kubeshoal::document`]) is what their rules report. `BLESS=1` rewrites them.
#![expect(clippy::disallowed_methods, reason = "the documents are files, and BLESS a variable")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kubeshoal::config::{self, Date, Settings};
use kubeshoal::document::{Document, Mistake, Set, difference};
use kubeshoal::finding::{Finding, Safety};
use kubeshoal::fix::{Wanted, fix};
use kubeshoal::lint::{Kept, diff, lint};
use kubeshoal::rules::{Check, RULES, Rule, rule};
use similar::{ChangeTag, TextDiff};

const CATEGORIES: [&str; 10] =
    ["syntax", "schema", "storage", "scheduling", "identity", "rollback", "availability", "coherence", "change", "policy"];
/// The day on which all examples are linted.
const TODAY: &str = "2026-01-01";

#[test]
fn documents_show_what_their_rules_report() {
    let mut stale = String::new();
    for path in all_documents() {
        let (rule, document) = read(&path);
        let rewritten = document.rewritten(rule.severity(), |set| findings(rule, set), |set| changed_lines(rule, set));
        let rewritten = rewritten.unwrap_or_else(|mistake| panic!("{}:{}: {}", path.display(), mistake.line, mistake.message));
        if rewritten == document.text() {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, rewritten).expect("documents are writable");
        } else {
            stale = format!("{stale}{}:\n{}\n", path.display(), difference(document.text(), &rewritten));
        }
    }
    assert!(stale.is_empty(), "documents show something else than their rules report; `BLESS=1 cargo test` rewrites them:\n{stale}");
}

#[test]
fn every_first_example_has_a_finding() {
    for path in documents_in("rules") {
        let (rule, document) = read(&path);
        let first = document.sets().next().unwrap_or_else(|| panic!("{} has no example", path.display()));
        let findings = findings(rule, &first).expect("its config is right");
        assert!(!findings.is_empty(), "the first example of {} shows no finding", path.display());
    }
}

#[test]
fn every_document_has_a_rule() {
    for path in all_documents() {
        let id = id_of(&path);
        assert!(rule(&id).is_some(), "{} belongs to no rule", path.display());
    }
}

#[test]
fn every_rule_has_a_document_with_a_title_and_a_consequence() {
    for rule in RULES {
        let text = rule.document().trim_start();
        let (title, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        assert!(title.starts_with("# ") && !title.contains('\n'), "rules/{}.md begins with no title", rule.id);
        let is_prose = |first: char| first.is_alphanumeric() || matches!(first, '`' | '*' | '[');
        let says_what_follows = rest.trim_start().starts_with(is_prose) && !rest.trim_start().starts_with("```");
        assert!(says_what_follows, "rules/{}.md does not begin with what happens in the cluster", rule.id);
    }
}

#[test]
fn documents_say_which_rules_offer_fixes_and_show_them() {
    for path in documents_in("rules") {
        let (rule, document) = read(&path);
        let fixes = document.sets().flat_map(|set| findings(rule, &set).expect("its config is right")).filter_map(|finding| finding.fix);
        let worst = fixes.map(|fix| fix.safety).max_by_key(|safety| *safety == Safety::Unsafe);
        assert_eq!(worst, rule.fix(), "the front matter of {} says another fix than its examples get", path.display());
        assert_eq!(document.shows_fixes(), worst.is_some(), "{} shows its fix in a diff block", path.display());
    }
}

#[test]
fn rules_have_known_categories_and_kebab_case_names_and_are_listed_once() {
    let mut seen = BTreeSet::new();
    for rule in RULES {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(rule.id.split('-').all(is_word), "`{}` is not kebab-case", rule.id);
        assert!(seen.insert(rule.id), "`{}` is listed twice", rule.id);
        assert!(CATEGORIES.contains(&rule.category()), "rules/{}.md has an unknown category", rule.id);
        let meta = rule.meta();
        assert_eq!((meta.severity, meta.category.as_str()), (rule.severity(), rule.category()), "{}", rule.id);
        assert!(matches!(meta.default.as_deref(), None | Some("off")) && meta.default.is_none() == rule.is_on_by_default(), "{}", rule.id);
        assert!(
            matches!(meta.fix.as_deref(), None | Some("safe" | "unsafe")) && meta.fix.as_deref() == rule.fix().map(Safety::name),
            "{}",
            rule.id
        );
    }
}

fn documents_in(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("folders are readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

fn all_documents() -> Vec<PathBuf> {
    [documents_in("rules"), documents_in("testdata/rules")].concat()
}

fn id_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> (&'static Rule, Document) {
    let text = fs::read_to_string(path).expect("documents are readable");
    let rule = rule(&id_of(path)).unwrap_or_else(|| panic!("{} belongs to no rule", path.display()));
    let document = Document::read(&text).unwrap_or_else(|mistake| panic!("{}:{}: {}", path.display(), mistake.line, mistake.message));
    (rule, document)
}

/// What the rule alone finds in the examples.
fn findings(rule: &Rule, set: &Set<'_>) -> Result<Vec<Finding>, Mistake> {
    let settings = settings(rule, set)?;
    let outcome = if set.is_change { diff(&set.texts, &settings, Kept::All) } else { lint(&set.texts, &settings) };
    let mut findings = outcome.findings;
    findings.retain(|finding| finding.rule == rule.id);
    Ok(findings)
}

/// What all fixes of the rule change in the examples: lines that go with `-` before them, lines that come with `+`.
fn changed_lines(rule: &Rule, mut set: Set<'_>) -> Result<String, Mistake> {
    let settings = settings(rule, &set)?;
    let old: Vec<_> = set.texts.iter().map(|text| text.tree.shared_text()).collect();
    let all = Wanted { safety: Safety::Unsafe, only: None };
    let fixed = fix(&mut set.texts, all, &settings, |texts| {
        let mut outcome = lint(texts, &settings);
        outcome.findings.retain(|finding| finding.rule == rule.id);
        outcome
    });
    assert_eq!(fixed.refused, [], "fixes of {} are refused", rule.id);
    let mut lines = String::new();
    for (old, new) in old.iter().zip(&set.texts) {
        let difference = TextDiff::from_lines(&**old, new.tree.text());
        let changes = difference.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
        lines.extend(changes.flat_map(|change| [change.tag().to_string(), change.value().to_owned()]));
    }
    Ok(lines)
}

fn settings(rule: &Rule, set: &Set<'_>) -> Result<Settings, Mistake> {
    let settings = set.config.map_or_else(|| Ok(Settings::default()), |config| config::read(".kubeshoal.yaml", config));
    let settings = settings.map_err(|errors| Mistake { line: set.line, message: format!("{errors:?}") })?;
    let select = match rule.check {
        // The engine's own rules speak about what the others report.
        Check::Engine => RULES.iter().map(|rule| rule.id.to_owned()).collect(),
        _ => vec![rule.id.to_owned()],
    };
    let mut settings = Settings { select, today: Date::parse(TODAY).expect("a day of the calendar"), ..settings };
    settings.world.is_all = true;
    Ok(settings)
}
