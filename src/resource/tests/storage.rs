//! Claims, volumes and what provisioners can do.

use super::*;
use AccessMode::{ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod};

fn with_claim<T>(spec: &str, check: impl FnOnce(ClaimRequest<'_>) -> T) -> T {
    let text = format!("{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data}}, spec: {{{spec}}}}}");
    with_object(&text, |object| check(object.claim().expect("a claim")))
}

#[test]
fn the_best_access_mode_counts() {
    let best = |modes: &str| with_claim(&format!("accessModes: {modes}"), |claim| claim.access_modes().map(|modes| modes.best));
    assert_eq!(best("[ReadWriteOnce]"), Some(ReadWriteOnce));
    assert_eq!(best("[ReadWriteOnce, ReadWriteMany]"), Some(ReadWriteMany));
    assert_eq!(best("[ReadWriteMany, ReadOnlyMany]"), Some(ReadWriteMany));
    assert_eq!(best("[ReadOnlyMany, ReadWriteOnce]"), Some(ReadWriteOnce));
    assert_eq!(best("[ReadOnlyMany]"), Some(ReadOnlyMany));
    assert_eq!(best("[ReadWriteOncePod]"), Some(ReadWriteOncePod));
    for modes in ["[]", "", "ReadWriteOnce", "[RWX]", "[ReadWriteOnce, \"${MODE}\"]", "\"${MODES}\"", "[readwriteonce]"] {
        assert_eq!(best(modes), None, "{modes}");
    }
    with_claim("accessModes: [ReadWriteOnce, ReadWriteMany]", |claim| {
        assert_eq!(claim.access_modes().expect("modes").best_node().text(), "ReadWriteMany");
    });
}

#[test]
fn access_modes_are_known_by_name_only() {
    for mode in AccessMode::ALL {
        assert_eq!(AccessMode::from_name(mode.name()), Some(mode));
        assert_eq!(AccessMode::from_name(mode.abbreviation()), None);
    }
}

#[test]
fn a_claim_says_what_it_wants() {
    with_claim("resources: {requests: {storage: 1Gi}}, storageClassName: fast, volumeName: v, volumeMode: Block", |claim| {
        assert_eq!(claim.request(), Quantity::parse("1024Mi"));
        assert_eq!(claim.class().map(NodeRef::text), Some("fast"));
        assert_eq!(claim.volume_name(), Some("v"));
        assert!(claim.is_block());
    });
    with_claim("resources: {limits: {storage: 1Gi}}, storageClassName: , volumeMode: Filesystem", |claim| {
        assert_eq!(claim.request(), None);
        assert!(claim.class().is_none() && claim.volume_name().is_none() && !claim.is_block());
    });
    with_claim("storageClassName: \"\"", |claim| assert_eq!(claim.class().map(NodeRef::text), Some("")));
}

#[test]
fn requests_come_from_claims_templates_and_ephemeral_volumes() {
    let text = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce]}
  template:
    spec:
      volumes:
      - {name: tmp, emptyDir: {}}
      - name: scratch
        ephemeral: {volumeClaimTemplate: {spec: {selector: {}, volumeMode: \"${MODE}\"}}}
      - {name: broken, ephemeral: {volumeClaimTemplate: }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shared}
spec: {volumeName: disk}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
";
    with_objects(text, |objects| {
        let requests: Vec<_> = objects.iter().flat_map(Resource::claim_requests).collect();
        let described: Vec<_> = requests.iter().map(ClaimRequest::describe).collect();
        assert_eq!(described, ["claim template `data`", "ephemeral volume `scratch`", "claim `shared`"]);
        assert_eq!(requests.iter().map(ClaimRequest::is_template).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(requests.iter().map(ClaimRequest::is_file_system).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(requests.iter().map(ClaimRequest::wants_existing_volume).collect::<Vec<_>>(), [false, true, true]);
        let places: Vec<_> = requests.iter().map(|request| request.nearest("spec.accessModes").key().expect("a key").text()).collect();
        assert_eq!(places, ["accessModes", "spec", "spec"]);
    });
}

#[test]
fn only_a_stateful_set_has_claim_templates() {
    for (kind, count) in [("StatefulSet", 1), ("Deployment", 0)] {
        let text = format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: x}}, spec: {{volumeClaimTemplates: [{{metadata: {{name: a}}}}]}}}}"
        );
        assert_eq!(with_workload(&text, |workload| workload.claim_templates().count()), count, "{kind}");
    }
}

#[test]
fn a_volumes_source_tells_from_where_it_is_reached() {
    let volume = |spec: &str| {
        let text = format!("{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: v}}, spec: {{{spec}}}}}");
        with_object(&text, |object| {
            let volume = object.persistent_volume().expect("a volume");
            (volume.reach(), volume.is_read_only())
        })
    };
    assert_eq!(volume("hostPath: {path: /data}"), (Some(Reach::Node), false));
    assert_eq!(volume("local: {path: /data}"), (Some(Reach::Node), false));
    assert_eq!(volume("nfs: {server: s, path: /, readOnly: true}"), (Some(Reach::Network), true));
    assert_eq!(volume("csi: {driver: ebs.csi.aws.com, volumeHandle: v}"), (Some(Reach::Attached), false));
    assert_eq!(volume("csi: {driver: efs.csi.aws.com}, mountOptions: [tls, ro]"), (Some(Reach::Network), true));
    assert_eq!(volume("csi: {driver: unknown.example.com}"), (None, false));
    assert_eq!(volume("awsElasticBlockStore: {volumeID: v}, mountOptions: [\"rw,noatime\"]"), (None, false));
    let on_host = "csi: {driver: unknown.example.com}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions:
      [{key: kubernetes.io/hostname, operator: In, values: [one]}]}]}}";
    assert_eq!(volume(on_host).0, Some(Reach::Node));
    let in_zone = "csi: {driver: ebs.csi.aws.com}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions:
      [{key: topology.kubernetes.io/zone, operator: In, values: [a]}]}]}}";
    assert_eq!(volume(in_zone).0, Some(Reach::Attached));
}

#[test]
fn provisioners_are_found_by_name_or_pattern() {
    let reach = |name: &str| provisioner(name).map(|provisioner| provisioner.reach);
    assert_eq!(reach("ebs.csi.aws.com"), Some(Reach::Attached));
    assert_eq!(reach("rook-ceph.rbd.csi.ceph.com"), Some(Reach::Attached));
    assert_eq!(reach("rook-ceph.cephfs.csi.ceph.com"), Some(Reach::Network));
    assert_eq!(reach("cluster.local/my-nfs-client-provisioner"), Some(Reach::Network));
    assert_eq!(reach("rancher.io/local-path"), Some(Reach::Node));
    assert_eq!(reach("ebs.csi.aws.com.example.com"), None);
    assert_eq!(reach("zfs.csi.openebs.io"), Some(Reach::Node));
    assert_eq!(reach(""), None);
}

#[test]
fn a_provisioner_makes_what_it_can() {
    let makes = |name: &str, mode: AccessMode| provisioner(name).and_then(|provisioner| provisioner.makes(mode));
    assert_eq!(makes("ebs.csi.aws.com", ReadWriteMany), Some(false));
    assert_eq!(makes("efs.csi.aws.com", ReadWriteMany), Some(true));
    assert_eq!(makes("csi.vsphere.vmware.com", ReadWriteMany), None);
    assert_eq!(makes("pd.csi.storage.gke.io", ReadOnlyMany), Some(true));
    assert_eq!(makes("rancher.io/local-path", ReadOnlyMany), Some(false));
    assert_eq!(makes("kubernetes.io/no-provisioner", ReadWriteMany), None);
    assert_eq!(makes("ebs.csi.aws.com", ReadWriteOnce), None);
    assert_eq!(makes("ebs.csi.aws.com", ReadWriteOncePod), None);
}

#[test]
fn class_names_mean_a_provisioner_only_where_they_do_everywhere() {
    let name = |class: &str| provisioner_of_class(class).map(|provisioner| provisioner.name);
    assert_eq!(name("gp3"), Some("ebs.csi.aws.com"));
    assert_eq!(name("longhorn"), Some("driver.longhorn.io"));
    for class in ["standard", "default", "fast", "local", "-", "", "gp", "gp2,gp3"] {
        assert_eq!(name(class), None, "{class}");
    }
}

#[test]
fn the_table_of_provisioners_names_nothing_twice() {
    let lines = include_str!("../data/provisioners.txt").lines().filter(|line| !line.starts_with('#'));
    let mut seen = std::collections::HashSet::new();
    for line in lines {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [name, reach, read_only_many, read_write_many, classes] = fields[..] else { panic!("{line}") };
        assert!(["attached", "zone", "node", "network"].contains(&reach), "{line}");
        assert!([read_only_many, read_write_many].iter().all(|word| ["yes", "no", "?"].contains(word)), "{line}");
        for word in std::iter::once(name).chain(classes.split(',').filter(|class| *class != "-")) {
            assert!(seen.insert(word), "{word}");
        }
    }
}

#[test]
fn the_table_of_removed_sources_is_whole() {
    let sources: Vec<_> = removed_sources().collect();
    let fields: std::collections::HashSet<_> = sources.iter().map(|source| source.field).collect();
    assert_eq!(fields.len(), sources.len());
    for source in sources {
        assert!((10..40).contains(&source.since), "{source:?}");
        assert!(source.provisioner == "-" || source.provisioner.starts_with("kubernetes.io/"), "{source:?}");
        assert!(!matches!(source.successor, Successor::Driver(driver) if !driver.contains('.')), "{source:?}");
    }
}

#[test]
fn data_directories_are_told_by_path_and_image() {
    let is_data = |path: &str, image: &str| {
        let text = format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{{name: a, image: {image:?}, \
             volumeMounts: [{{name: data, mountPath: {path:?}}}]}}]}}}}"
        );
        with_object(&text, |object| {
            let pod = object.workload().and_then(|workload| workload.pod()).expect("a pod");
            pod.mounts().all(|mount| is_data_directory(&mount))
        })
    };
    assert!(is_data("/var/lib/mysql", "registry.example/own:1"));
    assert!(is_data("/data/db/", "docker.io/library/mongo:7@sha256:00"));
    assert!(is_data("/data", "neo4j"));
    for (path, image) in
        [("/data/db", "importer"), ("/data", "redis"), ("/var/lib", "mysql"), ("", "mysql"), ("/", "mysql"), ("/data/db", "{{x}}")]
    {
        assert!(!is_data(path, image), "{path} {image}");
    }
}
