use std::collections::HashMap;

use crate::finding::{Place, Report};
use crate::graph::{Graph, Versions};
use crate::resource::{Form, IpRange, Kind, Refusals, Service, ip_address, is_local_address, is_port_number};
use crate::yaml::{NodeRef, Scalar};

const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
const MOST_AFFINITY_SECONDS: i64 = 86_400;
const TYPES: [&str; 4] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
/// The minor version that brought `PreferSameZone` and `PreferSameNode`.
const SAME_ZONE_SINCE: u32 = 34;

/// `ValidateService` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources().iter().filter(|resource| resource.kind() == Kind::Service) {
        let (Some(service), Some(spec)) = (resource.service(), resource.spec().filter(|spec| spec.is_mapping())) else { continue };
        let mut refusals = Refusals::new(report, resource);
        // What a patch doesn't write stands elsewhere.
        let kind = service.kind().filter(|kind| TYPES.contains(kind) && (refusals.is_whole() || spec.field("type").is_some()));
        let view = View { service, spec, kind };
        check_ports(&view, &mut refusals);
        check_addresses(&view, &mut refusals);
        check_families(&view, &mut refusals);
        check_external_name(&view, &mut refusals);
        check_load_balancer(&view, &mut refusals);
        check_traffic(&view, graph.world().versions, &mut refusals);
    }
}

struct View<'t> {
    service: Service<'t>,
    spec: NodeRef<'t>,
    /// The type, where it is known.
    kind: Option<&'t str>,
}

impl<'t> View<'t> {
    fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.spec.field(key)
    }

    /// A field that has a value: an empty list or text is the same as none.
    fn set(&self, key: &str) -> Option<NodeRef<'t>> {
        self.field(key).filter(|node| if node.is_sequence() { !node.is_empty() } else { node.str().is_none_or(|text| !text.is_empty()) })
    }

    fn is(&self, kind: &str) -> bool {
        self.kind == Some(kind)
    }

    /// Whether the type is known and another.
    fn is_not(&self, kind: &str) -> bool {
        self.kind.is_some_and(|own| own != kind)
    }
}

fn check_ports<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    let ports = view.field("ports");
    if ports.is_none_or(|ports| ports.is_sequence() && ports.is_empty()) {
        if refusals.is_whole() && view.is_not("ExternalName") && view.service.is_headless() == Some(false) {
            let place = refusals.object().nearest("spec.ports");
            refusals
                .at(place, "a Service needs a port")
                .help("add `ports`, or make it headless (`clusterIP: None`) if its pods need no port");
        }
        return;
    }
    let ports: Vec<_> = view.service.ports().filter(|port| port.is_mapping()).collect();
    for &port in &ports {
        check_port(view, port, refusals);
    }
    if refusals.is_whole() {
        check_names(&ports, refusals);
        check_repeated(&ports, "port", "port", refusals);
        check_repeated(&ports, "nodePort", "node port", refusals);
    }
}

fn check_port<'t>(view: &View<'t>, port: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    refusals.check_form_if_set(port.field("name"), "port name", &Form::DNS_LABEL);
    refusals.check_form(port.field("appProtocol"), "appProtocol", &Form::QUALIFIED_NAME);
    check_number(port.field("port"), "port", refusals);
    // 0 and an empty text stand for the port itself.
    if let Some(target) = port.field("targetPort").filter(|target| target.int() != Some(0) && target.str() != Some("")) {
        check_number(Some(target), "targetPort", refusals);
        refusals.check_form(Some(target), "targetPort", &Form::PORT_NAME);
    }
    let Some((node, number)) = port.field("nodePort").and_then(|node| Some((node, node.int()?))).filter(|(_, number)| *number != 0) else {
        return;
    };
    if view.is("ClusterIP") {
        let written = view.field("type");
        let finding = refusals.at(node, "a Service of type ClusterIP has no node port");
        finding.help("remove nodePort, or set `type: NodePort`");
        if let Some(written) = written {
            finding.related(written, "ClusterIP here");
        }
    } else if !is_port_number(number) {
        refusals.at(node, format!("nodePort {number} is no port number"));
    } else if !NODE_PORTS.contains(&number) {
        let message = format!("node port {number} is outside 30000-32767, the range of API servers that are not told another");
        refusals.warn_at(node, message).help("choose one in the range, or leave it out to get a free one");
    }
}

fn check_number<'t>(node: Option<NodeRef<'t>>, key: &str, refusals: &mut Refusals<'_, 't>) {
    let Some((node, number)) = node.and_then(|node| Some((node, node.int()?))) else { return };
    if !is_port_number(number) {
        refusals.at(node, format!("{key} {number} is no port number")).help("use 1 to 65535");
    }
}

fn check_names<'t>(ports: &[NodeRef<'t>], refusals: &mut Refusals<'_, 't>) {
    let mut names = HashMap::new();
    for &port in ports {
        let name = port.field("name");
        match name.map(NodeRef::scalar) {
            None | Some(Scalar::Str("")) if ports.len() > 1 => {
                refusals.at(name.unwrap_or(port), "of several ports each needs a name").help("add a name, such as http");
            }
            Some(Scalar::Str(text)) => {
                let node = name.expect("a name was read");
                if let Some(first) = names.insert(text, node) {
                    refusals.at(node, format!("two ports are called `{text}`")).related(first, "the other one").help("rename one of them");
                }
            }
            _ => {}
        }
    }
}

/// Ports may share a number if their protocols differ.
fn check_repeated<'t>(ports: &[NodeRef<'t>], key: &str, noun: &str, refusals: &mut Refusals<'_, 't>) {
    let mut numbers = HashMap::new();
    for &port in ports {
        let Some(node) = port.field(key) else { continue };
        let protocol = port.field("protocol").map_or(Some("TCP"), NodeRef::str);
        let (Some(number), Some(protocol)) = (node.int().filter(|number| *number != 0), protocol) else { continue };
        if let Some(first) = numbers.insert((number, protocol), node) {
            refusals
                .at(node, format!("{noun} {number}/{protocol} is there twice"))
                .related(first, "the other one")
                .help("remove one of them; two protocols may share a number");
        }
    }
}

fn check_addresses<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    check_external_addresses(view, refusals);
    if view.is("ExternalName") {
        return;
    }
    let address = view.set("clusterIP");
    if let Some((node, text)) = address.and_then(|node| Some((node, node.str()?))) {
        check_cluster_address(node, text, refusals);
    }
    if view.service.is_headless() == Some(true)
        && let (Some(kind @ ("NodePort" | "LoadBalancer")), Some(written), Some(none)) =
            (view.kind, view.field("type"), view.service.address())
    {
        let finding = refusals.at(none, format!("a headless Service can't be of type {kind}"));
        finding.related(written, format!("{kind} here")).help("remove clusterIP, or use a second Service for the other purpose");
    }
    check_cluster_addresses(view, address, refusals);
}

fn check_cluster_address<'t>(node: NodeRef<'t>, text: &str, refusals: &mut Refusals<'_, 't>) {
    if text == "None" || ip_address(text).is_some() {
        return;
    }
    let finding = refusals.at(node, format!("`{text}` is neither None nor an IP address"));
    if text.eq_ignore_ascii_case("none") {
        finding.help("write None: its case counts");
    }
}

/// `ValidateServiceClusterIPsRelatedFields`, the addresses.
fn check_cluster_addresses<'t>(view: &View<'t>, first: Option<NodeRef<'t>>, refusals: &mut Refusals<'_, 't>) {
    let Some(list) = view.set("clusterIPs").filter(|list| list.is_sequence()) else { return };
    let items: Vec<_> = list.items().collect();
    let Some(texts) = items.iter().map(|item| item.str()).collect::<Option<Vec<_>>>() else { return };
    match first {
        None if refusals.is_whole() => {
            let help = format!("write `clusterIP: {}` as well", texts[0]);
            refusals.at(list, "clusterIPs needs clusterIP with its first address beside it").help(help);
        }
        Some(first) if first.str().is_some_and(|first| first != texts[0]) => {
            refusals.at(items[0], "the first of clusterIPs is not clusterIP").related(first, "clusterIP here").help("make them the same");
        }
        _ => {}
    }
    let is_none = |text: &&str| *text == "None";
    for (node, text) in items.iter().zip(&texts).skip(usize::from(first.is_some())) {
        check_cluster_address(*node, text, refusals);
    }
    if texts.len() > 2 {
        refusals.at(list, "clusterIPs has more than two addresses").help("keep one of each IP family");
    } else if texts.len() == 2 && texts.iter().any(is_none) {
        refusals.at(list, "None stands alone in clusterIPs").help("keep None, or the addresses");
    } else if let [Some(one), Some(other)] = texts.iter().map(|text| ip_address(text)).collect::<Vec<_>>()[..]
        && one.is_ipv4() == other.is_ipv4()
    {
        refusals.at(list, "clusterIPs has two addresses of one IP family").help("keep one of each");
    }
}

fn check_external_addresses<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    for item in view.field("externalIPs").into_iter().flat_map(NodeRef::items) {
        let Some(text) = item.str() else { continue };
        match ip_address(text) {
            None => {
                refusals.at(item, format!("external IP `{text}` is no IP address"));
            }
            Some(address) if is_local_address(address) => {
                refusals.at(item, format!("external IP `{text}` is an address of this machine or this link only"));
            }
            Some(_) => {}
        }
    }
}

fn check_families<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    if view.is("ExternalName") {
        return;
    }
    let items = |key: &str| view.field(key).into_iter().flat_map(NodeRef::items).collect::<Vec<_>>();
    let (families, addresses) = (items("ipFamilies"), items("clusterIPs"));
    if let [first, second, ..] = families[..]
        && first.str().is_some()
        && first.str() == second.str()
    {
        refusals.at(second, format!("IP family {} is there twice", second.text())).related(first, "the other one");
        return;
    }
    check_stack(view, &families, &addresses, refusals);
    let first = view.set("clusterIP").filter(|_| addresses.is_empty());
    for (family, node) in families.iter().zip(first.into_iter().chain(addresses)) {
        let address = node.str().and_then(ip_address);
        let is_other = match family.str() {
            Some("IPv4") => address.is_some_and(|address| address.is_ipv6()),
            Some("IPv6") => address.is_some_and(|address| address.is_ipv4()),
            _ => false,
        };
        if is_other {
            let finding = refusals.at(node, format!("`{}` is no {} address", node.text(), family.text()));
            finding.related(*family, "its IP family").help("write addresses and families in the same order");
        }
    }
}

/// `initIPFamilyFields` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/service/storage/alloc.go>: a new
/// Service without a policy has one family, unless it is headless and selects nothing.
fn check_stack<'t>(view: &View<'t>, families: &[NodeRef<'t>], addresses: &[NodeRef<'t>], refusals: &mut Refusals<'_, 't>) {
    let (noun, second) = match (families, addresses) {
        ([_, second], _) => ("IP families", *second),
        // Of one family they are told of already.
        (_, [first, second]) => match [first, second].map(|node| node.str().and_then(ip_address)) {
            [Some(one), Some(other)] if one.is_ipv4() != other.is_ipv4() => ("cluster IPs", *second),
            _ => return,
        },
        _ => return,
    };
    let policy = view.field("ipFamilyPolicy");
    let selects = view.service.selector().is_some();
    let place = match policy {
        Some(policy) if policy.str() == Some("SingleStack") => policy,
        None if refusals.is_whole() && view.kind.is_some() && (selects || view.service.is_headless() == Some(false)) => second,
        _ => return,
    };
    let reason = match policy {
        Some(_) => format!("ipFamilyPolicy is SingleStack, and there are two {noun}"),
        None => format!("two {noun} need an ipFamilyPolicy: without it a Service has one IP family"),
    };
    let finding = refusals.at(place, reason);
    if policy.is_some() {
        finding.related(second, "the second one");
    }
    finding.help("set ipFamilyPolicy to PreferDualStack or RequireDualStack, or keep one of the two");
}

fn check_external_name<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    if !view.is("ExternalName") {
        return;
    }
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if let Some(entry) = view.spec.entry(key).filter(|_| view.set(key).is_some()) {
            refusals.at(entry, format!("a Service of type ExternalName has no {key}")).help("remove it: such a Service is a name in DNS");
        }
    }
    let name = view.field("externalName");
    match name.map(NodeRef::scalar) {
        None | Some(Scalar::Str("" | ".")) if refusals.is_whole() => {
            let place = name.or(view.field("type")).unwrap_or(view.spec);
            refusals
                .at(place, "a Service of type ExternalName needs externalName")
                .help("set `externalName` to the DNS name it stands for");
        }
        Some(Scalar::Str(text)) => {
            let is_name = (Form::DNS_SUBDOMAIN.holds)(text.strip_suffix('.').unwrap_or(text));
            if let Some(node) = name.filter(|_| !is_name && !text.is_empty()) {
                let finding = refusals.at(node, format!("externalName `{text}` is not a DNS name"));
                finding.help("write a host name in lower case, without scheme, port or path");
            }
        }
        _ => {}
    }
}

fn check_load_balancer<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    for key in ["loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        let is_set = view.field(key).is_some_and(|node| !(node.is_sequence() && node.is_empty()));
        if let Some(entry) = view.spec.entry(key).filter(|_| is_set && view.is_not("LoadBalancer")) {
            refusals.at(entry, format!("{key} belongs to Services of type LoadBalancer")).help("remove it, or set `type: LoadBalancer`");
        }
    }
    if view.is("LoadBalancer") {
        refusals.check_form(view.field("loadBalancerClass"), "loadBalancerClass", &Form::QUALIFIED_NAME);
    }
    check_source_ranges(view, refusals);
}

/// The annotation counts only where the field is empty.
fn check_source_ranges<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    let mut check = |place: NodeRef<'t>, text: &str| {
        if IpRange::parse(text.trim()).is_none() {
            let help = "write ranges such as 10.0.0.0/8; a single address has /32 behind it";
            refusals.at(place, format!("`{}` is no range of IP addresses", text.trim())).help(help);
        }
    };
    if view.is_not("LoadBalancer") && view.set("loadBalancerSourceRanges").is_some() {
        return;
    }
    if let Some(list) = view.set("loadBalancerSourceRanges") {
        for item in list.items() {
            item.str().into_iter().for_each(|text| check(item, text));
        }
    } else if let Some((node, text)) = view.service.resource().annotation(SOURCE_RANGES).and_then(|node| Some((node, node.str()?))) {
        text.split(',').filter(|_| !text.trim().is_empty()).for_each(|range| check(node, range));
        if view.is_not("LoadBalancer") {
            refusals.at(node, "the annotation for source ranges belongs to Services of type LoadBalancer").help("remove it");
        }
    }
}

fn check_traffic<'t>(view: &View<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let policy = view.set("externalTrafficPolicy");
    let is_external = view.is("LoadBalancer") || view.is("NodePort") || view.field("externalIPs").is_some_and(|list| !list.is_empty());
    if let Some(policy) = policy.filter(|_| view.kind.is_some() && !is_external) {
        refusals
            .at(policy, "externalTrafficPolicy belongs to Services that are reached from outside")
            .help("remove it, or set the type to LoadBalancer or NodePort");
    }
    if let Some((node, number)) =
        view.field("healthCheckNodePort").and_then(|node| Some((node, node.int()?))).filter(|(_, port)| *port != 0)
    {
        let is_local = policy.is_none_or(|policy| policy.str() == Some("Local") || policy.is_unknown());
        let may_be_elsewhere = policy.is_none() && !refusals.is_whole();
        if view.is_not("LoadBalancer") || !is_local || (policy.is_none() && !may_be_elsewhere) {
            refusals
                .at(node, "healthCheckNodePort needs type LoadBalancer and `externalTrafficPolicy: Local`")
                .help("remove it, or set both");
        } else if !is_port_number(number) {
            refusals.at(node, format!("healthCheckNodePort {number} is no port number"));
        }
    }
    check_affinity(view, refusals);
    check_distribution(view, versions, refusals);
    let annotation = |key: &str| view.service.resource().annotation(key).and_then(|node| Some((node, node.str()?)));
    if let (Some((node, mode)), Some((old, hints))) =
        (annotation("service.kubernetes.io/topology-mode"), annotation("service.kubernetes.io/topology-aware-hints"))
        && mode != hints
    {
        refusals.at(node, "two annotations for topology differ").related(old, "the old one").help("remove the old one");
    }
}

fn check_distribution<'t>(view: &View<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let Some((node, text)) = view.field("trafficDistribution").and_then(|node| Some((node, node.str()?))) else { return };
    match text {
        "PreferClose" => {}
        "PreferSameZone" | "PreferSameNode" if versions.oldest >= SAME_ZONE_SINCE => {}
        "PreferSameZone" | "PreferSameNode" => {
            refusals.at(node, format!("trafficDistribution {text} needs Kubernetes 1.{SAME_ZONE_SINCE}")).help("use PreferClose");
        }
        _ => {
            let help = "use PreferSameZone, PreferSameNode or PreferClose, or leave it out";
            refusals.at(node, format!("there is no trafficDistribution `{text}`")).help(help);
        }
    }
}

/// Without affinity its settings are dropped.
fn check_affinity<'t>(view: &View<'t>, refusals: &mut Refusals<'_, 't>) {
    if view.field("sessionAffinity").and_then(NodeRef::str) != Some("ClientIP") {
        return;
    }
    let timeout = view.spec.at("sessionAffinityConfig.clientIP.timeoutSeconds");
    if let Some(node) = timeout.filter(|node| node.int().is_some_and(|seconds| !(1..=MOST_AFFINITY_SECONDS).contains(&seconds))) {
        let place = Place::from(node);
        refusals.at(place, format!("a session's timeout of {} seconds is not between 1 and {MOST_AFFINITY_SECONDS}", node.text()));
    }
}
