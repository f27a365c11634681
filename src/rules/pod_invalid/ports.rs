//! The ports of containers, and those of the node that they take.

use crate::graph::PodReview;
use crate::resource::{Container, Form, looks_replaced, number, repeated, text};
use crate::yaml::NodeRef;

pub(super) fn check<'t>(review: &mut PodReview<'_, 't>, ports: NodeRef<'t>) {
    for port in ports.items() {
        check_port(review, port);
    }
    if review.is_whole {
        check_names(review, ports);
    }
}

fn check_port<'t>(review: &mut PodReview<'_, 't>, port: NodeRef<'t>) {
    for (key, least) in [("containerPort", 1), ("hostPort", 0)] {
        if let Some((node, value)) = number(port, key).filter(|(_, value)| !(least..=65535).contains(value)) {
            review.refuse(node, format!("{key} {value} is no port")).help("use 1 to 65535");
        }
    }
    if let Some((node, name)) = text(port, "name").filter(|(_, name)| !name.is_empty() && !looks_replaced(name))
        && let Some(fault) = Form::PORT_NAME.fault(name)
    {
        review.refuse(node, format!("`{name}` {fault}")).help(Form::PORT_NAME.help);
    }
}

fn check_names<'t>(review: &mut PodReview<'_, 't>, ports: NodeRef<'t>) {
    let names = ports.items().filter_map(|port| text(port, "name")).filter(|(_, name)| !name.is_empty());
    for (second, first) in repeated(names.map(|(node, name)| (name, node))) {
        let reason = format!("two ports of the container are named `{}`", second.text());
        review.refuse(second, reason).help("give each its own name").related(first, "the first");
    }
}

/// A port of the node that a container takes.
#[derive(Clone, Copy)]
struct HostPort<'t> {
    /// Protocol, address and number: what may be taken once.
    key: (&'t str, &'t str, i64),
    place: NodeRef<'t>,
    /// Whether it is and not the container's own on the node's network.
    is_written: bool,
}

impl<'t> HostPort<'t> {
    fn read(port: NodeRef<'t>, is_on_host: bool) -> Option<Self> {
        let setting = |key, default| port.field(key).map_or(Some(default), NodeRef::str);
        let host = number(port, "hostPort").filter(|(_, number)| *number != 0);
        let is_unset = port.field("hostPort").is_none_or(|node| node.int() == Some(0));
        let own = || number(port, "containerPort").filter(|_| is_on_host && is_unset);
        let (place, number) = host.or_else(own)?;
        Some(HostPort { key: (setting("protocol", "TCP")?, setting("hostIP", "")?, number), place, is_written: host.is_some() })
    }
}

/// No two containers that run side by side take one port of the node. On the node's network each port is one of the node's.
pub(super) fn check_host_ports(review: &mut PodReview<'_, '_>) {
    let is_on_host = review.pod.uses_host_network();
    check_taken(review, review.pod.containers().flat_map(|container| host_ports(container, is_on_host)));
    for container in review.pod.init_containers() {
        check_taken(review, host_ports(container, is_on_host));
    }
    if is_on_host {
        for port in review.pod.containers().flat_map(|container| container.ports()) {
            check_same(review, port);
        }
    }
}

fn host_ports(container: Container<'_>, is_on_host: bool) -> impl Iterator<Item = HostPort<'_>> {
    container.ports().filter_map(move |port| HostPort::read(port, is_on_host))
}

fn check_taken<'t>(review: &mut PodReview<'_, 't>, ports: impl Iterator<Item = HostPort<'t>>) {
    for (second, first) in repeated(ports.map(|port| (port.key, port))) {
        let (protocol, _, number) = second.key;
        let help = "let one of them listen elsewhere";
        if second.is_written && first.is_written {
            let reason = format!("port {number}/{protocol} of the node is taken twice");
            review.refuse(second.place, reason).help(help).related(first.place, "taken first");
        } else {
            let reason = format!("port {number}/{protocol} stands twice, and on the node's network there is one");
            review.refuse_each_pod(second.place, reason).help(help).related(first.place, "the first");
        }
    }
}

fn check_same<'t>(review: &mut PodReview<'_, 't>, port: NodeRef<'t>) {
    let (Some((node, host)), Some((_, own))) = (number(port, "hostPort"), number(port, "containerPort")) else { return };
    if host != 0 && host != own {
        let reason = format!("hostPort {host} is not containerPort {own}, but hostNetwork is true");
        review.refuse(node, reason).help("remove the hostPort: on the node's network the container's port is the node's");
    }
}
