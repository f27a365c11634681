//! Git repositories that tests make, and the command run in them.
#![allow(dead_code, reason = "each test takes a part")]

use std::path::Path;
use std::process::{Command, Output};

pub(crate) fn git(folder: &Path, arguments: &str) -> String {
    let mut command = isolated("git", folder);
    let output = command.args(arguments.split(' ')).output().expect("git can be started");
    assert!(output.status.success(), "git {arguments}: {}", text(&output.stderr));
    text(&output.stdout)
}

pub(crate) fn commit(folder: &Path, message: &str) {
    git(folder, "add --all");
    git(folder, &format!("commit --quiet --message {message}"));
}

/// A program that knows nothing of the user's settings, at a fixed time so that ids of commits are always the same.
pub(crate) fn isolated(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    command
}

pub(crate) fn kubeshoal(folder: &Path, arguments: &str) -> Output {
    isolated(env!("CARGO_BIN_EXE_kubeshoal"), folder).args(arguments.split(' ')).output().expect("the command can be started")
}

/// What a command wrote and how it ended.
pub(crate) fn ran(folder: &Path, arguments: &str) -> String {
    let output = kubeshoal(folder, arguments);
    let code = output.status.code().expect("the command ends by itself");
    format!("{}{}exit code {code}\n", text(&output.stdout), text(&output.stderr))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8").replace('\\', "/")
}
