//! Which containers a pod has, and when they run.

use crate::finding::Place;
use crate::graph::PodReview;
use crate::resource::{Container, Form, WorkloadKind, looks_replaced, number, repeated, text};
use crate::yaml::NodeRef;

/// The first minor version that lets every container have a restart policy.
const CONTAINER_RESTART_SINCE: u32 = 35;
const LIFECYCLE_HANDLERS: [&str; 4] = ["exec", "httpGet", "tcpSocket", "sleep"];

pub(super) fn check_names(review: &mut PodReview<'_, '_>) {
    let containers = || review.pod.containers().chain(review.pod.init_containers());
    let names: Vec<_> = containers().filter_map(|container| text(container.node(), "name")).filter(|(_, name)| !name.is_empty()).collect();
    for &(node, name) in names.iter().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::DNS_LABEL.fault(name) {
            review.refuse(node, format!("the container name `{name}` {fault}")).help(Form::DNS_LABEL.help);
        }
    }
    if review.is_whole {
        for (second, first) in repeated(names.into_iter().map(|(node, name)| (name, node))) {
            let reason = format!("two containers are named `{}`", second.text());
            review.refuse(second, reason).help("give each its own name, init containers too").related(first, "the first");
        }
    }
}

pub(super) fn check_ephemeral<'t>(review: &mut PodReview<'_, 't>, ephemeral: NodeRef<'t>) {
    if ephemeral.items().next().is_none() {
        return;
    }
    let reason = if review.workload.kind() == WorkloadKind::Pod {
        "a new pod has ephemeralContainers"
    } else {
        "a template has ephemeralContainers"
    };
    review.refuse(ephemeral, reason).help("`kubectl debug` adds them to pods that run");
}

/// Templates are not looked at, only the pods made of them.
pub(super) fn check_image<'t>(review: &mut PodReview<'_, 't>, image: NodeRef<'t>) {
    if image.str().is_some_and(|text| !text.is_empty() && text.trim() != text) {
        review.refuse_each_pod(image, "the image begins or ends with a space").help("remove it");
    }
}

pub(super) fn check_restart_policy<'t>(review: &mut PodReview<'_, 't>, container: &Container<'t>, policy: NodeRef<'t>) {
    let Some(name) = policy.str().filter(|_| review.versions.oldest < CONTAINER_RESTART_SINCE) else { return };
    if container.is_init() && name != "Always" {
        let reason = format!("an init container has restartPolicy {name} before 1.35");
        review.refuse(policy, reason).help("use Always for a sidecar, or leave it out");
    } else if !container.is_init() {
        let place = container.node().entry("restartPolicy").map_or(Place::from(policy), Place::from);
        review.refuse(place, "a container that is no init container has a restartPolicy before 1.35").help("set the pod's");
    }
}

pub(super) fn check_restart_rules<'t>(review: &mut PodReview<'_, 't>, container: &Container<'t>, rules: NodeRef<'t>) {
    if review.is_whole && container.field("restartPolicy").is_none() && rules.items().next().is_some() {
        review.refuse(rules, "restartPolicyRules stands without restartPolicy").help("set the container's restartPolicy, too");
    }
}

pub(super) fn check_lifecycle<'t>(review: &mut PodReview<'_, 't>, container: &Container<'t>, lifecycle: NodeRef<'t>) {
    let is_plain_init = container.is_init() && container.field("restartPolicy").is_none();
    if is_plain_init && review.is_whole && lifecycle.is_mapping() {
        review
            .refuse(lifecycle, "an init container has a lifecycle")
            .help("remove it, or make the container a sidecar with restartPolicy Always");
        return;
    }
    for hook in ["postStart", "preStop"] {
        if let Some(handler) = lifecycle.field(hook).filter(|handler| handler.is_mapping()) {
            check_hook(review, hook, handler);
        }
    }
}

fn check_hook<'t>(review: &mut PodReview<'_, 't>, hook: &str, handler: NodeRef<'t>) {
    let handlers: Vec<_> = LIFECYCLE_HANDLERS.into_iter().filter(|key| handler.field(key).is_some()).collect();
    match handlers[..] {
        [] if review.is_whole && handler.entries().all(|entry| !entry.key.is_unknown()) => {
            review.refuse(handler, format!("{hook} has no handler")).help("add one of exec, httpGet and sleep, or remove it");
        }
        [first, second, ..] if review.is_whole => {
            let place = handler.entry(second).expect("the handler is written");
            review.refuse(place, format!("{hook} has two handlers, {first} and {second}")).help("keep one of them");
        }
        _ => {}
    }
    let http = ["httpGet", "tcpSocket"].into_iter().find_map(|key| handler.get(key));
    if let Some((node, port)) = http.and_then(|http| number(http, "port")).filter(|(_, port)| !(1..=65535).contains(port)) {
        review.refuse(node, format!("{port} is no port")).help("use 1 to 65535");
    }
    let command = handler.get("exec").and_then(|exec| exec.field("command"));
    if let Some(command) = command.filter(|command| command.is_sequence() && command.is_empty()) {
        review.refuse(command, "exec has no command").help("list the program and its arguments");
    }
}

pub(super) fn check_resize_policy<'t>(review: &mut PodReview<'_, 't>, policies: NodeRef<'t>) {
    let names = policies.items().filter_map(|policy| text(policy, "resourceName")).map(|(node, name)| (name, node));
    for (second, first) in repeated(names) {
        let reason = format!("two resizePolicies are for {}", second.text());
        review.refuse(second, reason).help("keep one of them").related(first, "the first");
    }
    let never = review.pod.field("restartPolicy").filter(|policy| policy.is_text("Never"));
    let restarts = policies.items().filter_map(|policy| policy.get("restartPolicy")).find(|policy| policy.is_text("RestartContainer"));
    if let (Some(never), Some(restarts)) = (never, restarts) {
        review
            .refuse(restarts, "a resize restarts the container, while the pod's restartPolicy is Never")
            .help("use NotRequired")
            .related(never, "the pod's restartPolicy");
    }
}
