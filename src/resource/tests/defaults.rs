//! What the API server fills in, for every kind and for the groups before `apps/v1`.

use super::*;
use crate::resource::IntOrPercent::{Int, Percent};

/// An object of a type with that spec, in flow style.
fn spec(api_version: &str, kind: &str, spec: &str) -> String {
    format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: x}}, spec: {spec}}}\n")
}

fn value<T>(setting: Option<Setting<'_, T>>) -> Option<T> {
    setting.map(|setting| setting.value)
}

#[test]
fn replicas_default_to_one_where_the_kind_has_them() {
    let replicas = |api_version: &str, kind: &str, text: &str| {
        with_workload(&spec(api_version, kind, text), |workload| {
            workload.replicas().map(|replicas| (replicas.value, replicas.is_default()))
        })
    };
    for kind in ["Deployment", "ReplicaSet", "StatefulSet"] {
        assert_eq!(replicas("apps/v1", kind, "{}"), Some((1, true)), "{kind}");
        assert_eq!(replicas("apps/v1", kind, "{replicas: }"), Some((1, true)), "{kind}");
        assert_eq!(replicas("apps/v1", kind, "{replicas: 3}"), Some((3, false)), "{kind}");
        assert_eq!(replicas("apps/v1", kind, "{replicas: 0}"), Some((0, false)), "{kind}");
        assert_eq!(replicas("apps/v1", kind, "{replicas: \"3\"}"), None, "{kind}");
        assert_eq!(replicas("apps/v1", kind, "{replicas: \"${N}\"}"), None, "{kind}");
    }
    assert_eq!(replicas("v1", "ReplicationController", "{}"), Some((1, true)));
    for (api_version, kind) in [("apps/v1", "DaemonSet"), ("batch/v1", "Job"), ("batch/v1", "CronJob"), ("v1", "Pod")] {
        assert_eq!(replicas(api_version, kind, "{replicas: 3}"), None, "{kind}");
    }
}

#[test]
fn an_object_without_a_spec_has_the_defaults_too() {
    let text = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}";
    with_workload(text, |workload| {
        assert_eq!(value(workload.replicas()), Some(1));
        assert_eq!(value(workload.revision_history_limit()), Some(10));
        assert!(matches!(workload.update(), Some(Update::Rolling { .. })));
        assert!(workload.pod().is_none() && workload.selector().is_none());
    });
}

/// Surge and unavailable pods of a Deployment's rolling update.
fn rolling(api_version: &str, text: &str) -> Option<(IntOrPercent, IntOrPercent)> {
    with_workload(&spec(api_version, "Deployment", text), |workload| match workload.update()? {
        Update::Rolling { max_surge, max_unavailable } => Some((max_surge.value, max_unavailable.value)),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_deployment_rolls_by_quarters() {
    let quarters = Some((Percent(25), Percent(25)));
    for text in [
        "{}",
        "{strategy: }",
        "{strategy: {}}",
        "{strategy: {type: }}",
        "{strategy: {type: \"\"}}",
        "{strategy: {type: RollingUpdate}}",
        "{strategy: {type: RollingUpdate, rollingUpdate: }}",
        "{strategy: {rollingUpdate: {maxSurge: , maxUnavailable: }}}",
    ] {
        for api_version in ["apps/v1", "apps/v1beta2", "apps/v1beta1"] {
            assert_eq!(rolling(api_version, text), quarters, "{api_version} {text}");
        }
    }
    assert_eq!(rolling("apps/v1", "{strategy: {rollingUpdate: {maxSurge: 2}}}"), Some((Int(2), Percent(25))));
    assert_eq!(rolling("apps/v1", "{strategy: {rollingUpdate: {maxUnavailable: 10%}}}"), Some((Percent(25), Percent(10))));
}

#[test]
fn a_deployment_of_extensions_rolls_by_ones_and_keeps_trying() {
    assert_eq!(rolling("extensions/v1beta1", "{}"), Some((Int(1), Int(1))));
    assert_eq!(rolling("extensions/v1beta1", "{strategy: {rollingUpdate: {maxSurge: 0}}}"), Some((Int(0), Int(1))));
    with_workload(&spec("extensions/v1beta1", "Deployment", "{}"), |workload| {
        assert_eq!(value(workload.progress_deadline_seconds()), Some(i64::from(i32::MAX)));
        assert_eq!(value(workload.revision_history_limit()), Some(i64::from(i32::MAX)));
    });
}

#[test]
fn what_is_no_strategy_is_not_known() {
    let is_known = |text: &str| with_workload(&spec("apps/v1", "Deployment", text), |workload| workload.update().is_some());
    assert!(!is_known("{strategy: {type: \"${TYPE}\"}}"));
    assert!(!is_known("{strategy: {type: Rolling}}"));
    assert!(!is_known("{strategy: {type: [RollingUpdate]}}"));
    assert!(!is_known("{strategy: {rollingUpdate: {maxSurge: \"${SURGE}\"}}}"));
    assert!(!is_known("{strategy: {rollingUpdate: {maxUnavailable: \"1\"}}}"));
    assert!(is_known("{strategy: {type: Recreate, rollingUpdate: }}"));
    assert!(!is_known("{strategy: {type: Recreate, rollingUpdate: {maxSurge: \"${SURGE}\"}}}"));
}

#[test]
fn what_the_api_server_refuses_is_no_update() {
    let is_update = |kind: &str, rolling: &str| {
        let key = if kind == "Deployment" { "strategy" } else { "updateStrategy" };
        let text = format!("{{{key}: {{rollingUpdate: {{{rolling}}}}}}}");
        with_workload(&spec("apps/v1", kind, &text), |workload| workload.update().is_some())
    };
    for rolling in ["maxSurge: 0, maxUnavailable: 0%", "maxSurge: -1", "maxUnavailable: -1", "maxUnavailable: 101%"] {
        assert!(!is_update("Deployment", rolling), "{rolling}");
    }
    for rolling in ["maxSurge: 0", "maxUnavailable: 0", "maxSurge: 200%", "maxUnavailable: 100%", "maxUnavailable: 1000"] {
        assert!(is_update("Deployment", rolling), "{rolling}");
    }
    for rolling in ["maxSurge: 1", "maxUnavailable: 0", "maxUnavailable: 101%", "maxSurge: 101%, maxUnavailable: 0", "maxUnavailable: -1"] {
        assert!(!is_update("DaemonSet", rolling), "{rolling}");
    }
    for rolling in ["maxSurge: 1%, maxUnavailable: 0", "maxUnavailable: 100%", "maxUnavailable: 1000"] {
        assert!(is_update("DaemonSet", rolling), "{rolling}");
    }
    for rolling in ["partition: -1", "maxUnavailable: 0", "maxUnavailable: 0%", "maxUnavailable: 101%"] {
        assert!(!is_update("StatefulSet", rolling), "{rolling}");
    }
    assert!(is_update("StatefulSet", "partition: 9, maxUnavailable: 100%"));
}

#[test]
fn revisions_are_kept_and_deadlines_set() {
    let limit = |api_version: &str, kind: &str, text: &str| {
        with_workload(&spec(api_version, kind, text), |workload| value(workload.revision_history_limit()))
    };
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        assert_eq!(limit("apps/v1", kind, "{}"), Some(10), "{kind}");
        assert_eq!(limit("apps/v1beta2", kind, "{}"), Some(10), "{kind}");
        assert_eq!(limit("apps/v1", kind, "{revisionHistoryLimit: 0}"), Some(0), "{kind}");
        assert_eq!(limit("apps/v1", kind, "{revisionHistoryLimit: \"${N}\"}"), None, "{kind}");
    }
    assert_eq!(limit("apps/v1beta1", "Deployment", "{}"), Some(2));
    assert_eq!(limit("apps/v1beta1", "StatefulSet", "{}"), Some(10));
    assert_eq!(limit("extensions/v1beta1", "DaemonSet", "{}"), Some(10));
    with_workload(&spec("apps/v1", "Deployment", "{}"), |workload| {
        assert_eq!(value(workload.progress_deadline_seconds()), Some(600));
        assert_eq!(value(workload.min_ready_seconds()), Some(0));
        assert!(!workload.is_suspended());
    });
    with_workload(&spec("apps/v1beta1", "Deployment", "{}"), |workload| {
        assert_eq!(value(workload.progress_deadline_seconds()), Some(600));
    });
    assert!(with_workload(&spec("apps/v1", "Deployment", "{paused: true}"), |workload| workload.is_suspended()));
}

#[test]
fn a_stateful_set_goes_one_by_one_from_the_last() {
    let update = |api_version: &str, text: &str| {
        with_workload(&spec(api_version, "StatefulSet", text), |workload| match workload.update()? {
            Update::Ordinal { partition, max_unavailable } => Some(Some((partition.value, max_unavailable.value))),
            Update::OnDelete => Some(None),
            other => panic!("{other:?}"),
        })
    };
    let one_by_one = Some(Some((0, Int(1))));
    for text in
        ["{}", "{updateStrategy: {}}", "{updateStrategy: {type: RollingUpdate}}", "{updateStrategy: {rollingUpdate: {partition: }}}"]
    {
        assert_eq!(update("apps/v1", text), one_by_one, "{text}");
        assert_eq!(update("apps/v1beta2", text), one_by_one, "{text}");
    }
    assert_eq!(update("apps/v1", "{updateStrategy: {rollingUpdate: {partition: 2, maxUnavailable: 50%}}}"), Some(Some((2, Percent(50)))));
    assert_eq!(update("apps/v1", "{updateStrategy: {type: OnDelete}}"), Some(None));
    assert_eq!(update("apps/v1beta1", "{}"), Some(None));
    assert_eq!(update("apps/v1beta1", "{updateStrategy: {type: RollingUpdate}}"), one_by_one);
    assert_eq!(update("apps/v1", "{updateStrategy: {rollingUpdate: {partition: \"${P}\"}}}"), None);
    // What a Deployment calls it is nothing to a StatefulSet.
    assert_eq!(update("apps/v1", "{strategy: {type: OnDelete}}"), one_by_one);
    let first = |text: &str| with_workload(&spec("apps/v1", "StatefulSet", text), |workload| workload.first_ordinal());
    assert_eq!(first("{}"), Some(0));
    assert_eq!(first("{ordinals: {start: 5}}"), Some(5));
    assert_eq!(first("{ordinals: {start: \"${START}\"}}"), None);
}

#[test]
fn a_daemon_set_defaults_surge_and_unavailable_each_on_its_own() {
    let update = |api_version: &str, text: &str| {
        with_workload(&spec(api_version, "DaemonSet", text), |workload| match workload.written_update()? {
            Update::Nodes { max_surge, max_unavailable } => Some(Some((max_surge.value, max_unavailable.value))),
            Update::OnDelete => Some(None),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(update("apps/v1", "{}"), Some(Some((Int(0), Int(1)))));
    assert_eq!(update("apps/v1beta2", "{}"), Some(Some((Int(0), Int(1)))));
    assert_eq!(update("apps/v1", "{updateStrategy: {rollingUpdate: {maxSurge: 1}}}"), Some(Some((Int(1), Int(1)))));
    assert_eq!(update("apps/v1", "{updateStrategy: {rollingUpdate: {maxUnavailable: 0}}}"), Some(Some((Int(0), Int(0)))));
    assert_eq!(update("apps/v1", "{updateStrategy: {type: OnDelete}}"), Some(None));
    assert_eq!(update("extensions/v1beta1", "{}"), Some(None));
    assert_eq!(update("extensions/v1beta1", "{updateStrategy: {type: RollingUpdate}}"), Some(Some((Int(0), Int(1)))));
}

#[test]
fn kinds_without_a_rollout_have_none() {
    for (api_version, kind) in
        [("apps/v1", "ReplicaSet"), ("v1", "ReplicationController"), ("batch/v1", "Job"), ("batch/v1", "CronJob"), ("v1", "Pod")]
    {
        let text = spec(api_version, kind, "{strategy: {type: Recreate}, updateStrategy: {type: OnDelete}}");
        assert!(with_workload(&text, |workload| matches!(workload.update(), Some(Update::None))), "{kind}");
    }
}

#[test]
fn a_jobs_pods_are_bounded_by_completions() {
    let pods = |text: &str| with_workload(&spec("batch/v1", "Job", text), |workload| value(workload.job_pods()));
    assert_eq!(pods("{}"), Some(1));
    assert_eq!(pods("{parallelism: , completions: }"), Some(1));
    assert_eq!(pods("{completions: 5}"), Some(1));
    assert_eq!(pods("{parallelism: 5}"), Some(5));
    assert_eq!(pods("{parallelism: 5, completions: 3}"), Some(3));
    assert_eq!(pods("{parallelism: 3, completions: 5}"), Some(3));
    assert_eq!(pods("{parallelism: 5, completions: 1}"), Some(1));
    assert_eq!(pods("{parallelism: 0, completions: 1}"), Some(0));
    assert_eq!(pods("{parallelism: \"${N}\"}"), None);
    assert_eq!(pods("{parallelism: 3, completions: \"${N}\"}"), None);
}

#[test]
fn a_cron_job_asks_its_template() {
    with_workload(&spec("batch/v1beta1", "CronJob", "{jobTemplate: {spec: {parallelism: 4, completionMode: Indexed}}}"), |workload| {
        assert_eq!(value(workload.job_pods()), Some(4));
        assert!(workload.is_indexed_job() && !workload.is_suspended());
        assert_eq!(value(workload.concurrency_policy()), Some("Allow"));
    });
    with_workload(&spec("batch/v1", "CronJob", "{suspend: true, concurrencyPolicy: Forbid, parallelism: 4}"), |workload| {
        assert_eq!(value(workload.job_pods()), Some(1));
        assert!(workload.is_suspended());
        assert_eq!(value(workload.concurrency_policy()), Some("Forbid"));
    });
    with_workload(&spec("batch/v1", "CronJob", "{concurrencyPolicy: \"${POLICY}\"}"), |workload| {
        assert_eq!(value(workload.concurrency_policy()), None);
    });
    assert!(with_workload(&spec("batch/v1", "Job", "{suspend: true}"), |workload| workload.is_suspended()));
    assert!(!with_workload(&spec("batch/v1", "Job", "{paused: true, completionMode: NonIndexed}"), |workload| {
        workload.is_suspended() || workload.is_indexed_job()
    }));
}

#[test]
fn selectors_default_to_the_templates_labels_where_they_once_did() {
    let asks_for = |api_version: &str, kind: &str, selector: &str| {
        let text = spec(api_version, kind, &format!("{{{selector}template: {{metadata: {{labels: {{app: x}}}}}}}}"));
        with_workload(&text, |workload| {
            workload.selector().map(|selector| selector.keys().map(|key| key.text().to_owned()).collect::<Vec<_>>())
        })
    };
    let of_template = Some(vec!["app".to_owned()]);
    for (api_version, kind) in [
        ("extensions/v1beta1", "Deployment"),
        ("extensions/v1beta1", "ReplicaSet"),
        ("extensions/v1beta1", "DaemonSet"),
        ("apps/v1beta1", "Deployment"),
        ("apps/v1beta1", "StatefulSet"),
        ("v1", "ReplicationController"),
    ] {
        assert_eq!(asks_for(api_version, kind, ""), of_template, "{api_version} {kind}");
        assert_eq!(asks_for(api_version, kind, "selector: , "), of_template, "{api_version} {kind}");
    }
    for (api_version, kind) in [("apps/v1", "Deployment"), ("apps/v1beta2", "StatefulSet"), ("apps/v1", "DaemonSet"), ("batch/v1", "Job")] {
        assert_eq!(asks_for(api_version, kind, ""), None, "{api_version} {kind}");
    }
    // A controller's empty map is absent, an empty LabelSelector is one that asks for nothing.
    assert_eq!(asks_for("v1", "ReplicationController", "selector: {}, "), of_template);
    assert_eq!(asks_for("extensions/v1beta1", "Deployment", "selector: {}, "), Some(vec![]));
    assert_eq!(asks_for("v1", "ReplicationController", "selector: {tier: y}, "), Some(vec!["tier".to_owned()]));
    assert_eq!(asks_for("apps/v1", "Deployment", "selector: {matchLabels: {tier: y}}, "), Some(vec!["tier".to_owned()]));
}

#[test]
fn autoscalers_have_bounds_and_targets() {
    let scaler = |text: &str| {
        with_object(text, |object| {
            let autoscaler = object.autoscaler().expect("an autoscaler");
            let target = autoscaler.target().map(|(kind, name)| format!("{kind}/{name}"));
            (target, value(autoscaler.least()), value(autoscaler.most()), autoscaler.starts_from_zero())
        })
    };
    let hpa = |version: &str, text: &str| scaler(&spec(&format!("autoscaling/{version}"), "HorizontalPodAutoscaler", text));
    let target = Some("Deployment/web".to_owned());
    for version in ["v1", "v2beta2", "v2"] {
        let text = "{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5}";
        assert_eq!(hpa(version, text), (target.clone(), Some(1), Some(5), Some(false)), "{version}");
    }
    let text = "{scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 0, maxReplicas: 5}";
    assert_eq!(hpa("v2", text), (target.clone(), Some(0), Some(5), Some(true)));
    assert_eq!(hpa("v2", "{minReplicas: \"${MIN}\", maxReplicas: \"${MAX}\"}"), (None, None, None, None));
    assert_eq!(hpa("v2", "{scaleTargetRef: {name: web}}"), (None, Some(1), None, Some(false)));

    let keda = |text: &str| scaler(&spec("keda.sh/v1alpha1", "ScaledObject", text));
    assert_eq!(keda("{scaleTargetRef: {name: web}}"), (target, Some(0), Some(100), Some(true)));
    let text = "{scaleTargetRef: {kind: StatefulSet, name: db}, minReplicaCount: 2, maxReplicaCount: 4, minReplicas: 9}";
    assert_eq!(keda(text), (Some("StatefulSet/db".to_owned()), Some(2), Some(4), Some(true)));
    assert_eq!(keda("{scaleTargetRef: {kind: \"${KIND}\", name: db}}").0, None);
}

#[test]
fn a_service_has_an_address_unless_it_says_none() {
    let headless = |text: &str| with_object(&spec("v1", "Service", text), |object| object.service().expect("a Service").is_headless());
    assert_eq!(headless("{}"), Some(false));
    assert_eq!(headless("{clusterIP: }"), Some(false));
    assert_eq!(headless("{clusterIP: None}"), Some(true));
    assert_eq!(headless("{clusterIPs: [None]}"), Some(true));
    assert_eq!(headless("{clusterIP: none}"), Some(false));
    assert_eq!(headless("{clusterIP: \"\"}"), Some(false));
    assert_eq!(headless("{clusterIP: 10.0.0.1}"), Some(false));
    assert_eq!(headless("{clusterIP: \"${IP}\"}"), None);
    assert_eq!(headless("{clusterIP: None, type: ExternalName}"), Some(false));
    assert_eq!(headless("{clusterIP: None, type: \"${TYPE}\"}"), None);
    let kind = |text: &str| with_object(&spec("v1", "Service", text), |object| object.service()?.kind().map(str::to_owned));
    assert_eq!(kind("{}").as_deref(), Some("ClusterIP"));
    assert_eq!(kind("{type: NodePort}").as_deref(), Some("NodePort"));
    assert_eq!(kind("{type: \"${TYPE}\"}"), None);
    let selects = |text: &str| with_object(&spec("v1", "Service", text), |object| object.service()?.selector().map(|_| ())).is_some();
    assert!(selects("{selector: {app: x}}"));
    assert!(!selects("{}") && !selects("{selector: }") && !selects("{selector: {}}"));
}
