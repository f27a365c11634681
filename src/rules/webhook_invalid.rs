use std::collections::{HashMap, HashSet};

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Refusals, is_dns_subdomain, is_port_number};
use crate::yaml::NodeRef;

const LONGEST_TIMEOUT: i64 = 30;
const MOST_CONDITIONS: usize = 64;
/// Versions of `AdmissionReview` that API servers send.
const REVIEWS: [&str; 2] = ["v1", "v1beta1"];

/// `ValidateValidatingWebhookConfiguration` and `ValidateMutatingWebhookConfiguration` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let kinds = [Kind::ValidatingWebhookConfiguration, Kind::MutatingWebhookConfiguration];
    for resource in graph.resources().iter().filter(|resource| kinds.contains(&resource.kind()) && resource.version() == "v1") {
        let mut refusals = Refusals::new(report, resource);
        let mut names: HashMap<&str, NodeRef<'_>> = HashMap::new();
        for webhook in resource.node().field("webhooks").into_iter().flat_map(NodeRef::items).filter(|webhook| webhook.is_mapping()) {
            if let Some((node, name)) = webhook.field("name").and_then(|node| Some((node, node.str().filter(|name| !name.is_empty())?))) {
                check_name(node, name, &mut refusals);
                if let Some(first) = names.insert(name, node).filter(|_| refusals.is_whole()) {
                    refusals
                        .at(node, format!("two webhooks are called `{name}`"))
                        .related(first, "the other one")
                        .help("rename one of them");
                }
            }
            check_webhook(webhook, &mut refusals);
        }
    }
}

fn check_name<'t>(node: NodeRef<'t>, name: &str, refusals: &mut Refusals<'_, 't>) {
    if !is_dns_subdomain(name) || name.split('.').count() < 3 {
        let help = "write it with the domain of its maker: pods.policy.example.com";
        refusals.at(node, format!("webhook `{name}` is not a DNS name of three parts or more")).help(help);
    }
}

fn check_webhook<'t>(webhook: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    if let Some(timeout) = webhook.field("timeoutSeconds").filter(|node| node.int().is_some_and(|n| !(1..=LONGEST_TIMEOUT).contains(&n))) {
        refusals.at(timeout, format!("a timeout of {} seconds is not between 1 and {LONGEST_TIMEOUT}", timeout.text()));
    }
    check_reviews(webhook, refusals);
    if let Some(config) = webhook.field("clientConfig").filter(|config| config.is_mapping()) {
        check_client(config, refusals);
    }
    for rule in webhook.field("rules").into_iter().flat_map(NodeRef::items).filter(|rule| rule.is_mapping()) {
        check_rule(rule, refusals);
    }
    if let Some(extra) = webhook.field("matchConditions").and_then(|list| list.items().nth(MOST_CONDITIONS)) {
        refusals.at(extra, format!("a webhook has at most {MOST_CONDITIONS} match conditions"));
    }
}

fn check_reviews<'t>(webhook: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(list) = webhook.field("admissionReviewVersions").filter(|list| list.is_sequence()) else { return };
    let versions: Vec<_> = list.items().collect();
    let may_be_known = |item: &NodeRef<'t>| item.str().is_none_or(|text| REVIEWS.contains(&text));
    if !versions.is_empty() && !versions.iter().any(may_be_known) {
        refusals.at(list, "no API server sends an AdmissionReview of these versions").help("add v1");
    }
    let mut known = HashSet::new();
    for item in &versions {
        if item.str().is_some_and(|version| !known.insert(version)) {
            refusals.at(*item, format!("`{}` is there twice", item.text())).help("remove one of them");
        }
    }
}

fn check_client<'t>(config: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    match (config.field("url"), config.field("service")) {
        (Some(url), Some(service)) => {
            let finding = refusals.at(url, "a webhook is called either by url or as a service");
            finding.related(service, "service here").help("keep one of the two");
        }
        (Some(url), None) => check_url(url, refusals),
        (None, Some(service)) => {
            if let Some(path) = service.field("path") {
                check_path(path, refusals);
            }
            if let Some(port) = service.field("port").filter(|port| port.int().is_some_and(|port| !is_port_number(port))) {
                refusals.at(port, format!("{} is no port number", port.text())).help("use 1 to 65535");
            }
        }
        _ => {}
    }
}

/// `ValidateWebhookService`: the parts of a path are DNS names, the last one may be empty.
fn check_path<'t>(node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(path) = node.str().filter(|path| !path.is_empty() && *path != "/") else { return };
    let Some(parts) = path.strip_prefix('/') else {
        refusals.at(node, format!("path `{path}` does not begin with a slash")).help("begin it with `/`");
        return;
    };
    let mut parts = parts.strip_suffix('/').unwrap_or(parts).split('/');
    if let Some(part) = parts.find(|part| !is_dns_subdomain(part)) {
        let reason = if part.is_empty() {
            format!("path `{path}` has two slashes in a row")
        } else {
            format!("`{part}` in path `{path}` is not {}", Form::DNS_SUBDOMAIN.name)
        };
        refusals.at(node, reason).help("divide lower-case letters, digits, inner dashes and dots by single slashes");
    }
}

/// `ValidateWebhookURL`
fn check_url<'t>(url: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(text) = url.str() else { return };
    let fault = match text.strip_prefix("https://") {
        None => "does not begin with https://",
        Some(rest) if rest.is_empty() || rest.starts_with('/') => "names no host",
        Some(rest) if rest.split('/').next().is_some_and(|host| host.contains('@')) => "names a user",
        Some(rest) if rest.split_once('#').is_some_and(|(_, fragment)| !fragment.is_empty()) => "has a fragment",
        Some(rest) if rest.split_once('?').is_some_and(|(_, query)| !query.is_empty() && !query.starts_with('#')) => "has a query",
        Some(_) => return,
    };
    refusals.at(url, format!("url `{text}` {fault}")).help("write it like https://policy.example.com/pods");
}

fn check_rule<'t>(rule: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    for key in ["operations", "apiGroups", "apiVersions", "resources"] {
        let items: Vec<_> = rule.field(key).into_iter().flat_map(NodeRef::items).collect();
        if let Some(star) = items.iter().find(|item| item.str() == Some("*")).filter(|_| items.len() > 1 && key != "resources") {
            refusals.at(*star, format!("`*` stands alone in {key}")).help("keep `*`, or the others");
        }
        if key == "resources" {
            check_resources(&items, refusals);
        }
        for item in items.iter().filter(|item| item.str() == Some("") && matches!(key, "apiVersions" | "resources")) {
            refusals.at(*item, format!("an item of {key} is empty")).help("remove it");
        }
    }
}

/// `validateResources`. Of resources beside `*` it looks at the last one only.
fn check_resources<'t>(items: &[NodeRef<'t>], refusals: &mut Refusals<'_, 't>) {
    let find = |name: &str| items.iter().find(|item| item.str() == Some(name));
    if let Some(all) = find("*/*").filter(|_| items.len() > 1) {
        refusals.at(*all, "`*/*` stands alone in resources").help("keep `*/*`, or the others");
    }
    let last = items.iter().rfind(|item| item.str().is_none_or(|name| !name.is_empty() && !name.contains('/')));
    if let (Some(star), Some(last)) = (find("*"), last.filter(|last| last.str().is_some_and(|name| name != "*"))) {
        let finding = refusals.at(*last, format!("`{}` can't stand beside `*`, which means all resources", last.text()));
        finding.related(*star, "all of them here").help("remove it; subresources such as pods/status may stand beside `*`");
    }
}
