use crate::finding::Report;
use crate::graph::{Graph, Versions};
use crate::resource::{Autoscaler, Form, Kind, Quantity, Refusals};
use crate::yaml::NodeRef;

const LONGEST_PERIOD: i64 = 1800;
const LONGEST_WINDOW: i64 = 3600;
/// The minor version since which an autoscaler may go down to no pod.
const FROM_ZERO_SINCE: u32 = 37;
/// Metrics of an object read as `autoscaling/v1`.
const METRICS_ANNOTATION: &str = "autoscaling.alpha.kubernetes.io/metrics";
/// Types of metrics and the field that each has.
const SOURCES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

/// `ValidateHorizontalPodAutoscaler` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/autoscaling/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let is_autoscaler = |kind: Kind| kind == Kind::HorizontalPodAutoscaler;
    let versions = graph.world().versions;
    for resource in graph.resources().iter().filter(|resource| is_autoscaler(resource.kind())) {
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        check_bounds(spec, versions, &mut refusals);
        check_target(spec, versions, &mut refusals);
        refusals.check_least(spec, "targetCPUUtilizationPercentage", 1);
        // The betas wrote metrics in another form.
        if resource.version() == "v2" {
            for metric in spec.field("metrics").into_iter().flat_map(NodeRef::items).filter(|metric| metric.is_mapping()) {
                check_metric(metric, &mut refusals);
            }
            for direction in ["scaleUp", "scaleDown"] {
                if let Some(rules) = spec.at("behavior").and_then(|behavior| behavior.field(direction)) {
                    check_scaling(rules, &mut refusals);
                }
            }
        }
    }
}

fn check_bounds<'t>(spec: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    refusals.check_least(spec, "maxReplicas", 1);
    let bound = |key: &str| spec.field(key).and_then(|node| Some((node, node.int()?)));
    let Some((least, number)) = bound("minReplicas") else { return };
    if let Some((most, max)) = bound("maxReplicas")
        && number > max
        && max > 0
    {
        let finding = refusals.at(most, format!("maxReplicas {max} is less than minReplicas {number}"));
        finding.related(least, "minReplicas here").help("keep 1 ≤ minReplicas ≤ maxReplicas");
    }
    if number < 0 {
        refusals.at(least, format!("minReplicas is {number}, less than 0")).help("write 1 or more");
    } else if number == 0 {
        check_zero(spec, least, versions, refusals);
    }
}

fn check_zero<'t>(spec: NodeRef<'t>, least: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let metrics = spec.field("metrics");
    let mut types = metrics.into_iter().flat_map(NodeRef::items).map(|metric| metric.field("type"));
    let may_be_other =
        |kind: Option<NodeRef<'t>>| kind.is_none_or(|kind| kind.str().is_none_or(|kind| matches!(kind, "Object" | "External")));
    let is_open = metrics.is_some_and(NodeRef::is_unknown) || refusals.object().annotation(METRICS_ANNOTATION).is_some();
    if versions.oldest < FROM_ZERO_SINCE {
        refusals
            .at(least, format!("minReplicas 0 needs Kubernetes 1.{FROM_ZERO_SINCE}, or an alpha feature gate"))
            .help("write 1 or more; where the gate HPAScaleToZero is on, ignore this finding");
    } else if !types.any(may_be_other) && !is_open && refusals.is_whole() {
        refusals
            .at(least, "minReplicas 0 needs a metric that is there without pods, and no metric is of type Object or External")
            .help("write 1 or more, or add such a metric");
    }
}

fn check_target<'t>(spec: NodeRef<'t>, versions: Versions, refusals: &mut Refusals<'_, 't>) {
    let Some(target) = spec.field("scaleTargetRef").filter(|target| target.is_mapping()) else { return };
    refusals.check_form(target.field("kind"), "kind", &Form::PATH_SEGMENT);
    refusals.check_form(target.field("name"), "name", &Form::PATH_SEGMENT);
    let Some((kind, name)) = target.field("kind").and_then(|kind| Some((kind, kind.str()?))) else { return };
    if versions.newest < Autoscaler::TARGET_GROUP_SINCE || name == "ReplicationController" {
        return;
    }
    let version = target.field("apiVersion");
    let Some(text) = version.map_or(Some(""), NodeRef::str) else { return };
    if !text.contains('/') && (version.is_some() || refusals.is_whole()) {
        let lack = if version.is_some() { "the target's apiVersion names no API group" } else { "the target has no apiVersion" };
        refusals
            .at(version.unwrap_or(kind), format!("{lack}, and kind `{name}` needs one with its group"))
            .help("write it as the target does, such as apps/v1");
    }
}

fn check_metric<'t>(metric: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some((kind, name)) = metric.field("type").and_then(|kind| Some((kind, kind.str()?))) else { return };
    let Some(expected) = SOURCES.iter().find(|(known, _)| *known == name).map(|(_, field)| *field) else { return };
    let Some(source) = metric.field(expected) else {
        refusals.at(kind, format!("a metric of type {name} needs `{expected}`")).help(format!("add `{expected}`, or change the type"));
        return;
    };
    for (_, field) in SOURCES.iter().filter(|(_, field)| *field != expected) {
        if let Some(entry) = metric.entry(field).filter(|entry| !entry.value.is_null()) {
            let finding = refusals.at(entry, format!("a metric of type {name} can't have `{field}`"));
            finding.related(kind, format!("{name} here")).help("remove it, or make a metric of its own of it");
        }
    }
    if let Some(identifier) = source.at("metric.name") {
        refusals.check_form(Some(identifier), "metric", &Form::PATH_SEGMENT);
    }
    refusals.check_form_if_set(source.field("container"), "container", &Form::DNS_LABEL);
    if let Some(target) = source.field("target").filter(|target| target.is_mapping()) {
        check_metric_target(name, target, refusals);
    }
}

fn check_metric_target<'t>(metric: &str, target: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    for key in ["value", "averageValue"] {
        if let Some(node) = target.field(key).filter(|node| Quantity::read(*node).is_some_and(|quantity| !quantity.is_positive())) {
            refusals.at(node, format!("{key} `{}` is not more than 0", node.text()));
        }
    }
    refusals.check_least(target, "averageUtilization", 1);
    let (needed, excluded): (&[&str], _) = match metric {
        "Resource" | "ContainerResource" => (&["averageUtilization", "averageValue"], true),
        "External" => (&["value", "averageValue"], true),
        "Object" => (&["value", "averageValue"], false),
        _ => (&["averageValue"], false),
    };
    let mut written = needed.iter().filter_map(|key| target.entry(key).filter(|entry| !entry.value.is_null()));
    match (written.next(), written.next()) {
        (None, _) => {
            refusals.at(target, format!("the target of a metric of type {metric} needs {}", needed.join(" or ")));
        }
        (Some(first), Some(second)) if excluded => {
            refusals
                .at(second, format!("the target of a metric of type {metric} can't have both {}", needed.join(" and ")))
                .related(first.key, "the other one")
                .help("keep one of the two");
        }
        _ => {}
    }
}

fn check_scaling<'t>(rules: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let seconds = |node: NodeRef<'t>, range: std::ops::RangeInclusive<i64>| node.int().is_some_and(|seconds| !range.contains(&seconds));
    if let Some(window) = rules.field("stabilizationWindowSeconds").filter(|node| seconds(*node, 0..=LONGEST_WINDOW)) {
        refusals.at(window, format!("stabilizationWindowSeconds {} is not between 0 and {LONGEST_WINDOW}", window.text()));
    }
    if let Some(tolerance) =
        rules.field("tolerance").filter(|node| Quantity::read(*node).is_some_and(|quantity| quantity < Quantity::default()))
    {
        refusals.at(tolerance, "the tolerance is negative");
    }
    let policies = rules.field("policies");
    if let Some(policies) = policies.filter(|policies| policies.is_sequence() && policies.is_empty()) {
        refusals
            .at(policies, "there is no policy to scale by")
            .help("add one, or leave `policies` out; `selectPolicy: Disabled` stops scaling");
    }
    for policy in policies.into_iter().flat_map(NodeRef::items).filter(|policy| policy.is_mapping()) {
        refusals.check_least(policy, "value", 1);
        if let Some(period) = policy.field("periodSeconds").filter(|node| seconds(*node, 1..=LONGEST_PERIOD)) {
            refusals.at(period, format!("periodSeconds {} is not between 1 and {LONGEST_PERIOD}", period.text()));
        }
    }
}
