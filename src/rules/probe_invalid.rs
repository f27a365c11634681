use crate::finding::{Place, Report};
use crate::graph::{Graph, PodReview};
use crate::resource::{Container, Form, looks_replaced, number, text};
use crate::yaml::NodeRef;

const PROBES: [&str; 3] = ["startupProbe", "livenessProbe", "readinessProbe"];
const HANDLERS: [&str; 4] = ["exec", "httpGet", "tcpSocket", "grpc"];
const COUNTS: [&str; 5] = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

/// `validateProbe` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        for container in review.pod.all_containers() {
            for name in PROBES {
                let Some(probe) = container.field(name).filter(|probe| probe.is_mapping()) else { continue };
                if review.is_whole && is_plain_init(&container) {
                    refuse_on_init(review, name, probe);
                } else {
                    check_probe(review, name, probe);
                }
            }
        }
    });
}

/// Whether a container surely ends before the next one starts.
fn is_plain_init(container: &Container<'_>) -> bool {
    container.is_init() && !container.is_sidecar() && container.field("restartPolicy").is_none_or(|policy| policy.str().is_some())
}

fn refuse_on_init<'t>(review: &mut PodReview<'_, 't>, name: &str, probe: NodeRef<'t>) {
    review
        .refuse(probe, format!("an init container has a {name}"))
        .help("remove it, or make the container a sidecar with restartPolicy Always");
}

fn check_probe<'t>(review: &mut PodReview<'_, 't>, name: &str, probe: NodeRef<'t>) {
    check_handlers(review, name, probe);
    for key in COUNTS {
        if let Some((node, value)) = number(probe, key).filter(|(_, value)| *value < 0) {
            review.refuse(node, format!("{key} is {value}")).help("leave it out for the default");
        }
    }
    if name != "readinessProbe"
        && let Some((node, value)) = number(probe, "successThreshold").filter(|(_, value)| *value > 1)
    {
        review.refuse(node, format!("successThreshold of a {name} is {value}, not 1")).help("only readiness probes can ask for more");
    }
    if let Some(grace) = probe.field("terminationGracePeriodSeconds") {
        if name == "readinessProbe" {
            let place = probe.entry("terminationGracePeriodSeconds").map_or(Place::from(grace), Place::from);
            review.refuse(place, "a readinessProbe has terminationGracePeriodSeconds").help("it kills nothing: remove it");
        } else if let Some(seconds) = grace.int().filter(|seconds| *seconds <= 0) {
            review
                .refuse(grace, format!("terminationGracePeriodSeconds is {seconds}"))
                .help("use 1 or more, or leave it out for the pod's");
        }
    }
}

fn check_handlers<'t>(review: &mut PodReview<'_, 't>, name: &str, probe: NodeRef<'t>) {
    let handlers: Vec<_> = HANDLERS.into_iter().filter(|key| probe.field(key).is_some()).collect();
    match handlers[..] {
        [] if review.is_whole && probe.entries().all(|entry| !entry.key.is_unknown()) => {
            review.refuse(probe, format!("{name} has no handler")).help("add one of httpGet, tcpSocket, grpc and exec");
        }
        [first, second, ..] if review.is_whole => {
            let [place, earlier] = [second, first].map(|key| probe.entry(key).expect("the handler is written"));
            review
                .refuse(place, format!("{name} has two handlers, {first} and {second}"))
                .help("keep one of them")
                .related(earlier, "the first");
        }
        _ => {}
    }
    for key in handlers {
        let Some(handler) = probe.get(key).filter(|handler| handler.is_mapping()) else { continue };
        match key {
            "exec" => check_command(review, handler),
            "httpGet" => {
                check_port(review, handler);
                check_headers(review, handler);
            }
            // The port of gRPC has no name: a text is of the wrong type.
            "grpc" if text(handler, "port").is_some() => {}
            _ => check_port(review, handler),
        }
    }
}

fn check_command<'t>(review: &mut PodReview<'_, 't>, exec: NodeRef<'t>) {
    let command = exec.field("command");
    if review.is_whole && command.is_none_or(|command| command.is_sequence() && command.is_empty()) {
        review.refuse(command.unwrap_or(exec), "exec has no command").help("list the program and its arguments");
    }
}

fn check_port<'t>(review: &mut PodReview<'_, 't>, handler: NodeRef<'t>) {
    if let Some((node, port)) = number(handler, "port").filter(|(_, port)| !(1..=65535).contains(port)) {
        review.refuse(node, format!("{port} is no port")).help("use 1 to 65535");
    } else if let Some((node, port)) = text(handler, "port").filter(|(_, port)| !looks_replaced(port))
        && let Some(fault) = Form::PORT_NAME.fault(port)
    {
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let help = if is_number { "write the number without quotes" } else { Form::PORT_NAME.help };
        review.refuse(node, format!("`{port}` {fault}")).help(help);
    }
}

fn check_headers<'t>(review: &mut PodReview<'_, 't>, handler: NodeRef<'t>) {
    for header in handler.get("httpHeaders").into_iter().flat_map(NodeRef::items) {
        if let Some((node, name)) = text(header, "name").filter(|(_, name)| !looks_replaced(name))
            && let Some(fault) = Form::HEADER.fault(name)
        {
            review.refuse(node, format!("`{name}` {fault}")).help(Form::HEADER.help);
        }
    }
}
