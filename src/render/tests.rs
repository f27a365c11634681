use proptest::prelude::*;

use super::*;
use crate::finding::{Edit, Finding, Fix, ObjectName, Related, Safety};
use crate::lint::Skipped;
use crate::source::{SourceId, Span};

fn sources(texts: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    for (name, text) in texts {
        sources.add(*name, (*text).into());
    }
    sources
}

fn span(source: u32, range: std::ops::Range<usize>) -> Span {
    Span { source: SourceId(source), start: range.start as u32, end: range.end as u32 }
}

/// The first place of `needle` in a text.
fn place(sources: &Sources, source: u32, needle: &str) -> Span {
    let start = sources.get(SourceId(source)).text().find(needle).expect("the needle is in the text");
    span(source, start..start + needle.len())
}

fn finding(span: Span) -> Finding {
    Finding {
        rule: "duplicate-key".into(),
        severity: Severity::Warning,
        span,
        message: "two pods write the same claim".into(),
        help: Some("give each pod its own".into()),
        related: Vec::new(),
        fix: None,
        steps: Vec::new(),
        object: None,
        field: None,
        named_field: None,
        node: None,
    }
}

fn rendered(format: Format, finding: Finding, sources: &Sources) -> String {
    let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
    let mut out = Vec::new();
    render(format, &outcome, sources, Look { unicode: false, ..Look::PLAIN }, &Whereabouts::default(), &mut out)
        .expect("a vector takes everything");
    String::from_utf8(out).expect("all formats are UTF-8")
}

/// The frames of a finding, without rule, message and help.
fn frames(finding: Finding, sources: &Sources) -> String {
    let text = rendered(Format::Full, finding, sources);
    let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("duplicate-key") && *line != "\n");
    lines.collect()
}

#[test]
fn places_in_other_files_have_their_own_frames_and_help_comes_last() {
    let sources = sources(&[("deploy.yaml", "volumes:\n- claim: data\n"), ("claims/data.yaml", "kind: Claim\nmodes: [Many]\n")]);
    let mut finding = finding(place(&sources, 0, "claim"));
    finding.related.push(Related { span: place(&sources, 1, "modes"), message: "many nodes may write here".into() });
    let expected = "  warning: two pods write the same claim
   ,-[deploy.yaml:2:3]
 1 | volumes:
 2 | - claim: data
   :   ^^^^^
   `----
  see: many nodes may write here
   ,-[claims/data.yaml:2:1]
 1 | kind: Claim
 2 | modes: [Many]
   : ^^^^^
   `----
  help: give each pod its own
";
    assert_eq!(frames(finding, &sources), expected);
}

#[test]
fn a_label_covers_one_line_and_columns_count_characters() {
    let text = "\u{feff}a: ü\nérows: |\n  one\n  two\nend: 1\n";
    let sources = sources(&[("a.yaml", text)]);
    let start = text.find("rows").expect("it is there");
    let expected = "  warning: two pods write the same claim
   ,-[a.yaml:2:2]
 1 | \u{feff}a: ü
 2 | érows: |
   :  ^^^^^^^
 3 |   one
   `----
  help: give each pod its own
";
    assert_eq!(frames(finding(span(0, start..text.len())), &sources), expected);
}

#[test]
fn an_endless_line_is_shown_in_part() {
    let text = format!("{{{}\"key\": 1{}}}", "\"other\": 2, ".repeat(100_000), ", \"more\": 3".repeat(100_000));
    let sources = sources(&[("a.json", &text)]);
    let full = frames(finding(place(&sources, 0, "\"key\"")), &sources);
    assert!(full.contains("[a.json:1:1200002]") && full.contains("\"key\": 1, \"more\": 3"));
    assert!(full.len() < 1500, "{} bytes", full.len());
}

#[test]
fn thousands_of_findings_in_a_large_text_are_shown_at_once() {
    let text = "metadata: {name: a}\n".repeat(400_000);
    let sources = sources(&[("a.yaml", &text)]);
    let findings = (0..3000).map(|number| finding(span(0, number * 2000..number * 2000 + 8))).collect();
    let start = std::time::Instant::now();
    let mut out = Vec::new();
    render(Format::Full, &Outcome { findings, ..Outcome::default() }, &sources, Look::PLAIN, &Whereabouts::default(), &mut out)
        .expect("a vector takes everything");
    assert_eq!(String::from_utf8_lossy(&out).matches("warning:").count(), 3000);
    // Counted from the start of the text for each finding, this takes minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn json_has_the_promised_shape() {
    let sources = sources(&[("a.yaml", "ü: 1\nkey: 2\n")]);
    let key = place(&sources, 0, "key");
    let mut finding = finding(key);
    finding.related.push(Related { span: place(&sources, 0, "ü"), message: "here".into() });
    finding.fix = Some(Fix { title: "Drop it".into(), safety: Safety::Unsafe, edits: vec![Edit { span: key, text: "k".into() }] });
    finding.field = Some("spec.key".into());
    finding.object = Some(ObjectName { api_version: "v1".into(), kind: "Pod".into(), namespace: None, name: Some("a".into()) });
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, finding, &sources)).expect("it is JSON");
    let (start, end) = (serde_json::json!({"line": 2, "column": 1, "byte": 6}), serde_json::json!({"line": 2, "column": 4, "byte": 9}));
    let expected = serde_json::json!([{
        "rule": "duplicate-key",
        "severity": "warning",
        "message": "two pods write the same claim",
        "help": "give each pod its own",
        "path": "a.yaml", "start": start, "end": end,
        "object": {"apiVersion": "v1", "kind": "Pod", "namespace": null, "name": "a"},
        "field": "spec.key",
        "related": [{
            "path": "a.yaml",
            "start": {"line": 1, "column": 1, "byte": 0},
            "end": {"line": 1, "column": 2, "byte": 2},
            "message": "here"
        }],
        "fix": {"title": "Drop it", "safety": "unsafe", "edits": [{"path": "a.yaml", "start": start, "end": end, "text": "k"}]},
        "url": crate::rules::rule("duplicate-key").expect("the rule is there").url(),
    }]);
    assert_eq!(json["findings"], expected);
    assert_eq!(json["version"], 1);
}

#[test]
fn the_summary_says_what_was_found_and_what_was_left_out() {
    let skipped = |path: &str, reason| Skipped { path: path.into(), reason };
    let note = Finding { severity: Severity::Note, ..finding(span(0, 0..0)) };
    let summary = Summary {
        files: 5,
        documents: 6,
        objects: 1,
        suppressed: 2,
        baseline: None,
        skipped: vec![
            skipped("t", SkipReason::Templated),
            skipped("x", SkipReason::NotKubernetes),
            skipped("y", SkipReason::NotKubernetes),
            skipped("z", SkipReason::Unreadable("permission denied".into())),
        ],
    };
    let outcome = Outcome { findings: vec![note.clone(), finding(span(0, 0..0)), note], summary, ..Outcome::default() };
    let line = "1 warning, 2 notes in 5 files (1 object); 2 suppressed; \
                4 files skipped: 1 templated (render it first: helm template, kustomize build), 2 not Kubernetes, 1 unreadable";
    assert_eq!(super::summary(&outcome), line);
}

#[test]
fn nothing_reaches_the_terminal_that_it_would_obey() {
    let sources = sources(&[("\u{1b}[2J.yaml", "key: \u{1b}[31m\u{9b}1m\rx\r\n")]);
    let mut finding = finding(place(&sources, 0, "key"));
    finding.message = "`a\nb\u{1b}[0m` is set".into();
    for format in [Format::Full, Format::Concise, Format::Json] {
        let text = rendered(format, finding.clone(), &sources);
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
    }
    assert_eq!(rendered(Format::Concise, finding, &sources).lines().count(), 1);
}

proptest! {
    #[test]
    fn every_span_of_every_text_can_be_shown(
        texts in ("(?s).{0,40}(\r\n|\n|\r|\t|é|\u{feff}|.){0,60}", "[a: \n\r\t\u{4e2d}]{0,80}"),
        cuts in proptest::collection::vec((0..2u32, 0..200usize, 0..200usize), 1..6),
    ) {
        let sources = sources(&[("a", &texts.0), ("b", &texts.1)]);
        let spans: Vec<Span> = cuts.iter().map(|&(source, start, length)| {
            let text = sources.get(SourceId(source)).text();
            let start = text.floor_char_boundary(start.min(text.len()));
            span(source, start..text.floor_char_boundary((start + length).min(text.len())))
        }).collect();
        let related: Vec<Related> = spans.iter().map(|&span| Related { span, message: "here".into() }).collect();
        for format in [Format::Full, Format::Concise, Format::Json] {
            rendered(format, Finding { related: related.clone(), ..finding(spans[0]) }, &sources);
        }
    }
}
