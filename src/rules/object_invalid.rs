use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, Kind, Refusals, ip_address, is_dns_label, is_local_address, is_port_number};
use crate::yaml::NodeRef;

const MOST_ENDPOINTS: usize = 1000;
const MOST_ADDRESSES: usize = 100;

/// Validation of kinds that are rarely written by hand.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources() {
        let mut refusals = Refusals::new(report, resource);
        match (resource.kind(), resource.group()) {
            (Kind::RuntimeClass, _) => {
                refusals.check_form_if_set(resource.node().field("handler"), "handler", &Form::DNS_LABEL);
            }
            (Kind::EndpointSlice, "") => check_endpoints(&mut refusals),
            (Kind::EndpointSlice, _) => check_slice(&mut refusals),
            (Kind::ApiService, _) => check_api_service(&mut refusals),
            (Kind::Other, "coordination.k8s.io") if resource.kind_name() == "Lease" => check_lease(&mut refusals),
            _ => {}
        }
    }
}

/// `ValidateEndpoints` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
fn check_endpoints(refusals: &mut Refusals<'_, '_>) {
    let subsets = refusals.object().node().field("subsets");
    for subset in subsets.into_iter().flat_map(NodeRef::items).filter(|subset| subset.is_mapping()) {
        let lists = ["addresses", "notReadyAddresses"].map(|key| subset.field(key).filter(|list| !list.is_sequence() || !list.is_empty()));
        if lists.iter().all(Option::is_none) && refusals.is_whole() {
            refusals.at(subset, "a subset needs an address").help("add `addresses`");
        }
        for address in lists.into_iter().flatten().flat_map(NodeRef::items) {
            check_address(address.field("ip"), "IPv4 or IPv6", |_| true, refusals);
            refusals.check_form_if_set(address.field("hostname"), "hostname", &Form::DNS_LABEL);
        }
        let ports: Vec<_> = subset.field("ports").into_iter().flat_map(NodeRef::items).filter(|port| port.is_mapping()).collect();
        let has_name = |port: &NodeRef<'_>| port.field("name").is_some_and(|name| name.str() != Some(""));
        for port in ports.iter().filter(|port| ports.len() > 1 && !has_name(port)) {
            refusals.at(*port, "of several ports each needs a name").help("add a name, such as http");
        }
        check_port_names(&ports, refusals);
        for number in ports.iter().filter_map(|port| port.field("port")).filter(|port| port.int().is_some_and(|port| !is_port_number(port)))
        {
            refusals.at(number, format!("{} is no port number", number.text())).help("use 1 to 65535");
        }
    }
}

/// `ValidateEndpointSlice` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/discovery/validation/validation.go>.
fn check_slice(refusals: &mut Refusals<'_, '_>) {
    let slice = refusals.object().node();
    let kind = slice.field("addressType").and_then(NodeRef::str);
    let endpoints = slice.field("endpoints");
    if let Some(extra) = endpoints.and_then(|list| list.items().nth(MOST_ENDPOINTS)) {
        refusals.at(extra, format!("an EndpointSlice has at most {MOST_ENDPOINTS} endpoints")).help("make several slices of it");
    }
    for endpoint in endpoints.into_iter().flat_map(NodeRef::items).filter(|endpoint| endpoint.is_mapping()) {
        let addresses = endpoint.field("addresses").filter(|list| list.is_sequence());
        if let Some(extra) = addresses.and_then(|list| list.items().nth(MOST_ADDRESSES)) {
            refusals.at(extra, format!("an endpoint has at most {MOST_ADDRESSES} addresses"));
        }
        for address in addresses.into_iter().flat_map(NodeRef::items) {
            match kind {
                Some("IPv4") => check_address(Some(address), "IPv4", |address| address.is_ipv4(), refusals),
                Some("IPv6") => check_address(Some(address), "IPv6", |address| address.is_ipv6(), refusals),
                Some("FQDN") => check_domain(address, refusals),
                _ => {}
            }
        }
        refusals.check_form(endpoint.field("hostname"), "hostname", &Form::DNS_LABEL);
    }
    let ports: Vec<_> = slice.field("ports").into_iter().flat_map(NodeRef::items).filter(|port| port.is_mapping()).collect();
    // The numbers of its ports may be any.
    check_port_names(&ports, refusals);
    let mut names: HashMap<&str, NodeRef<'_>> = HashMap::new();
    for port in ports.into_iter().filter(|_| refusals.is_whole()).collect::<Vec<_>>() {
        let Some(name) = port.field("name").map_or(Some(""), NodeRef::str) else { continue };
        if let Some(first) = names.insert(name, port) {
            let place = port.field("name").unwrap_or(port);
            let reason = if name.is_empty() { "two ports have no name".into() } else { format!("two ports are called `{name}`") };
            refusals.at(place, reason).related(first, "the other one").help("rename one of them");
        }
    }
}

fn check_address<'t>(
    node: Option<NodeRef<'t>>,
    family: &str,
    is_of_family: impl Fn(std::net::IpAddr) -> bool,
    refusals: &mut Refusals<'_, 't>,
) {
    let Some((node, text)) = node.and_then(|node| Some((node, node.str().filter(|text| !text.is_empty())?))) else { return };
    match ip_address(text) {
        Some(address) if !is_of_family(address) => {
            refusals.at(node, format!("`{text}` is no {family} address"));
        }
        Some(address) if is_local_address(address) => {
            refusals.at(node, format!("`{text}` is an address of this machine or this link only"));
        }
        Some(_) => {}
        None => {
            refusals.at(node, format!("`{text}` is no {family} address"));
        }
    }
}

/// `IsFullyQualifiedDomainName`
fn check_domain<'t>(node: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(text) = node.str() else { return };
    let name = text.strip_suffix('.').unwrap_or(text);
    if !name.contains('.') || !name.split('.').all(is_dns_label) {
        let help = "write a host name in lower case with its domain, such as db.example.com";
        refusals.at(node, format!("address `{text}` is not a DNS name with a domain")).help(help);
    }
}

fn check_port_names<'t>(ports: &[NodeRef<'t>], refusals: &mut Refusals<'_, 't>) {
    for port in ports {
        refusals.check_form_if_set(port.field("name"), "port name", &Form::DNS_LABEL);
    }
}

/// `ValidateAPIService` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kube-aggregator/pkg/apis/apiregistration/validation/validation.go>.
fn check_api_service(refusals: &mut Refusals<'_, '_>) {
    let object = *refusals.object();
    let Some(spec) = object.spec().filter(|spec| spec.is_mapping()) else { return };
    let text = |key: &str| spec.field(key).map_or(Some(""), NodeRef::str);
    if let (Some(name), Some(version), Some(group)) = (object.name(), text("version"), text("group"))
        && name != format!("{version}.{group}")
        && refusals.is_whole()
    {
        let place = object.nearest("metadata.name");
        refusals
            .at(place, format!("the name must be version, dot and group: `{version}.{group}`"))
            .help("rename it, or change version or group");
    }
    for (key, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        if let Some(node) = spec.field(key).filter(|node| node.int().is_some_and(|number| !(1..=most).contains(&number))) {
            refusals.at(node, format!("{key} {} is not between 1 and {most}", node.text()));
        }
    }
    let bundle = spec.field("caBundle").filter(|bundle| !bundle.text().is_empty());
    let skips = spec.field("insecureSkipTLSVerify").filter(|skip| skip.bool() == Some(true));
    if let (Some(bundle), Some(skips)) = (bundle, skips) {
        let finding = refusals.at(skips, "a certificate is either checked against caBundle or not at all");
        finding.related(bundle, "caBundle here").help("remove insecureSkipTLSVerify");
    }
    if let Some(place) = bundle.or(skips).filter(|_| spec.field("service").is_none() && refusals.is_whole()) {
        refusals.at(place, "an API that the API server itself serves has no certificate to check").help("add `service`, or remove it");
    }
}

/// `ValidateLease` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/coordination/validation/validation.go>.
fn check_lease(refusals: &mut Refusals<'_, '_>) {
    if let Some(spec) = refusals.object().spec() {
        refusals.check_least(spec, "leaseDurationSeconds", 1);
        refusals.check_least(spec, "leaseTransitions", 0);
    }
}
