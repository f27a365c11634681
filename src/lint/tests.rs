use proptest::prelude::*;

use super::*;
use crate::config::{self, Date};
use crate::finding::Severity;
use crate::rules::RULES;
use crate::source::SourceId;
use crate::yaml;

fn texts(files: &[(&str, &str)], alone: bool) -> Vec<Text> {
    let text = |(id, &(name, text)): (usize, &(&str, &str))| Text {
        name: name.into(),
        tree: yaml::parse(SourceId(id as u32), text.into()),
        alone,
        side: Side::New,
    };
    files.iter().enumerate().map(text).collect()
}

/// Both sides of a change.
fn change(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<Text> {
    let (mut texts, old) = (texts(new, false), texts(old, false));
    texts.extend(old.into_iter().enumerate().map(|(index, text)| Text {
        tree: yaml::parse(SourceId((new.len() + index) as u32), text.tree.shared_text()),
        side: Side::Old { path: text.name.clone() },
        name: format!("old:{}", text.name),
        ..text
    }));
    texts
}

/// `name rule` of every finding on a change.
fn found(texts: &[Text], kept: Kept) -> Vec<String> {
    let outcome = diff(texts, &Settings::default(), kept);
    let shown = |finding: &Finding| format!("{} {}", texts[finding.span.source.0 as usize].name, finding.rule);
    outcome.findings.iter().map(shown).collect()
}

fn outcome(text: &str, settings: &Settings) -> Outcome {
    lint(&texts(&[("a.yaml", text)], false), settings)
}

/// `line rule: message` of every finding.
/// With the rules on syntax alone, whatever else others come to say of the same text.
fn syntax() -> Settings {
    Settings { select: vec!["syntax".into()], ..Settings::default() }
}

fn findings(text: &str) -> Vec<String> {
    let outcome = outcome(text, &syntax());
    let line = |finding: &Finding| text[..finding.span.start as usize].matches('\n').count() + 1;
    outcome.findings.iter().map(|finding| format!("{} {}: {}", line(finding), finding.rule, finding.message)).collect()
}

/// An object whose `metadata` sets `name` twice, on lines 4 and 5.
fn twice(before: &str, after_name: &str, behind: &str) -> String {
    format!("{before}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b{after_name}\n{behind}")
}

const TWICE: &str = "5 duplicate-key: `name` is set twice in one mapping; the last value wins and the first is lost";

#[test]
fn a_finding_knows_its_object_and_field() {
    let outcome = outcome(&twice("", "", ""), &Settings::default());
    let [finding] = outcome.findings.as_slice() else { panic!("one finding") };
    let object = finding.object.as_ref().expect("it has an object");
    assert_eq!((object.kind.as_str(), object.name.as_deref()), ("ConfigMap", Some("b")));
    assert_eq!(finding.field.as_deref(), Some("metadata.name"));
}

#[test]
fn what_takes_no_part_is_counted() {
    let object = "kind: Pod\napiVersion: v1\n---\n---\na: 1\n";
    let files = [
        ("pod.yaml", object),
        ("values.yaml", "a: 1\n"),
        ("template.yaml", "kind: Pod\napiVersion: v1\nname: {{ .Values.name }}\n"),
        ("broken.yaml", "a: b: c\n"),
        ("broken-pod.yaml", "apiVersion: v1\nkind: b: c\n"),
        ("broken-pod.json", "{\n  \"kind\": \"Pod\",\n  a: b: c\n"),
        ("empty.yaml", ""),
    ];
    let outcome = lint(&texts(&files, false), &Settings::default());
    let skipped = |path: &str, reason| Skipped { path: path.into(), reason };
    assert_eq!((outcome.summary.files, outcome.summary.documents, outcome.summary.objects), (3, 2, 1));
    assert_eq!(
        outcome.summary.skipped,
        [
            skipped("values.yaml", SkipReason::NotKubernetes),
            skipped("template.yaml", SkipReason::Templated),
            skipped("broken.yaml", SkipReason::NotKubernetes),
            skipped("empty.yaml", SkipReason::NotKubernetes),
        ]
    );
    let places: Vec<_> = outcome.findings.iter().map(|finding| (finding.span.source.0, finding.rule.as_ref())).collect();
    assert_eq!(places, [(4, "yaml-syntax"), (5, "yaml-syntax")]);
}

#[test]
fn a_broken_file_that_was_named_is_told_whatever_it_is() {
    let outcome = lint(&texts(&[("a.yaml", "a: b: c\n")], true), &Settings::default());
    assert_eq!(outcome.findings.len(), 1);
}

#[test]
fn findings_are_the_same_on_every_run() {
    let text = twice("", "", "").repeat(3).replace("apiVersion", "---\napiVersion");
    let files: Vec<_> = (0..400).map(|_| ("a.yaml", text.as_str())).collect();
    let texts = texts(&files, false);
    let first = lint(&texts, &syntax());
    assert!(first.findings.is_sorted_by(|a, b| (a.span, &a.rule) <= (b.span, &b.rule)));
    assert_eq!(first.findings.len(), 1200);
    assert_eq!(lint(&texts, &syntax()), first);
}

#[test]
fn the_config_sets_severities() {
    let settings = config::read("", "rules: {duplicate-key: note}\n").expect("the config is right");
    assert_eq!(outcome(&twice("", "", ""), &settings).findings[0].severity, Severity::Note);
}

#[test]
fn a_comment_covers_what_it_stands_on_or_above() {
    assert_eq!(findings(&twice("", "", "")), [TWICE]);
    let on_line = twice("", " # kubeshoal: ignore[duplicate-key] known", "");
    let above_document = twice("# kubeshoal: ignore[duplicate-key] known\n", "", "");
    let above_subtree = twice("", "", "").replace("metadata", "#kubeshoal:ignore[ duplicate-key ]\nmetadata");
    let behind_another = twice("", " # noqa # kubeshoal: ignore[duplicate-key]", "");
    for text in [on_line, above_document, above_subtree, behind_another] {
        let outcome = outcome(&text, &Settings::default());
        assert_eq!((outcome.findings.len(), outcome.summary.suppressed), (0, 1), "{text}");
    }
}

#[test]
fn all_that_cover_a_finding_are_used_and_no_others() {
    let ignore = "# kubeshoal: ignore[duplicate-key]";
    let list = format!(
        "{ignore} document\nx:\n{ignore} unused\n- {{b: 1}}\n{ignore} item\n- y: # kubeshoal: ignore[duplicate-key]\n  - {{a: 1, a: 2}}\n  \
         - {{b: 1}} {ignore} unused\n  - {{c: 1, c: 2}} {ignore}\n"
    );
    let text = format!("# kubeshoal: ignore-file[duplicate-key]\nkind: Pod\napiVersion: v1\n{list}");
    let unused = |line: usize| format!("{line} unused-ignore: nothing here is reported by `duplicate-key`");
    assert_eq!(findings(&text), [unused(6), unused(11)]);
}

#[test]
fn thousands_of_ignores_cover_thousands_of_findings() {
    let items = "- {a: 1, a: 2} # kubeshoal: ignore[duplicate-key]\n".repeat(9_999);
    let text = format!("apiVersion: v1\nkind: Pod\nx:\n{}{items}", "# kubeshoal: ignore[duplicate-key]\n".repeat(9_999));
    let settings = Settings { select: vec!["duplicate-key".into(), "unused-ignore".into()], ..Settings::default() };
    let outcome = outcome(&text, &settings);
    assert_eq!((outcome.findings.len(), outcome.summary.suppressed), (0, 9_999));
}

#[test]
fn endless_ignores_are_cut_short() {
    let of_comment = |ids: &str| findings(&format!("apiVersion: v1\nkind: Pod\n# kubeshoal: ignore[{ids}]\nspec: {{}}\n")).len();
    assert_eq!(of_comment(&"duplicate-kex, ".repeat(100_000)), RULES.len());
    assert_eq!(of_comment(&"d".repeat(1_000_000)), 1);
    let comments = "# kubeshoal: ignore\n".repeat(20_000);
    assert_eq!(findings(&format!("apiVersion: v1\nkind: Pod\n{comments}")).len(), 10_000);
}

#[test]
fn an_object_of_a_million_keys_is_named_once() {
    let keys = "data: {}\n".repeat(50_000);
    let outcome = outcome(&format!("apiVersion: v1\nkind: ConfigMap\n{keys}metadata: {{name: a}}\n"), &Settings::default());
    assert_eq!(outcome.findings.len(), 10_000);
    assert!(outcome.findings.iter().all(|finding| finding.object.as_ref().is_some_and(|object| object.name.as_deref() == Some("a"))));
}

#[test]
fn an_endless_workload_is_told_and_not_judged() {
    let pod = |count: usize| {
        let mounts: String = "    - {name: m, mountPath: /m}\n".repeat(count);
        format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: a:1.2.3\n    volumeMounts:\n{mounts}")
    };
    let rules = |count: usize| {
        outcome(&pod(count), &Settings::default()).findings.into_iter().map(|finding| finding.rule.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rules(10).iter().filter(|rule| **rule == "volume-mount-undefined").count(), 10);
    assert_eq!(rules(50_000), ["yaml-syntax"]);
}

#[test]
fn a_comment_covers_no_more_than_that() {
    let text = twice("", "", "data: {} # kubeshoal: ignore[duplicate-key]\n");
    assert_eq!(findings(&text), [TWICE, "6 unused-ignore: nothing here is reported by `duplicate-key`"]);
    let other_rule = twice("", " # kubeshoal: ignore[yaml-syntax]", "");
    assert_eq!(findings(&other_rule), [TWICE, "5 unused-ignore: nothing here is reported by `yaml-syntax`"]);
}

#[test]
fn ignore_file_covers_its_file_only() {
    let other = twice("", "", "# kubeshoal: ignore-file[duplicate-key] generated\n");
    let plain = twice("", "", "");
    let outcome = lint(&texts(&[("a.yaml", other.as_str()), ("b.yaml", plain.as_str())], false), &syntax());
    assert_eq!(outcome.findings.iter().map(|finding| finding.span.source).collect::<Vec<_>>(), [SourceId(1)]);
    assert_eq!(outcome.summary.suppressed, 1);
}

#[test]
fn an_annotation_covers_its_object_only() {
    let annotated = twice("", "\n  annotations: {kubeshoal.dev/ignore: 'duplicate-key, yaml-syntax; kept for a tool'}", "");
    let text = format!("{annotated}---\n{}", twice("", "", ""));
    assert_eq!(
        findings(&text),
        [
            "6 unused-ignore: nothing in this object is reported by `yaml-syntax`",
            "12 duplicate-key: `name` is set twice in one mapping; the last value wins and the first is lost",
        ]
    );
    let outcome = outcome(&text, &Settings::default());
    assert_eq!(&text[outcome.findings[0].span.start as usize..outcome.findings[0].span.end as usize], "yaml-syntax");
    assert_eq!(outcome.findings[0].field.as_deref(), Some("metadata.annotations['kubeshoal.dev/ignore']"));
}

#[test]
fn what_can_suppress_nothing_is_told() {
    let told = |comment: &str| findings(&format!("apiVersion: v1\nkind: Pod\n{comment}\nspec: {{}}\n"));
    assert_eq!(told("# kubeshoal: ignore[]"), ["3 unused-ignore: the brackets of this ignore are empty, so it suppresses nothing"]);
    assert_eq!(
        told("# kubeshoal: ignore duplicate-key"),
        ["3 unused-ignore: this ignore names no rule in brackets and suppresses nothing"]
    );
    assert_eq!(
        told("# kubeshoal: ignore[duplicate-key"),
        ["3 unused-ignore: the `]` behind this ignore's rules is missing, so it suppresses nothing"]
    );
    assert_eq!(
        told("# kubeshoal: disable=duplicate-key"),
        ["3 unused-ignore: `kubeshoal:` is followed by neither `ignore[…]` nor `ignore-file[…]`, so this suppresses nothing"]
    );
    assert_eq!(
        told("# kubeshoal: ignore[duplicate-keys]"),
        ["3 unused-ignore: there is no rule `duplicate-keys`, so this suppresses nothing"]
    );
    assert!(told("# see kubeshoal: it would say ignore[this]").is_empty());
    let annotated =
        |value: &str| findings(&format!("apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {{kubeshoal.dev/ignore: {value}}}\n"));
    assert_eq!(annotated("'; why'"), ["4 unused-ignore: this annotation names no rule and suppresses nothing"]);
    assert!(annotated("'${IGNORED}'").is_empty());
}

#[test]
fn a_comment_that_nothing_follows_is_told() {
    let text = "apiVersion: v1\nkind: Pod\n# kubeshoal: ignore[duplicate-key]\n";
    assert_eq!(findings(text), ["3 unused-ignore: nothing begins on this line or below it that `duplicate-key` could be ignored for"]);
}

#[test]
fn unused_is_judged_for_rules_that_saw_everything() {
    let text = twice("", "", "data: {} # kubeshoal: ignore[duplicate-key]\n").replace("  name: b\n", "");
    assert_eq!(findings(&text).len(), 1);
    let is_silent = |settings: &Settings| outcome(&text, settings).findings.is_empty();
    assert!(is_silent(&Settings { deselect: vec!["duplicate-key".into()], ..Settings::default() }));
    assert!(is_silent(&Settings { deselect: vec!["unused-ignore".into()], ..Settings::default() }));
    assert!(is_silent(&Settings { no_ignores: true, ..Settings::default() }));
    // In a document that can't be read nothing was judged.
    assert_eq!(findings(&format!("{text}---\na: b: c\n")).len(), 1);
}

#[test]
fn unused_ignores_can_be_ignored() {
    let object = |comment: &str| format!("apiVersion: v1\nkind: Pod\nspec: {{}} # kubeshoal: {comment}\n");
    assert!(findings(&object("ignore[duplicate-key, unused-ignore] it comes and goes")).is_empty());
    assert!(findings(&object("ignore[duplicat-key, unused-ignore]")).is_empty());
    assert!(findings(&format!("# kubeshoal: ignore-file[unused-ignore]\n{}", object("ignore[duplicate-key]"))).is_empty());
    assert_eq!(findings(&object("ignore[unused-ignore]")), ["3 unused-ignore: nothing here is reported by `unused-ignore`"]);
}

#[test]
fn the_config_ignores_until_its_day_is_over() {
    let config = "ignore:\n- {rule: duplicate-key, path: deploy, name: b, until: 2027-01-31}\n";
    let mut settings = config::read("", config).expect("the config is right");
    let text = twice("", "", "");
    let run = |settings: &Settings, name: &str| lint(&texts(&[(name, text.as_str())], false), settings);
    assert!(run(&settings, "deploy/a.yaml").findings.is_empty());
    assert_eq!(run(&settings, "a.yaml").findings.len(), 1);
    settings.today = Date::parse("2027-02-01").expect("a date");
    let outcome = run(&settings, "deploy/a.yaml");
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.expired[0].message, "this ignore ended on 2027-01-31; what it covered is reported again");
    assert_eq!((outcome.expired[0].line, outcome.expired[0].column), (2, 3));
    settings.no_ignores = true;
    assert!(run(&settings, "deploy/a.yaml").expired.is_empty());
}

/// A manifest with most of what the engine looks at: lists, anchors, block scalars, comments, workloads, what
/// refers to them.
const SEED: &str = "\
# kubeshoal: ignore-file[duplicate-key] seed
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: counter
  annotations: {kubeshoal.dev/ignore: \"yaml-syntax, duplicate-key; seed\"}
  labels: &labels {app: counter}
spec:
  replicas: 3 # kubeshoal: ignore[duplicate-key]
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels:
        <<: *labels
    spec:
      containers:
      - name: counter
        image: \"example.com/count\\u00e9r:1.0\"
        args:
        - |
          echo \"a: b\"
            # not a comment
        volumeMounts:
        - {name: data, mountPath: /data}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: writer, namespace: prod}
spec:
  replicas: 2
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  selector: {matchLabels: {app: writer}}
  template:
    metadata: {labels: {app: writer}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: writer}}}
      initContainers: [{name: init, image: busybox, command: [sh, -c, 'touch /data/x']}]
      containers:
      - name: writer
        image: example.com/writer:latest
        envFrom: [{configMapRef: {name: settings}}]
        readinessProbe: {httpGet: {path: /, port: http}}
        resources: {requests: {memory: 1Gi, cpu: 100m}, limits: {memory: 512Mi}}
      volumes:
      - name: data
        persistentVolumeClaim: {claimName: shared}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shared, namespace: prod}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  updateStrategy: {type: OnDelete}
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true
      tolerations: [{operator: Exists}]
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: agent, image: agent, ports: [{containerPort: 80, hostPort: 80}]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: writer, namespace: prod}
spec: {minReplicas: 1, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: writer}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: writer, namespace: prod}
spec: {minAvailable: 100%, selector: {matchLabels: {app: writer}}}
---
{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"counter\"}}]}
";

#[derive(Clone, Debug)]
enum Step {
    Delete(usize),
    Copy(usize, usize),
    Swap(usize, usize),
    Indent(usize, usize),
    Write(usize, String),
}

fn step() -> impl Strategy<Value = Step> {
    let line = || 0..SEED.lines().count();
    prop_oneof![
        line().prop_map(Step::Delete),
        (line(), line()).prop_map(|(from, to)| Step::Copy(from, to)),
        (line(), line()).prop_map(|(one, other)| Step::Swap(one, other)),
        (line(), 0..9usize).prop_map(|(at, by)| Step::Indent(at, by)),
        (line(), "[ #:{}\\[\\],*&|>'\"<a-z-]{0,12}").prop_map(|(at, text)| Step::Write(at, text)),
    ]
}

fn mutate(steps: &[Step]) -> String {
    let mut lines: Vec<String> = SEED.lines().map(str::to_owned).collect();
    for step in steps {
        let count = lines.len().max(1);
        match step {
            Step::Delete(at) if *at < lines.len() => _ = lines.remove(*at),
            Step::Copy(from, to) if *from < lines.len() => lines.insert(*to % count, lines[*from].clone()),
            Step::Swap(one, other) if !lines.is_empty() => lines.swap(one % count, other % count),
            Step::Indent(at, by) if *at < lines.len() => lines[*at] = format!("{}{}", " ".repeat(*by), lines[*at].trim_start()),
            Step::Write(at, text) => lines.insert(at % count, text.clone()),
            _ => {}
        }
    }
    lines.join("\n")
}

/// Everything a finding points at lies in its text, at the bounds of characters.
fn points_into(text: &str, outcome: &Outcome) -> bool {
    let spans = outcome.findings.iter().flat_map(|finding| {
        let related = finding.related.iter().map(|related| related.span);
        let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
        related.chain(edits).chain([finding.span])
    });
    spans.into_iter().all(|span| text.get(span.start as usize..span.end as usize).is_some())
}

const CLAIM: &str = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessModes: [ReadWriteOnce]\n  \
                     resources: {requests: {storage: 2Gi}}\n";

#[test]
fn what_was_found_before_is_not_told_again_though_it_has_moved() {
    let (before, after) = (twice("", "", ""), twice("# moved\n", "", ""));
    let other = before.replace("name: a\n", "name: x\n").replace("name: b\n", "name: z\n");
    let texts = change(&[("a.yaml", &before)], &[("b.yaml", &after), ("c.yaml", &other)]);
    assert_eq!(found(&texts, Kept::All), ["c.yaml duplicate-key"]);
    assert_eq!(found(&texts, Kept::Change), [""; 0]);
    let outcome = diff(&texts, &Settings::default(), Kept::All);
    assert_eq!(outcome.changes, Some(Changes { changed: 0, added: 1, removed: 0, moved: 1 }));
}

#[test]
fn of_findings_that_look_alike_as_many_are_new_as_there_are_more() {
    let text = twice("", "", "");
    let texts = change(&[("a/x.yaml", &text)], &[("a/x.yaml", &text), ("b/x.yaml", &text)]);
    let duplicates = found(&texts, Kept::New).iter().filter(|line| line.ends_with("duplicate-key")).count();
    assert_eq!(duplicates, 1);
}

#[test]
fn changes_are_ignored_where_they_are_told() {
    let smaller = CLAIM.replace("2Gi", "1Gi");
    let shrunk = [("a.yaml", smaller.as_str())];
    assert_eq!(found(&change(&[("a.yaml", CLAIM)], &shrunk), Kept::Change), ["a.yaml change-immutable-field"]);
    let ignored = smaller.replace("  resources:", "  # kubeshoal: ignore[change-immutable-field] made anew\n  resources:");
    assert_eq!(found(&change(&[("a.yaml", CLAIM)], &[("a.yaml", &ignored)]), Kept::All), [""; 0]);
    // Where nothing is compared, nobody knows whether the ignore is of use.
    assert_eq!(lint(&texts(&[("a.yaml", &ignored)], false), &syntax()).findings, []);
    assert_eq!(found(&change(&[("a.yaml", CLAIM)], &[]), Kept::All), ["old:a.yaml change-claim-removed"]);
    let kept = format!("# kubeshoal: ignore-file[change-claim-removed]\n{CLAIM}");
    assert_eq!(found(&change(&[("a.yaml", &kept)], &[]), Kept::All), [""; 0]);
}

#[test]
fn a_text_of_both_sides_changes_nothing() {
    let mut both = texts(&[("a.yaml", CLAIM), ("b.yaml", &twice("", "", ""))], false);
    for text in &mut both {
        text.side = Side::Both;
    }
    let outcome = diff(&both, &Settings::default(), Kept::All);
    assert_eq!((outcome.findings, outcome.changes), (Vec::new(), Some(Changes::default())));
    assert_eq!(outcome.summary.objects, 2);
}

#[test]
fn what_stands_in_a_text_that_cannot_be_read_is_neither_removed_nor_added() {
    let broken = format!("{CLAIM}---\na: b: c\n");
    let other = CLAIM.replace("data", "other");
    let (whole, both) = ([("a.yaml", CLAIM)], format!("{other}---\na: b: c\n"));
    assert_eq!(found(&change(&whole, &[("a.yaml", &both)]), Kept::Change), [""; 0]);
    assert_eq!(
        diff(&change(&[("a.yaml", &broken)], &[("a.yaml", &other)]), &Settings::default(), Kept::Change).changes,
        Some(Changes { removed: 1, ..Changes::default() })
    );
}

proptest! {
    #[test]
    fn any_text_can_be_linted(text in "\\PC*|[ \\n#:{}\\[\\],*&|>'\"<a-d-]{0,80}", alone: bool) {
        let outcome = lint(&texts(&[("a.yaml", &text)], alone), &Settings::default());
        prop_assert!(points_into(&text, &outcome));
    }

    #[test]
    fn any_broken_manifest_can_be_linted(steps in proptest::collection::vec(step(), 1..8), alone: bool) {
        let text = mutate(&steps);
        let outcome = lint(&texts(&[("a.yaml", &text)], alone), &Settings::default());
        prop_assert!(points_into(&text, &outcome));
    }

    #[test]
    fn any_manifest_can_be_compared_with_any_other(
        before in proptest::collection::vec(step(), 0..4),
        after in proptest::collection::vec(step(), 0..4),
    ) {
        let (old, new) = (mutate(&before), mutate(&after));
        let texts = change(&[("a.yaml", &old)], &[("a.yaml", &new)]);
        let outcome = diff(&texts, &Settings::default(), Kept::All);
        for span in outcome.findings.iter().flat_map(|finding| finding.related.iter().map(|related| related.span).chain([finding.span])) {
            let text = texts[span.source.0 as usize].tree.text();
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
        let same = diff(&change(&[("a.yaml", &old)], &[("a.yaml", &old)]), &Settings::default(), Kept::All);
        prop_assert_eq!(same.findings, []);
    }

    #[test]
    fn any_config_can_be_read(text in "\\PC*|((rules|ignore|exclude|assume|cluster|a|rule|[0-9.]{1,4}|[-: {}\\[\\],\\n*&]){1,4}){0,12}") {
        if let Err(errors) = config::read("a/.kubeshoal.yaml", &text) {
            prop_assert!(errors.iter().all(|error| error.line <= text.matches('\n').count() + 1));
        }
    }
}
