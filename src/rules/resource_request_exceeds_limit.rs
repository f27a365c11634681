use std::collections::HashMap;

use crate::finding::{Report, Safety};
use crate::graph::{Graph, PodReview};
use crate::resource::{Form, Quantity, looks_replaced};
use crate::yaml::edit::{self, Value};
use crate::yaml::{Entry, NodeRef, Style};

/// The first minor version that has resources of whole pods without a gate.
const POD_LEVEL_SINCE: u32 = 34;
const BARE_RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const HUGE_PAGES: &str = "hugepages-";

/// `validateResourceRequirements` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        for container in review.pod.all_containers() {
            if let Some(resources) = container.field("resources") {
                check_resources(review, resources);
            }
        }
        if let Some(resources) = review.pod.field("resources").filter(|_| review.versions.oldest >= POD_LEVEL_SINCE) {
            check_resources(review, resources);
            check_pod_limits(review, resources);
            check_pod_requests(review, resources);
        }
    });
}

fn check_resources<'t>(review: &mut PodReview<'_, 't>, resources: NodeRef<'t>) {
    let [limits, requests] = ["limits", "requests"].map(|key| resources.field(key));
    for amount in [limits, requests].into_iter().flatten().flat_map(NodeRef::entries) {
        check_name(review, amount);
        check_amount(review, amount);
    }
    for request in requests.into_iter().flat_map(NodeRef::entries) {
        check_request(review, request, limits);
    }
    if review.is_whole {
        check_huge_pages(review, limits, requests);
    }
}

/// Whether a resource belongs to Kubernetes, so that it may be promised to more containers than it is there for.
fn is_native(resource: &str) -> bool {
    !resource.contains('/') || resource.contains("kubernetes.io/")
}

fn may_be_overcommitted(resource: &str) -> bool {
    is_native(resource) && !resource.starts_with(HUGE_PAGES)
}

/// Whether a resource with a domain is named as quotas name it.
fn is_of_quotas(resource: &str) -> bool {
    resource.starts_with("requests.") && !is_native(resource)
}

fn check_name<'t>(review: &mut PodReview<'_, 't>, amount: Entry<'t>) {
    let Some(resource) = amount.key.str().filter(|resource| !looks_replaced(resource)) else { return };
    let is_bare = !resource.contains('/');
    if let Some(fault) = Form::LABEL_KEY.fault(resource) {
        review.refuse(amount, format!("the resource's name `{resource}` {fault}")).help(Form::LABEL_KEY.help);
    } else if is_bare && !BARE_RESOURCES.contains(&resource) && !resource.starts_with(HUGE_PAGES) {
        let help = match resource {
            "storage" => "storage is asked for by claims; the disk space of containers is ephemeral-storage",
            "gpu" => "write it with its vendor's domain, such as nvidia.com/gpu",
            _ => "use cpu, memory, ephemeral-storage, hugepages-<size>, or a resource with a domain",
        };
        review.refuse(amount, format!("containers have no resource `{resource}`")).help(help);
    } else if is_of_quotas(resource) {
        review.refuse(amount, format!("`{resource}` is a resource of quotas, not of containers")).help("remove `requests.`");
    }
}

fn check_amount<'t>(review: &mut PodReview<'_, 't>, amount: Entry<'t>) {
    let (resource, Some(quantity)) = (amount.key.text(), Quantity::read(amount.value)) else { return };
    let written = amount.value.text();
    if quantity.is_negative() {
        review.refuse(amount.value, format!("{resource} is negative")).help("remove it for none");
    } else if !is_native(resource) && !quantity.is_whole() {
        review.refuse(amount.value, format!("{resource} {written} is no whole number")).help("devices can't be divided");
    } else if let Some(page) = resource.strip_prefix(HUGE_PAGES).and_then(Quantity::parse).filter(|page| page.is_positive())
        && !quantity.is_multiple_of(page)
    {
        review.refuse(amount.value, format!("{written} is no multiple of the page size of {resource}")).help("ask for whole pages");
    }
}

fn check_request<'t>(review: &mut PodReview<'_, 't>, request: Entry<'t>, limits: Option<NodeRef<'t>>) {
    let (resource, Some(amount)) = (request.key.text(), Quantity::read(request.value)) else { return };
    let limit = limits.and_then(|limits| limits.field(resource));
    let Some(limit) = limit else {
        if review.is_whole && !may_be_overcommitted(resource) && !is_of_quotas(resource) && limits.is_none_or(NodeRef::is_mapping) {
            review.refuse(request, format!("{resource} has a request but no limit")).help("set the limit to the same amount");
        }
        return;
    };
    let Some(most) = Quantity::read(limit) else { return };
    let is_wrong = if may_be_overcommitted(resource) { amount > most } else { amount != most };
    if is_wrong {
        let relation = if amount > most { "exceeds" } else { "is below" };
        let reason = format!("the request of {resource}, {}, {relation} its limit, {}", request.value.text(), limit.text());
        let help = if may_be_overcommitted(resource) { "raise the limit or lower the request" } else { "make both the same" };
        let finding = review.refuse(request.value, reason).help(help).related(limit, "the limit");
        let amount = if limit.style() == Style::Plain { Value::Word(limit.text()) } else { Value::Str(limit.text()) };
        let requests = request.value.parent().and_then(|requests| edit::set(requests, resource, amount, &[]));
        finding.offer("Request as much as the limit", Safety::Unsafe, [requests]);
    }
}

fn check_huge_pages<'t>(review: &mut PodReview<'_, 't>, limits: Option<NodeRef<'t>>, requests: Option<NodeRef<'t>>) {
    let all = || [limits, requests].into_iter().flatten().flat_map(NodeRef::entries);
    let Some(pages) = all().find(|amount| amount.key.text().starts_with(HUGE_PAGES)) else { return };
    if !all().any(|amount| matches!(amount.key.text(), "cpu" | "memory") || amount.key.is_unknown()) {
        let reason = format!("{} stands without cpu and memory", pages.key.text());
        review.refuse(pages, reason).help("ask for cpu or memory, too");
    }
}

/// No container's limit exceeds the pod's.
fn check_pod_limits<'t>(review: &mut PodReview<'_, 't>, resources: NodeRef<'t>) {
    let Some(limits) = resources.field("limits") else { return };
    for container in review.pod.containers() {
        let own = container.field("resources").and_then(|resources| resources.field("limits"));
        for limit in own.into_iter().flat_map(NodeRef::entries) {
            let resource = limit.key.text();
            let Some(pod_limit) = limits.field(resource) else { continue };
            let (Some(own), Some(most)) = (Quantity::read(limit.value), Quantity::read(pod_limit)) else { continue };
            if own > most {
                let reason = format!("the limit of {resource}, {}, exceeds the pod's, {}", limit.value.text(), pod_limit.text());
                review.refuse(limit.value, reason).help("raise the pod's limit or lower this one").related(pod_limit, "the pod's limit");
            }
        }
    }
}

/// The containers together request no more than the pod. Init containers can only add to the sum.
fn check_pod_requests<'t>(review: &mut PodReview<'_, 't>, resources: NodeRef<'t>) {
    let Some(requests) = resources.field("requests").filter(|_| review.is_whole) else { return };
    let mut sums: HashMap<&str, Quantity> = HashMap::new();
    for container in review.pod.containers() {
        let Some(own) = container.field("resources") else { continue };
        for request in requests.entries() {
            let resource = request.key.text();
            let amount = ["requests", "limits"].into_iter().filter_map(|key| own.field(key)).find_map(|list| list.field(resource));
            if let Some(amount) = amount.and_then(Quantity::read) {
                let sum = sums.entry(resource).or_default();
                *sum = sum.plus(amount);
            }
        }
    }
    for request in requests.entries() {
        let resource = request.key.text();
        let (Some(sum), Some(amount)) = (sums.get(resource), Quantity::read(request.value)) else { continue };
        if *sum > amount {
            let reason = format!("the containers together request more {resource} than the pod's {}", request.value.text());
            review.refuse(request.value, reason).help("raise the pod's request to the sum of its containers'");
        }
    }
}
