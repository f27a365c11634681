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

#[test]
fn the_problem_matcher_reads_each_line_coloured_or_not() {
    let matcher = include_str!("../.github/kubeshoal-matcher.json");
    let matcher: serde_json::Value = serde_json::from_str(matcher).expect("it is JSON");
    let pattern = &matcher["problemMatcher"][0]["pattern"][0];
    let regex = Regex::new(pattern["regexp"].as_str().expect("a text")).expect("it is a regular expression");
    for color in ["never", "always"] {
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
}

/// The entry `gnu` of `compilation-error-regexp-alist-alist` as far as these lines need it
/// (<https://git.savannah.gnu.org/cgit/emacs.git/tree/lisp/progmodes/compile.el>).
#[test]
fn emacs_finds_file_line_column_and_kind() {
    let regex = Regex::new(
        "^(?:[[:alpha:]][-[:alnum:].]+: ?|[ \t]*(?:in |from))?((?:[0-9]*[^0-9\n])(?:[^\n :]|[ ][^-/\n]|:[^ \n])*?)(?:: ?)([0-9]+)(?::([0-9]+))?: *(?:(Warning|warning)|(note|Note)|.)",
    );
    let regex = regex.expect("it is a regular expression");
    for line in concise("never").lines() {
        let found = regex.captures(line).unwrap_or_else(|| panic!("{line:?} is not read"));
        assert_eq!((&found[1], found[2].parse::<u32>().is_ok(), found[3].parse::<u32>().is_ok()), ("a b.yaml", true, true), "{line}");
        assert_eq!(found.get(4).is_some(), line.contains(": warning: "), "{line}");
        assert_eq!(found.get(5).is_some(), line.contains(": note: "), "{line}");
    }
}
