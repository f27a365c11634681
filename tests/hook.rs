//! Runs `kubeshoal check --hook` in Git repositories that are made here, by hand and as a hook of `git commit`.
#![allow(clippy::disallowed_methods, reason = "the command is run on real files")]

mod repository;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use repository::{commit, git, isolated, ran, text};
use tempfile::TempDir;

const SET: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - {name: db, image: 'example.com/db:1.2.3', ports: [{name: sql, containerPort: 5432}], readinessProbe: {tcpSocket: {port: sql}}}
";
const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{name: sql, port: 5432}]
";

/// A repository on `main` with a StatefulSet in one folder's file and its Service in another file.
struct Work {
    folder: TempDir,
}

impl Work {
    fn new() -> Self {
        let work = Work { folder: TempDir::new().expect("a temporary folder can be made") };
        git(work.path(), "init --quiet --initial-branch main");
        work.write("deploy/set.yaml", SET);
        work.write("deploy/service.yaml", SERVICE);
        work.write(".kubeshoal.yaml", "rules: {unused-ignore: off}\n");
        commit(work.path(), "first");
        work
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Has `git commit` run the command with those arguments.
    fn hook(&self, arguments: &str) {
        let script = format!("#!/bin/sh\nexec '{}' check --hook {arguments}\n", env!("CARGO_BIN_EXE_kubeshoal"));
        self.write(".git/hooks/pre-commit", &script);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(self.file(".git/hooks/pre-commit"), mode).expect("a file can be made to run");
        }
    }

    /// What `git commit` says with those arguments, and whether it committed.
    fn commits(&self, arguments: &str) -> (bool, String) {
        let mut command = isolated("git", self.path());
        let output = command.args(["commit", "--quiet", "--message", "next"]).args(arguments.split_whitespace()).output();
        let output = output.expect("git can be started");
        (output.status.success(), text(&output.stderr) + &text(&output.stdout))
    }
}

/// The places and rules of findings.
fn places(output: &str) -> Vec<String> {
    let finding = |line: &str| {
        let (place, rest) = line.split_once(": ")?;
        let rule = rest.strip_suffix(']')?.rsplit_once('[')?.1;
        Some(format!("{place} {rule}"))
    };
    output.lines().filter_map(finding).collect()
}

#[test]
fn a_service_that_is_removed_breaks_a_set_that_is_not_touched() {
    let work = Work::new();
    assert!(ran(work.path(), "check --hook deploy/set.yaml deploy/service.yaml").ends_with("exit code 0\n"));
    git(work.path(), "rm --quiet deploy/service.yaml");
    // pre-commit names no file that is gone.
    let expected = ["deploy/set.yaml:5:16 statefulset-service-missing"];
    assert_eq!(places(&ran(work.path(), "check --hook")), expected);
    work.hook("--fail-on note");
    let (is_done, told) = work.commits("");
    assert!(!is_done, "{told}");
    assert_eq!(places(&told), expected);
}

#[test]
fn a_service_that_is_edited_breaks_a_set_that_is_not_touched() {
    let work = Work::new();
    work.write("deploy/service.yaml", &SERVICE.replace("  clusterIP: None\n", ""));
    let output = ran(work.path(), "check --hook deploy/service.yaml");
    assert_eq!(places(&output), ["deploy/set.yaml:5:16 statefulset-service-not-headless"]);
    // What was so before is told of no other file.
    commit(work.path(), "edited");
    work.write("deploy/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    assert_eq!(places(&ran(work.path(), "check --hook deploy/other.yaml")), [""; 0]);
    // Of the files themselves everything is told.
    assert_eq!(places(&ran(work.path(), "check --hook deploy/set.yaml")), ["deploy/set.yaml:5:16 statefulset-service-not-headless"]);
}

#[test]
fn a_commit_is_judged_by_what_is_staged() {
    let work = Work::new();
    work.hook("--fail-on note deploy/service.yaml");
    let broken = SERVICE.replace("  clusterIP: None\n", "");
    // The mistake is staged, and mended in the working tree only.
    work.write("deploy/service.yaml", &broken);
    git(work.path(), "add --all");
    work.write("deploy/service.yaml", SERVICE);
    let (is_done, told) = work.commits("");
    assert!(!is_done && told.contains("statefulset-service-not-headless"), "{told}");
    // By hand, what counts is what the files say.
    assert!(ran(work.path(), "check --hook deploy/service.yaml").ends_with("exit code 0\n"));
    // `git commit -a` takes the working tree.
    let (is_done, told) = work.commits("-a --allow-empty");
    assert!(is_done, "{told}");
    // The mistake stands in the working tree only, and the file is gone from there.
    work.write("deploy/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    git(work.path(), "add --all");
    work.write("deploy/service.yaml", &broken);
    fs::remove_file(work.file("deploy/set.yaml")).expect("a file can be removed");
    let (is_done, told) = work.commits("");
    assert!(is_done, "{told}");
}

#[test]
fn a_commit_in_another_working_tree_is_judged_there() {
    let work = Work::new();
    git(work.path(), "worktree add --quiet -b other tree");
    work.hook("deploy/service.yaml");
    let tree = work.file("tree");
    fs::write(tree.join("deploy/service.yaml"), SERVICE.replace("  clusterIP: None\n", "")).expect("a file can be written");
    let mut command = isolated("git", &tree);
    let output = command.args(["commit", "--quiet", "-a", "--message", "next"]).output().expect("git can be started");
    assert_eq!(places(&text(&output.stderr)), ["deploy/set.yaml:5:16 statefulset-service-not-headless"]);
}

#[test]
fn before_the_first_commit_and_outside_a_repository_the_files_themselves_are_told() {
    let broken = SERVICE.replace("  clusterIP: None\n", "");
    let work = Work { folder: TempDir::new().expect("a temporary folder can be made") };
    work.write("a b/set é.yaml", SET);
    work.write("a b/service.yaml", &broken);
    let command = |name: &str| {
        let mut command = isolated(env!("CARGO_BIN_EXE_kubeshoal"), work.path());
        command.args(["check", "--hook", name]);
        command
    };
    let told = |mut command: Command| {
        let output = command.output().expect("the command can be started");
        text(&output.stdout) + &text(&output.stderr)
    };
    let run = |name: &str| told(command(name));
    let mut without_git = command("a b/set é.yaml");
    without_git.env("PATH", work.path());
    assert!(told(without_git).contains("only the files themselves are reported on: cannot run git: "));
    let outside = run("a b/set é.yaml");
    assert_eq!(places(&outside), ["a b/set é.yaml:5:16 statefulset-service-not-headless"]);
    assert!(outside.contains("only the files themselves are reported on: "), "{outside}");
    assert_eq!(places(&run("a b/service.yaml")), [""; 0]);
    git(work.path(), "init --quiet");
    let first = run("a b/service.yaml");
    assert_eq!(places(&first), ["a b/set é.yaml:5:16 statefulset-service-not-headless"]);
}

#[test]
fn files_are_named_from_where_the_command_is_run() {
    let work = Work::new();
    work.write("deploy/service.yaml", &SERVICE.replace("  clusterIP: None\n", ""));
    let output = ran(&work.file("deploy"), "check --hook service.yaml");
    assert_eq!(places(&output), ["set.yaml:5:16 statefulset-service-not-headless"]);
}

#[test]
fn what_the_config_excludes_is_judged_when_named_unless_it_shall_not_be() {
    let work = Work::new();
    work.write(".kubeshoal.yaml", "exclude: old\n");
    work.write("old/a.yaml", "apiVersion: v1\nkind: ConfigMap\nkind: ConfigMap\nmetadata: {name: a}\n");
    let expected = ["old/a.yaml:3:1 duplicate-key"];
    assert_eq!(places(&ran(work.path(), "check --hook old/a.yaml")), expected);
    assert_eq!(places(&ran(work.path(), "check old/a.yaml")), expected);
    commit(work.path(), "excluded");
    assert_eq!(places(&ran(work.path(), "check --hook old/a.yaml")), expected);
    for arguments in ["check --hook --force-exclude old/a.yaml", "check --force-exclude old/a.yaml"] {
        let output = ran(work.path(), arguments);
        assert!(places(&output).is_empty() && output.ends_with("exit code 0\n"), "{output}");
    }
}

#[test]
fn thousands_of_files_fit() {
    let work = Work::new();
    let name = |number: usize| format!("many/{}/a{number}.yaml", "folder-with-a-long-name".repeat(4));
    for number in 0..2500 {
        work.write(&name(number), &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{number}}}\n"));
    }
    commit(work.path(), "many");
    let names: Vec<String> = (0..2500).map(name).collect();
    let output = ran(work.path(), &format!("check --hook {}", names.join(" ")));
    assert_eq!(output, "no findings in 2502 files (2502 objects)\nexit code 0\n");
}

#[test]
fn a_range_of_commits_is_compared_with_its_beginning() {
    let work = Work::new();
    git(work.path(), "rm --quiet deploy/service.yaml");
    commit(work.path(), "removed");
    assert!(places(&ran(work.path(), "check --hook")).is_empty());
    let mut command = isolated(env!("CARGO_BIN_EXE_kubeshoal"), work.path());
    let output = command.args(["check", "--hook"]).env("PRE_COMMIT_FROM_REF", "HEAD~1").output().expect("the command can be started");
    assert_eq!(places(&text(&output.stdout)), ["deploy/set.yaml:5:16 statefulset-service-missing"]);
}

#[test]
fn a_report_on_some_files_has_what_they_explain() {
    let work = Work::new();
    work.write("deploy/service.yaml", &SERVICE.replace("  clusterIP: None\n", ""));
    work.write("deploy/twice.yaml", "apiVersion: v1\nkind: ConfigMap\nkind: ConfigMap\nmetadata: {name: a}\n");
    assert_eq!(places(&ran(work.path(), "check")).len(), 2);
    assert_eq!(places(&ran(work.path(), "check . --report-only deploy/twice.yaml")), ["deploy/twice.yaml:3:1 duplicate-key"]);
    let output = ran(work.path(), "check --report-only deploy/service.yaml");
    assert_eq!(places(&output), ["deploy/set.yaml:5:16 statefulset-service-not-headless"]);
}

#[test]
fn a_claim_that_is_removed_breaks_a_deployment_that_is_not_touched() {
    let work = Work::new();
    let claim = |name: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  accessModes: [ReadWriteMany]\n  \
             resources: {{requests: {{storage: 1Gi}}}}\n"
        )
    };
    let mounts = "      volumes:\n      - {name: data, persistentVolumeClaim: {claimName: data}}\n      - {name: logs, persistentVolumeClaim: {claimName: logs}}\n";
    work.write("deploy/set.yaml", &format!("{SET}{mounts}"));
    work.write("deploy/data.yaml", &claim("data"));
    work.write("deploy/logs.yaml", &claim("logs"));
    commit(work.path(), "claims");
    work.hook("");
    git(work.path(), "rm --quiet deploy/data.yaml");
    let (is_done, told) = work.commits("");
    assert!(!is_done, "{told}");
    assert_eq!(places(&told), ["deploy/set.yaml:13:57 claim-missing"]);
}

#[test]
fn a_baseline_and_a_format_for_programs_go_with_a_hook_and_standard_input_does_not() {
    let work = Work::new();
    work.write("deploy/service.yaml", &SERVICE.replace("  clusterIP: None\n", ""));
    ran(work.path(), "check --baseline .b.json --write-baseline");
    assert!(ran(work.path(), "check --hook --baseline .b.json deploy/service.yaml").contains("; 1 in the baseline\nexit code 0\n"));
    assert_eq!(ran(work.path(), "check --hook -"), "error: --hook takes files, and no standard input\nexit code 2\n");
    let json = ran(work.path(), "check --hook --format json deploy/service.yaml");
    assert!(json.contains("\"path\": \"deploy/set.yaml\""), "{json}");
}
