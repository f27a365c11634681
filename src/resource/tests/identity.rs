//! What an object is, and what it is called.

use super::*;

#[test]
fn an_object_has_a_version_and_a_kind() {
    let count = |text: &str| {
        let mut count = 0;
        with_objects(text, |objects| count = objects.len());
        count
    };
    assert_eq!(count("{apiVersion: v1, kind: Pod}"), 1);
    for text in [
        "{kind: Pod}",
        "{apiVersion: v1}",
        "{apiVersion: , kind: Pod}",
        "{apiVersion: v1, kind: {}}",
        "[1]",
        "text",
        "{apiVersion: v1, kind: \"${K}\"}",
    ] {
        assert_eq!(count(text), 0, "{text}");
    }
}

#[test]
fn kinds_are_told_apart_by_group() {
    for (api_version, kind, expected) in [
        ("apps/v1", "Deployment", Kind::Deployment),
        ("extensions/v1beta1", "Deployment", Kind::Deployment),
        ("extensions/v1beta1", "StatefulSet", Kind::Other),
        ("v1", "Deployment", Kind::Other),
        ("v1", "Service", Kind::Service),
        ("serving.knative.dev/v1", "Service", Kind::Other),
        ("batch/v1beta1", "CronJob", Kind::CronJob),
        ("batch/v2alpha1", "CronJob", Kind::CronJob),
        ("autoscaling/v2", "HorizontalPodAutoscaler", Kind::HorizontalPodAutoscaler),
        ("policy/v1beta1", "PodDisruptionBudget", Kind::PodDisruptionBudget),
        ("v1", "Endpoints", Kind::EndpointSlice),
        ("kustomize.config.k8s.io/v1alpha1", "Component", Kind::Kustomization),
        ("argoproj.io/v1alpha1", "Rollout", Kind::Other),
    ] {
        let text = format!("{{apiVersion: {api_version}, kind: {kind}}}");
        assert_eq!(with_object(&text, |object| object.kind()), expected, "{api_version} {kind}");
    }
    with_object("{apiVersion: apps/v1beta2, kind: Deployment}", |object| {
        assert_eq!((object.group(), object.version(), object.kind_name()), ("apps", "v1beta2", "Deployment"));
    });
}

/// Namespace and name, as `namespace/name`.
fn identity(kind: &str, metadata: &str) -> Option<String> {
    with_object(&format!("{{apiVersion: v1, kind: {kind}, metadata: {metadata}}}"), |object| {
        object.identity().map(|identity| format!("{}/{}", identity.namespace.unwrap_or("-"), identity.name))
    })
}

#[test]
fn names_and_namespaces_are_those_that_are_written() {
    assert_eq!(identity("Pod", "{name: a}").as_deref(), Some("-/a"));
    assert_eq!(identity("Pod", "{name: a, namespace: b}").as_deref(), Some("b/a"));
    assert_eq!(identity("Pod", "{name: a, namespace: }").as_deref(), Some("-/a"));
    assert_eq!(identity("Pod", "{name: a, namespace: \"\"}").as_deref(), Some("-/a"));
    assert_eq!(identity("Pod", "{name: 1}").as_deref(), Some("-/1"));
    for metadata in ["{}", "", "{generateName: a-}", "{name: }", "{name: \"\"}", "{name: \"${N}\"}", "{name: a, namespace: \"${N}\"}"] {
        assert_eq!(identity("Pod", metadata), None, "{metadata}");
    }
    assert_eq!(identity("PersistentVolume", "{name: a, namespace: b}").as_deref(), Some("-/a"));
}

#[test]
fn an_object_is_described_by_what_is_written() {
    let describe =
        |metadata: &str| with_object(&format!("{{apiVersion: v1, kind: Pod, metadata: {metadata}}}"), |object| object.describe());
    assert_eq!(describe("{name: a}"), "Pod a");
    assert_eq!(describe("{generateName: a-}"), "Pod a-");
    assert_eq!(describe("{name: \"${N}\"}"), "Pod ${N}");
    assert_eq!(describe("{}"), "this Pod");
}

#[test]
fn what_lacks_image_and_selector_is_a_fragment() {
    let is_partial = |kind: &str, spec: &str| {
        with_object(&format!("{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}"), |object| object.is_partial())
    };
    assert!(is_partial("Deployment", "{replicas: 3}"));
    assert!(is_partial("Deployment", ""));
    assert!(is_partial("Deployment", "{template: {spec: {containers: [{name: a, resources: {}}]}}}"));
    assert!(!is_partial("Deployment", "{selector: {}}"));
    assert!(!is_partial("Deployment", "{template: {spec: {containers: [{name: a, image: a:1}]}}}"));
    assert!(!is_partial("Deployment", "{template: {spec: {containers: [{name: a, image: \"${IMAGE}\"}]}}}"));
    assert!(!is_partial("StatefulSet", "{template: {spec: {initContainers: [{name: a, image: a:1}]}}}"));
    assert!(!with_object("{apiVersion: v1, kind: Service, metadata: {name: a}}", |object| object.is_partial()));
    assert!(with_object("{apiVersion: v1, kind: Service, metadata: {name: a}}", |object| object.in_patch().is_partial()));
    assert!(!with_object("{apiVersion: v1, kind: Pod, spec: {containers: [{image: a:1}]}}", |object| object.is_partial()));
}

#[test]
fn what_lacks_the_selector_it_needs_may_be_a_patch() {
    let may_be_patch = |api_version: &str, kind: &str, spec: &str| {
        let text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}");
        with_workload(&text, |workload| workload.may_be_patch())
    };
    let template = "{template: {metadata: {labels: {app: a}}, spec: {containers: [{image: a:1}]}}}";
    assert!(may_be_patch("apps/v1", "Deployment", template) && may_be_patch("apps/v1beta2", "DaemonSet", template));
    assert!(!may_be_patch("apps/v1", "Deployment", "{selector: {}}"));
    assert!(!may_be_patch("extensions/v1beta1", "Deployment", template) && !may_be_patch("v1", "ReplicationController", template));
    let is_surely_whole = |labels: &str, containers: &str| {
        let spec = format!("{{template: {{metadata: {{labels: {{app: a}}}}, spec: {{containers: {containers}}}}}}}");
        let text = format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a, labels: {labels}}}, spec: {spec}}}");
        with_workload(&text, |workload| workload.is_surely_whole())
    };
    assert!(is_surely_whole("{app: a}", "[{name: a, image: a:1}]") && !is_surely_whole("{}", "[{name: a, image: a:1}]"));
    assert!(!is_surely_whole("{app: a}", "[{name: a, image: a:1}, {name: b}]") && !is_surely_whole("{app: a}", "[]"));
    assert!(!may_be_patch("batch/v1", "Job", template) && !may_be_patch("v1", "Pod", "{}"));
}

#[test]
fn the_nearest_place_is_what_is_written_of_a_path() {
    let text = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {strategy: {type: RollingUpdate}, list: [{a: 1}]}}";
    with_object(text, |object| {
        let key = |path: &str| object.nearest(path).key().map(NodeRef::text);
        assert_eq!(key("spec.strategy.type"), Some("type"));
        assert_eq!(key("spec.strategy.rollingUpdate.maxSurge"), Some("strategy"));
        assert_eq!(key("spec.replicas"), Some("spec"));
        assert_eq!(key("spec.list[0].a"), Some("a"));
        assert_eq!(key("spec.list[1].a"), Some("spec"));
        assert_eq!(key("data.x"), Some("kind"));
    });
}

#[test]
fn pods_are_found_where_each_kind_keeps_them() {
    let template = "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a:1}]}}";
    for (api_version, kind, spec) in [
        ("apps/v1", "Deployment", format!("{{{template}}}")),
        ("apps/v1", "StatefulSet", format!("{{{template}}}")),
        ("batch/v1", "Job", format!("{{{template}}}")),
        ("batch/v1", "CronJob", format!("{{jobTemplate: {{spec: {{{template}}}}}}}")),
        ("v1", "ReplicationController", format!("{{{template}}}")),
    ] {
        let text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}");
        with_workload(&text, |workload| {
            assert_eq!(workload.pod().expect("a spec").containers().count(), 1, "{kind}");
            assert_eq!(workload.pod_labels().and_then(|labels| labels.get("app")).map(NodeRef::text), Some("a"), "{kind}");
        });
    }
    with_workload("{apiVersion: v1, kind: Pod, metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}", |workload| {
        assert_eq!(workload.pod().expect("a spec").containers().count(), 1);
        assert!(workload.pod_labels().is_some());
    });
    with_workload("{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: \"${SPEC}\"}}}", |workload| {
        assert!(workload.pod().is_none());
    });
}

#[test]
fn sidecars_are_init_containers_that_stay() {
    let text =
        "{apiVersion: v1, kind: Pod, spec: {initContainers: [{name: a}, {name: b, restartPolicy: Always}], containers: [{name: c}]}}";
    with_workload(text, |workload| {
        let pod = workload.pod().expect("a spec");
        let told: Vec<_> = pod.all_containers().map(|container| (container.name(), container.is_init(), container.is_sidecar())).collect();
        assert_eq!(told, [(Some("a"), true, false), (Some("b"), true, true), (Some("c"), false, false)]);
    });
}
