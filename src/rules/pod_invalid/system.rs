//! What a pod shares with its node, its host names, and its operating system.

use crate::finding::Place;
use crate::graph::PodReview;
use crate::resource::{Form, ip_address, looks_replaced, text};
use crate::yaml::NodeRef;

const MOST_NAMESERVERS: usize = 3;
const MOST_SEARCHES: usize = 32;
const MOST_SEARCH_BYTES: usize = 2048;
/// From this minor version on pods with their own users may share the node's network, if a gate is on.
const SHARED_NETWORK_SINCE: u32 = 35;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Names of other objects, and of the pod on the network.
pub(super) fn check_name<'t>(review: &mut PodReview<'_, 't>, key: &str, node: NodeRef<'t>) {
    let form = match key {
        "hostname" | "subdomain" => Form::DNS_LABEL,
        "serviceAccountName" | "nodeName" | "priorityClassName" | "runtimeClassName" => Form::DNS_SUBDOMAIN,
        _ => return,
    };
    let name = node.str().filter(|name| !name.is_empty() && !looks_replaced(name));
    if let Some((name, fault)) = name.and_then(|name| Some((name, form.fault(name)?))) {
        review.refuse(node, format!("{key} `{name}` {fault}")).help(form.help);
    }
}

fn check_address<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>) {
    let Some(address) = node.str().filter(|address| !looks_replaced(address)) else { return };
    if ip_address(address).is_none() {
        review.refuse(node, format!("`{address}` is no IP address")).help("names are not looked up here: write the address");
    }
}

pub(super) fn check_dns_policy<'t>(review: &mut PodReview<'_, 't>, policy: NodeRef<'t>) {
    if policy.str() != Some("None") || !review.is_whole {
        return;
    }
    let config = review.pod.field("dnsConfig");
    let servers = config.and_then(|config| config.field("nameservers"));
    let is_readable = config.is_none_or(NodeRef::is_mapping);
    if is_readable && servers.is_none_or(|list| list.is_sequence() && list.is_empty()) {
        review.refuse(policy, "dnsPolicy None without nameservers").help("list at least one under dnsConfig.nameservers");
    }
}

pub(super) fn check_dns_config<'t>(review: &mut PodReview<'_, 't>, config: NodeRef<'t>) {
    if let Some(servers) = config.field("nameservers") {
        for server in servers.items() {
            check_address(review, server);
        }
        if servers.items().count() > MOST_NAMESERVERS {
            let reason = format!("dnsConfig has more than {MOST_NAMESERVERS} nameservers");
            review.refuse(servers, reason).help("keep the most important ones");
        }
    }
    let Some(searches) = config.field("searches") else { return };
    let texts = || searches.items().map(NodeRef::text);
    if texts().count() > MOST_SEARCHES || texts().map(|text| text.len() + 1).sum::<usize>() > MOST_SEARCH_BYTES + 1 {
        let reason = format!("dnsConfig has more than {MOST_SEARCHES} searches, or more than {MOST_SEARCH_BYTES} characters of them");
        review.refuse(searches, reason).help("keep the most important ones");
    }
    for search in searches.items() {
        let Some(name) = search.str().filter(|name| !looks_replaced(name) && *name != ".") else { continue };
        // Underscores stand where `-` and letters do.
        let plain = name.strip_suffix('.').unwrap_or(name).replace('_', "a");
        if let Some(fault) = Form::DNS_SUBDOMAIN.fault(&plain) {
            review.refuse(search, format!("the search domain `{name}` {fault}")).help(Form::DNS_SUBDOMAIN.help);
        }
    }
}

pub(super) fn check_host_aliases<'t>(review: &mut PodReview<'_, 't>, aliases: NodeRef<'t>) {
    for alias in aliases.items() {
        if let Some(address) = alias.get("ip") {
            check_address(review, address);
        }
        for host in alias.get("hostnames").into_iter().flat_map(NodeRef::items) {
            let Some(name) = host.str().filter(|name| !looks_replaced(name)) else { continue };
            if let Some(fault) = Form::DNS_SUBDOMAIN.fault(name) {
                review.refuse(host, format!("the host name `{name}` {fault}")).help(Form::DNS_SUBDOMAIN.help);
            }
        }
    }
}

pub(super) fn check_shared_processes<'t>(review: &mut PodReview<'_, 't>, share: NodeRef<'t>) {
    if share.bool() == Some(true) && review.pod.is_true("hostPID") {
        review.refuse(share, "shareProcessNamespace and hostPID are both true").help("remove one of them");
    }
}

pub(super) fn check_host_users<'t>(review: &mut PodReview<'_, 't>, users: NodeRef<'t>) {
    if users.bool() != Some(false) {
        return;
    }
    let network = (review.versions.newest < SHARED_NETWORK_SINCE).then_some("hostNetwork");
    for key in ["hostPID", "hostIPC"].into_iter().chain(network) {
        if let Some(place) = review.pod.field(key).filter(|node| node.bool() == Some(true)) {
            review.refuse(place, format!("{key} is true, but hostUsers is false")).help("remove one of them");
        }
    }
}

/// Fields of a pod that a Windows pod can't have, and those of its security context.
const LINUX_POD_FIELDS: [&str; 4] = ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"];
const LINUX_CONTEXT_FIELDS: [&str; 16] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seLinuxChangePolicy",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
];

pub(super) fn check_system<'t>(review: &mut PodReview<'_, 't>, os: NodeRef<'t>) {
    let Some((_, system @ ("linux" | "windows"))) = text(os, "name") else { return };
    let own = review.pod.field("securityContext");
    let contexts: Vec<_> =
        own.into_iter().chain(review.pod.all_containers().filter_map(|container| container.field("securityContext"))).collect();
    let (fields, foreign) = if system == "linux" { (&["windowsOptions"][..], "Windows") } else { (&LINUX_CONTEXT_FIELDS[..], "Linux") };
    let mut places: Vec<Place<'_>> = Vec::new();
    for context in contexts {
        places.extend(context.entries().filter(|entry| fields.contains(&entry.key.text()) && !entry.value.is_null()).map(Place::from));
    }
    if system == "windows" {
        let is_set = |key: &&str| {
            review.pod.field(key).is_some_and(|node| !(key.starts_with("hostP") || key.starts_with("hostI")) || node.bool() == Some(true))
        };
        let set = LINUX_POD_FIELDS.iter().filter(|key| is_set(key));
        places.extend(set.filter_map(|key| review.pod.node().entry(key)).map(Place::from));
    }
    for place in places {
        review.refuse(place, format!("os.name is {system}, and this is for {foreign}")).help("remove one of them");
    }
}

pub(super) fn check_deletion_cost(review: &mut PodReview<'_, '_>) {
    let Some(cost) = review.workload.pod_annotation(DELETION_COST) else { return };
    let Some(text) = cost.str().filter(|text| !looks_replaced(text)) else { return };
    let is_number =
        text.parse::<i32>().is_ok() && !text.starts_with('+') && (text == "0" || !text.trim_start_matches('-').starts_with('0'));
    if !is_number {
        review.refuse_workload(cost, format!("the deletion cost `{text}` is no number")).help("use a whole number of 32 bits, in quotes");
    }
}
