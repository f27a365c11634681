//! Users, groups, profiles and privileges.

use crate::finding::Place;
use crate::graph::PodReview;
use crate::resource::{Container, Form, looks_replaced, number, repeated, text};
use crate::yaml::NodeRef;

const MOST_ID: i64 = 0xffff_ffff;
/// Annotations that say the profile of a container, whose name follows.
const APP_ARMOR_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) fn check_pod<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    check_context(review, context);
    check_groups(review, context);
    check_sysctls(review, context);
}

pub(super) fn check_container<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    check_context(review, context);
    check_escalation(review, context);
    check_proc_mount(review, context);
}

/// What the contexts of pods and of containers share.
fn check_context<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    for key in ["runAsUser", "runAsGroup", "fsGroup"] {
        if let Some((node, id)) = number(context, key) {
            check_id(review, node, key, id);
        }
    }
    for key in ["seccompProfile", "appArmorProfile"] {
        if let Some(profile) = context.field(key).filter(|profile| profile.is_mapping()) {
            check_profile(review, key, profile);
        }
    }
}

fn check_id<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>, key: &str, id: i64) {
    if !(0..=MOST_ID).contains(&id) {
        review.refuse(node, format!("{key} {id} is no id")).help("use 0 to 4294967295");
    }
}

fn check_groups<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    for group in context.get("supplementalGroups").into_iter().flat_map(NodeRef::items) {
        if let Some(id) = group.int() {
            check_id(review, group, "supplementalGroups", id);
        }
    }
}

fn check_profile<'t>(review: &mut PodReview<'_, 't>, key: &str, profile: NodeRef<'t>) {
    let Some((place, kind)) = text(profile, "type") else { return };
    let file = profile.field("localhostProfile");
    match (kind, file) {
        ("Localhost", None) if review.is_whole => {
            review.refuse(place, format!("{key} of type Localhost names no profile")).help("set localhostProfile");
        }
        ("RuntimeDefault" | "Unconfined", Some(file)) if review.is_whole => {
            review.refuse(file, format!("localhostProfile does not go with {key} of type {kind}")).help("remove it, or use type Localhost");
        }
        ("Localhost", Some(file)) => check_profile_name(review, key, file),
        _ => {}
    }
}

fn check_profile_name<'t>(review: &mut PodReview<'_, 't>, key: &str, file: NodeRef<'t>) {
    let Some(name) = file.str() else { return };
    let leaves = name.starts_with('/') || name.split('/').any(|step| step == "..");
    if key == "seccompProfile" && leaves {
        review
            .refuse(file, format!("localhostProfile `{name}` leaves the kubelet's folder of profiles"))
            .help("write it relative to that folder");
    } else if key == "appArmorProfile" && (name.trim() != name || name.is_empty()) {
        review.refuse(file, "localhostProfile is empty, or begins or ends with a space").help("name a profile that the nodes have loaded");
    }
}

/// The API server knows the capability by its full name only; the container runtime takes `SYS_ADMIN`, too.
fn check_escalation<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    let Some(escalation) = context.field("allowPrivilegeEscalation").filter(|node| node.bool() == Some(false)) else { return };
    let privileged = context.field("privileged").filter(|node| node.bool() == Some(true));
    let mut added = context.get("capabilities").and_then(|lists| lists.get("add")).into_iter().flat_map(NodeRef::items);
    let conflict = privileged
        .map(|node| (node, "privileged is true"))
        .or_else(|| added.find(|name| name.is_text("CAP_SYS_ADMIN")).map(|node| (node, "CAP_SYS_ADMIN is added")));
    if let Some((place, what)) = conflict {
        review
            .refuse(place, format!("{what}, but allowPrivilegeEscalation is false"))
            .help("remove one of them")
            .related(escalation, "no escalation");
    }
}

fn check_proc_mount<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    let has_own_users = review.pod.field("hostUsers").is_some_and(|node| node.bool() != Some(true));
    if let Some((place, "Unmasked")) = text(context, "procMount").filter(|_| review.is_whole && !has_own_users) {
        review.refuse(place, "procMount Unmasked needs hostUsers false").help("set hostUsers to false, or leave procMount out");
    }
}

fn check_sysctls<'t>(review: &mut PodReview<'_, 't>, context: NodeRef<'t>) {
    let names = || context.get("sysctls").into_iter().flat_map(NodeRef::items).filter_map(|sysctl| text(sysctl, "name"));
    for (node, name) in names().filter(|(_, name)| !name.is_empty() && !looks_replaced(name)) {
        if let Some(fault) = Form::SYSCTL.fault(name) {
            review.refuse(node, format!("`{name}` {fault}")).help(Form::SYSCTL.help);
        }
        let dotted = name.replace('/', ".");
        let is_of_processes =
            dotted == "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].into_iter().any(|prefix| dotted.starts_with(prefix));
        let shared = match () {
            () if dotted.starts_with("net.") => "hostNetwork",
            () if is_of_processes => "hostIPC",
            () => continue,
        };
        if review.pod.is_true(shared) {
            review.refuse(node, format!("`{name}` would change the node, for {shared} is true")).help(format!("remove it or {shared}"));
        }
    }
    if review.is_whole {
        for (second, first) in repeated(names().map(|(node, name)| (name, node))) {
            let reason = format!("the sysctl `{}` is set twice", second.text());
            review.refuse(second, reason).help("remove one of them").related(first, "set first");
        }
    }
}

pub(super) fn check_app_armor_annotations(review: &mut PodReview<'_, '_>) {
    if !review.is_whole {
        return;
    }
    let annotations =
        review.workload.template().and_then(|template| template.get("metadata")).and_then(|metadata| metadata.get("annotations"));
    for annotation in annotations.into_iter().flat_map(NodeRef::entries) {
        let Some(name) = annotation.key.str().and_then(|key| key.strip_prefix(APP_ARMOR_PREFIX)) else { continue };
        let mut containers = review.pod.all_containers();
        if !containers.any(|container| container.name().is_none_or(|other| other == name)) && !looks_replaced(name) {
            let reason = format!("no container is named `{name}`, whose profile an annotation says");
            review.refuse_workload(annotation, reason).help("use the field securityContext.appArmorProfile of the container");
        }
        let profile = annotation.value.str().filter(|profile| !looks_replaced(profile));
        if let Some(profile) =
            profile.filter(|profile| !matches!(*profile, "" | "runtime/default" | "unconfined") && !profile.starts_with("localhost/"))
        {
            let help = "use runtime/default, unconfined or localhost/<profile>, or better the field securityContext.appArmorProfile";
            review.refuse_workload(annotation.value, format!("`{profile}` is no AppArmor profile")).help(help);
        }
    }
}

/// Either all containers are processes of a Windows node or none is, and those share its network.
pub(super) fn check_host_process(review: &mut PodReview<'_, '_>) {
    fn setting(context: Option<NodeRef<'_>>) -> Option<NodeRef<'_>> {
        context?.at("windowsOptions.hostProcess").filter(|node| !node.is_null())
    }
    let of_pod = setting(review.pod.field("securityContext"));
    let of_containers: Vec<_> =
        review.pod.all_containers().map(|container: Container<'_>| setting(container.field("securityContext"))).collect();
    let effective = || of_containers.iter().map(|own| own.or(of_pod));
    let Some(place) = effective().flatten().find(|node| node.bool() == Some(true)) else { return };
    let is_known = effective().flatten().all(|node| node.bool().is_some());
    let network = review.pod.field("hostNetwork");
    if network.is_none_or(|network| network.bool() == Some(false)) {
        review.refuse(network.unwrap_or(place), "hostProcess needs hostNetwork true").help("set hostNetwork to true");
    }
    if is_known && effective().any(|node| node.and_then(NodeRef::bool) != Some(true)) {
        review.refuse(Place::from(place), "not all containers are hostProcess").help("set it for the whole pod");
    }
}
