//! Runs `kubeshoal diff` in Git repositories that are made here: `testdata/diff/old` on `main`, `testdata/diff/new` on a branch.
//!
//! What is expected stands in `testdata/diff/*.txt`; `BLESS=1 cargo test` rewrites it.
#![allow(clippy::disallowed_methods, reason = "the command is run on real files")]

mod repository;

use std::fs;
use std::path::{Path, PathBuf};

use repository::{commit, git, ran};
use tempfile::TempDir;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/diff");

/// A folder with `origin`, whose `main` is the old side, and `work`, a clone of it on the branch `change`, which is the new side.
struct Repositories {
    folder: TempDir,
}

impl Repositories {
    fn new() -> Self {
        let repositories = Repositories { folder: TempDir::new().expect("a temporary folder can be made") };
        let (origin, work) = (repositories.path("origin"), repositories.path("work"));
        fs::create_dir(&origin).expect("a folder can be made");
        git(&origin, "init --quiet --initial-branch main");
        copy(&Path::new(CASES).join("old"), &origin);
        commit(&origin, "old");
        git(&repositories.path("."), "clone --quiet origin work");
        git(&work, "checkout --quiet -b change");
        fs::remove_dir_all(work.join("deploy")).expect("a folder can be removed");
        copy(&Path::new(CASES).join("new"), &work);
        commit(&work, "new");
        git(&work, "push --quiet origin change");
        repositories
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the case is a folder").map(|entry| entry.expect("the folder can be read")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

fn assert_expected(name: &str, actual: &str) {
    let path = Path::new(CASES).join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, actual).expect("the expectation can be written");
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), actual, "{name}");
}

#[test]
fn a_branch_is_judged_from_the_root_and_from_below() {
    let repositories = Repositories::new();
    let work = repositories.path("work");
    let from_root = ran(&work, "diff --base main");
    assert_expected("root.txt", &from_root);
    assert_expected("below.txt", &ran(&work.join("deploy"), "diff --base main"));
    assert_expected("parts.txt", &ran(&work.join("deploy"), "diff --base main access database.yaml"));
    assert_expected("plan.txt", &ran(&work, "diff --base main --plan"));
    // The branch left `origin/main`, which has not moved since.
    let by_default = ran(&work, "diff");
    assert_eq!(by_default, from_root.replace("main:", "origin/main:"));
    // Absolute paths stay as they were written; those of the revision are Git's.
    let absolute = ran(&work, &format!("diff --base main {}", work.display()));
    assert_eq!(absolute.replace(&format!("{}/", work.display()), ""), from_root);
    // Both sides from revisions, whatever the working tree says.
    git(&work, "checkout --quiet main");
    assert_eq!(ran(&work, "diff --base main --head change"), from_root);
    assert!(ran(&work, "diff").starts_with("no findings in 5 files (7 objects); nothing changed"));
}

#[test]
fn where_the_default_branch_has_moved_on_the_commit_counts_at_which_a_branch_left_it() {
    let repositories = Repositories::new();
    let (origin, work) = (repositories.path("origin"), repositories.path("work"));
    fs::remove_dir_all(origin.join("deploy")).expect("a folder can be removed");
    commit(&origin, "later");
    git(&work, "fetch --quiet");
    let left = git(&work, "rev-parse --short=10 main");
    let expected = ran(&work, "diff --base main").replace("main:", &format!("{}:", left.trim()));
    assert_eq!(ran(&work, "diff"), expected);
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let repositories = Repositories::new();
    let work = repositories.path("work");
    let url = format!("file://{}", repositories.path("origin").display());
    git(&repositories.path("."), &format!("clone --quiet --depth 1 --branch change {url} shallow"));
    let shallow = repositories.path("shallow");
    let refused = ["diff", "diff --base main", "diff --base origin/main", "diff --base HEAD~1"].map(|arguments| ran(&shallow, arguments));
    assert_expected("shallow.txt", &refused.concat());
    git(&shallow, "fetch --quiet --depth=1 origin main");
    let fetched = ran(&shallow, "diff --base FETCH_HEAD").replace("FETCH_HEAD:", "main:");
    assert_eq!(fetched, ran(&work, "diff --base main"));
}

#[test]
fn what_there_is_nothing_to_compare_with_is_no_success() {
    let repositories = Repositories::new();
    let url = format!("file://{}", repositories.path("origin").display());
    git(&repositories.path("."), &format!("clone --quiet --single-branch --branch change {url} single"));
    git(&repositories.path("."), "init --quiet empty");
    fs::write(repositories.path("empty").join("a.yaml"), "kind: A\n").expect("a file can be written");
    let work = repositories.path("work");
    let refused = [
        ran(&repositories.path("single"), "diff"),
        ran(&repositories.path("empty"), "diff"),
        ran(&work, "diff --base - -"),
        ran(&work, "diff --base nowhere -"),
    ];
    assert_expected("nothing.txt", &refused.concat());
}

#[test]
fn a_default_branch_of_another_name_is_found_or_asked_for() {
    let repositories = Repositories::new();
    let (origin, work) = (repositories.path("origin"), repositories.path("work"));
    let expected = ran(&work, "diff").replace("origin/main:", "origin/trunk:");
    git(&origin, "branch --move main trunk");
    git(&work, "remote set-head origin --delete");
    git(&work, "-c remote.origin.followRemoteHEAD=never fetch --quiet --prune");
    assert_expected("unknown.txt", &ran(&work, "diff"));
    git(&work, "remote set-head origin trunk");
    assert_eq!(ran(&work, "diff"), expected);
    // Where nothing has been pushed yet, HEAD is what there is.
    git(&work, "remote set-head origin --delete");
    git(&work, "update-ref -d refs/remotes/origin/change");
    git(&work, "update-ref -d refs/remotes/origin/trunk");
    assert!(ran(&work, "diff").contains("nothing changed"));
}

#[test]
fn what_is_not_committed_counts_and_what_is_ignored_does_not() {
    let repositories = Repositories::new();
    let work = repositories.path("work");
    git(&work, "checkout --quiet main");
    let claim = |name: &str, size: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec:\n  accessModes: [ReadWriteOnce]\n  \
             resources: {{requests: {{storage: {size}}}}}\n"
        )
    };
    let write = |name: &str, text: &str| {
        let path = work.join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    for name in ["kept.yaml", "ignored.yaml", ".hidden/a.yaml", "vendor/a.yaml", "gone/a.yaml", "excluded/a.yaml"] {
        write(name, &claim(&name.replace(['/', '.'], "-"), "2Gi"));
    }
    write(".kubeshoal.yaml", "exclude: excluded\n");
    commit(&work, "claims");
    for name in ["kept.yaml", "ignored.yaml", ".hidden/a.yaml", "vendor/a.yaml", "excluded/a.yaml"] {
        write(name, &claim(&name.replace(['/', '.'], "-"), "1Gi"));
    }
    write(".gitignore", "ignored.yaml\n");
    write("untracked.yaml", &claim("untracked", "1Gi"));
    // A repository inside this one is no part of it.
    write("other/a.yaml", &claim("other", "1Gi"));
    git(&work.join("other"), "init --quiet");
    fs::remove_dir_all(work.join("gone")).expect("a folder can be removed");
    assert_expected("working-tree.txt", &ran(&work, "diff --base HEAD --only change"));
    assert_eq!(ran(&work, "diff --base HEAD --only change gone").lines().count(), 3);
}

#[test]
fn a_path_that_exists_is_a_path_and_a_name_that_looks_like_an_option_is_none() {
    let repositories = Repositories::new();
    let work = repositories.path("work");
    copy(&Path::new(CASES).join("old"), &work.join("main"));
    let from_folder = ran(&work, "diff --base main --only change deploy");
    assert!(from_folder.contains("\ndeploy/claims.yaml:7:35: error: "), "{from_folder}");
    assert!(from_folder.starts_with("main/deploy/") && from_folder.contains(", 1 moved"), "{from_folder}");
    assert!(ran(&work, "diff --base git:main --only change deploy").starts_with("main:deploy/"));
    let from_file = ran(&work, "diff --base deploy/claims.yaml --only change deploy");
    assert!(from_file.contains(" added\n"), "a file that is compared with its folder is not moved: {from_file}");
    assert_expected(
        "refused.txt",
        &[
            ran(&work, "diff --base=--output=x"),
            ran(&work, "diff --base nowhere"),
            ran(&work, "diff --base main:deploy"),
            ran(&work, "diff --head -x"),
            ran(&work, "diff nothing.yaml"),
        ]
        .concat(),
    );
    assert!(!work.join("x").exists());
}
