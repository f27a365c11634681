use crate::finding::{Report, Safety};
use crate::graph::{Graph, Versions};
use crate::resource::{Form, Kind, Refusals, ip_address, is_port_number};
use crate::yaml::NodeRef;
use crate::yaml::edit;

const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";
const LONGEST_CONTROLLER: usize = 250;
/// The minor version since which names of Services may begin with a digit.
const RELAXED_SERVICE_NAMES_SINCE: u32 = 36;

/// `ValidateIngressCreate` and `ValidateIngressClass` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go>. Versions before v1 name their
/// backends otherwise, and are served no more.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let kinds = [Kind::Ingress, Kind::IngressClass];
    for resource in graph.resources().iter().filter(|resource| kinds.contains(&resource.kind()) && resource.version() == "v1") {
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        if resource.kind() == Kind::Ingress {
            check_ingress(spec, graph.world().versions, &mut refusals);
        } else {
            check_class(spec, &mut refusals);
        }
    }
}

fn check_ingress<'t>(spec: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let class = spec.field("ingressClassName");
    refusals.check_form(class, "ingressClassName", &Form::DNS_SUBDOMAIN);
    if let (Some(class), Some(annotation)) = (class, refusals.object().annotation(CLASS_ANNOTATION))
        && let (Some(name), Some(old)) = (class.str(), annotation.str())
        && name != old
    {
        let finding = refusals.at(annotation, format!("the annotation names the class `{old}`, and ingressClassName `{name}`"));
        finding.related(class, "ingressClassName here").help("remove the annotation: ingressClassName took its place");
        // Of an Ingress that exists a controller may have gone by the annotation.
        finding.offer("Remove the annotation", Safety::Unsafe, [edit::remove(annotation)]);
    }
    if let Some(backend) = spec.field("defaultBackend") {
        check_backend(backend, versions, refusals);
    }
    for rule in spec.field("rules").into_iter().flat_map(NodeRef::items) {
        check_rule(rule, versions, refusals);
    }
    for tls in spec.field("tls").into_iter().flat_map(NodeRef::items) {
        tls.field("hosts").into_iter().flat_map(NodeRef::items).for_each(|host| check_host(host, refusals));
        refusals.check_form_if_set(tls.field("secretName"), "secretName", &Form::DNS_SUBDOMAIN);
    }
}

fn check_rule<'t>(rule: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    if let Some((host, text)) = rule.field("host").and_then(|host| Some((host, host.str()?))).filter(|(_, text)| !text.is_empty()) {
        if ip_address(text).is_some() {
            let help = "name a DNS name, or leave host out to serve all names";
            refusals.at(host, format!("host `{text}` is an IP address, not a DNS name")).help(help);
        } else {
            check_host(host, refusals);
        }
    }
    for path in rule.at("http.paths").into_iter().flat_map(NodeRef::items) {
        check_path(path, refusals);
        if let Some(backend) = path.field("backend") {
            check_backend(backend, versions, refusals);
        }
    }
}

fn check_host<'t>(host: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let form = if host.text().contains('*') { &Form::WILDCARD } else { &Form::DNS_SUBDOMAIN };
    refusals.check_form(Some(host), "host", form);
}

fn check_path<'t>(item: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(path_type) = item.field("pathType").and_then(NodeRef::str) else { return };
    let node = item.field("path");
    let Some(path) = node.map_or(Some(""), NodeRef::str) else { return };
    let is_strict = matches!(path_type, "Exact" | "Prefix");
    if !path.starts_with('/') && (is_strict || (path_type == "ImplementationSpecific" && !path.is_empty())) {
        let reason = if path.is_empty() {
            format!("pathType {path_type} needs a path")
        } else {
            format!("path `{path}` does not begin with a slash")
        };
        refusals.at(node.or(item.get("pathType")).unwrap_or(item), reason).help("begin it with `/`");
    }
    let part = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| path.contains(part));
    let end = ["/..", "/."].into_iter().find(|end| path.ends_with(end));
    if let Some((part, node)) = part.or(end).zip(node).filter(|_| is_strict) {
        let help = "write the path as the proxy sees it, or use pathType ImplementationSpecific";
        refusals.at(node, format!("path `{path}` may not hold `{part}` with pathType {path_type}")).help(help);
    }
}

fn check_backend<'t>(backend: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    match (backend.field("service"), backend.field("resource")) {
        (Some(_), Some(resource)) => {
            refusals.at(resource, "a backend is either a service or a resource").help("keep one of the two");
        }
        (Some(service), None) if service.is_mapping() => check_service(service, versions, refusals),
        (None, Some(resource)) => check_reference(resource, refusals),
        _ => {}
    }
}

fn check_service<'t>(service: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let form = if versions.oldest < RELAXED_SERVICE_NAMES_SINCE { &Form::DNS_1035_LABEL } else { &Form::DNS_LABEL };
    refusals.check_form_if_set(service.field("name"), "service", form);
    let port = service.field("port");
    if port.is_some_and(|port| !port.is_mapping()) {
        return;
    }
    let name = port.and_then(|port| port.field("name")).filter(|name| name.str() != Some(""));
    let number = port.and_then(|port| port.field("number")).filter(|number| number.int() != Some(0));
    match (name, number) {
        (Some(name), Some(_)) => {
            refusals.at(name, "a backend's port has either a name or a number").help("keep one of the two");
        }
        (Some(name), None) => {
            refusals.check_form(Some(name), "port name", &Form::PORT_NAME);
        }
        (None, Some(number)) => {
            if number.int().is_some_and(|port| !is_port_number(port)) {
                refusals.at(number, format!("{} is no port number", number.text())).help("use 1 to 65535");
            }
        }
        (None, None) => {}
    }
}

fn check_reference<'t>(reference: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    refusals.check_form(reference.field("apiGroup"), "apiGroup", &Form::DNS_SUBDOMAIN);
    refusals.check_form(reference.field("kind"), "kind", &Form::PATH_SEGMENT);
    refusals.check_form(reference.field("name"), "name", &Form::PATH_SEGMENT);
}

fn check_class<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let controller = spec.field("controller");
    refusals.check_form_if_set(controller, "controller", &Form::DOMAIN_PREFIXED_PATH);
    if let Some(controller) = controller.filter(|controller| controller.text().len() > LONGEST_CONTROLLER) {
        refusals.at(controller, format!("the controller's name has more than {LONGEST_CONTROLLER} characters"));
    }
    let Some(parameters) = spec.field("parameters").filter(|parameters| parameters.is_mapping()) else { return };
    check_reference(parameters, refusals);
    let scope = parameters.field("scope");
    let namespace = parameters.field("namespace");
    match (scope.map_or(Some("Cluster"), NodeRef::str), namespace) {
        (Some("Namespace"), None) if refusals.is_whole() => {
            let place = scope.unwrap_or(parameters);
            refusals.at(place, "parameters of scope Namespace need a namespace").help("add `namespace`");
        }
        (Some("Namespace"), namespace) => {
            refusals.check_form(namespace, "namespace", &Form::DNS_LABEL);
        }
        (Some("Cluster"), Some(namespace)) if refusals.is_whole() || scope.is_some() => {
            let help = "remove the namespace, or add `scope: Namespace`";
            refusals.at(namespace, "parameters of scope Cluster have no namespace").help(help);
        }
        _ => {}
    }
}
