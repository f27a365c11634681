//! Where and how long a pod runs.

use crate::finding::Safety;
use crate::graph::PodReview;
use crate::resource::{Form, WorkloadKind, looks_replaced, repeated, text};
use crate::yaml::NodeRef;

/// The first minor version that has resource claims without a gate.
const CLAIMS_SINCE: u32 = 34;

/// Controllers that keep pods running restart what ends. What Jobs need is told by job-invalid.
pub(super) fn check_restart_policy<'t>(review: &mut PodReview<'_, 't>, policy: NodeRef<'t>) {
    if let (Some(name @ ("Never" | "OnFailure")), true) = (policy.str(), review.workload.selects_pods()) {
        review
            .refuse_workload(policy, format!("restartPolicy is {name}, not Always"))
            .help("remove it, or make it a Job")
            .remove(Safety::Safe, policy);
    }
}

pub(super) fn check_deadline(review: &mut PodReview<'_, '_>) {
    let Some(deadline) = review.pod.node().entry("activeDeadlineSeconds") else { return };
    if review.workload.selects_pods() {
        review
            .refuse_workload(deadline, "the template has activeDeadlineSeconds, but its pods are to run for ever")
            .help("remove it, or make it a Job")
            .remove(Safety::Safe, deadline.value);
    } else if let Some(seconds) = deadline.value.int().filter(|seconds| !(1..=i64::from(i32::MAX)).contains(seconds)) {
        review.refuse(deadline.value, format!("activeDeadlineSeconds is {seconds}")).help("use 1 or more, or leave it out");
    }
}

pub(super) fn check_gates<'t>(review: &mut PodReview<'_, 't>, list: &str, gates: NodeRef<'t>) {
    let key = if list == "schedulingGates" { "name" } else { "conditionType" };
    let names = || gates.items().filter_map(|gate| text(gate, key));
    for (node, name) in names().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::LABEL_KEY.fault(name) {
            review.refuse(node, format!("the gate `{name}` {fault}")).help(Form::LABEL_KEY.help);
        }
    }
    if !review.is_whole || list != "schedulingGates" {
        return;
    }
    let node_name = review.pod.field("nodeName").filter(|node| node.str().is_some_and(|name| !name.is_empty()));
    if let (Some(place), WorkloadKind::Pod, Some(_)) = (node_name, review.workload.kind(), names().next()) {
        review.refuse(place, "nodeName is set while schedulingGates keep the pod from any node").help("remove one of them");
    }
    for (second, first) in repeated(names().map(|(node, name)| (name, node))) {
        let reason = format!("the scheduling gate `{}` stands twice", second.text());
        review.refuse(second, reason).help("remove one of them").related(first, "the first");
    }
}

pub(super) fn check_claims<'t>(review: &mut PodReview<'_, 't>, claims: NodeRef<'t>) {
    if review.versions.oldest < CLAIMS_SINCE {
        return;
    }
    for claim in claims.items().filter(|claim| claim.is_mapping() && review.is_whole).collect::<Vec<_>>() {
        let reason = match ["resourceClaimName", "resourceClaimTemplateName"].map(|key| claim.field(key)) {
            [Some(_), Some(_)] => "a resource claim has two sources",
            [None, None] if claim.entries().all(|entry| !entry.key.is_unknown()) => "a resource claim has no source",
            _ => continue,
        };
        review.refuse(claim, reason).help("set either resourceClaimName or resourceClaimTemplateName");
    }
    let names = || claims.items().filter_map(|claim| text(claim, "name")).filter(|(_, name)| !name.is_empty());
    for (node, name) in names().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::DNS_LABEL.fault(name) {
            review.refuse(node, format!("the resource claim's name `{name}` {fault}")).help(Form::DNS_LABEL.help);
        }
    }
    if review.is_whole {
        for (second, first) in repeated(names().map(|(node, name)| (name, node))) {
            let reason = format!("two resource claims are named `{}`", second.text());
            review.refuse(second, reason).help("give each its own name").related(first, "the first");
        }
    }
}

/// Containers use claims of their pod.
pub(super) fn check_claim_uses(review: &mut PodReview<'_, '_>) {
    let claims = review.pod.field("resourceClaims");
    let names: Vec<_> = claims.into_iter().flat_map(NodeRef::items).map(|claim| text(claim, "name").map(|(_, name)| name)).collect();
    let are_known = claims.is_none_or(NodeRef::is_sequence) && names.iter().all(Option::is_some);
    if review.versions.oldest < CLAIMS_SINCE || !are_known {
        return;
    }
    let used = review.pod.all_containers().filter_map(|container| container.field("resources")?.field("claims"));
    for (node, name) in used.flat_map(NodeRef::items).filter_map(|claim| text(claim, "name")) {
        if !names.contains(&Some(name)) {
            review.refuse(node, format!("the pod has no resource claim `{name}`")).help("add it under the pod's resourceClaims");
        }
    }
}
