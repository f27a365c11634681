//! Which taints a toleration tolerates.

use super::*;

const CONTROL_PLANE: Taint<'static> = Taint { key: "node-role.kubernetes.io/control-plane", value: "", effect: "NoSchedule" };
const GPU: Taint<'static> = Taint { key: "nvidia.com/gpu", value: "present", effect: "NoExecute" };

fn tolerates(toleration: &str, taint: Taint<'_>) -> Option<bool> {
    let text = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{tolerations: [{{{toleration}}}]}}}}");
    with_workload(&text, |workload| {
        let toleration = workload.pod().expect("a spec").tolerations().next().expect("a toleration");
        toleration.tolerates(taint)
    })
}

#[test]
fn no_key_and_no_effect_stand_for_all() {
    assert_eq!(tolerates("operator: Exists", CONTROL_PLANE), Some(true));
    assert_eq!(tolerates("operator: Exists", GPU), Some(true));
    assert_eq!(tolerates("operator: Exists, effect: NoSchedule", CONTROL_PLANE), Some(true));
    assert_eq!(tolerates("operator: Exists, effect: NoSchedule", GPU), Some(false));
    assert_eq!(tolerates("key: nvidia.com/gpu, operator: Exists", GPU), Some(true));
    assert_eq!(tolerates("key: \"\", effect: , operator: Exists", GPU), Some(true));
}

#[test]
fn equal_is_the_default_and_compares_values() {
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane", CONTROL_PLANE), Some(true));
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane, operator: Equal, value: \"\"", CONTROL_PLANE), Some(true));
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane, operator: \"\"", CONTROL_PLANE), Some(true));
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane, value: \"true\"", CONTROL_PLANE), Some(false));
    assert_eq!(tolerates("key: nvidia.com/gpu, value: present", GPU), Some(true));
    assert_eq!(tolerates("key: nvidia.com/gpu", GPU), Some(false));
}

#[test]
fn key_and_effect_must_be_the_taints() {
    assert_eq!(tolerates("key: node-role.kubernetes.io/master, operator: Exists", CONTROL_PLANE), Some(false));
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoExecute", CONTROL_PLANE), Some(false));
    assert_eq!(tolerates("key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule", CONTROL_PLANE), Some(true));
}

#[test]
fn seconds_do_not_matter_and_gated_operators_tolerate_nothing() {
    assert_eq!(tolerates("key: nvidia.com/gpu, operator: Exists, effect: NoExecute, tolerationSeconds: 30", GPU), Some(true));
    for operator in ["Lt", "Gt", "exists", "In"] {
        assert_eq!(tolerates(&format!("key: nvidia.com/gpu, operator: {operator}, value: present"), GPU), Some(false), "{operator}");
    }
}

#[test]
fn a_placeholder_decides_only_where_nothing_else_does() {
    assert_eq!(tolerates("key: \"${KEY}\", operator: Exists", GPU), None);
    assert_eq!(tolerates("key: nvidia.com/gpu, operator: \"${OPERATOR}\"", GPU), None);
    assert_eq!(tolerates("key: nvidia.com/gpu, value: \"${VALUE}\"", GPU), None);
    assert_eq!(tolerates("key: nvidia.com/gpu, operator: Exists, effect: \"${EFFECT}\"", GPU), None);
    assert_eq!(tolerates("key: nvidia.com/gpu, operator: Exists, value: \"${VALUE}\"", GPU), Some(true));
    assert_eq!(tolerates("key: dedicated, operator: Exists, effect: \"${EFFECT}\"", GPU), Some(false));
    assert_eq!(tolerates("key: \"${KEY}\", operator: Exists, effect: NoSchedule", GPU), Some(false));
}
