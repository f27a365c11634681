//! What `docs/from-kube-linter.md` says of kube-linter's checks: each is there, and for each counterpart a manifest shows that it finds it.
//!
//! kube-linter 0.8.3, with the check alone, finds something in each of the manifests, `schema-validation` aside, which needs the network.
#![expect(clippy::disallowed_methods, reason = "the command is run on real files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use kubeshoal::rules::rule;
use regex::Regex;
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/kube-linter");
const PAGE: &str = include_str!("../docs/from-kube-linter.md");

fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(heading).expect("the page has the section");
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// Check, the rules that stand for it, and what is different.
fn rows() -> Vec<(&'static str, Vec<&'static str>, &'static str)> {
    let names = Regex::new(r"\[`([a-z-]+)`\]").expect("it is a regular expression");
    let rows = section("\n## Checks with a counterpart\n").lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[1].trim_matches('`'), names.captures_iter(cells[2]).map(|found| found.get(1).expect("a name").as_str()).collect(), cells[3])
    })
    .collect()
}

fn found_in(manifest: &Path) -> BTreeSet<String> {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
    fs::copy(manifest, folder.path().join("a.yaml")).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeshoal"));
    command.args(["check", "--isolated", "--select", "all", "--format", "json", "--quiet", "."]).current_dir(folder.path());
    let report: serde_json::Value =
        serde_json::from_slice(&command.output().expect("the command can be started").stdout).expect("it is JSON");
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().filter_map(|finding| finding["rule"].as_str()).map(str::to_owned).collect()
}

#[test]
fn each_counterpart_finds_what_the_check_finds() {
    for (check, rules, remark) in rows() {
        assert!(!rules.is_empty(), "{check} has no rule");
        let found = found_in(&Path::new(FOLDER).join(check).with_extension("yaml"));
        for id in rules {
            assert!(found.contains(id), "{id} does not find what {check} does, but {found:?}");
            let is_on = rule(id).expect("what is found has a rule").is_on_by_default();
            assert_eq!(remark.contains("off by default"), !is_on, "{check}: {remark}");
            assert!(!remark.contains("has a fix") || rule(id).is_some_and(|rule| rule.fix().is_some()), "{id} has no fix");
        }
    }
}

#[test]
fn every_check_is_on_the_page_once_and_every_manifest_has_a_row() {
    let with: Vec<&str> = rows().into_iter().map(|(check, ..)| check).collect();
    let names = Regex::new(r"(?:^|[^\[])`([a-z0-9-]+)`").expect("it is a regular expression");
    let without = names.captures_iter(section("\n## Checks without one\n")).map(|found| found.get(1).expect("a name").as_str());
    let mut told: Vec<&str> = with.iter().copied().chain(without).collect();
    told.sort_unstable();
    let checks = fs::read_to_string(Path::new(FOLDER).join("checks.txt")).expect("the list is readable");
    assert_eq!(told, checks.lines().collect::<Vec<_>>());
    let manifests = fs::read_dir(FOLDER)
        .expect("the folder is readable")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name() != "checks.txt"));
    assert_eq!(manifests.count(), with.len());
    let numbers = format!("{} of kube-linter's {} checks have a counterpart", with.len(), told.len());
    assert!(PAGE.contains(&numbers), "{numbers}");
}

#[test]
fn the_config_is_one() {
    let config = section("\n## Config\n").split("```yaml\n").nth(2).and_then(|block| block.split("```").next()).expect("the second block");
    let settings = kubeshoal::config::read("from-kube-linter.md", config).expect("it is valid");
    assert_eq!((settings.levels.len(), settings.exclude.len(), settings.ignores.len()), (3, 1, 1));
}
