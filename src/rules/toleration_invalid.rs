use crate::finding::{Place, Report, Safety};
use crate::graph::{Graph, Versions};
use crate::resource::{Form, Toleration, looks_replaced};
use crate::yaml::NodeRef;

const EFFECTS: [&str; 4] = ["", "NoSchedule", "PreferNoSchedule", "NoExecute"];
/// The minor version that brought `Lt` and `Gt`, behind a gate that is off by default.
const COMPARISON_SINCE: u32 = 35;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        for toleration in review.pod.tolerations() {
            for mistake in mistakes(&toleration, review.versions) {
                let finding = review.refuse(mistake.place, mistake.reason).help(mistake.help);
                if let Some(superfluous) = mistake.superfluous {
                    finding.remove(Safety::Safe, superfluous);
                }
            }
        }
    });
}

struct Mistake<'t> {
    place: Place<'t>,
    reason: String,
    help: &'static str,
    /// What has to go, where that is sure.
    superfluous: Option<NodeRef<'t>>,
}

/// `ValidateTolerations` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
fn mistakes<'t>(toleration: &Toleration<'t>, versions: Versions) -> impl Iterator<Item = Mistake<'t>> {
    let operator = value_mistake(toleration).or_else(|| operator_mistake(toleration, versions)).or_else(|| key_mistake(toleration));
    let key = toleration.node().get("key").filter(|key| !key.text().is_empty());
    let value = toleration.node().get("value").filter(|_| toleration.operator() == Some("Equal"));
    let key = key.and_then(|key| syntax_mistake(key, "key", &Form::LABEL_KEY));
    let value = value.and_then(|value| syntax_mistake(value, "value", &Form::LABEL_VALUE));
    operator.into_iter().chain(effect_mistake(toleration)).chain(key).chain(value)
}

fn syntax_mistake<'t>(node: NodeRef<'t>, what: &str, form: &'static Form) -> Option<Mistake<'t>> {
    let text = node.str().filter(|text| !looks_replaced(text))?;
    let reason = format!("the toleration's {what} `{text}` {}", form.fault(text)?);
    Some(Mistake { place: Place::from(node), reason, help: form.help, superfluous: None })
}

fn value_mistake<'t>(toleration: &Toleration<'t>) -> Option<Mistake<'t>> {
    let is_wrong = toleration.operator()? == "Exists" && !toleration.value()?.is_empty();
    let help = "remove the value, or use operator Equal";
    is_wrong.then(|| Mistake {
        place: place(toleration, "value"),
        reason: "operator Exists takes no value".into(),
        help,
        superfluous: toleration.node().get("value"),
    })
}

fn operator_mistake<'t>(toleration: &Toleration<'t>, versions: Versions) -> Option<Mistake<'t>> {
    let place = place(toleration, "operator");
    match toleration.operator()? {
        "Equal" | "Exists" => None,
        operator @ ("Lt" | "Gt") => {
            let is_new = versions.oldest < COMPARISON_SINCE;
            let why = if is_new { "does not exist before 1.35" } else { "needs an alpha feature gate" };
            let help = "use Equal or Exists; where the gate TaintTolerationComparisonOperators is on, ignore this finding";
            Some(Mistake { place, reason: format!("operator {operator} of tolerations {why}"), help, superfluous: None })
        }
        operator => Some(Mistake {
            place,
            reason: format!("`{operator}` is no operator of tolerations"),
            help: "use Equal or Exists",
            superfluous: None,
        }),
    }
}

fn key_mistake<'t>(toleration: &Toleration<'t>) -> Option<Mistake<'t>> {
    let is_wrong = toleration.key()?.is_empty() && toleration.operator()? == "Equal";
    let help = "name the taint's key, or set operator Exists to tolerate every taint";
    let reason = "a toleration without key needs operator Exists".into();
    is_wrong.then(|| Mistake { place: place(toleration, "operator"), reason, help, superfluous: None })
}

fn effect_mistake<'t>(toleration: &Toleration<'t>) -> Option<Mistake<'t>> {
    let effect = toleration.effect()?;
    if !EFFECTS.contains(&effect) {
        let help = "use NoSchedule, PreferNoSchedule or NoExecute, or leave it out to tolerate all three";
        return Some(Mistake {
            place: place(toleration, "effect"),
            reason: format!("`{effect}` is no effect of taints"),
            help,
            superfluous: None,
        });
    }
    toleration.seconds().filter(|_| effect != "NoExecute")?;
    let help = "set effect NoExecute, or remove tolerationSeconds";
    let entry = toleration.node().entry("tolerationSeconds")?;
    Some(Mistake { place: Place::from(entry), reason: "tolerationSeconds needs effect NoExecute".into(), help, superfluous: None })
}

/// The field, or the toleration where it isn't written.
fn place<'t>(toleration: &Toleration<'t>, key: &str) -> Place<'t> {
    let written: Option<NodeRef<'t>> = toleration.node().get(key).filter(|node| !node.is_null());
    Place::from(written.unwrap_or(toleration.node()))
}
