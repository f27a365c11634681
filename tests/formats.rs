//! What others read of the output: problem matchers and editors.
#![expect(clippy::disallowed_methods, reason = "the command is run on real files")]

use std::fs;
use std::process::Command;

use regex::Regex;
use tempfile::TempDir;

const MANIFEST: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: db\n  revisionHistoryLimit: 0\n  \
                        selector: {matchLabels: {app: db}}\n  template: {metadata: {labels: {app: db}}}\n";

fn concise(color: &str) -> String {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
    fs::write(folder.path().join("a b.yaml"), MANIFEST).expect("a file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeshoal"));
    let output = command.args(["check", "--format", "concise", "--color", color, "."]).current_dir(folder.path()).output();
    String::from_utf8(output.expect("the command can be started").stdout).expect("the output is UTF-8")
}

/// The first block of JSON on a page.
fn block(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("\n```json\n").expect("the page has a block");
    let (block, _) = rest.split_once("\n```\n").expect("which ends");
    serde_json::from_str(block).expect("it is JSON")
}

/// The pattern reads what is written with colours or without.
fn reads_each_line(pattern: &serde_json::Value, color: &str) {
    let regex = Regex::new(pattern["regexp"].as_str().expect("a text")).expect("it is a regular expression");
    let output = concise(color);
    assert!(output.lines().count() > 1 && (color == "never") != output.contains('\u{1b}'), "{output}");
    for line in output.lines() {
        let found = regex.captures(line).unwrap_or_else(|| panic!("{line:?} is not read"));
        let part = |name: &str| found[usize::try_from(pattern[name].as_u64().expect("a number")).expect("a small one")].to_owned();
        assert_eq!(part("file"), "a b.yaml");
        assert!(part("line").parse::<u32>().is_ok() && part("column").parse::<u32>().is_ok());
        assert!(["error", "warning", "note"].contains(&part("severity").as_str()));
        assert!(kubeshoal::rules::rule(&part("code")).is_some(), "{line}");
        assert!(!part("message").contains('\u{1b}') && !part("message").is_empty());
    }
}

#[test]
fn the_problem_matcher_reads_each_line_coloured_or_not() {
    let matcher: serde_json::Value = serde_json::from_str(include_str!("../.github/kubeshoal-matcher.json")).expect("it is JSON");
    for color in ["never", "always"] {
        reads_each_line(&matcher["problemMatcher"][0]["pattern"][0], color);
    }
}

#[test]
fn the_task_of_vs_code_reads_each_line_and_writes_them() {
    let task = &block(include_str!("../docs/editors.md"))["tasks"][0];
    reads_each_line(&task["problemMatcher"]["pattern"], "never");
    let arguments: Vec<&str> = task["args"].as_array().expect("a list").iter().filter_map(serde_json::Value::as_str).collect();
    assert_eq!(
        (task["command"].as_str(), &arguments[..]),
        (Some("kubeshoal"), &["check", "--quiet", "--color", "never", "--format", "concise"][..])
    );
}
