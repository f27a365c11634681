use super::*;
use crate::resource::{ClaimRequest, Reach, WorkloadKind};
use crate::yaml::parse;

fn with_graph(files: &[(&str, &str)], test: impl FnOnce(&Graph<'_>)) {
    let trees: Vec<Tree> = files.iter().enumerate().map(|(id, (_, text))| parse(SourceId(id as u32), (*text).into())).collect();
    for tree in &trees {
        assert_eq!(tree.errors(), []);
    }
    let files: Vec<File<'_>> = trees.iter().zip(files).map(|(tree, (path, _))| File { tree, path, alone: false }).collect();
    let world = World::default();
    test(&Graph::new(&files, &world));
}

/// A workload with one claim `data`, mounted as said.
fn workload(kind: &str, name: &str, spec: &str, mount: &str) -> String {
    let version = match kind {
        "Job" | "CronJob" => "batch/v1",
        "Pod" | "ReplicationController" => "v1",
        _ => "apps/v1",
    };
    let pod = format!(
        "{{containers: [{{name: main, image: a, env: [{{name: POD, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}, \
         {{name: NODE, valueFrom: {{fieldRef: {{fieldPath: spec.nodeName}}}}}}], volumeMounts: [{mount}]}}], \
         volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]}}"
    );
    let template = format!("template: {{metadata: {{labels: {{app: {name}}}}}, spec: {pod}}}");
    let spec = match kind {
        "Pod" => pod,
        "CronJob" => format!("{{jobTemplate: {{spec: {{{template}}}}}, {spec}}}"),
        _ => format!("{{{template}, {spec}}}"),
    };
    format!("---\n{{apiVersion: {version}, kind: {kind}, metadata: {{name: {name}}}, spec: {spec}}}\n")
}

fn claim(modes: &str, more: &str) -> String {
    format!("---\n{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data}}, spec: {{accessModes: [{modes}], {more}}}}}\n")
}

const WRITE: &str = "{name: data, mountPath: /data}";
const READ: &str = "{name: data, mountPath: /data, readOnly: true}";
const NEW_FIRST: &str = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
const OLD_FIRST: &str = "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}";
const RECREATE: &str = "strategy: {type: Recreate}";

fn name_of(hazard: Option<&Hazard<'_>>) -> &'static str {
    match hazard {
        None => "-",
        Some(Hazard::OnePod(_)) => "one pod",
        Some(Hazard::OnePodInRollout) => "one pod in rollout",
        Some(Hazard::OneNode(_)) => "one node",
        Some(Hazard::OneNodeInRollout) => "one node in rollout",
        Some(Hazard::SharedWrites(_)) => "shared",
        Some(Hazard::SharedWritesOnNode(_)) => "shared on node",
        Some(Hazard::SharedWritesInRollout(_)) => "shared in rollout",
        Some(Hazard::OverlappingRuns { are_writing: true }) => "runs write",
        Some(Hazard::OverlappingRuns { are_writing: false }) => "runs wait",
    }
}

#[test]
fn each_workload_and_access_mode_has_one_hazard() {
    // RWX written, RWX read, RWO written, RWO read, RWOP, ROX written.
    let matrix: [(&str, &str, [&str; 6]); 15] = [
        ("Deployment", "", ["shared in rollout", "-", "one node in rollout", "one node in rollout", "one pod in rollout", "-"]),
        ("Deployment", NEW_FIRST, ["shared in rollout", "-", "one node in rollout", "one node in rollout", "one pod in rollout", "-"]),
        ("Deployment", OLD_FIRST, ["shared in rollout", "-", "-", "-", "-", "-"]),
        ("Deployment", RECREATE, ["-", "-", "-", "-", "-", "-"]),
        ("Deployment", "replicas: 2", ["shared", "-", "one node", "one node", "one pod", "-"]),
        ("Deployment", "replicas: 0", ["-", "-", "-", "-", "-", "-"]),
        ("ReplicaSet", "replicas: 1", ["-", "-", "-", "-", "-", "-"]),
        ("ReplicaSet", "replicas: 2", ["shared", "-", "one node", "one node", "one pod", "-"]),
        ("StatefulSet", "replicas: 2", ["shared", "-", "one node", "one node", "one pod", "-"]),
        ("DaemonSet", "", ["shared", "-", "one node", "one node", "one pod", "-"]),
        ("Job", "parallelism: 2", ["shared", "-", "one node", "one node", "one pod", "-"]),
        ("Job", "parallelism: 2, completions: 1", ["-", "-", "-", "-", "-", "-"]),
        ("CronJob", "", ["runs write", "-", "runs write", "runs wait", "one pod", "-"]),
        ("CronJob", "concurrencyPolicy: Forbid", ["-", "-", "-", "-", "-", "-"]),
        ("Pod", "", ["-", "-", "-", "-", "-", "-"]),
    ];
    let columns = [
        ("ReadWriteMany", WRITE),
        ("ReadWriteMany", READ),
        ("ReadWriteOnce", WRITE),
        ("ReadWriteOnce", READ),
        ("ReadWriteOncePod", READ),
        ("ReadOnlyMany", WRITE),
    ];
    for (kind, spec, expected) in matrix {
        for ((mode, mount), expected) in columns.into_iter().zip(expected) {
            let text = workload(kind, "a", spec, mount) + &claim(mode, "");
            with_graph(&[("a.yaml", &text)], |graph| {
                let [claim_use] = graph.claim_uses() else { panic!("one claim is used") };
                assert_eq!(name_of(claim_use.hazard.as_ref()), expected, "{kind} {spec} {mode} {mount}");
            });
        }
    }
}

#[test]
fn a_volume_that_need_not_be_attached_is_no_hazard_of_nodes() {
    for (class, expected) in [("gp3", "one node"), ("local-path", "shared on node"), ("efs-sc", "-"), ("standard", "one node")] {
        let text = workload("Deployment", "a", "replicas: 2", WRITE) + &claim("ReadWriteOnce", &format!("storageClassName: {class}"));
        with_graph(&[("a.yaml", &text)], |graph| {
            assert_eq!(name_of(graph.claim_uses()[0].hazard.as_ref()), expected, "{class}");
        });
    }
}

#[test]
fn the_widest_writable_mount_decides_how_pods_share() {
    let cases = [
        ("", Sharing::ReadOnly),
        (READ, Sharing::ReadOnly),
        (WRITE, Sharing::Shared),
        ("{name: other, mountPath: /data}", Sharing::ReadOnly),
        ("{name: data, mountPath: /a, subPath: fixed}", Sharing::Shared),
        ("{name: data, mountPath: /a, subPathExpr: $(POD)}", Sharing::PathPerPod),
        ("{name: data, mountPath: /a, subPathExpr: $(NODE)}", Sharing::PathPerNode),
        ("{name: data, mountPath: /a, subPathExpr: $(NODE)/$(POD)}", Sharing::PathPerPod),
        ("{name: data, mountPath: /a, subPathExpr: $$(POD)}", Sharing::Shared),
        ("{name: data, mountPath: /a, subPathExpr: $(UNDEFINED)}", Sharing::Shared),
        ("{name: data, mountPath: /a, subPathExpr: $(POD)}, {name: data, mountPath: /b}", Sharing::Shared),
        ("{name: data, mountPath: /a, subPathExpr: $(POD)}, {name: data, mountPath: /b, readOnly: true}", Sharing::PathPerPod),
        ("{name: data, mountPath: /a, subPathExpr: $(POD)}, {name: data, mountPath: /b, subPathExpr: $(NODE)}", Sharing::PathPerNode),
    ];
    for (mount, expected) in cases {
        with_graph(&[("a.yaml", &workload("Deployment", "a", "", mount))], |graph| {
            assert_eq!(graph.claim_uses()[0].sharing(), Some(expected), "{mount}");
        });
    }
    let unknown = "{name: data, mountPath: /a, subPathExpr: '${DIR}'}, {name: data, mountPath: /b}";
    with_graph(&[("a.yaml", &workload("Deployment", "a", "", unknown))], |graph| assert_eq!(graph.claim_uses()[0].sharing(), None));
}

#[test]
fn a_path_of_the_nodes_own_is_enough_where_a_node_runs_one_pod() {
    let mount = "{name: data, mountPath: /a, subPathExpr: $(NODE)}";
    let surge = "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}";
    for (kind, spec, expected) in [("DaemonSet", "", false), ("DaemonSet", surge, true), ("Deployment", "", true)] {
        with_graph(&[("a.yaml", &workload(kind, "a", spec, mount))], |graph| {
            assert_eq!(graph.claim_uses()[0].is_shared_by_pods(), expected, "{kind} {spec}");
        });
    }
}

#[test]
fn paths_are_apart_unless_one_holds_the_other() {
    let sub_path = |path: &str| format!("{{name: data, mountPath: /data, subPath: '{path}'}}");
    let cases = [
        ("a", "a", true),
        ("a", "a/b", true),
        ("a/b", "a", true),
        ("a", "ab", false),
        ("a/b", "a/c", false),
        ("a", "", true),
        ("a", ".", true),
        ("./a/", "a", true),
        ("a//b", "a/./b", true),
    ];
    for (left, right, expected) in cases {
        let text = workload("Pod", "a", "", &sub_path(left)) + &workload("Pod", "b", "", &sub_path(right));
        with_graph(&[("a.yaml", &text)], |graph| {
            let [a, b] = graph.claim_uses() else { panic!("two uses") };
            assert_eq!((a.writes_overlap(b), b.writes_overlap(a)), (expected, expected), "{left} and {right}");
        });
    }
}

#[test]
fn paths_that_are_read_or_differ_from_pod_to_pod_do_not_overlap() {
    let own = "{name: data, mountPath: /data, subPathExpr: $(POD)}";
    for (left, right, expected) in [(WRITE, READ, false), (READ, READ, false), (WRITE, WRITE, true), (own, own, false), (own, WRITE, true)]
    {
        let text = workload("Pod", "a", "", left) + &workload("Pod", "b", "", right);
        with_graph(&[("a.yaml", &text)], |graph| {
            let [a, b] = graph.claim_uses() else { panic!("two uses") };
            assert_eq!(a.writes_overlap(b), expected, "{left} and {right}");
        });
    }
}

#[test]
fn reach_is_told_by_volume_class_or_well_known_name() {
    let class = |name: &str, provisioner: &str| {
        format!("---\n{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: {name}}}, provisioner: {provisioner}}}\n")
    };
    let volume =
        |name: &str, spec: &str| format!("---\n{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: {name}}}, spec: {{{spec}}}}}\n");
    let host =
        "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n]}]}]}}";
    let cases = [
        ("", String::new(), None),
        ("storageClassName: standard", String::new(), None),
        ("storageClassName: gp3", String::new(), Some(Reach::Attached)),
        ("storageClassName: local-path", String::new(), Some(Reach::Node)),
        ("storageClassName: efs-sc", String::new(), Some(Reach::Network)),
        ("storageClassName: '${CLASS}'", String::new(), None),
        ("storageClassName: standard", class("standard", "k8s.io/minikube-hostpath"), Some(Reach::Node)),
        ("storageClassName: gp3", class("gp3", "nfs.csi.k8s.io"), Some(Reach::Network)),
        ("storageClassName: gp3", class("gp3", "example.com/own"), None),
        ("storageClassName: gp3", class("gp3", "'${PROVISIONER}'"), None),
        ("storageClassName: rook", class("rook", "rook-ceph.rbd.csi.ceph.com"), Some(Reach::Attached)),
        ("storageClassName: local", class("local", "kubernetes.io/no-provisioner"), Some(Reach::Node)),
        (
            "storageClassName: nfs",
            class("nfs", "kubernetes.io/no-provisioner") + &volume("v", "storageClassName: nfs, nfs: {server: s, path: /}"),
            Some(Reach::Network),
        ),
        ("storageClassName: manual", volume("v", "storageClassName: manual, hostPath: {path: /d}"), Some(Reach::Node)),
        ("storageClassName: manual", volume("v", "storageClassName: other, hostPath: {path: /d}"), None),
        (
            "storageClassName: manual",
            volume("v", "storageClassName: manual, hostPath: {path: /d}")
                + &volume("w", "storageClassName: manual, nfs: {server: s, path: /}"),
            None,
        ),
        ("volumeName: v", volume("v", "nfs: {server: s, path: /}"), Some(Reach::Network)),
        ("volumeName: v", volume("v", "csi: {driver: ebs.csi.aws.com}"), Some(Reach::Attached)),
        ("volumeName: v", volume("v", &format!("csi: {{driver: example.com/own}}, {host}")), Some(Reach::Node)),
        ("volumeName: v, storageClassName: gp3", volume("w", "nfs: {server: s, path: /}"), None),
    ];
    for (spec, others, expected) in cases {
        let text = claim("ReadWriteOnce", spec) + &others;
        with_graph(&[("a.yaml", &text)], |graph| {
            let found: Vec<ClaimRequest<'_>> = graph.whole().filter_map(Resource::claim).collect();
            assert_eq!(graph.reach(&found[0]), expected, "{spec} {others}");
        });
    }
}

#[test]
fn a_claim_is_shared_by_what_is_applied_together() {
    let (a, b) = (workload("Deployment", "a", "", WRITE), workload("Deployment", "b", "", WRITE));
    let many = claim("ReadWriteMany", "");
    let (own_a, own_b) = (a.clone() + &many, b.clone() + &many);
    let shares = |files: &[(&str, &str)]| {
        let mut names = Vec::new();
        with_graph(files, |graph| {
            names = graph.shared_claims().iter().map(|shared| name_workloads(&shared.users())).collect();
        });
        names
    };
    assert_eq!(shares(&[("x/a.yaml", &own_a), ("x/b.yaml", &own_b)]), ["Deployment a and Deployment b"]);
    assert_eq!(shares(&[("x/a.yaml", &own_a), ("y/b.yaml", &own_b)]), [""; 0]);
    assert_eq!(shares(&[("x/a.yaml", &a), ("x/b.yaml", &b), ("claim.yaml", &many)]), ["Deployment a and Deployment b"]);
    assert_eq!(shares(&[("x/a.yaml", &own_a), ("x/again.yaml", &own_a)]), [""; 0]);
    assert_eq!(shares(&[("x/a.yaml", &a), ("x/b.yaml", &b)]), [""; 0]);
}

#[test]
fn pods_are_counted_by_kind() {
    let cases = [
        ("Deployment", "", Some(Some(1)), "1 pod of Deployment a"),
        ("Deployment", "replicas: 3", Some(Some(3)), "3 pods of Deployment a"),
        ("Deployment", "replicas: -1", Some(Some(0)), "0 pods of Deployment a"),
        ("Deployment", "replicas: '${N}'", None, ""),
        ("DaemonSet", "", Some(None), "the pods of DaemonSet a on all nodes"),
        ("Job", "completions: 3", Some(Some(1)), "1 parallel pod of Job a"),
        ("Job", "parallelism: 3", Some(Some(3)), "3 parallel pods of Job a"),
        ("Job", "suspend: true", Some(Some(0)), "the pod of Job a"),
        ("CronJob", "", Some(None), "overlapping runs of CronJob a (concurrencyPolicy defaults to Allow)"),
        ("CronJob", "concurrencyPolicy: Forbid", Some(Some(1)), "1 parallel pod of CronJob a"),
        ("CronJob", "concurrencyPolicy: '${P}'", None, ""),
        ("Pod", "", Some(Some(1)), "the pod of Pod a"),
    ];
    for (kind, spec, most, described) in cases {
        with_graph(&[("a.yaml", &workload(kind, "a", spec, WRITE))], |graph| {
            let workload = graph.workloads().next().expect("there is one");
            let pods = graph.pods(&workload);
            assert_eq!(pods.map(|pods| pods.most()), most, "{kind} {spec}");
            assert_eq!(pods.map_or_else(String::new, |pods| pods.describe(&workload)), described);
        });
    }
}

#[test]
fn a_handover_starts_the_new_pod_first_unless_told_otherwise() {
    use crate::resource::Handover::{AtOnce, NewFirst, OldFirst, OldGone};
    let rolling =
        |surge: &str, unavailable: &str| format!("strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}");
    let cases = [
        (String::new(), Some(NewFirst)),
        (rolling("1%", "99%"), Some(NewFirst)),
        (rolling("1", "1"), Some(AtOnce)),
        (rolling("25%", "100%"), Some(AtOnce)),
        (rolling("0", "25%"), Some(OldFirst)),
        (rolling("0", "1"), Some(OldFirst)),
        (rolling("'${S}'", "1"), None),
        ("paused: true".into(), Some(OldGone)),
        (RECREATE.into(), Some(OldGone)),
    ];
    for (spec, expected) in cases {
        with_graph(&[("a.yaml", &workload("Deployment", "a", &spec, WRITE))], |graph| {
            let workload = graph.workloads().next().expect("there is one");
            assert_eq!((workload.kind(), workload.handover()), (WorkloadKind::Deployment, expected), "{spec}");
        });
    }
}

/// How the one claim that something mounts is found: its best mode.
fn mode_of_use(files: &[(&str, &str)]) -> Option<&'static str> {
    let mut mode = None;
    with_graph(files, |graph| mode = graph.claim_uses().first().and_then(ClaimUse::access_modes).map(|modes| modes.best.name()));
    mode
}

#[test]
fn a_claim_that_pods_make_is_known_by_its_name() {
    let set = |namespace: &str, modes: &str| {
        format!(
            "---\n{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: web{namespace}}}, spec: {{selector: {{}}, template: {{spec: \
             {{containers: [{{name: a, image: a}}], volumes: [{{name: scratch, ephemeral: {{volumeClaimTemplate: {{spec: \
             {{accessModes: [ReadWriteOncePod]}}}}}}}}]}}}}, volumeClaimTemplates: [{{metadata: {{name: data}}, spec: \
             {{accessModes: [{modes}]}}}}]}}}}\n"
        )
    };
    let pod = |claim: &str| workload("Pod", "a", "", WRITE).replace("claimName: data", &format!("claimName: {claim}"));
    let mode = |claim: &str, others: &str| mode_of_use(&[("a.yaml", &(pod(claim) + others))]);
    let (once, many) = (set("", "ReadWriteOnce"), set("", "ReadWriteMany"));
    assert_eq!(mode("data-web-0", &once), Some("ReadWriteOnce"));
    assert_eq!(mode("data-web-7", &once), Some("ReadWriteOnce"));
    assert_eq!(mode("web-0-scratch", &once), Some("ReadWriteOncePod"));
    assert_eq!(mode("data-web", &once), None);
    assert_eq!(mode("data-web-x", &once), None);
    assert_eq!(mode("data-web-0", &set(", namespace: prod", "ReadWriteOnce")), None);
    assert_eq!(mode("data-web-0", &(once.clone() + &many)), None);
    let written = claim("ReadOnlyMany", "").replace("name: data", "name: data-web-0");
    assert_eq!(mode("data-web-0", &(once.clone() + &written)), Some("ReadOnlyMany"));
    assert_eq!(mode_of_use(&[("x/a.yaml", &pod("data-web-0")), ("x/b.yaml", &once), ("y/c.yaml", &many)]), Some("ReadWriteOnce"));
}

#[test]
fn claims_of_one_name_that_differ_in_size_only_are_as_good_as_one() {
    let pod = workload("Pod", "a", "", WRITE);
    let sized = |modes: &str, size: &str, more: &str| claim(modes, &format!("resources: {{requests: {{storage: {size}}}}}, {more}"));
    let mode = |a: &str, b: &str| mode_of_use(&[("base/pod.yaml", &pod), ("dev/a.yaml", a), ("prod/b.yaml", b)]);
    let small = sized("ReadWriteMany", "1Gi", "");
    assert_eq!(mode(&small, &sized("ReadWriteMany", "9Gi", "")), Some("ReadWriteMany"));
    assert_eq!(mode(&small, &sized("ReadWriteOnce", "1Gi", "")), None);
    assert_eq!(mode(&small, &sized("ReadWriteMany", "1Gi", "storageClassName: fast")), None);
    assert_eq!(mode(&small, &sized("ReadWriteMany", "1Gi", "volumeName: v")), None);
    assert_eq!(mode(&small, &sized("ReadWriteMany", "1Gi", "volumeName: null")), Some("ReadWriteMany"));
}
