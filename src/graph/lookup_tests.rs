//! Look-ups by name, units, and the number of pods.

use super::*;
use crate::yaml::parse;

/// The graph of some files, each a path and a text; a path that starts with `!` was named by itself.
fn with_world<T>(files: &[(&str, &str)], world: &World, test: impl FnOnce(&Graph<'_>) -> T) -> T {
    let trees: Vec<Tree> = files.iter().enumerate().map(|(id, (_, text))| parse(SourceId(id as u32), (*text).into())).collect();
    for tree in &trees {
        assert_eq!(tree.errors(), []);
    }
    let files =
        trees.iter().zip(files).map(|(tree, (path, _))| File { tree, path: path.trim_start_matches('!'), alone: path.starts_with('!') });
    let files: Vec<File<'_>> = files.collect();
    test(&Graph::new(&files, world))
}

fn with_graph<T>(files: &[(&str, &str)], test: impl FnOnce(&Graph<'_>) -> T) -> T {
    with_world(files, &World::default(), test)
}

/// The object of that kind and name; the first where there are several.
fn object<'g, 't>(graph: &'g Graph<'t>, described: &str) -> &'g Resource<'t> {
    graph.resources().iter().find(|resource| resource.describe() == described).unwrap_or_else(|| panic!("there is no {described}"))
}

/// A ConfigMap in flow style whose data tell it from others of its name.
fn config(name: &str, value: &str) -> String {
    format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{v: {value}}}}}\n")
}

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: from}, spec: {containers: [{name: a, image: a:1}]}}\n";

/// What the Pod `from` finds of the ConfigMap `c`: its value.
fn finds(files: &[(&str, &str)]) -> Result<String, &'static str> {
    with_graph(files, |graph| match graph.find(object(graph, "Pod from"), Kind::ConfigMap, Identity { namespace: None, name: "c" }) {
        Lookup::Found(found) => Ok(found.node().at("data.v").expect("a value").text().to_owned()),
        Lookup::Ambiguous => Err("ambiguous"),
        Lookup::Absent => Err("absent"),
    })
}

#[test]
fn a_look_up_climbs_from_the_file_to_the_root() {
    let (own, beside, above, top, away) =
        (config("c", "own"), config("c", "beside"), config("c", "above"), config("c", "top"), config("c", "away"));
    let with_own = format!("{POD}---\n{own}");
    let all = [("a/b/pod.yaml", with_own.as_str()), ("a/b/c.yaml", &beside), ("a/c.yaml", &above), ("c.yaml", &top), ("x/y/c.yaml", &away)];
    assert_eq!(finds(&all).as_deref(), Ok("own"));
    let mut files = all;
    files[0].1 = POD;
    assert_eq!(finds(&files).as_deref(), Ok("beside"));
    assert_eq!(finds(&[files[0], files[2], files[3], files[4]]).as_deref(), Ok("above"));
    assert_eq!(finds(&[files[0], files[4]]).as_deref(), Ok("away"));
    assert_eq!(finds(&[files[0]]), Err("absent"));
}

#[test]
fn a_folder_below_is_as_far_as_the_level_it_belongs_to() {
    let (sibling, below) = (config("c", "sibling"), config("c", "below"));
    // Below one's own folder is nearer than below its parent.
    assert_eq!(finds(&[("a/pod.yaml", POD), ("b/c.yaml", &sibling), ("a/deep/er/c.yaml", &below)]).as_deref(), Ok("below"));
    assert_eq!(finds(&[("a/pod.yaml", POD), ("a/one/c.yaml", &sibling), ("a/two/three/c.yaml", &below)]), Err("ambiguous"));
}

#[test]
fn different_candidates_on_one_level_are_ambiguous_and_equal_ones_are_not() {
    let (one, two) = (config("c", "1"), config("c", "2"));
    assert_eq!(finds(&[("pod.yaml", POD), ("x/c.yaml", &one), ("y/c.yaml", &two)]), Err("ambiguous"));
    let same = "apiVersion: v1\nkind: ConfigMap\ndata: {v: '1'}\nmetadata: {name: c, labels: }\n";
    assert_eq!(
        finds(&[
            ("pod.yaml", POD),
            ("x/c.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {v: '1'}}"),
            ("y/c.yaml", same)
        ])
        .as_deref(),
        Ok("1")
    );
    // A nearer one decides before that.
    assert_eq!(finds(&[("pod.yaml", POD), ("c.yaml", &two), ("x/c.yaml", &one), ("y/c.yaml", &two)]).as_deref(), Ok("2"));
}

#[test]
fn namespaces_are_compared_as_written() {
    let found = |from: Option<&str>, other: &str| {
        let text = format!("{POD}---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{other}}}}}");
        with_graph(&[("a.yaml", &text)], |graph| {
            graph.find(object(graph, "Pod from"), Kind::ConfigMap, Identity { namespace: from, name: "c" }).found().is_some()
        })
    };
    assert!(found(None, "") && found(Some("prod"), ", namespace: prod"));
    assert!(!found(None, ", namespace: default") && !found(Some("prod"), "") && !found(Some("prod"), ", namespace: test"));
    assert!(!found(None, ", namespace: \"${NS}\""));
}

#[test]
fn patches_and_other_kinds_are_not_found() {
    let files = [
        ("base/pod.yaml", POD),
        ("base/kustomization.yaml", "patches: [{path: c.yaml}, {target: {kind: Pod}}]\n"),
        ("base/c.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {v: 1}}"),
        ("base/secret.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: c}}"),
    ];
    assert_eq!(finds(&files), Err("absent"));
    assert_eq!(finds(&[files[0], files[2]]).as_deref(), Ok("1"));
}

#[test]
fn too_many_of_one_name_are_ambiguous() {
    let many = (0..=MANY_OF_ONE_NAME).map(|value| config("c", &value.to_string())).collect::<Vec<_>>().join("---\n");
    assert_eq!(finds(&[("pod.yaml", POD), ("c.yaml", &many)]), Err("ambiguous"));
}

#[test]
fn labels_are_compared_with_those_of_many_workloads_but_not_of_any_number() {
    const SERVICE: &str = "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: web, tier: front}}}";
    let pod = |name: &str, app: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: {app}, tier: back}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}\n"
        )
    };
    let is_told_after = |others: usize| {
        let pods: Vec<String> = (0..others).map(|number| pod(&format!("other-{number}"), "other")).chain([pod("web", "web")]).collect();
        with_graph(&[("service.yaml", SERVICE), ("pods.yaml", &pods.join("---\n"))], |graph| {
            let service = object(graph, "Service s").service().expect("a Service");
            graph.almost_selected(service.resource(), service.selector().expect("a selector")).is_some()
        })
    };
    assert!(is_told_after(20));
    assert!(!is_told_after(2000));
}

/// What it means that the Pod `from` of the first file doesn't find the ConfigMap `c`.
fn absence(files: &[(&str, &str)], world: &World) -> Absence {
    with_world(files, world, |graph| graph.absence(object(graph, "Pod from"), Kind::ConfigMap, Identity { namespace: None, name: "c" }))
}

#[test]
fn a_folder_that_holds_the_kind_is_held_to_be_complete() {
    let (auto, other) = (World::default(), config("other", "1"));
    assert_eq!(absence(&[("a/pod.yaml", POD), ("a/c.yaml", &other)], &auto), Absence::Certain);
    assert_eq!(absence(&[("a/pod.yaml", POD), ("b/c.yaml", &other)], &auto), Absence::Likely);
    assert_eq!(absence(&[("a/pod.yaml", POD)], &auto), Absence::Likely);
    assert_eq!(absence(&[("!a/pod.yaml", POD), ("!a/c.yaml", &other)], &auto), Absence::Unknown);
    assert_eq!(absence(&[("!-", POD)], &auto), Absence::Unknown);
}

#[test]
fn the_user_may_say_whether_the_set_is_complete() {
    let other = config("other", "1");
    let world = |references| World { references, ..World::default() };
    assert_eq!(absence(&[("!-", POD)], &world(References::Complete)), Absence::Certain);
    assert_eq!(absence(&[("a/pod.yaml", POD), ("a/c.yaml", &other)], &world(References::Partial)), Absence::Unknown);
}

#[test]
fn what_is_assumed_may_be_anywhere() {
    let world = |kind: &str, namespace: Option<&str>, name: &str| World {
        references: References::Complete,
        assume: vec![Assumed { kind: kind.into(), namespace: namespace.map(str::to_owned), name: name.into() }],
        ..World::default()
    };
    let files = [("a/pod.yaml", POD)];
    assert_eq!(absence(&files, &world("ConfigMap", None, "c")), Absence::Unknown);
    assert_eq!(absence(&files, &world("ConfigMap", Some("prod"), "c")), Absence::Certain);
    assert_eq!(absence(&files, &world("Secret", None, "c")), Absence::Certain);
    assert_eq!(absence(&files, &world("ConfigMap", None, "d")), Absence::Certain);
}

/// The objects that are applied together with one, described.
fn unit(graph: &Graph<'_>, described: &str) -> Vec<String> {
    graph.unit_of(object(graph, described)).map(Resource::describe).collect()
}

#[test]
fn a_folder_is_a_unit_and_so_is_standard_input() {
    let (a, b, c, d) = (config("a", "1"), config("b", "1"), config("c", "1"), config("d", "1"));
    with_graph(&[("x/a.yaml", &a), ("x/b.yaml", &b), ("x/y/c.yaml", &c), ("-", &d)], |graph| {
        assert_eq!(unit(graph, "ConfigMap a"), ["ConfigMap a", "ConfigMap b"]);
        assert_eq!(unit(graph, "ConfigMap c"), ["ConfigMap c"]);
        assert_eq!(unit(graph, "ConfigMap d"), ["ConfigMap d"]);
        assert_eq!(graph.units().map(|unit| unit.len()).collect::<Vec<_>>(), [2, 1, 1]);
    });
}

#[test]
fn a_kustomization_leaves_out_what_it_does_not_list() {
    let (a, b, c) = (config("a", "1"), config("b", "1"), config("c", "1"));
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml, ./b.yaml, ../base]\n";
    with_graph(&[("x/kustomization.yaml", kustomization), ("x/a.yaml", &a), ("x/b.yaml", &b), ("x/c.yaml", &c)], |graph| {
        assert_eq!(unit(graph, "ConfigMap a"), ["ConfigMap a", "ConfigMap b"]);
        assert_eq!(unit(graph, "ConfigMap c"), ["ConfigMap c"]);
        assert_eq!(graph.kustomizations().count(), 1);
    });
    // One that lists nothing, or stands elsewhere, leaves the folder as it is.
    with_graph(&[("x/kustomization.yaml", "namePrefix: a-\n"), ("x/a.yaml", &a), ("x/b.yaml", &b)], |graph| {
        assert_eq!(unit(graph, "ConfigMap a"), ["ConfigMap a", "ConfigMap b"]);
    });
    with_graph(&[("kustomization.yaml", "resources: [x/a.yaml]\n"), ("x/a.yaml", &a), ("x/b.yaml", &b)], |graph| {
        assert_eq!(unit(graph, "ConfigMap a"), ["ConfigMap a", "ConfigMap b"]);
    });
}

#[test]
fn kustomizations_name_patches() {
    let deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {}, template: {}}}";
    let is_partial = |kustomization: &str, path: &str| {
        with_graph(&[("over/lay/kustomization.yaml", kustomization), (path, deployment)], |graph| {
            object(graph, "Deployment web").is_partial()
        })
    };
    let path = "over/lay/web.yaml";
    assert!(is_partial("patchesStrategicMerge: [web.yaml]\n", path));
    assert!(is_partial("patchesStrategicMerge: [./web.yaml]\n", path));
    assert!(is_partial("patches: [{path: web.yaml, target: {kind: Deployment}}]\n", path));
    assert!(is_partial("patchesJson6902: [{path: web.yaml}]\n", path));
    assert!(is_partial("patches: [{path: ../patches/web.yaml}]\n", "over/patches/web.yaml"));
    assert!(is_partial("{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, patches: [{path: web.yaml}]}\n", path));
    assert!(!is_partial("resources: [web.yaml]\n", path));
    assert!(!is_partial("patches: [{patch: web.yaml}]\n", path));
    assert!(!is_partial("patches: [{path: web.yaml}]\n", "web.yaml"));
}

#[test]
fn patches_belong_to_the_workload_of_their_kind_and_name() {
    let base = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {}, template: {}}}";
    let patches = "\
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}
---
{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: web, namespace: prod}, spec: {replicas: 4}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5, template: {spec: {containers: [{image: a:1}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 6, selector: {}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {replicas: 7}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {replicas: 8}}
";
    with_graph(&[("base/web.yaml", base), ("prod/patch.yaml", patches)], |graph| {
        let web = graph.workloads().next().expect("a workload");
        let replicas: Vec<_> = graph.patches_of(&web).filter_map(|patch| Some(patch.replicas()?.value)).collect();
        assert_eq!(replicas, [3, 4, 5]);
        assert_eq!(graph.workloads().count(), 3);
        assert_eq!(graph.all_workloads().count(), 7);
    });
}

#[test]
fn items_of_lists_are_objects() {
    let text = "\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
---
apiVersion: v1
kind: ConfigMapList
items:
- {metadata: {name: d}}
- {apiVersion: v1, kind: Secret, metadata: {name: e}}
---
{apiVersion: v1, kind: List, items: [{metadata: {name: f}}, text]}
---
{apiVersion: v1, kind: Playlist, metadata: {name: g}, items: []}
---
{apiVersion: example.com/v1, kind: AllowList, metadata: {name: h}, items: \"${ITEMS}\"}
";
    with_graph(&[("a.yaml", text)], |graph| {
        let described: Vec<_> = graph.resources().iter().map(Resource::describe).collect();
        assert_eq!(described, ["ConfigMap a", "ConfigMap b", "ConfigMap c", "ConfigMap d", "Secret e", "Playlist g", "AllowList h"]);
        assert_eq!(object(graph, "ConfigMap d").kind(), Kind::ConfigMap);
        for resource in graph.resources() {
            let inner = resource.node().get("metadata").expect("metadata").span();
            assert!(graph.resource_at(inner).is_some_and(|found| found.is(resource)), "{}", resource.describe());
        }
    });
}

/// A Deployment `web`, and autoscalers in flow style; how many pods it may have.
fn most(deployment: &str, autoscalers: &[&str]) -> Option<i64> {
    let text = format!("{deployment}\n---\n{}", autoscalers.join("\n---\n"));
    with_graph(&[("web.yaml", &text)], |graph| {
        let web = graph.workloads().next().expect("a workload");
        graph.replicas(&web).map(|replicas| replicas.most)
    })
}

fn deployment(replicas: &str) -> String {
    format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{selector: {{}}{replicas}}}}}")
}

fn hpa(version: &str, spec: &str) -> String {
    format!("{{apiVersion: autoscaling/{version}, kind: HorizontalPodAutoscaler, metadata: {{name: web}}, spec: {{{spec}}}}}")
}

fn keda(spec: &str) -> String {
    format!("{{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {{name: web}}, spec: {{{spec}}}}}")
}

const TARGET: &str = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}";

#[test]
fn an_autoscaler_of_any_version_decides_the_most_pods() {
    assert_eq!(most(&deployment(""), &[]), Some(1));
    assert_eq!(most(&deployment(", replicas: 3"), &[]), Some(3));
    for version in ["v1", "v2beta1", "v2beta2", "v2"] {
        assert_eq!(most(&deployment(""), &[&hpa(version, &format!("{TARGET}, maxReplicas: 10"))]), Some(10), "{version}");
    }
    // More than it allows are there until it acts.
    assert_eq!(most(&deployment(", replicas: 12"), &[&hpa("v2", &format!("{TARGET}, maxReplicas: 10"))]), Some(12));
    assert_eq!(most(&deployment(""), &[&keda("scaleTargetRef: {name: web}")]), Some(100));
    assert_eq!(most(&deployment(""), &[&keda("scaleTargetRef: {name: web}, maxReplicaCount: 4")]), Some(4));
    let both = [hpa("v2", &format!("{TARGET}, maxReplicas: 10")), keda("scaleTargetRef: {name: web}, maxReplicaCount: 20")];
    assert_eq!(most(&deployment(""), &[&both[0], &both[1]]), Some(20));
}

#[test]
fn an_autoscaler_of_something_else_decides_nothing() {
    for spec in [
        "scaleTargetRef: {kind: Deployment, name: api}, maxReplicas: 10",
        "scaleTargetRef: {kind: StatefulSet, name: web}, maxReplicas: 10",
        "scaleTargetRef: {kind: Rollout, name: web}, maxReplicas: 10",
        "scaleTargetRef: {kind: Deployment, name: \"${NAME}\"}, maxReplicas: 10",
        "maxReplicas: 10",
    ] {
        assert_eq!(most(&deployment(""), &[&hpa("v2", spec)]), Some(1), "{spec}");
    }
    let elsewhere = hpa("v2", &format!("{TARGET}, maxReplicas: 10")).replace("name: web}, spec", "name: web, namespace: prod}, spec");
    assert_eq!(most(&deployment(""), &[&elsewhere]), Some(1));
    let placed = deployment("").replace("name: web}", "name: web, namespace: prod}");
    assert_eq!(most(&placed, &[&elsewhere]), Some(10));
}

#[test]
fn the_group_of_the_target_is_not_compared() {
    let spec = |api_version: &str| format!("scaleTargetRef: {{apiVersion: {api_version}, kind: Deployment, name: web}}, maxReplicas: 10");
    for (of_target, of_workload) in [("extensions/v1beta1", "apps/v1"), ("apps/v1", "extensions/v1beta1"), ("apps/v1beta2", "apps/v1")] {
        let deployment = deployment("").replace("apps/v1", of_workload);
        assert_eq!(most(&deployment, &[&hpa("v2", &spec(of_target))]), Some(10), "{of_target} {of_workload}");
    }
}

#[test]
fn no_replicas_switch_an_autoscaler_off_unless_it_starts_from_zero() {
    let none = deployment(", replicas: 0");
    assert_eq!(most(&none, &[]), Some(0));
    assert_eq!(most(&none, &[&hpa("v2", &format!("{TARGET}, maxReplicas: 10"))]), Some(0));
    assert_eq!(most(&none, &[&hpa("v2", &format!("{TARGET}, minReplicas: 2, maxReplicas: 10"))]), Some(0));
    assert_eq!(most(&none, &[&hpa("v2", &format!("{TARGET}, minReplicas: 0, maxReplicas: 10"))]), Some(10));
    assert_eq!(most(&none, &[&keda("scaleTargetRef: {name: web}, maxReplicaCount: 4")]), Some(4));
    assert_eq!(most(&none, &[&keda("scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 4")]), Some(4));
    assert_eq!(most(&none, &[&hpa("v2", &format!("{TARGET}, minReplicas: \"${{MIN}}\", maxReplicas: 10"))]), None);
}

#[test]
fn a_placeholder_leaves_the_number_open() {
    assert_eq!(most(&deployment(", replicas: \"${N}\""), &[]), None);
    assert_eq!(most(&deployment(", replicas: \"${N}\""), &[&hpa("v2", &format!("{TARGET}, maxReplicas: 10"))]), None);
    assert_eq!(most(&deployment(""), &[&hpa("v2", &format!("{TARGET}, maxReplicas: \"${{MAX}}\""))]), None);
    assert_eq!(most(&deployment(""), &[&hpa("v2", &format!("{TARGET}, minReplicas: \"${{MIN}}\", maxReplicas: 10"))]), Some(10));
    assert_eq!(most("{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: web}, spec: {selector: {}}}", &[]), None);
}

#[test]
fn replicas_say_where_they_come_from() {
    let text = format!("{}\n---\n{}", deployment(", replicas: 2"), hpa("v2", &format!("{TARGET}, maxReplicas: 10")));
    with_graph(&[("web.yaml", &text)], |graph| {
        let web = graph.workloads().next().expect("a workload");
        let replicas = graph.replicas(&web).expect("a number");
        assert_eq!(replicas.origin(), "HorizontalPodAutoscaler web scales it to 10 pods");
        assert_eq!(replicas.node().and_then(NodeRef::int), Some(10));
        assert_eq!(replicas.written.value, 2);
    });
    with_graph(&[("web.yaml", &deployment(""))], |graph| {
        let web = graph.workloads().next().expect("a workload");
        assert!(graph.replicas(&web).expect("a number").node().is_none());
    });
}

#[test]
fn an_autoscaler_finds_its_workload_as_any_other_look_up_does() {
    let scaler = hpa("v2", &format!("{TARGET}, maxReplicas: 10"));
    let (small, large) = (deployment(", replicas: 1"), deployment(", replicas: 2"));
    with_graph(&[("one/web.yaml", &small), ("one/hpa.yaml", &scaler), ("two/web.yaml", &large)], |graph| {
        let most: Vec<_> = graph.workloads().filter_map(|workload| Some(graph.replicas(&workload)?.most)).collect();
        assert_eq!(most, [10, 2]);
    });
    with_graph(&[("one/web.yaml", &small), ("two/web.yaml", &large), ("hpa.yaml", &scaler)], |graph| {
        let most: Vec<_> = graph.workloads().filter_map(|workload| Some(graph.replicas(&workload)?.most)).collect();
        assert_eq!(most, [1, 2]);
    });
}

#[test]
fn services_select_pods_of_their_unit_and_namespace() {
    let pod = |namespace: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: from{namespace}, labels: {{app: a}}}}, spec: {{containers: [{{image: a:1}}]}}}}"
        )
    };
    let service =
        |name: &str, rest: &str| format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{selector: {rest}}}}}");
    let (one, two, three, four) =
        (service("one", "{app: a}"), service("two", "{app: b}"), service("three", "{}"), service("four", "\"${S}\""));
    let selecting = |namespace: &str| {
        let files = [
            ("x/pod.yaml", pod(namespace)),
            ("x/one.yaml", format!("{one}\n---\n{two}\n---\n{three}\n---\n{four}")),
            ("y/one.yaml", one.replace("one", "five")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        with_graph(&files, |graph| {
            let pod = graph.workloads().next().expect("a workload");
            graph.services_selecting(&pod).map(|service| service.resource().describe()).collect::<Vec<_>>()
        })
    };
    assert_eq!(selecting(""), ["Service one"]);
    assert_eq!(selecting(", namespace: prod"), [""; 0]);
}
