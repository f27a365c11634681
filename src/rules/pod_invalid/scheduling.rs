//! Where and how long a pod runs.

use crate::graph::PodReview;
use crate::resource::{Form, WorkloadKind, looks_replaced, repeated, text};
use crate::yaml::NodeRef;

/// The first minor version that has resource claims without a gate.
const CLAIMS_SINCE: u32 = 34;

pub(super) fn check(review: &mut PodReview<'_, '_>) {
    check_restart_policy(review);
    check_deadline(review);
    check_gates(review);
    if review.versions.oldest >= CLAIMS_SINCE {
        check_claims(review);
    }
}

/// Controllers that keep pods running restart what ends. What Jobs need is told by job-invalid.
fn check_restart_policy(review: &mut PodReview<'_, '_>) {
    let Some((node, policy @ ("Never" | "OnFailure"))) = text(review.pod.node(), "restartPolicy") else { return };
    if review.workload.selects_pods() {
        review.refuse_workload(node, format!("restartPolicy is {policy}, not Always")).help("remove it, or make it a Job");
    }
}

fn check_deadline(review: &mut PodReview<'_, '_>) {
    let Some(deadline) = review.pod.node().entry("activeDeadlineSeconds").filter(|entry| !entry.value.is_null()) else { return };
    if review.workload.selects_pods() {
        review
            .refuse_workload(deadline, "the template has activeDeadlineSeconds, but its pods are to run for ever")
            .help("remove it, or make it a Job");
    } else if let Some(seconds) = deadline.value.int().filter(|seconds| !(1..=i64::from(i32::MAX)).contains(seconds)) {
        review.refuse(deadline.value, format!("activeDeadlineSeconds is {seconds}")).help("use 1 or more, or leave it out");
    }
}

fn check_gates(review: &mut PodReview<'_, '_>) {
    let names = |list, key| review.pod.field(list).into_iter().flat_map(NodeRef::items).filter_map(move |gate| text(gate, key));
    let all: Vec<_> = names("schedulingGates", "name").chain(names("readinessGates", "conditionType")).collect();
    let scheduling: Vec<_> = names("schedulingGates", "name").collect();
    for (node, name) in all.into_iter().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::LABEL_KEY.fault(name) {
            review.refuse(node, format!("the gate `{name}` {fault}")).help(Form::LABEL_KEY.help);
        }
    }
    if !review.is_whole {
        return;
    }
    let node_name = review.pod.field("nodeName").filter(|node| node.str().is_some_and(|name| !name.is_empty()));
    if let (Some(place), WorkloadKind::Pod, false) = (node_name, review.workload.kind(), scheduling.is_empty()) {
        review.refuse(place, "nodeName is set while schedulingGates keep the pod from any node").help("remove one of them");
    }
    for (second, first) in repeated(scheduling.into_iter().map(|(node, name)| (name, node))) {
        let reason = format!("the scheduling gate `{}` stands twice", second.text());
        review.refuse(second, reason).help("remove one of them").related(first, "the first");
    }
}

fn check_claims(review: &mut PodReview<'_, '_>) {
    const SOURCES: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];
    let claims = || review.pod.field("resourceClaims").into_iter().flat_map(NodeRef::items);
    let names: Vec<_> = claims().filter_map(|claim| text(claim, "name")).filter(|(_, name)| !name.is_empty()).collect();
    for claim in claims().filter(|claim| claim.is_mapping()).collect::<Vec<_>>() {
        let sources = SOURCES.map(|key| claim.field(key));
        let reason = match sources {
            [Some(_), Some(_)] => "a resource claim has two sources",
            [None, None] if claim.entries().all(|entry| !entry.key.is_unknown()) => "a resource claim has no source",
            _ => continue,
        };
        if review.is_whole {
            review.refuse(claim, reason).help("set either resourceClaimName or resourceClaimTemplateName");
        }
    }
    for &(node, name) in names.iter().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::DNS_LABEL.fault(name) {
            review.refuse(node, format!("the resource claim's name `{name}` {fault}")).help(Form::DNS_LABEL.help);
        }
    }
    if !review.is_whole {
        return;
    }
    for (second, first) in repeated(names.iter().map(|(node, name)| (*name, *node))) {
        let reason = format!("two resource claims are named `{}`", second.text());
        review.refuse(second, reason).help("give each its own name").related(first, "the first");
    }
    check_uses(review, &names);
}

/// Containers use claims of their pod.
fn check_uses<'t>(review: &mut PodReview<'_, 't>, claims: &[(NodeRef<'t>, &'t str)]) {
    let are_known = review.pod.field("resourceClaims").is_none_or(|list| list.items().count() == claims.len() && list.is_sequence());
    let used = review.pod.all_containers().filter_map(|container| container.field("resources")?.field("claims"));
    for (node, name) in used.flat_map(NodeRef::items).filter_map(|claim| text(claim, "name")).filter(|_| are_known) {
        if !claims.iter().any(|(_, claim)| *claim == name) {
            review.refuse(node, format!("the pod has no resource claim `{name}`")).help("add it under the pod's resourceClaims");
        }
    }
}
