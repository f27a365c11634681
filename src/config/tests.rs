use super::*;
use crate::graph::{Assumed, Cluster, References};

/// `line:column message` of every mistake, the help behind it.
fn mistakes(text: &str) -> Vec<String> {
    let errors = read(".kubeshoal.yaml", text).expect_err("the config has mistakes");
    let help = |help: Option<String>| help.map_or(String::new(), |help| format!(" ({help})"));
    errors.into_iter().map(|error| format!("{}:{} {}{}", error.line, error.column, error.message, help(error.help))).collect()
}

fn settings(text: &str) -> Settings {
    read(".kubeshoal.yaml", text).expect("the config is right")
}

/// The active rules of the first family; there will always be more of the others.
fn ids(settings: &Settings) -> Vec<&'static str> {
    let active = settings.rules().into_iter().filter(|active| active.rule.category() == "syntax");
    active.map(|active| active.rule.id).collect()
}

fn finding(rule: &'static str) -> Finding {
    let span = crate::source::Span { source: crate::source::SourceId(0), start: 0, end: 0 };
    let mut report = crate::finding::Report::new(rule, Severity::Warning);
    report.at_span(span, "");
    report.into_findings().pop().expect("one was reported")
}

#[test]
fn every_key_is_read() {
    let settings = settings(
        "kubernetes-version: 1.30\nreferences: partial\ncluster: managed\nexclude: [vendor]\n\
         assume:\n- {kind: Service, name: db, namespace: prod}\n- {kind: Secret, name: tls}\n\
         rules:\n  duplicate-key: off\n  yaml-syntax: {level: warning}\n\
         ignore:\n- {rule: [duplicate-key], kind: Deployment, name: 'web-*', path: old/**, reason: later, until: 2027-01-31}\n",
    );
    let assumed = |kind: &str, name: &str, namespace: Option<&str>| Assumed {
        kind: kind.into(),
        name: name.into(),
        namespace: namespace.map(str::to_owned),
    };
    assert_eq!(settings.world.versions, Versions { oldest: 30, newest: 30 });
    assert_eq!((settings.world.references, settings.world.cluster), (References::Partial, Cluster::Managed));
    assert_eq!(settings.world.assume, [assumed("Service", "db", Some("prod")), assumed("Secret", "tls", None)]);
    assert_eq!(settings.levels, [("duplicate-key".into(), Level::Off), ("yaml-syntax".into(), Level::On(Severity::Warning))]);
    let [ignore] = settings.ignores.as_slice() else { panic!("one entry") };
    assert_eq!((ignore.rules.as_slice(), ignore.kinds.as_slice()), (&["duplicate-key".into()][..], &["Deployment".to_owned()][..]));
    assert_eq!((ignore.until, ignore.line_column), (Date::parse("2027-01-31"), (12, 3)));
}

#[test]
fn an_empty_config_decides_nothing() {
    for text in ["", "# nothing yet\n", "---\n", "rules:\nignore:\n"] {
        assert!(settings(text).levels.is_empty());
    }
}

#[test]
fn all_mistakes_are_told_at_once_where_they_are() {
    let text = "\
kubernetes-verison: 1.37
cluster: [any]
references: completely
rules:
  duplicat-key: warning
  yaml-syntax: {level: loud, lvel: note}
ignore:
- {rule: duplicate-key, kindd: Pod, until: 2027-02-30}
- reason: noise
exclude: 'a[b'
assume:
- {kind: Service}
";
    assert_eq!(
        mistakes(text),
        [
            "1:1 unknown key `kubernetes-verison` (did you mean `kubernetes-version`?)",
            "2:10 a single value is expected here",
            "3:13 `completely` is not one of `complete`, `partial`, `auto` (did you mean `complete`?)",
            "5:3 there is no rule `duplicat-key` (did you mean `duplicate-key`?)",
            "6:24 `loud` is not one of `off`, `note`, `warning`, `error`",
            "6:30 unknown key `lvel` (did you mean `level`?)",
            "8:25 unknown key `kindd` (did you mean `kind`?)",
            "8:44 `2027-02-30` is no date such as 2027-01-31",
            "9:3 this entry would ignore every finding (name what it covers: `rule`, `kind`, `name`, `namespace` or `path`)",
            "10:10 `a[b` is no glob: unclosed character class; missing ']'",
            "12:3 `name` is missing (an assumed object has a `kind` and a `name`)",
        ]
    );
}

#[test]
fn other_shapes_are_told() {
    assert_eq!(mistakes("- a\n"), ["1:1 keys with values are expected here"]);
    assert_eq!(mistakes("rules: [a]\nignore: {}\n"), ["1:8 keys with values are expected here", "2:9 a list is expected here"]);
    assert_eq!(mistakes("cluster: any\ncluster: managed\n"), ["2:1 `cluster` is set twice"]);
    assert_eq!(mistakes("rules: {duplicate-key: }\n"), ["1:22 a single value is expected here"]);
    assert_eq!(
        mistakes("cluster: any\n---\nrules: {}\n"),
        ["3:1 a second document is not read (a config is one YAML document: put everything into the first one)"]
    );
    let broken = mistakes("rules: {\ncluster: any\n");
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(mistakes("ünïcode: 1\n")[0].starts_with("1:1 unknown key `ünïcode` (known here: `kubernetes-version`, `rules`"));
}

#[test]
fn versions_are_known_ones() {
    assert_eq!(versions("1.33..1.37"), Ok(Versions { oldest: 33, newest: 37 }));
    assert_eq!(versions("v1.30"), Ok(Versions { oldest: 30, newest: 30 }));
    assert_eq!(versions("v1.35.2"), Ok(Versions { oldest: 35, newest: 35 }));
    for wrong in ["1.24", "1.38", "2.30", "1", "", "1.35.", "1.35.x", "1.35.2.1", "1.37..1.33", "1.33..", "latest"] {
        assert!(versions(wrong).is_err(), "{wrong}");
    }
    assert_eq!(mistakes("kubernetes-version: 1.99\n"), ["1:21 `1.99` is no Kubernetes version that kubeshoal knows: 1.25 to 1.37"]);
}

#[test]
fn dates_are_days_of_the_calendar() {
    for wrong in ["2027-13-01", "2027-00-01", "2027-02-29", "2027-1-1", "27-01-01", "2027-01-01-01", "2027-01-+1", "soon"] {
        assert_eq!(Date::parse(wrong), None, "{wrong}");
    }
    for (seconds, day) in [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (951_868_800, "2000-03-01"), (4_107_542_399, "2100-02-28")] {
        assert_eq!(Some(Date::from_unix_seconds(seconds)), Date::parse(day));
    }
    assert!(Date::parse("2026-12-31") < Date::parse("2027-01-01"));
}

#[test]
fn an_ignore_counts_on_its_last_day() {
    let ignore = &settings("ignore: [{kind: Pod, until: 2027-01-31}]\n").ignores[0];
    let on = |day: &str| ignore.has_expired(Date::parse(day).expect("a date"));
    assert!(!on("2027-01-31"));
    assert!(on("2027-02-01"));
}

#[test]
fn the_command_line_decides_before_the_config() {
    let mut settings = settings("rules: {duplicate-key: off, yaml-syntax: warning}\n");
    assert_eq!(ids(&settings), ["yaml-syntax", "unused-ignore"]);
    settings.select = vec!["duplicate-key".into()];
    assert_eq!(ids(&settings), ["yaml-syntax", "duplicate-key"]);
    settings.deselect = vec!["syntax".into()];
    assert!(ids(&settings).is_empty());
}

#[test]
fn a_level_replaces_the_rules_own_but_raises_no_lowered_finding() {
    let settings = settings("rules: {duplicate-key: warning}\n");
    let rules = settings.rules();
    let active = rules.iter().find(|active| active.rule.id == "duplicate-key").expect("it is on");
    assert_eq!(active.severity(Severity::Error), Severity::Warning);
    assert_eq!(active.severity(Severity::Note), Severity::Note);

    let settings = self::settings("rules: {duplicate-key: note}\n");
    let rules = settings.rules();
    let active = rules.iter().find(|active| active.rule.id == "duplicate-key").expect("it is on");
    assert_eq!(active.severity(Severity::Warning), Severity::Note);
}

#[test]
fn paths_are_seen_from_the_configs_folder() {
    let mut settings = settings("exclude: [vendor, 'deploy/*.json', '**/test/**']\n");
    settings.folder = "..".into();
    settings.working_folder = "/repo/deploy".into();
    assert_eq!(settings.from_config("a.yaml").as_deref(), Some("deploy/a.yaml"));
    assert_eq!(settings.from_config("../b/./a.yaml").as_deref(), Some("b/a.yaml"));
    assert_eq!(settings.from_config("/elsewhere/a.yaml"), None);
    for (path, is_excluded) in [
        ("a.json", true),
        ("sub/a.json", false),
        ("../vendor", true),
        ("../vendor/deep/a.yaml", true),
        ("vendor/a.yaml", false),
        ("x/test/y/a.yaml", true),
        ("../../vendor/a.yaml", false),
    ] {
        assert_eq!(settings.excludes(path), is_excluded, "{path}");
    }
}

#[test]
fn an_ignore_covers_what_fits_all_it_names() {
    let settings = settings(
        "ignore:\n- {rule: duplicate-key, path: old}\n- {kind: [Pod], name: 'web-*', namespace: prod}\n- {namespace: '*', kind: Job}\n",
    );
    let [by_path, by_name, by_kind] = settings.ignores.as_slice() else { panic!("three entries") };
    let plain = finding("duplicate-key");
    assert!(by_path.covers(&plain, Some("old/a.yaml")));
    assert!(!by_path.covers(&plain, Some("new/a.yaml")) && !by_path.covers(&plain, None));
    assert!(!by_path.covers(&finding("yaml-syntax"), Some("old/a.yaml")));
    assert!(!by_name.covers(&plain, None), "there is no object");
    let about = |kind: &str, namespace: Option<&str>, name: &str| Finding {
        object: Some(crate::finding::ObjectName {
            api_version: "v1".into(),
            kind: kind.into(),
            namespace: namespace.map(str::to_owned),
            name: Some(name.into()),
        }),
        ..finding("duplicate-key")
    };
    assert!(by_name.covers(&about("Pod", Some("prod"), "web-1"), None));
    assert!(!by_name.covers(&about("Pod", None, "web-1"), None));
    assert!(!by_name.covers(&about("Pod", Some("prod"), "db"), None));
    assert!(by_kind.covers(&about("Job", None, "web-1"), None));
}

#[test]
fn names_of_rules_and_categories_are_checked() {
    assert_eq!(selector("syntax"), Ok("syntax".into()));
    assert_eq!(selector("duplicate-keys"), Err("`duplicate-keys` is neither a rule nor a category; did you mean `duplicate-key`?".into()));
    assert_eq!(selector("xyz"), Err("`xyz` is neither a rule nor a category".into()));
}

#[test]
fn policies_are_folders_or_more() {
    let folders = |text: &str| settings(text).policies.folders;
    assert_eq!(folders("policies: policies"), ["policies"]);
    assert_eq!(folders("policies: [policies, ../more]"), ["policies", "../more"]);
    let policies =
        settings("policies: {folders: [policies], from-manifests: true, project-pods: true}\nrules: {policy/images: off}").policies;
    assert!(policies.from_manifests && policies.project_pods && policies.folders == ["policies"]);
    let settings = settings("policies: [policies/, one.yaml]\nignore: [{rule: policy/images}]\nrules: {policy/images: note}");
    assert!(
        settings.holds_policies("policies/a/b.yaml") && settings.holds_policies("one.yaml") && !settings.holds_policies("policies.yaml")
    );
    assert_eq!(settings.policy_severity("policy/images", Severity::Error), Some(Severity::Note));
    assert_eq!(settings.policy_severity("policy/others", Severity::Error), Some(Severity::Error));
    assert!(
        read(".kubeshoal.yaml", "policies: {from-manifests: perhaps}").is_err()
            && read(".kubeshoal.yaml", "rules: {policy/: off}").is_err()
    );
}
