//! The README's table of rules is made from the rules' documents (`BLESS=1` rewrites it), its configuration is one, and its ignore does what it says.
#![expect(clippy::disallowed_methods, reason = "the README is a file, and BLESS a variable")]

use std::fs;
use std::process::Command;

use kubeshoal::finding::Safety;
use kubeshoal::rules::{RULES, Rule};
use tempfile::TempDir;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const START: &str = "<!-- rules:start -->\n";
const END: &str = "<!-- rules:end -->\n";

#[test]
fn the_table_of_rules_is_that_of_their_documents() {
    let readme = fs::read_to_string(README).expect("the README is readable");
    let (before, rest) = readme.split_once(START).expect("the README has a place for the table");
    let (table, after) = rest.split_once(END).expect("the table's place has an end");
    let expected = rules_table();
    if table != expected && std::env::var_os("BLESS").is_some() {
        fs::write(README, format!("{before}{START}{expected}{END}{after}")).expect("the README is writable");
        return;
    }
    assert!(table == expected, "the README's table of rules is out of date; `BLESS=1 cargo test` writes it:\n{expected}");
}

#[test]
fn the_configuration_shown_is_read() {
    let readme = fs::read_to_string(README).expect("the README is readable");
    let (_, section) = readme.split_once("\n## Configure\n").expect("the README shows how to configure");
    let (_, block) = section.split_once("```yaml\n").expect("by example");
    let (config, _) = block.split_once("```").expect("which ends");
    let settings = kubeshoal::config::read("README.md", config).expect("the example is valid");
    assert_eq!((settings.levels.len(), settings.ignores.len(), settings.exclude.len(), settings.world.assume.len()), (2, 1, 1, 1));
}

#[test]
fn the_ignores_shown_cover_what_the_example_has() {
    let root = env!("CARGO_MANIFEST_DIR");
    for page in ["README.md", "docs/suppression.md"] {
        let text = fs::read_to_string(format!("{root}/{page}")).expect("the page is readable");
        let shown =
            text.split("```yaml\n").filter_map(|rest| rest.split("```").next()).find(|block| block.contains("# kubeshoal: ignore["));
        let shown = shown.unwrap_or_else(|| panic!("{page} shows an ignore"));
        let without: String = shown.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('#')).collect();
        let folder = TempDir::new().expect("a temporary folder can be made");
        for name in ["claim.yaml", "deployment.yaml", "service.yaml"] {
            let manifest = fs::read_to_string(format!("{root}/examples/guestbook/{name}")).expect("the example is readable");
            assert_eq!(manifest.contains(&without), name == "deployment.yaml", "{page} shows what stands in {name}");
            fs::write(folder.path().join(name), manifest.replace(&without, shown)).expect("a file can be written");
        }
        let run = Command::new(env!("CARGO_BIN_EXE_kubeshoal"))
            .args(["check", "--isolated", "."])
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        let (findings, summary) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(!findings.contains("deployment.yaml") && summary.contains("1 suppressed"), "{page}: {findings}{summary}");
    }
}

fn rules_table() -> String {
    let rows: String = RULES.iter().map(row).collect();
    format!("| rule | finds | severity | category | default | fix |\n|---|---|---|---|---|---|\n{rows}")
}

fn row(rule: &Rule) -> String {
    let (id, title) = (rule.id, rule.title().replace('|', "\\|"));
    let default = if rule.is_on_by_default() { "on" } else { "off" };
    let fix = rule.fix().map_or("", Safety::name);
    format!("| [`{id}`](rules/{id}.md) | {title} | {} | {} | {default} | {fix} |\n", rule.severity(), rule.category())
}
