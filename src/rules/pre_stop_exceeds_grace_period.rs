use crate::finding::Report;
use crate::graph::{Graph, PodReview};
use crate::resource::{Container, number};
use crate::yaml::NodeRef;

/// `terminationGracePeriodSeconds` where it isn't written.
const DEFAULT_GRACE: i64 = 30;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    graph.review_pods(report, |review| {
        let mut grace = None;
        for container in review.pod.all_containers() {
            let Some(pre_stop) = container.field("lifecycle").and_then(|lifecycle| lifecycle.field("preStop")) else { continue };
            let Some(grace) = *grace.get_or_insert_with(|| Grace::of(review)) else { return };
            if let Some(sleep) = pre_stop.field("sleep") {
                check_sleep(review, sleep, grace);
            } else if let Some(exec) = pre_stop.field("exec") {
                check_exec(review, container, exec, grace);
            }
        }
    });
}

/// How long a pod may take to stop.
#[derive(Clone, Copy)]
struct Grace<'t> {
    seconds: i64,
    node: Option<NodeRef<'t>>,
}

impl<'t> Grace<'t> {
    fn of(review: &PodReview<'_, 't>) -> Option<Self> {
        match review.pod.field("terminationGracePeriodSeconds") {
            Some(node) => Some(Grace { seconds: node.int()?, node: Some(node) }),
            None => review.is_whole.then_some(Grace { seconds: DEFAULT_GRACE, node: None }),
        }
    }

    fn describe(self) -> String {
        let is = if self.node.is_some() { "is" } else { "defaults to" };
        format!("terminationGracePeriodSeconds {is} {}", self.seconds)
    }
}

fn check_sleep<'t>(review: &mut PodReview<'_, 't>, sleep: NodeRef<'t>, grace: Grace<'t>) {
    let Some((node, seconds)) = number(sleep, "seconds") else { return };
    let reason = match seconds {
        ..0 => format!("preStop sleeps {seconds} seconds"),
        _ if seconds > grace.seconds => format!("preStop sleeps {seconds} seconds, but {}", grace.describe()),
        _ => return,
    };
    let finding = review.refuse(node, reason).help("sleep less, or raise terminationGracePeriodSeconds");
    if let Some(node) = grace.node {
        finding.related(node, "the grace period");
    }
}

/// The time of `preStop` counts as grace: what is left when it ends is the container's.
fn check_exec<'t>(review: &mut PodReview<'_, 't>, container: Container<'t>, exec: NodeRef<'t>, grace: Grace<'t>) {
    let Some((node, seconds)) = longest_sleep(exec).filter(|(_, seconds)| *seconds >= grace.seconds) else { return };
    let name = container.name().unwrap_or_default();
    let reason =
        format!("preStop sleeps {seconds} seconds and {}: container {name} is killed before it can stop by itself", grace.describe());
    let finding = review.warn(node, reason).help("sleep less, or raise terminationGracePeriodSeconds");
    if let Some(node) = grace.node {
        finding.related(node, "the grace period");
    }
}

/// The longest `sleep N` of a command, with the argument that says it.
fn longest_sleep(exec: NodeRef<'_>) -> Option<(NodeRef<'_>, i64)> {
    let items: Vec<_> = exec.get("command")?.items().collect();
    let is_sleep = |word: &str| word.rsplit('/').next() == Some("sleep");
    let mut sleeps = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let words: Vec<_> = item.text().split(|next: char| next.is_whitespace() || matches!(next, ';' | '&' | '(' | ')')).collect();
        let pairs = words.windows(2).filter(|pair| is_sleep(pair[0])).filter_map(|pair| seconds(pair[1]));
        sleeps.extend(pairs.map(|seconds| (*item, seconds)));
        if words.len() == 1 && is_sleep(words[0]) && index == 0 {
            sleeps.extend(items.get(1).and_then(|next| Some((*next, seconds(next.text())?))));
        }
    }
    sleeps.into_iter().max_by_key(|(_, seconds)| *seconds)
}

/// `5`, `5s`, `2m`.
fn seconds(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at(text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(factor)
}
