//! What is expected of a workload's rollouts and rollbacks, held against what is to be expected of them.

use std::ops::Range;

use super::{FailedUpdate, Method, Outlook, as_i64};
use crate::finding::{Place, count, did_you_mean};
use crate::graph::{Demand, Graph, Target};
use crate::resource::{Resource, Update, Workload};
use crate::yaml::NodeRef;

/// The annotation by which an object says what is expected of it.
pub const ANNOTATION: &str = "kubeshoal.dev/expect";

/// Parts of an annotation that are read: more can't be meant, since there are five names.
const MOST_PARTS: usize = 100;

/// A part of the annotation that can't be understood.
#[derive(Clone, Debug)]
pub struct Misread<'t> {
    /// The part.
    pub place: Place<'t>,
    /// What is so.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Why an expectation isn't met, and where.
#[derive(Clone, Debug)]
pub struct Unmet<'t> {
    /// What to change.
    pub place: Place<'t>,
    /// What is so, in a line.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What an object's annotation expects: `rollback.complete, rollout.available=2`.
pub fn annotated<'t>(resource: &Resource<'t>) -> (Vec<Demand>, Vec<Misread<'t>>) {
    let (mut demands, mut misread) = (Vec::new(), Vec::new());
    let Some(node) = resource.annotation(ANNOTATION).filter(|node| !node.is_unknown()) else { return (demands, misread) };
    let text = node.text();
    for range in parts(text).take(MOST_PARTS) {
        let (name, value) =
            text[range.clone()].split_once('=').map_or((&text[range.clone()], ""), |(name, value)| (name.trim(), value.trim()));
        match Target::read(name, value) {
            Ok(target) => demands.push(Demand { target, span: node.span_of(range) }),
            Err(message) => {
                let is_known = Target::NAMES.contains(&name);
                let help = did_you_mean(name, Target::NAMES).filter(|_| !is_known);
                let help = help.unwrap_or_else(|| format!("write `{ANNOTATION}: \"rollback.complete, rollout.available=50%\"`"));
                misread.push(Misread { place: Place::part(node, range), message, help });
            }
        }
    }
    if demands.is_empty() && misread.is_empty() {
        let help = format!("name what is expected: {}", Target::NAMES.join(", "));
        misread.push(Misread { place: node.into(), message: "this annotation expects nothing".into(), help });
    }
    (demands, misread)
}

/// The ranges of what stands between commas, blanks left out.
fn parts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    text.split(',').filter_map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len() + 1;
        let part = part.trim();
        (!part.is_empty()).then(|| start..start + part.len())
    })
}

/// All that is expected of a workload, by the config and then by its annotation.
pub(super) fn demands(graph: &Graph<'_>, workload: &Workload<'_>) -> Vec<Demand> {
    let expectations = graph.world().expectations.iter().filter(|expectation| expectation.matcher.matches(workload));
    let of_config = expectations.flat_map(|expectation| expectation.demands.iter().copied());
    of_config.chain(annotated(workload.resource()).0).collect()
}

impl<'t> Outlook<'t> {
    /// Why it falls short of an expectation; nothing where it doesn't, and where a placeholder decides.
    pub fn unmet(&self, target: Target) -> Vec<Unmet<'t>> {
        match target {
            _ if !self.can_tell(target) => Vec::new(),
            Target::Revisions(wanted) => self.too_few_revisions(wanted).into_iter().collect(),
            Target::Complete(true) => self.incomplete(),
            Target::Unattended(true) => self.attended().into_iter().collect(),
            Target::Complete(false) | Target::Unattended(false) => Vec::new(),
            Target::Available(_) => {
                self.failed_update.as_ref().and_then(|failed| self.too_few_available(failed, target)).into_iter().collect()
            }
            Target::NoticedWithin(wanted) => {
                self.failed_update.as_ref().and_then(|failed| self.noticed_late(failed, wanted)).into_iter().collect()
            }
        }
    }

    /// Whether it is known here if an expectation is met: how many pods there are may be decided elsewhere, and the deadline of what is
    /// paused doesn't run.
    pub fn can_tell(&self, target: Target) -> bool {
        match target {
            Target::Revisions(_) => self.undo.revisions.is_some(),
            Target::Available(_) => self.failed_update.is_some() && !self.is_scaled_elsewhere && !self.is_one_of_many_nodes,
            Target::NoticedWithin(_) => self.failed_update.is_some() && !self.is_paused(),
            Target::Unattended(true) => self.failed_update.is_some(),
            Target::Complete(_) | Target::Unattended(false) => true,
        }
    }

    /// Whether it is a Deployment that is paused.
    pub fn is_paused(&self) -> bool {
        self.controller.is_some_and(|controller| controller.method == Method::Paused)
    }

    fn describe(&self) -> String {
        self.workload.describe()
    }

    fn written_or(&self, node: Option<NodeRef<'t>>, path: &str) -> Place<'t> {
        node.unwrap_or_else(|| self.workload.resource().nearest(path)).into()
    }

    fn too_few_revisions(&self, wanted: i64) -> Option<Unmet<'t>> {
        let kept = self.undo.revisions.filter(|kept| *kept < wanted)?;
        let node = self.workload.revision_history_limit()?.node;
        let default = if node.is_none() { " (the default)" } else { "" };
        let are = if wanted == 1 { "1 is" } else { &format!("{wanted} are") };
        Some(Unmet {
            place: self.written_or(node, "spec.revisionHistoryLimit"),
            message: format!("{} keeps {}{default}, and {are} expected", self.describe(), count(kept, "old revision")),
            help: format!("set revisionHistoryLimit to at least {wanted}"),
        })
    }

    fn incomplete(&self) -> Vec<Unmet<'t>> {
        let what = self.describe();
        if let Some(refused) = self.refused() {
            return vec![refused];
        }
        let limit = self.workload.revision_history_limit();
        if let Some(node) =
            limit.and_then(|limit| limit.node).filter(|_| !self.undo.is_possible_after_success && self.undo.revisions.is_some())
        {
            return vec![Unmet {
                place: node.into(),
                message: format!("once an update of {what} has completed there is no old revision to undo to"),
                help: "remove revisionHistoryLimit (it defaults to 10)".into(),
            }];
        }
        let unmet = |gap: &super::Gap<'t>| Unmet {
            place: gap.place,
            message: format!("undo of {what} does not bring back all that ran: {gap}"),
            help: gap.remedy().into(),
        };
        self.gaps.iter().map(unmet).collect()
    }

    /// A paused Deployment can't be undone.
    fn refused(&self) -> Option<Unmet<'t>> {
        let is_refused = self.workload.has_rollouts() && !self.undo.is_possible;
        is_refused.then(|| Unmet {
            place: self.written_or(self.workload.field("paused"), "spec.paused"),
            message: format!("undo of {} is refused while it is paused", self.describe()),
            help: "remove `paused`".into(),
        })
    }

    fn attended(&self) -> Option<Unmet<'t>> {
        if let Some(refused) = self.refused() {
            return Some(refused);
        }
        let controller = self.controller.filter(|_| self.undo.needs_pod_deletion)?;
        let what = self.describe();
        if matches!(controller.method, Method::Kept { .. }) {
            return Some(Unmet {
                place: self.written_or(self.workload.strategy_type().and_then(|strategy| strategy.node), "spec.updateStrategy"),
                message: format!("undo of {what} reaches a pod only when someone deletes it"),
                help: "use the type RollingUpdate".into(),
            });
        }
        let down = self.failed_update.as_ref().and_then(|failed| failed.down.as_deref()).unwrap_or_default();
        let pods: Vec<String> = down.iter().filter_map(|&slot| self.pod_name(slot)).collect();
        let pods = match &pods[..] {
            [] => "the pods with the new template are".to_owned(),
            [pod] => format!("{pod} with the new template is"),
            pods => format!("{} with the new template are", pods.join(", ")),
        };
        Some(Unmet {
            place: self.written_or(self.workload.field("podManagementPolicy"), "spec.podManagementPolicy"),
            message: format!("undo of a failed update of {what} waits until {pods} deleted by hand"),
            help: "set `podManagementPolicy: Parallel` where pods may start at once; of a set that exists it can't be changed: delete it with \
                   --cascade=orphan first"
                .into(),
        })
    }

    fn too_few_available(&self, failed: &FailedUpdate, target: Target) -> Option<Unmet<'t>> {
        let Target::Available(wanted) = target else { return None };
        let all = as_i64(self.controller?.pods);
        let (stay, least) = (as_i64(failed.available), wanted.ceil(all));
        if stay >= least {
            return None;
        }
        let what = self.describe();
        let wanted = if wanted.ceil(100) == least && wanted.ceil(1) == least { least.to_string() } else { format!("{wanted} ({least})") };
        if least > all {
            return Some(Unmet {
                place: self.written_or(self.workload.replicas().and_then(|replicas| replicas.node), "spec.replicas"),
                message: format!("{wanted} pods of {what} are expected to stay available, and there are {all}"),
                help: "run more pods, or expect fewer".into(),
            });
        }
        let on = if self.is_per_node { format!(" (on {all} nodes)") } else { String::new() };
        let (place, help) = self.what_takes_pods_down();
        let pods = count(all, "pod");
        Some(Unmet {
            place,
            message: format!(
                "{stay} of {pods} of {what} stay available when a new version never becomes ready{on}, and {wanted} are expected"
            ),
            help: help.into(),
        })
    }

    /// What lets pods be unavailable in an update, and what to do about it.
    fn what_takes_pods_down(&self) -> (Place<'t>, &'static str) {
        let workload = &self.workload;
        let strategy = workload.strategy_type().and_then(|strategy| strategy.node);
        match workload.update() {
            Some(Update::Rolling { max_unavailable, .. }) if !workload.is_suspended() => {
                (self.written_or(max_unavailable.node, "spec.strategy"), "lower maxUnavailable; at 0 each old pod waits for its new one")
            }
            Some(Update::Rolling { .. }) => (self.written_or(workload.field("paused"), "spec.paused"), "remove `paused`"),
            Some(Update::Recreate) => {
                (self.written_or(strategy, "spec.strategy"), "use the type RollingUpdate, if two versions may run side by side")
            }
            Some(Update::Nodes { max_unavailable, .. }) => (
                self.written_or(max_unavailable.node, "spec.updateStrategy"),
                "lower maxUnavailable, or set it to 0 and maxSurge to 1, so that each old pod waits for its new one",
            ),
            Some(Update::Ordinal { max_unavailable, .. }) => (
                self.written_or(max_unavailable.node, "spec.updateStrategy"),
                "run more pods, or lower maxUnavailable: one pod at a time is the least",
            ),
            _ => (self.written_or(strategy, "spec"), "run more pods, or expect fewer"),
        }
    }

    fn noticed_late(&self, failed: &FailedUpdate, wanted: i64) -> Option<Unmet<'t>> {
        let what = self.describe();
        let deadline = self.workload.progress_deadline_seconds().and_then(|deadline| deadline.node);
        let is_deployment = self.workload.resource().kind_name() == "Deployment";
        let place =
            || if is_deployment { self.written_or(deadline, "spec.progressDeadlineSeconds") } else { self.written_or(None, "kind") };
        match failed.noticed_after_seconds {
            Some(seconds) if seconds > wanted => Some(Unmet {
                place: place(),
                message: format!("the status of {what} says after {seconds} s that an update has failed, and {wanted} s are expected"),
                help: format!(
                    "set progressDeadlineSeconds to {wanted} or less, and above minReadySeconds plus the time a pod takes to start"
                ),
            }),
            None if failed.stalls && self.refused().is_none() => Some(Unmet {
                place: place(),
                message: format!(
                    "nothing ever says in the status of {what} that an update has failed, and it is expected within {wanted} s"
                ),
                help: if is_deployment {
                    "set progressDeadlineSeconds to a number that can be reached"
                } else {
                    "only Deployments have a deadline: expect it of those alone, and watch this one with `kubectl rollout status --timeout`"
                }
                .into(),
            }),
            _ => None,
        }
    }
}
