//! Label selectors: yes, no, and not known.

use super::*;

/// Whether a selector matches labels, both in flow style; `-` for labels that aren't there.
fn answer(selector: &str, labels: &str, is_map: bool) -> Option<bool> {
    let labels = if labels == "-" { String::new() } else { format!(", labels: {labels}") };
    with_object(&format!("{{apiVersion: v1, kind: X, selector: {selector}{labels}}}"), |object| {
        selector_of(object, is_map).matches(object.node().get("labels"))
    })
}

fn selector_of(object: Resource<'_>, is_map: bool) -> Selector<'_> {
    let node = object.node().get("selector").expect("a selector");
    if is_map { Selector::Map(node) } else { Selector::LabelSelector(node) }
}

fn matches(selector: &str, labels: &str) -> Option<bool> {
    answer(selector, labels, false)
}

fn map_matches(selector: &str, labels: &str) -> Option<bool> {
    answer(selector, labels, true)
}

/// One expression against labels.
fn expression(text: &str, labels: &str) -> Option<bool> {
    matches(&format!("{{matchExpressions: [{{{text}}}]}}"), labels)
}

#[test]
fn an_empty_selector_matches_everything() {
    for labels in ["{app: web}", "{}", "-"] {
        for selector in ["{}", "{matchLabels: {}}", "{matchLabels: , matchExpressions: }", "{matchExpressions: []}"] {
            assert_eq!(matches(selector, labels), Some(true), "{selector} {labels}");
        }
    }
}

#[test]
fn every_pair_must_be_there() {
    assert_eq!(matches("{matchLabels: {app: web}}", "{app: web, tier: front}"), Some(true));
    assert_eq!(matches("{matchLabels: {app: web, tier: front}}", "{app: web}"), Some(false));
    assert_eq!(matches("{matchLabels: {app: web}}", "{app: Web}"), Some(false));
    assert_eq!(matches("{matchLabels: {app: web}}", "{}"), Some(false));
    assert_eq!(matches("{matchLabels: {app: web}}", "-"), Some(false));
    assert_eq!(map_matches("{app: web}", "{app: web, tier: front}"), Some(true));
    assert_eq!(map_matches("{app: web, tier: back}", "{app: web, tier: front}"), Some(false));
}

#[test]
fn quotes_make_no_difference_to_values() {
    assert_eq!(matches("{matchLabels: {version: \"2\"}}", "{version: '2'}"), Some(true));
    assert_eq!(matches("{matchLabels: {version: \"2\"}}", "{version: 2}"), Some(true));
    assert_eq!(matches("{matchLabels: {version: \"2.0\"}}", "{version: \"2\"}"), Some(false));
}

#[test]
fn expressions_follow_their_operator() {
    let labels = "{tier: front}";
    assert_eq!(expression("key: tier, operator: In, values: [front, back]", labels), Some(true));
    assert_eq!(expression("key: tier, operator: In, values: [back]", labels), Some(false));
    assert_eq!(expression("key: tier, operator: NotIn, values: [back]", labels), Some(true));
    assert_eq!(expression("key: tier, operator: NotIn, values: [front]", labels), Some(false));
    assert_eq!(expression("key: tier, operator: Exists", labels), Some(true));
    assert_eq!(expression("key: tier, operator: DoesNotExist", labels), Some(false));
    assert_eq!(expression("key: tier, operator: exists", labels), None);
    assert_eq!(expression("key: tier, operator: Gt, values: [\"1\"]", labels), None);
}

#[test]
fn not_in_and_does_not_exist_match_what_lacks_the_key() {
    for labels in ["{app: web}", "{}", "-"] {
        assert_eq!(expression("key: tier, operator: NotIn, values: [front]", labels), Some(true), "{labels}");
        assert_eq!(expression("key: tier, operator: DoesNotExist", labels), Some(true), "{labels}");
        assert_eq!(expression("key: tier, operator: In, values: [front]", labels), Some(false), "{labels}");
        assert_eq!(expression("key: tier, operator: Exists", labels), Some(false), "{labels}");
    }
}

#[test]
fn pairs_and_expressions_must_both_hold() {
    let selector = "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]}";
    assert_eq!(matches(selector, "{app: web, tier: front}"), Some(true));
    assert_eq!(matches(selector, "{app: web, tier: back}"), Some(false));
    assert_eq!(matches(selector, "{app: api, tier: front}"), Some(false));
}

#[test]
fn labels_that_controllers_add_fit() {
    for key in CONTROLLER_LABELS {
        assert_eq!(map_matches(&format!("{{\"{key}\": x}}"), "{app: web}"), Some(true), "{key}");
        assert_eq!(expression(&format!("key: \"{key}\", operator: In, values: [x]"), "-"), Some(true), "{key}");
        assert_eq!(expression(&format!("key: \"{key}\", operator: Exists"), "{}"), Some(true), "{key}");
        assert_eq!(expression(&format!("key: \"{key}\", operator: DoesNotExist"), "{}"), None, "{key}");
        assert_eq!(map_matches(&format!("{{\"{key}\": x}}"), &format!("{{\"{key}\": y}}")), Some(false), "{key}");
    }
    assert_eq!(map_matches("{app: web, statefulset.kubernetes.io/pod-name: db-0}", "{app: db}"), Some(false));
}

#[test]
fn a_placeholder_that_decides_is_not_known() {
    assert_eq!(matches("{matchLabels: {app: \"${APP}\"}}", "{app: web}"), None);
    assert_eq!(matches("{matchLabels: {app: web}}", "{app: \"${APP}\"}"), None);
    assert_eq!(matches("{matchLabels: {\"${KEY}\": web}}", "{app: web}"), None);
    assert_eq!(matches("{matchLabels: {app: web}}", "{\"${KEY}\": web}"), None);
    assert_eq!(matches("{matchLabels: \"${LABELS}\"}", "{app: web}"), None);
    assert_eq!(matches("{matchExpressions: \"${EXPRESSIONS}\"}", "{app: web}"), None);
    assert_eq!(matches("\"${SELECTOR}\"", "{app: web}"), None);
    assert_eq!(map_matches("\"${SELECTOR}\"", "{app: web}"), None);
    assert_eq!(matches("{matchLabels: {app: web}}", "\"${LABELS}\""), None);
    assert_eq!(expression("key: tier, operator: In, values: \"${TIERS}\"", "{tier: front}"), None);
    assert_eq!(expression("key: tier, operator: In, values: [\"${TIER}\"]", "{tier: front}"), None);
    assert_eq!(expression("key: \"${KEY}\", operator: Exists", "{tier: front}"), None);
    assert_eq!(expression("key: tier, operator: \"${OPERATOR}\"", "{tier: front}"), None);
}

#[test]
fn a_placeholder_beside_what_decides_does_no_harm() {
    assert_eq!(matches("{matchLabels: {app: web, tier: \"${TIER}\"}}", "{app: api, tier: front}"), Some(false));
    assert_eq!(matches("{matchLabels: {app: web}}", "{app: web, tier: \"${TIER}\"}"), Some(true));
    assert_eq!(expression("key: tier, operator: In, values: [\"${TIER}\", front]", "{tier: front}"), Some(true));
    assert_eq!(expression("key: tier, operator: NotIn, values: [\"${TIER}\", front]", "{tier: front}"), Some(false));
    assert_eq!(expression("key: tier, operator: Exists", "{tier: \"${TIER}\"}"), Some(true));
}

#[test]
fn merged_labels_count() {
    let text = "\
base: &base {app: web}
apiVersion: v1
kind: X
selector: {matchLabels: {app: web, tier: front}}
labels:
  <<: *base
  tier: front
";
    with_object(text, |object| {
        assert_eq!(selector_of(object, false).matches(object.node().get("labels")), Some(true));
    });
}

#[test]
fn emptiness_is_of_what_is_written() {
    let is_empty = |selector: &str, is_map: bool| {
        with_object(&format!("{{apiVersion: v1, kind: X, selector: {selector}}}"), |object| selector_of(object, is_map).is_empty())
    };
    for selector in ["{}", "{matchLabels: {}, matchExpressions: []}", "{matchLabels: }"] {
        assert!(is_empty(selector, false), "{selector}");
    }
    for selector in
        ["{matchLabels: {app: web}}", "{matchExpressions: [{key: app, operator: Exists}]}", "{matchLabels: \"${L}\"}", "\"${S}\""]
    {
        assert!(!is_empty(selector, false), "{selector}");
    }
    assert!(is_empty("{}", true) && !is_empty("{app: web}", true) && !is_empty("\"${S}\"", true));
}

#[test]
fn keys_are_those_of_pairs_and_expressions() {
    let text = "{apiVersion: v1, kind: X, selector: {matchLabels: {a: 1}, matchExpressions: [{key: b, operator: Exists}, {operator: In}]}}";
    with_object(text, |object| {
        assert_eq!(selector_of(object, false).keys().map(NodeRef::text).collect::<Vec<_>>(), ["a", "b"]);
    });
}
