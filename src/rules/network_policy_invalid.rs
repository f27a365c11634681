use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Form, IpRange, Kind, Refusals, is_port_number};
use crate::yaml::NodeRef;

/// `ValidateNetworkPolicySpec` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources().iter().filter(|resource| resource.kind() == Kind::NetworkPolicy) {
        let Some(spec) = resource.spec() else { continue };
        let mut refusals = Refusals::new(report, resource);
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            let rules = spec.field(direction).into_iter().flat_map(NodeRef::items);
            for rule in rules.filter(|rule| rule.is_mapping()) {
                let items = |key: &str| rule.field(key).into_iter().flat_map(NodeRef::items);
                items("ports").for_each(|port| check_port(port, &mut refusals));
                items(peers).for_each(|peer| check_peer(peer, &mut refusals));
            }
        }
        if let Some(types) = spec.field("policyTypes").filter(|types| types.items().count() > 2) {
            refusals.at(types, "there are two policy types only").help("name Ingress and Egress at most once");
        }
    }
}

fn check_port<'t>(item: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let end = item.field("endPort");
    let Some(port) = item.field("port") else {
        if let Some(end) = end {
            refusals.at(end, "endPort needs a port to begin with").help("add `port`");
        }
        return;
    };
    let number = port.int();
    if number.is_some_and(|number| !is_port_number(number)) {
        refusals.at(port, format!("{} is no port number", port.text())).help("use 1 to 65535");
    }
    refusals.check_form(Some(port), "port", &Form::PORT_NAME);
    let Some(end) = end else { return };
    if port.str().is_some() {
        refusals.at(end, "endPort goes with a port number, not with a name").related(port, "the port's name").help("remove endPort");
    } else if let (Some(number), Some(last)) = (number, end.int())
        && is_port_number(number)
        && !(number..=65535).contains(&last)
    {
        refusals.at(end, format!("endPort {last} does not lie between port {number} and 65535")).related(port, "port here");
    }
}

fn check_peer<'t>(peer: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    if !peer.is_mapping() && !peer.is_null() {
        return;
    }
    let selector = ["podSelector", "namespaceSelector"].into_iter().find_map(|key| peer.field(key));
    let block = peer.field("ipBlock");
    if let (Some(_), Some(entry)) = (selector, peer.entry("ipBlock").filter(|_| block.is_some())) {
        let help = "make them two peers, each behind a dash of its own";
        refusals.at(entry, "a peer is either a block of addresses or a selection of pods").help(help);
    }
    if selector.is_none() && block.is_none() && refusals.is_whole() {
        let null = peer.entries().next();
        let place = null.map_or(peer, |entry| entry.key);
        refusals.at(place, "a peer selects nothing").help("write `podSelector: {}` for all pods; without a value it counts as not there");
    }
    let Some(block) = block.filter(|block| block.is_mapping()) else { return };
    let range = read_range(block.field("cidr"), refusals);
    for except in block.field("except").into_iter().flat_map(NodeRef::items) {
        let excepted = read_range(Some(except), refusals);
        if let (Some(range), Some(excepted), Some(cidr)) = (range, excepted, block.field("cidr"))
            && !range.strictly_holds(&excepted)
        {
            let finding = refusals.at(except, format!("`{}` is no part of `{}`", except.text(), cidr.text()));
            finding.related(cidr, "the block").help("except ranges that lie in the block and are smaller");
        }
    }
}

fn read_range<'t>(node: Option<NodeRef<'t>>, refusals: &mut Refusals<'_, 't>) -> Option<IpRange> {
    let node = node?;
    let text = node.str()?;
    let range = IpRange::parse(text);
    if range.is_none() {
        let help = "write it like 10.0.0.0/8; a single address has /32 behind it";
        refusals.at(node, format!("`{text}` is no range of IP addresses")).help(help);
    }
    range
}
