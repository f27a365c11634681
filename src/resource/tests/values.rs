//! Percentages, fenceposts and amounts.

use super::*;
use crate::resource::IntOrPercent::{Int, Percent};

/// Surge and unavailable pods of a Deployment with these settings and so many replicas.
fn fenceposts(rolling_update: &str, replicas: i64) -> Option<(i64, i64)> {
    let text = format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: x}}, spec: {{strategy: {{rollingUpdate: {{{rolling_update}}}}}}}}}"
    );
    with_workload(&text, |workload| workload.update()?.fenceposts(replicas))
}

#[test]
fn surge_rounds_up_and_unavailable_rounds_down() {
    for (replicas, expected) in [(0, (0, 1)), (1, (1, 0)), (2, (1, 0)), (3, (1, 0)), (4, (1, 1)), (5, (2, 1)), (8, (2, 2)), (10, (3, 2))] {
        assert_eq!(fenceposts("", replicas), Some(expected), "{replicas} replicas");
    }
    assert_eq!(fenceposts("maxSurge: 1%, maxUnavailable: 99%", 10), Some((1, 9)));
    assert_eq!(fenceposts("maxSurge: 100%, maxUnavailable: 100%", 3), Some((3, 3)));
}

#[test]
fn where_both_come_to_nothing_one_pod_may_go() {
    assert_eq!(fenceposts("maxSurge: 0", 1), Some((0, 1)));
    assert_eq!(fenceposts("maxSurge: 0, maxUnavailable: 25%", 3), Some((0, 1)));
    assert_eq!(fenceposts("maxSurge: 0%, maxUnavailable: 1%", 10), Some((0, 1)));
    assert_eq!(fenceposts("maxSurge: 0, maxUnavailable: 25%", 4), Some((0, 1)));
    assert_eq!(fenceposts("maxSurge: 0, maxUnavailable: 25%", 8), Some((0, 2)));
}

#[test]
fn numbers_are_used_as_they_are() {
    assert_eq!(fenceposts("maxSurge: 5, maxUnavailable: 7", 2), Some((5, 7)));
    assert_eq!(fenceposts("maxSurge: 1, maxUnavailable: 0", 1), Some((1, 0)));
}

#[test]
fn only_a_deployments_rolling_update_has_fenceposts() {
    for (kind, spec) in [("Deployment", "{strategy: {type: Recreate}}"), ("DaemonSet", "{}"), ("StatefulSet", "{}")] {
        let text = format!("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: x}}, spec: {spec}}}");
        assert_eq!(with_workload(&text, |workload| workload.update()?.fenceposts(3)), None, "{kind}");
    }
}

#[test]
fn old_pods_run_beside_new_ones_unless_they_go_first() {
    let overlaps = |kind: &str, spec: &str, pods: Option<i64>| {
        let text = format!("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: x}}, spec: {spec}}}");
        with_workload(&text, |workload| workload.update()?.overlaps(pods))
    };
    for (kind, spec, expected) in [
        // For one pod, two pods, and any number.
        ("Deployment", "{}", [Some(true), Some(true), Some(true)]),
        ("Deployment", "{strategy: {type: Recreate}}", [Some(false), Some(false), Some(false)]),
        ("Deployment", "{strategy: {rollingUpdate: {maxSurge: 0}}}", [Some(false), Some(true), None]),
        ("Deployment", "{strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 2}}}", [Some(false), Some(false), None]),
        ("StatefulSet", "{}", [Some(false), Some(true), None]),
        ("StatefulSet", "{updateStrategy: {rollingUpdate: {maxUnavailable: 2}}}", [Some(false), Some(false), None]),
        ("StatefulSet", "{updateStrategy: {type: OnDelete}}", [Some(false), Some(true), None]),
        ("DaemonSet", "{}", [Some(false), Some(true), Some(true)]),
        ("DaemonSet", "{updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}}", [Some(false), Some(false), Some(false)]),
        ("DaemonSet", "{updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}", [Some(true), Some(true), Some(true)]),
    ] {
        assert_eq!([Some(1), Some(2), None].map(|pods| overlaps(kind, spec, pods)), expected, "{kind} {spec}");
    }
}

#[test]
fn int_or_percent_reads_what_the_api_server_reads() {
    let read = |text: &str| {
        with_object(&format!("{{apiVersion: v1, kind: X, value: {text}}}"), |object| {
            object.node().get("value").and_then(IntOrPercent::read)
        })
    };
    assert_eq!(read("3"), Some(Int(3)));
    assert_eq!(read("0"), Some(Int(0)));
    assert_eq!(read("25%"), Some(Percent(25)));
    assert_eq!(read("\"25%\""), Some(Percent(25)));
    assert_eq!(read("\"200%\""), Some(Percent(200)));
    for text in
        ["\"3\"", "25.5%", "\"%\"", "-5%", "+5%", "25 %", "\"\"", "~", "[1]", "\"${N}\"", "\"${N}%\"", "99999999999999999999%", "1.5"]
    {
        assert_eq!(read(text), None, "{text}");
    }
    assert!(Int(0).is_zero() && Percent(0).is_zero() && !Percent(1).is_zero());
    assert_eq!((Percent(25).to_string(), Int(3).to_string()), ("25%".to_owned(), "3".to_owned()));
}

#[test]
fn rounding_never_overflows() {
    assert_eq!(Percent(i64::MAX).ceil(i64::MAX), i64::MAX.div_euclid(100));
    assert_eq!(Percent(50).ceil(3), 2);
    assert_eq!(Percent(50).floor(3), 1);
    assert_eq!(Percent(100).floor(7), 7);
    assert_eq!(Percent(1).ceil(0), 0);
}

#[test]
fn a_budget_rounds_up_both_ways() {
    let keeps = |spec: &str, pods: i64| {
        let text = format!("{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: x}}, spec: {{{spec}}}}}");
        with_object(&text, |object| object.budget().expect("a budget").keeps(pods))
    };
    assert_eq!(keeps("minAvailable: 50%", 3), Some(2));
    assert_eq!(keeps("minAvailable: 2", 3), Some(2));
    assert_eq!(keeps("maxUnavailable: 50%", 3), Some(1));
    assert_eq!(keeps("maxUnavailable: 1%", 3), Some(2));
    assert_eq!(keeps("maxUnavailable: 0", 3), Some(3));
    assert_eq!(keeps("maxUnavailable: 5", 3), Some(0));
    assert_eq!(keeps("", 3), None);
    assert_eq!(keeps("minAvailable: \"${MIN}\"", 3), None);
}

#[test]
fn an_empty_budget_selector_covers_all_since_v1_and_none_before() {
    let has_selector = |version: &str, selector: &str| {
        let text =
            format!("{{apiVersion: policy/{version}, kind: PodDisruptionBudget, metadata: {{name: x}}, spec: {{selector: {selector}}}}}");
        with_object(&text, |object| object.budget().expect("a budget").selector().is_some())
    };
    assert!(has_selector("v1", "{}") && has_selector("v1", "{matchLabels: {}}"));
    assert!(!has_selector("v1beta1", "{}"));
    assert!(has_selector("v1beta1", "{matchLabels: {app: x}}"));
    assert!(!has_selector("v1", "") && !has_selector("v1beta1", ""));
}

#[test]
fn amounts_are_read_as_yaml_means_them() {
    let read = |text: &str| {
        with_object(&format!("{{apiVersion: v1, kind: X, value: {text}}}"), |object| object.node().get("value").and_then(Quantity::read))
    };
    let amount = |text: &str| Some(Quantity::parse(text).unwrap_or_else(|| panic!("{text} is an amount")));
    for (text, expected) in [
        ("1Gi", "1024Mi"),
        ("\"1Gi\"", "1073741824"),
        ("1073741824", "1Gi"),
        ("1_000", "1k"),
        ("0x10", "16"),
        ("010", "8"),
        ("\"010\"", "10"),
        ("0.5", "500m"),
        ("1e3", "1k"),
        ("1E", "1000P"),
        ("12E-3", "12m"),
        ("+1Ki", "1024"),
        (".5", "500m"),
        ("1.", "1"),
        ("100n", "0.0000001"),
    ] {
        assert_eq!(read(text), amount(expected), "{text}");
    }
    for text in ["~", "\"${SIZE}\"", "\"${SIZE}Gi\"", "[1Gi]", "10GB", "true", "\"\""] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn amounts_beyond_all_measure_are_capped_and_tiny_ones_round_up() {
    let huge = Quantity::parse(&"9".repeat(60)).expect("digits are an amount");
    assert!(huge > Quantity::parse("9E").expect("an amount"));
    let tiny = Quantity::parse("0.0000000001").expect("an amount");
    assert_eq!(Some(tiny), Quantity::parse("1n"));
    assert!(tiny.is_positive());
    assert!(!Quantity::parse("-0").expect("an amount").is_positive());
}

#[test]
fn no_moving_tag_begins_with_a_digit_or_has_a_dot() {
    let words = include_str!("../data/mutable-tags.txt").lines().filter(|line| !line.starts_with('#'));
    for word in words {
        assert!(!word.starts_with(|first: char| first.is_ascii_digit()) && !word.contains('.'), "{word} would not be found");
    }
}
