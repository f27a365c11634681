//! Policies with objects, and the places at which they find something: `testdata/policies` in the format of rules' documents (see
//! [`kubeshoal::document`]). `BLESS=1` rewrites them.
#![expect(clippy::disallowed_methods, reason = "the documents are files, and BLESS a variable")]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use kubeshoal::config::{self, PolicySettings, Settings};
use kubeshoal::document::{Document, Mistake, Set, difference};
use kubeshoal::finding::{Finding, Severity};
use kubeshoal::lint::{Kept, Side, Text, diff, lint};
use kubeshoal::source::SourceId;
use kubeshoal::yaml;
use proptest::prelude::*;

fn documents() -> Vec<PathBuf> {
    let entries = fs::read_dir("testdata/policies").expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("folders are readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

/// What the policies of an example find in it. Without a config they are applied as they stand there.
fn findings(set: &Set<'_>) -> Result<Vec<Finding>, Mistake> {
    let from_manifests = PolicySettings { from_manifests: true, ..PolicySettings::default() };
    let own = || Settings { policies: from_manifests, ..Settings::default() };
    let settings = set.config.map_or_else(|| Ok(own()), |config| config::read(".kubeshoal.yaml", config));
    let settings = settings.map_err(|errors| Mistake { line: set.line, message: format!("{errors:?}") })?;
    let settings = Settings { select: vec!["policy".into()], ..settings };
    let outcome = if set.is_change { diff(&set.texts, &settings, Kept::All) } else { lint(&set.texts, &settings) };
    let mut findings = outcome.findings;
    findings.retain(|finding| finding.rule != "policy-unbound");
    Ok(findings)
}

#[test]
fn policies_find_what_they_are_about_at_its_place() {
    let mut stale = String::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("documents are readable");
        let failed = |mistake: Mistake| -> ! { panic!("{}:{}: {}", path.display(), mistake.line, mistake.message) };
        let document = Document::read(&text).unwrap_or_else(|mistake| failed(mistake));
        let rewritten =
            document.rewritten(Severity::Warning, |set| findings(set), |_| Ok(String::new())).unwrap_or_else(|mistake| failed(mistake));
        if rewritten == text {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, rewritten).expect("documents are writable");
        } else {
            stale = format!("{stale}{}:\n{}\n", path.display(), difference(&text, &rewritten));
        }
    }
    assert!(stale.is_empty(), "policies find something else than the documents show; `BLESS=1 cargo test` rewrites them:\n{stale}");
}

#[test]
fn there_are_forty_policies() {
    let texts = documents().into_iter().map(|path| fs::read_to_string(path).expect("documents are readable"));
    let policies: usize = texts.map(|text| text.lines().filter(|line| *line == "kind: ValidatingAdmissionPolicy").count()).sum();
    assert!(policies >= 40, "{policies}");
}

/// The texts of all examples.
fn examples() -> &'static [String] {
    static EXAMPLES: OnceLock<Vec<String>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let documents = documents().into_iter().map(|path| fs::read_to_string(path).expect("documents are readable"));
        let blocks = documents.flat_map(|text| text.split("```").skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
        blocks.filter_map(|block| Some(block.split_once('\n')?.1.to_owned())).collect()
    })
}

proptest! {
    #[test]
    fn broken_policies_are_read_to_the_end_and_what_is_found_lies_in_the_text(
        example in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..5usize, "[ -~]{0,10}"), 1..5),
    ) {
        let mut lines: Vec<String> = example.get(examples()).lines().map(str::to_owned).collect();
        for (at, change, text) in changes {
            let at = at.index(lines.len());
            match change {
                0 if lines.len() > 1 => _ = lines.remove(at),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines[at] = format!("  {}", lines[at]),
                3 => lines[at].push_str(&text),
                _ => {
                    let middle = lines[at].len() / 2;
                    if lines[at].is_char_boundary(middle) {
                        lines[at].insert_str(middle, &text);
                    }
                }
            }
        }
        let text = lines.join("\n");
        let tree = yaml::parse(SourceId(0), text.as_str().into());
        let policies = PolicySettings { from_manifests: true, project_pods: true, ..PolicySettings::default() };
        let settings = Settings { policies, ..Settings::default() };
        let outcome = lint(&[Text { name: "a.yaml".into(), tree, alone: false, side: Side::New }], &settings);
        for finding in &outcome.findings {
            for span in finding.related.iter().map(|related| related.span).chain([finding.span]) {
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{} {:?}", finding.rule, span);
            }
        }
    }
}
