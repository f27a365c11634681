//! Workloads whose pods land on one node, or surely on several.

use super::*;

/// A Deployment whose pods have `app: web` and this in their spec, in flow style: on one node, spread over nodes.
fn placed(pod: &str) -> (bool, bool) {
    let text = format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{metadata: {{labels: {{app: web}}}}, spec: {{{pod}}}}}}}}}"
    );
    with_workload(&text, |workload| (workload.is_on_one_node(), workload.spreads_over_nodes()))
}

const ANYWHERE: (bool, bool) = (false, false);
const ON_ONE_NODE: (bool, bool) = (true, false);
const SPREAD: (bool, bool) = (false, true);

/// Required node affinity with these terms.
fn with_terms(terms: &str) -> (bool, bool) {
    placed(&format!("affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"))
}

/// A required term of pod affinity or anti-affinity.
fn with_pod_term(affinity: &str, term: &str) -> (bool, bool) {
    placed(&format!("affinity: {{{affinity}: {{requiredDuringSchedulingIgnoredDuringExecution: [{{{term}}}]}}}}"))
}

#[test]
fn pods_run_anywhere_unless_something_binds_them() {
    assert_eq!(placed(""), ANYWHERE);
    assert_eq!(placed("nodeName: \"\", nodeSelector: {disk: ssd, kubernetes.io/os: linux}, affinity: {}"), ANYWHERE);
}

#[test]
fn a_node_is_named_directly_or_by_its_label() {
    assert_eq!(placed("nodeName: one"), ON_ONE_NODE);
    assert_eq!(placed("nodeSelector: {kubernetes.io/hostname: one}"), ON_ONE_NODE);
    assert_eq!(placed("nodeSelector: {kubernetes.io/hostname: \"${NODE}\"}"), ON_ONE_NODE);
}

#[test]
fn affinity_binds_where_all_terms_name_the_same_host() {
    let host = |operator: &str, values: &str| {
        format!("{{matchExpressions: [{{key: kubernetes.io/hostname, operator: {operator}, values: [{values}]}}]}}")
    };
    assert_eq!(with_terms(&host("In", "one")), ON_ONE_NODE);
    assert_eq!(with_terms(&format!("{}, {}", host("In", "one"), host("In", "one"))), ON_ONE_NODE);
    assert_eq!(with_terms(&format!("{}, {}", host("In", "one"), host("In", "two"))), ANYWHERE);
    assert_eq!(with_terms(&format!("{}, {{matchExpressions: [{{key: disk, operator: Exists}}]}}", host("In", "one"))), ANYWHERE);
    assert_eq!(with_terms(&host("In", "one, two")), ANYWHERE);
    assert_eq!(with_terms(&host("NotIn", "one")), ANYWHERE);
    assert_eq!(with_terms(&host("In", "")), ANYWHERE);
    assert_eq!(with_terms(""), ANYWHERE);
    assert_eq!(with_terms("{matchFields: [{key: metadata.name, operator: In, values: [one]}]}"), ON_ONE_NODE);
    assert_eq!(with_terms("{matchExpressions: [{key: metadata.name, operator: In, values: [one]}]}"), ANYWHERE);
    let with_another = "{matchExpressions: [{key: disk, operator: Exists}, {key: kubernetes.io/hostname, operator: In, values: [one]}]}";
    assert_eq!(with_terms(with_another), ON_ONE_NODE);
}

#[test]
fn what_is_preferred_binds_nothing() {
    let preferred = "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference:
      {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [one]}]}}]}}";
    assert_eq!(placed(preferred), ANYWHERE);
    let preferred = "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm:
      {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}}]}}";
    assert_eq!(placed(preferred), ANYWHERE);
}

#[test]
fn pods_draw_each_other_or_keep_apart() {
    let own = "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}";
    assert_eq!(with_pod_term("podAffinity", own), ON_ONE_NODE);
    assert_eq!(with_pod_term("podAntiAffinity", own), SPREAD);
    for term in [
        "topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: web}}",
        "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: other}}",
        "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: \"${APP}\"}}",
        "topologyKey: kubernetes.io/hostname",
        "topologyKey: kubernetes.io/hostname, labelSelector: ",
        "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}, namespaces: [other]",
        "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [pod-template-hash]",
    ] {
        assert_eq!(with_pod_term("podAffinity", term), ANYWHERE, "{term}");
        assert_eq!(with_pod_term("podAntiAffinity", term), ANYWHERE, "{term}");
    }
    // An empty selector matches every pod, the workload's own among them.
    assert_eq!(with_pod_term("podAntiAffinity", "topologyKey: kubernetes.io/hostname, labelSelector: {}"), SPREAD);
    let expression =
        "topologyKey: kubernetes.io/hostname, labelSelector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}";
    assert_eq!(with_pod_term("podAntiAffinity", expression), SPREAD);
}

#[test]
fn a_strict_spread_lets_pods_share_the_only_node() {
    let constraint =
        "{labelSelector: {matchLabels: {app: web}}, maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}";
    assert_eq!(placed(&format!("topologySpreadConstraints: [{constraint}]")), ANYWHERE);
}

#[test]
fn demands_on_nodes_are_compared_where_they_are_few() {
    let contradicts = |demands: usize, values: usize| {
        let values = vec!["ssd"; values].join(", ");
        let all = format!("{{key: disk, operator: In, values: [{values}]}}, ").repeat(demands);
        let text = format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: \
             {{nodeSelectorTerms: [{{matchExpressions: [{all}{{key: disk, operator: NotIn, values: [ssd]}}]}}]}}}}}}}}}}"
        );
        with_workload(&text, |workload| workload.pod().expect("a spec").contradiction().is_some())
    };
    assert!(contradicts(1, 1));
    assert!(contradicts(10, 100));
    assert!(!contradicts(5000, 1));
    assert!(!contradicts(1, 5000));
}
