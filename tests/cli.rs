//! Runs the command as a user does: the cases of `testdata/cli`, and the `console` blocks of the README and the guides.
//!
//! A case is a folder: `cmd` holds one line as in a shell (`NAME=value kubeshoal check - < file`), `stdout`, `stderr` and `code` what is
//! expected (`stdout` and `stderr` are absent where nothing is), everything else is input. `BLESS=1 cargo test` rewrites what is expected.

#![allow(clippy::disallowed_methods, reason = "the command is run on real files")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use kubeshoal::rules::RULES;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const EXPECTED: [&str; 3] = ["stdout", "stderr", "code"];

/// Runs one command line in a folder, with nothing in its environment that changes the output.
fn run(line: &str, folder: &Path) -> Output {
    let (command_line, stdin) = line.split_once(" < ").map_or((line, None), |(command, file)| (command, Some(folder.join(file.trim()))));
    let mut words = command_line.split_whitespace().peekable();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeshoal"));
    for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITHUB_SERVER_URL", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        command.env(name, value);
        words.next();
    }
    assert_eq!(words.next(), Some("kubeshoal"), "`{line}` runs something else");
    let stdin = stdin.map_or_else(Stdio::null, |path| File::open(path).expect("the file for standard input is there").into());
    command.args(words).current_dir(folder).stdin(stdin).output().expect("the command can be started")
}

/// Text that is the same for every version of the program and every system.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).expect("the output is UTF-8");
    text.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"[VERSION]\"")
        .replace(&format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"semanticVersion\": \"[VERSION]\"")
        .replace("kubeshoal.exe", "kubeshoal")
}

/// A copy of a case's input, apart from this repository's config and ignore files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the case is a folder").map(|entry| entry.expect("the folder can be read")) {
        let name = entry.file_name();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else if name != "cmd" && EXPECTED.iter().all(|expected| name != *expected) {
            fs::copy(entry.path(), to.join(name)).expect("a file can be copied");
        }
    }
}

fn sandbox() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    // The search for a config ends here.
    fs::create_dir(folder.path().join(".git")).expect("a folder can be made");
    folder
}

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn bless(path: &Path, text: &str) {
    if text.is_empty() {
        let _ = fs::remove_file(path);
    } else {
        fs::write(path, text).expect("the expectation can be written");
    }
}

#[test]
fn every_case_prints_what_is_expected() {
    let mut cases: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("testdata/cli"))
        .expect("there are cases")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    cases.sort();
    let mut wrong = Vec::new();
    for case in &cases {
        let line = fs::read_to_string(case.join("cmd")).expect("a case has a `cmd`");
        let folder = sandbox();
        copy(case, folder.path());
        let output = run(line.trim(), folder.path());
        let code = format!("{}\n", output.status.code().expect("the command ends by itself"));
        let actual = [plain(&output.stdout), plain(&output.stderr), code];
        for (name, actual) in EXPECTED.iter().zip(actual) {
            let path = case.join(name);
            if is_blessing() {
                bless(&path, &actual);
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if expected != actual {
                wrong.push(format!("{} of {}: expected\n{expected}\ngot\n{actual}", name, case.display()));
            }
        }
    }
    assert!(cases.len() > 20, "only {} cases were found", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs the command lines of a `console` block and returns the block as it would be printed.
fn replay(block: &str, ran: &mut usize) -> String {
    let mut replayed = String::new();
    let mut is_output_ours = false;
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            replayed.extend([line, "\n"]);
            is_output_ours = command.starts_with("kubeshoal ");
            if is_output_ours {
                *ran += 1;
                let output = run(command, Path::new(ROOT));
                replayed.extend([plain(&output.stdout), plain(&output.stderr)]);
            }
        } else if !is_output_ours {
            replayed.extend([line, "\n"]);
        }
    }
    replayed
}

#[test]
fn the_console_blocks_of_the_documentation_are_true() {
    const OPEN: &str = "```console\n";
    let guides = fs::read_dir(Path::new(ROOT).join("docs")).into_iter().flatten().flatten().map(|entry| entry.path());
    let pages = guides.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut ran = 0;
    for path in std::iter::once(Path::new(ROOT).join("README.md")).chain(pages) {
        let Ok(page) = fs::read_to_string(&path) else { continue };
        let mut parts = page.split(OPEN);
        let mut actual = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (block, rest) = part.split_once("```").expect("a block ends");
            actual.extend([OPEN, &replay(block, &mut ran), "```", rest]);
        }
        if is_blessing() {
            bless(&path, &actual);
        }
        assert_eq!(fs::read_to_string(&path).expect("the page is still there"), actual, "{}", path.display());
    }
    assert!(ran >= 6, "only {ran} commands were run");
}

#[test]
fn every_rule_is_listed() {
    let folder = sandbox();
    let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    let text = plain(&run("kubeshoal rules", folder.path()).stdout);
    assert_eq!(text.lines().filter_map(|line| line.split_whitespace().next()).collect::<Vec<_>>(), ids);
    let json: serde_json::Value = serde_json::from_slice(&run("kubeshoal rules --format json", folder.path()).stdout).expect("it is JSON");
    let listed: Vec<_> = json.as_array().expect("it is a list").iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(listed, ids);
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let folder = sandbox();
    let objects = "apiVersion: v1\nkind: ConfigMap\nkind: ConfigMap\n---\n".repeat(3000);
    fs::write(folder.path().join("a.yaml"), objects).expect("the file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeshoal"));
    command.args(["check", "-q", "."]).current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command can be started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((plain(&output.stderr).as_str(), output.status.code()), ("", Some(1)));
}

#[test]
fn any_number_of_threads_prints_the_same() {
    let folder = sandbox();
    for number in 0..60 {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{number}, name: b}}\n");
        fs::write(folder.path().join(format!("{}.yaml", number * 7919 % 60)), text).expect("the file can be written");
    }
    let once = run("kubeshoal check -j 1 --select duplicate-key", folder.path());
    assert_eq!(plain(&once.stdout).lines().count(), 60);
    for _ in 0..5 {
        assert_eq!(run("kubeshoal check -j 8 --select duplicate-key", folder.path()).stdout, once.stdout);
    }
}

#[cfg(unix)]
#[test]
fn a_broken_link_is_told_and_the_rest_is_linted() {
    let folder = sandbox();
    std::os::unix::fs::symlink("gone.yaml", folder.path().join("link.yaml")).expect("a link can be made");
    fs::write(folder.path().join("a.yaml"), "apiVersion: v1\nkind: ConfigMap\nkind: x\n").expect("the file can be written");
    let output = run("kubeshoal check", folder.path());
    assert!(plain(&output.stdout).starts_with("a.yaml:3:1: error: "));
    assert!(plain(&output.stderr).starts_with("error: cannot read link.yaml: broken link: no such file or folder\n"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn kubectl_finds_it_as_a_plugin() {
    let folder = sandbox();
    let plugin = folder.path().join(format!("kubectl-shoal{}", std::env::consts::EXE_SUFFIX));
    fs::copy(env!("CARGO_BIN_EXE_kubeshoal"), &plugin).expect("the program can be copied");
    let output = Command::new(plugin).args(["check", "--help"]).output().expect("the plugin can be started");
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(help.contains("Usage: kubectl shoal check"), "{help}");
}

#[test]
fn completions_and_manual_pages_are_written() {
    let folder = sandbox();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&format!("kubeshoal completions {shell}"), folder.path());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("kubeshoal") && text.contains("unsafe-fixes"), "{shell}");
    }
    assert!(run("kubeshoal man pages", folder.path()).status.success());
    for page in ["kubeshoal.1", "kubeshoal-check.1", "kubeshoal-policy-eval.1"] {
        let text = fs::read_to_string(folder.path().join("pages").join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(".SH NAME"), "{page}");
    }
}

#[test]
fn the_long_version_says_what_it_was_built_for() {
    let folder = sandbox();
    let text = String::from_utf8_lossy(&run("kubeshoal --version", folder.path()).stdout).into_owned();
    assert!(text.starts_with(concat!("kubeshoal ", env!("CARGO_PKG_VERSION"))) && text.contains("\nKubernetes 1."), "{text}");
    let short = String::from_utf8_lossy(&run("kubeshoal -V", folder.path()).stdout).into_owned();
    assert_eq!(short.trim(), concat!("kubeshoal ", env!("CARGO_PKG_VERSION")));
}
