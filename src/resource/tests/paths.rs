//! Among which pods a mount's path is used once only.

use std::collections::HashSet;

use super::*;
use Uniqueness::{PerNode, PerPod, Shared};

const DEPLOYMENT: &str = "apiVersion: apps/v1, kind: Deployment";
const STATEFUL_SET: &str = "apiVersion: apps/v1, kind: StatefulSet";
const INDEXED_JOB: &str = "apiVersion: batch/v1, kind: Job";

/// The uniqueness of the first mount of the last container: `mount` and `env` are the insides of the mount and of the container's
/// `env`, both in flow style.
fn unique(kind: &str, mount: &str, env: &str) -> Option<Uniqueness> {
    let mode = if kind == INDEXED_JOB { "completionMode: Indexed, " } else { "" };
    let other = "{name: other, env: [{name: ELSEWHERE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}";
    let main = format!("{{name: main, env: [{env}], volumeMounts: [{{name: data, mountPath: /data, {mount}}}]}}");
    let text = format!("{{{kind}, metadata: {{name: x}}, spec: {{{mode}template: {{spec: {{containers: [{other}, {main}]}}}}}}}}");
    with_workload(&text, |workload| {
        let container = workload.pod().expect("a spec").containers().last().expect("a container");
        container.mounts().next().expect("a mount").uniqueness(&workload)
    })
}

/// A variable from a field of the pod.
fn field(name: &str, path: &str) -> String {
    format!("{{name: {name}, valueFrom: {{fieldRef: {{fieldPath: \"{path}\"}}}}}}")
}

/// The uniqueness of `subPathExpr: $(V)`, where V is that field.
fn by_field(kind: &str, path: &str) -> Option<Uniqueness> {
    unique(kind, "subPathExpr: $(V)", &field("V", path))
}

#[test]
fn fields_of_the_pod_tell_pods_or_nodes_apart() {
    for kind in [DEPLOYMENT, STATEFUL_SET, INDEXED_JOB] {
        for path in ["metadata.name", "metadata.uid", "status.podIP", "status.podIPs"] {
            assert_eq!(by_field(kind, path), Some(PerPod), "{path}");
        }
        for path in ["spec.nodeName", "status.hostIP", "status.hostIPs"] {
            assert_eq!(by_field(kind, path), Some(PerNode), "{path}");
        }
        for path in ["metadata.namespace", "spec.serviceAccountName", "metadata.labels['app']", "metadata.annotations['team']"] {
            assert_eq!(by_field(kind, path), Some(Shared), "{path}");
        }
    }
}

#[test]
fn a_stateful_set_labels_its_pods() {
    for path in ["metadata.labels['apps.kubernetes.io/pod-index']", "metadata.labels['statefulset.kubernetes.io/pod-name']"] {
        assert_eq!(by_field(STATEFUL_SET, path), Some(PerPod), "{path}");
        assert_eq!(by_field(DEPLOYMENT, path), Some(Shared), "{path}");
    }
    let quoted = "{name: V, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[\"apps.kubernetes.io/pod-index\"]'}}}";
    assert_eq!(unique(STATEFUL_SET, "subPathExpr: $(V)", quoted), Some(PerPod));
}

#[test]
fn an_indexed_job_numbers_its_pods() {
    for path in
        ["metadata.annotations['batch.kubernetes.io/job-completion-index']", "metadata.labels['batch.kubernetes.io/job-completion-index']"]
    {
        assert_eq!(by_field(INDEXED_JOB, path), Some(PerPod), "{path}");
        assert_eq!(by_field(STATEFUL_SET, path), Some(Shared), "{path}");
    }
    assert_eq!(unique(INDEXED_JOB, "subPathExpr: out/$(JOB_COMPLETION_INDEX)", ""), Some(PerPod));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: out/$(JOB_COMPLETION_INDEX)", ""), Some(Shared));
    // A variable of that name which the container has already stays as it is, and the one that is added stands behind all others.
    assert_eq!(unique(INDEXED_JOB, "subPathExpr: $(JOB_COMPLETION_INDEX)", "{name: JOB_COMPLETION_INDEX, value: all}"), Some(Shared));
    assert_eq!(unique(INDEXED_JOB, "subPathExpr: $(V)", "{name: V, value: $(JOB_COMPLETION_INDEX)}"), Some(Shared));
}

#[test]
fn a_job_without_indices_has_none() {
    let text = "{apiVersion: batch/v1, kind: Job, metadata: {name: x}, spec: {template: {spec: {containers: [
      {name: main, volumeMounts: [{name: data, mountPath: /data, subPathExpr: $(JOB_COMPLETION_INDEX)}]}]}}}}";
    with_workload(text, |workload| {
        let mount = workload.pod().expect("a spec").mounts().next().expect("a mount");
        assert_eq!(mount.uniqueness(&workload), Some(Shared));
    });
}

#[test]
fn a_fixed_path_is_shared() {
    assert_eq!(unique(DEPLOYMENT, "", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPath: data", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPath: $(V)", &field("V", "metadata.name")), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: data", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: \"\"", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: ", ""), Some(Shared));
}

#[test]
fn only_the_containers_own_variables_count() {
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(ELSEWHERE)", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", ""), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", "{name: V, value: fixed}"), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", "{name: V, valueFrom: {configMapKeyRef: {name: c, key: k}}}"), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", "{name: V}"), Some(Shared));
}

#[test]
fn variables_see_those_above_them() {
    let name = field("NAME", "metadata.name");
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &format!("{name}, {{name: V, value: data-$(NAME)}}")), Some(PerPod));
    let chain = "{name: A, value: $(NAME)}, {name: B, value: $(A)}, {name: C, value: $(B)}, {name: D, value: $(C)}, {name: E, value: $(D)}";
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(E)", &format!("{name}, {chain}")), Some(PerPod));
    // Below, the reference stays as it is written, for every pod the same.
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &format!("{{name: V, value: data-$(NAME)}}, {name}")), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(A)", "{name: A, value: $(B)}, {name: B, value: $(A)}"), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(A)", "{name: A, value: $(A)}"), Some(Shared));
}

#[test]
fn the_last_variable_of_a_name_wins() {
    let name = field("V", "metadata.name");
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &format!("{{name: V, value: fixed}}, {name}")), Some(PerPod));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &format!("{name}, {{name: V, value: fixed}}")), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &format!("{name}, {{name: V, value: x-$(V)}}")), Some(PerPod));
}

#[test]
fn an_escaped_reference_is_text() {
    let name = field("V", "metadata.name");
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $$(V)", &name), Some(Shared));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $$$(V)", &name), Some(PerPod));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $$(V)/$(V)", &name), Some(PerPod));
    for text in ["$(V", "$V", "(V)", "$", "$$", "$()"] {
        assert_eq!(unique(DEPLOYMENT, &format!("subPathExpr: \"{text}\""), &name), Some(Shared), "{text}");
    }
}

#[test]
fn the_most_telling_part_of_a_path_decides() {
    let env = format!("{}, {}", field("NODE", "spec.nodeName"), field("POD", "metadata.name"));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(NODE)", &env), Some(PerNode));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(NODE)/$(POD)", &env), Some(PerPod));
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: all/$(NODE)/$(MISSING)", &env), Some(PerNode));
}

#[test]
fn a_placeholder_leaves_it_open() {
    assert_eq!(unique(DEPLOYMENT, "subPath: \"${PATH}\"", ""), None);
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: \"${PATH}\"", ""), None);
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", "{name: V, value: \"${VALUE}\"}"), None);
    assert_eq!(unique(DEPLOYMENT, "subPathExpr: $(V)", &field("V", "${FIELD}")), None);
}

#[test]
fn read_only_is_what_says_so() {
    let mounts = |mount: &str| {
        let text = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{containers: [{{{mount}}}]}}}}");
        with_workload(&text, |workload| workload.pod().expect("a spec").mounts().map(|mount| mount.is_read_only()).collect::<Vec<_>>())
    };
    assert_eq!(mounts("volumeMounts: [{name: a}, {name: a, readOnly: false}, {name: a, readOnly: }]"), [false, false, false]);
    assert_eq!(
        mounts("volumeMounts: [{name: a, readOnly: true}, {name: a, readOnly: yes}, {name: a, readOnly: \"${R}\"}]"),
        [true, true, true]
    );
    assert_eq!(mounts("volumeDevices: [{name: a, readOnly: true}]"), [false]);
    let volume = |text: &str| {
        let text = format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{volumes: [{{name: a, persistentVolumeClaim: {{{text}}}}}]}}}}"
        );
        with_workload(&text, |workload| workload.pod().expect("a spec").volumes().next().expect("a volume").is_read_only())
    };
    assert!(!volume("claimName: c") && !volume("claimName: c, readOnly: false") && !volume("claimName: c, readOnly: "));
    assert!(volume("claimName: c, readOnly: true") && volume("claimName: c, readOnly: \"${R}\""));
}

#[test]
fn names_are_known_where_no_placeholder_may_stand_for_more() {
    let names = |spec: &str| {
        let text = format!("{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: x}}, spec: {{{spec}}}}}");
        with_workload(&text, |workload| {
            let owned = |names: Option<HashSet<&str>>| {
                let mut names: Vec<_> = names?.into_iter().collect();
                names.sort_unstable();
                Some(names.join(" "))
            };
            (owned(workload.volume_names()), owned(workload.pod().and_then(|pod| pod.mounted_names())))
        })
    };
    let known = |volumes: &str, mounted: &str| (Some(volumes.to_owned()), Some(mounted.to_owned()));
    let spec = "template: {spec: {volumes: [{name: a}, {name: b}], containers: [{volumeMounts: [{name: a}], volumeDevices: [{name: c}]}]}},
      volumeClaimTemplates: [{metadata: {name: c}}]";
    assert_eq!(names(spec), known("a b c", "a c"));
    assert_eq!(names("template: {spec: {volumes: , containers: [{volumeMounts: }]}}"), known("", ""));
    assert_eq!(names("template: {spec: {initContainers: [{volumeMounts: [{name: i}]}]}}").1.as_deref(), Some("i"));
    assert_eq!(names("template: {spec: {volumes: \"${V}\", containers: \"${C}\"}}"), (None, None));
    assert_eq!(names("template: {spec: {volumes: [\"${V}\"], containers: [{volumeMounts: [\"${M}\"]}]}}"), (None, None));
    assert_eq!(names("template: {spec: {containers: [{volumeDevices: \"${D}\"}]}}"), (Some(String::new()), None));
    assert_eq!(names("template: {spec: {volumes: [{name: a}]}}, volumeClaimTemplates: \"${T}\"").0, None);
    assert_eq!(names("template: {spec: {volumes: [{name: a}]}}, volumeClaimTemplates: [{metadata: {name: \"${T}\"}}]").0, None);
}
