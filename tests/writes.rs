//! Fixes are written so that a file is the old one or the new one, whole, whatever happens.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "files are written and looked at")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use kubeshoal::input::rewrite;
use tempfile::TempDir;

/// Two MiB, so that a limit in a shell's blocks of 512 or 1024 bytes is met in the midst of it.
const SIZE: usize = 2 << 20;

fn folder_with(text: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    fs::write(folder.path().join("a.yaml"), text).expect("the file can be written");
    folder
}

fn cron_job() -> String {
    "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n".to_owned()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is readable").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn shell(script: &str, folder: &Path) -> Output {
    let binary = env!("CARGO_BIN_EXE_kubeshoal");
    let script = script.replace("FIX", &format!("'{binary}' check --isolated --select api-version-removed --fix ."));
    Command::new("sh").args(["-c", &script]).current_dir(folder).output().expect("the shell can be started")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file is readable")
}

#[test]
fn a_file_keeps_its_mode_and_a_link_stays_one() {
    let folder = folder_with(&cron_job());
    let file = folder.path().join("a.yaml");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("the mode can be set");
    symlink("a.yaml", folder.path().join("link.yaml")).expect("a link can be made");
    let output = shell("FIX", folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(read(&file).starts_with("apiVersion: batch/v1\n"));
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.path().join("link.yaml")).expect("it is there").is_symlink());
    assert_eq!(names_in(folder.path()), ["a.yaml", "link.yaml"]);
}

#[test]
fn hard_links_are_parted_and_each_that_is_judged_is_fixed() {
    let folder = folder_with(&cron_job());
    let file = folder.path().join("a.yaml");
    for other in ["b.yaml", "kept.txt"] {
        fs::hard_link(&file, folder.path().join(other)).expect("a link can be made");
    }
    let output = shell("FIX", folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let fixed = ["a.yaml", "b.yaml", "kept.txt"].map(|name| read(&folder.path().join(name)).starts_with("apiVersion: batch/v1\n"));
    assert_eq!(fixed, [true, true, false]);
}

#[test]
fn what_can_not_be_written_is_told_and_the_rest_is_done() {
    let folder = folder_with(&cron_job());
    let (kept, done) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
    fs::write(&done, cron_job().replace("name: a", "name: b")).expect("the file can be written");
    fs::set_permissions(&kept, Permissions::from_mode(0o444)).expect("the mode can be set");
    let output = shell("FIX", folder.path());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("error: cannot write a.yaml: the file is read-only") && told.contains("1 fixed"), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("a.yaml:1:13: error: "), "what is not fixed is still found");
    assert_eq!(read(&kept), cron_job());
    assert!(read(&done).starts_with("apiVersion: batch/v1\n"));
}

#[test]
fn a_full_disk_leaves_the_old_text() {
    let text = cron_job() + &"# filler\n".repeat(SIZE / 9);
    let folder = folder_with(&text);
    let output = shell("trap '' XFSZ; ulimit -f 64; FIX", folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error: cannot write a.yaml: "));
    assert!(read(&folder.path().join("a.yaml")) == text, "the file is not as it was");
    assert_eq!(names_in(folder.path()), ["a.yaml"]);
}

#[test]
fn a_kill_in_the_midst_of_writing_leaves_the_old_text() {
    let text = cron_job() + &"# filler\n".repeat(SIZE / 9);
    let folder = folder_with(&text);
    // The signal that tells of the limit kills.
    let output = shell("ulimit -c 0; ulimit -f 64; FIX", folder.path());
    assert!(!output.status.success() && output.status.code() != Some(2));
    assert!(read(&folder.path().join("a.yaml")) == text, "the file is not as it was");
    let left: Vec<String> = names_in(folder.path()).into_iter().filter(|name| name.starts_with(".kubeshoal-")).collect();
    assert_eq!(left.len(), 1, "the kill came before or after the writing");
}

#[test]
fn what_has_changed_since_it_was_read_is_left_alone() {
    let folder = folder_with("a: 2\n");
    let file = folder.path().join("a.yaml");
    let refused = rewrite(&file, "a: 1\n", "a: 3\n").expect_err("it has changed");
    assert!(refused.contains("changed since it was read"), "{refused}");
    assert_eq!(read(&file), "a: 2\n");
    assert_eq!(rewrite(&file, "a: 1\n", "a: 2\n"), Ok(()));
}

#[test]
fn a_file_keeps_its_encoding() {
    let encoded = |text: &str| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let folder = folder_with("");
    let file = folder.path().join("a.yaml");
    fs::write(&file, encoded("a: é\n")).expect("the file can be written");
    assert_eq!(rewrite(&file, "a: é\n", "a: ü\n"), Ok(()));
    assert_eq!(fs::read(&file).expect("the file is readable"), encoded("a: ü\n"));
}
