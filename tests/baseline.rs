//! Writes, uses and renews a baseline as a user does.
#![allow(clippy::disallowed_methods, reason = "the command is run on real files")]

mod repository;

use std::fs;

use repository::ran;
use tempfile::TempDir;

fn deployment(containers: &[(&str, &str)]) -> String {
    let container = |(name, image): &(&str, &str)| format!("      - name: {name}\n        image: {image}\n");
    let containers: String = containers.iter().map(container).collect();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    spec:\n      containers:\n{containers}"
    )
}

/// A folder whose baseline is `.b.json`, named by the config.
struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let sandbox = Sandbox { folder: TempDir::new().expect("a temporary folder can be made") };
        fs::create_dir(sandbox.folder.path().join(".git")).expect("a folder can be made");
        sandbox.write(".kubeshoal.yaml", "baseline: .b.json\n");
        sandbox
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("the file is there")
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.folder.path().join(name)).expect("the file was there");
    }

    fn run(&self, arguments: &str) -> String {
        ran(self.folder.path(), arguments)
    }

    /// What `check` says of moving image tags.
    fn check(&self, arguments: &str) -> String {
        self.run(&format!("check --select image-tag-mutable {arguments}"))
    }
}

#[test]
fn what_moves_is_known_and_one_more_is_new() {
    let sandbox = Sandbox::new();
    sandbox.write("a.yaml", &deployment(&[("web", "web:latest"), ("cache", "cache:latest")]));
    let none_yet = sandbox.check(".");
    assert_eq!(none_yet, "error: there is no baseline .b.json: `kubeshoal check --baseline FILE --write-baseline` makes it\nexit code 2\n");
    assert!(sandbox.check(". --write-baseline").starts_with(".b.json: 2 findings, 2 of them new; 0 are gone\n"));
    let known = "no findings in 1 file (1 object); 2 in the baseline\nexit code 0\n";
    assert_eq!(sandbox.check("."), known);
    // Lines, containers before them and the API version make no difference.
    let text = deployment(&[("proxy", "proxy:1.2.3"), ("web", "web:latest"), ("cache", "cache:latest")]);
    sandbox.write("a.yaml", &format!("# one more line\n{text}"));
    assert_eq!(sandbox.check("."), known);
    sandbox.write("a.yaml", &deployment(&[("web", "web:latest"), ("cache", "cache:latest"), ("proxy", "proxy:latest")]));
    let output = sandbox.check(".");
    assert!(output.starts_with("a.yaml:16:"), "{output}");
    assert_eq!(output.lines().count(), 3);
    assert!(sandbox.check(". --format json").contains("\"baseline\": {\n      \"covered\": 2,\n      \"stale\": 0\n    }"));
}

#[test]
fn of_findings_that_look_alike_as_many_are_known_as_there_were() {
    let sandbox = Sandbox::new();
    let twice = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: '1'\n  a: '2'\n";
    sandbox.write("a.yaml", twice);
    let check = |arguments: &str| sandbox.run(&format!("check --select duplicate-key {arguments}"));
    check(". --write-baseline");
    sandbox.write("a.yaml", &format!("{twice}  a: '3'\n"));
    let output = check(".");
    assert!(output.starts_with("a.yaml:7:3: error: "), "{output}");
    assert!(check(". --write-baseline").starts_with(".b.json: 2 findings, 1 of them new; 0 are gone\n"));
    assert!(sandbox.read(".b.json").contains("\"count\": 2,"));
    sandbox.write("a.yaml", twice);
    assert_eq!(
        check("."),
        "no findings in 1 file (1 object); 1 in the baseline and 1 that is gone: --write-baseline drops it\nexit code 0\n"
    );
}

#[test]
fn a_renamed_file_is_gone_and_new_and_what_was_not_looked_at_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("x/a.yaml", &deployment(&[("web", "web:latest")]));
    sandbox.write("y/b.yaml", &deployment(&[("web", "web:latest")]));
    sandbox.check(". --write-baseline");
    let written = sandbox.read(".b.json");
    assert!(sandbox.check("x --write-baseline").starts_with(".b.json: 2 findings, 0 of them new; 0 are gone\n"));
    assert!(sandbox.run("check . --select duplicate-key --write-baseline").starts_with(".b.json: 2 findings, 0 of them new; 0 are gone\n"));
    assert_eq!(sandbox.read(".b.json"), written);
    sandbox.remove("y/b.yaml");
    sandbox.write("y/c.yaml", &deployment(&[("web", "web:latest")]));
    let output = sandbox.check(".");
    assert!(output.starts_with("y/c.yaml:12:"), "{output}");
    assert!(output.contains("1 in the baseline and 1 that is gone"), "{output}");
    assert!(sandbox.check("x").contains("1 in the baseline and 1 that is gone"));
    assert!(sandbox.check(". --write-baseline").starts_with(".b.json: 2 findings, 1 of them new; 1 is gone\n"));
    // A rule that is no more.
    sandbox.write(".b.json", &sandbox.read(".b.json").replacen("image-tag-mutable", "image-tag-floating", 1));
    assert!(sandbox.check(".").contains("1 in the baseline and 1 that is gone"));
}

#[test]
fn paths_count_from_the_baseline_and_are_written_the_same_everywhere() {
    let sandbox = Sandbox::new();
    sandbox.write("deploy/prod/a.yaml", &deployment(&[("web", "web:latest")]));
    sandbox.check("deploy --baseline ci/b.json --write-baseline");
    let refused = sandbox.check("deploy --baseline ci/b.json --write-baseline");
    assert!(refused.starts_with("error: cannot write the baseline ci/b.json: ") && refused.ends_with("exit code 2\n"), "{refused}");
    sandbox.write("ci/.keep", "");
    sandbox.check("deploy --baseline ci/b.json --write-baseline");
    let written = sandbox.read("ci/b.json");
    assert!(written.contains("\"path\": \"../deploy/prod/a.yaml\""), "{written}");
    let below = ran(&sandbox.folder.path().join("deploy"), "check --select image-tag-mutable prod --baseline ../ci/b.json");
    assert_eq!(below, "no findings in 1 file (1 object); 1 in the baseline\nexit code 0\n");
}

#[test]
fn what_stands_in_no_object_is_known_by_what_it_says() {
    let sandbox = Sandbox::new();
    sandbox.write("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n");
    sandbox.run("check . --write-baseline");
    sandbox.write("a.yaml", "# a line\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n");
    let output = sandbox.run("check .");
    assert!(output.contains("; 1 in the baseline") && output.ends_with("exit code 0\n"), "{output}");
}

#[test]
fn mistakes_in_a_baseline_are_told_at_their_place() {
    let sandbox = Sandbox::new();
    sandbox.write("a.yaml", &deployment(&[("web", "web:1.2.3")]));
    let told = |text: &str| {
        sandbox.write(".b.json", text);
        let output = sandbox.check(".");
        assert!(output.ends_with("exit code 2\n"), "{output}");
        output.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(told("{"), ".b.json:1:1: error: this is no baseline: EOF while parsing an object");
    assert_eq!(
        told("{\n\"version\": 1,\n\"findings\": [{\"rule\": 1}]}"),
        ".b.json:3:24: error: this is no baseline: missing field `since`"
    );
    assert_eq!(told("{\"version\": 7, \"findings\": []}"), ".b.json:1:1: error: this is a baseline of version 7, and version 1 is known");
    let entry = "{\"rule\": \"a\", \"path\": \"b\", \"since\": \"2026-02-30\"}";
    let told = told(&format!("{{\"version\": 1, \"findings\": [{entry}]}}"));
    assert_eq!(told, ".b.json:1:1: error: `2026-02-30` is no date such as 2027-01-31");
}

#[test]
fn a_baseline_counts_for_changes_too() {
    let sandbox = Sandbox::new();
    sandbox.write("new.yaml", &deployment(&[("web", "web:latest")]));
    sandbox.write("old.yaml", &deployment(&[("web", "web:1.2.3")]));
    sandbox.check("new.yaml --write-baseline");
    let output = sandbox.run("diff --base old.yaml new.yaml --select image-tag-mutable");
    assert!(output.starts_with("no findings in 1 file (1 object); ") && output.contains("; 1 in the baseline\n"), "{output}");
}
