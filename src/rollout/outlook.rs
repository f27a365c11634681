//! What is to be expected of one workload: its pods, its claims, an update, a failed update, an undo.

use std::borrow::Cow;
use std::fmt;

use super::{Controller, History, MOST_SIMULATED, Method, Pod, Simulation, Template, as_usize, expected};
use crate::finding::Place;
use crate::graph::{Demand, Graph, Pods, UnversionedConfig};
use crate::resource::{Kind, Movement, Update, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// What is to be expected of one workload. Numbers that a placeholder or the cluster decides are `None`.
#[derive(Clone, Debug)]
pub struct Outlook<'t> {
    /// The workload.
    pub workload: Workload<'t>,
    /// How many pods it wants; of a `DaemonSet`, so many nodes, or one node of many.
    pub replicas: Option<usize>,
    /// How many it wants as written, autoscalers left out.
    pub now: Option<usize>,
    /// Whether it runs a pod a node.
    pub is_per_node: bool,
    /// Whether the numbers are those of one node, because how many there are is not known.
    pub is_one_of_many_nodes: bool,
    /// Its controller with that many pods; `None` for kinds without one that keeps pods running.
    pub controller: Option<Controller>,
    /// The claims that its pods mount, in the order of the pods.
    pub claims: Vec<ClaimOutlook<'t>>,
    /// An update that goes well; `None` for kinds without rollouts.
    pub update: Option<GoodUpdate>,
    /// An update whose new pods never become ready.
    pub failed_update: Option<FailedUpdate>,
    /// `kubectl rollout undo`.
    pub undo: Undo,
    /// Why undo does not bring back all that ran.
    pub gaps: Vec<Gap<'t>>,
    /// What the user expects of it.
    pub demands: Vec<Demand>,
    /// Whether an autoscaler or a kustomization decides how many pods there are.
    pub is_scaled_elsewhere: bool,
}

/// Something that belongs to what ran and that undo does not bring back.
#[derive(Clone, Debug)]
pub struct Gap<'t> {
    /// Where it is written.
    pub place: Place<'t>,
    /// What it is.
    pub reason: GapReason<'t>,
}

/// Why undo brings something back that is not what ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GapReason<'t> {
    /// The tag of an image may mean another build by then.
    MovingTag(Cow<'t, str>),
    /// A `ConfigMap` or Secret can be edited without a new revision.
    Config(Kind, &'t str),
    /// An init container of that name migrates a database.
    Migration(&'t str),
}

impl fmt::Display for Gap<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            GapReason::MovingTag(image) => write!(formatter, "image {image} may be another build by then"),
            GapReason::Config(kind, name) => write!(formatter, "{kind:?} {name} keeps its newest content"),
            GapReason::Migration(container) => {
                write!(formatter, "init container {container} has migrated a database, which stays as it is")
            }
        }
    }
}

impl Gap<'_> {
    /// What to do, so that undo brings it back.
    pub fn remedy(&self) -> &'static str {
        match self.reason {
            GapReason::MovingTag(_) => "name a tag of the release's own, or pin the build by its digest",
            GapReason::Config(..) => {
                "put a hash of the content into the name, as kustomize's generators do, or into an annotation of the pod template"
            }
            GapReason::Migration(_) => "migrate in a Job of its own, in steps that the version before can live with",
        }
    }
}

/// A claim and the pods that mount it.
#[derive(Clone, PartialEq, Debug)]
pub struct ClaimOutlook<'t> {
    /// Its name.
    pub name: String,
    /// Where the workload says so: the volume's claim name, or the claim template.
    pub node: NodeRef<'t>,
    /// How many pods mount it at once while nothing changes.
    pub pods: Option<usize>,
    /// How many may do so in an update.
    pub pods_in_update: Option<usize>,
    /// Whether all pods mount this one claim, and not each its own.
    pub is_shared: bool,
}

/// An update whose new pods become ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoodUpdate {
    /// The fewest pods that are ready meanwhile.
    pub available_min: usize,
    /// The most pods at once, stopping ones not counted.
    pub pods_max: usize,
    /// The most pods at once if old pods take long to stop.
    pub pods_max_with_stopping: usize,
    /// The port of a node that a new pod needs before the old one gives it up, so that the update never ends.
    pub blocking_port: Option<i64>,
    /// The ordinals in the order in which their pods are replaced; `None` for pods with generated names.
    pub order: Option<Vec<usize>>,
}

/// An update whose new pods never become ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedUpdate {
    /// How many pods stay ready.
    pub available: usize,
    /// The ordinals whose pods are not ready; `None` for pods with generated names.
    pub down: Option<Vec<usize>>,
    /// The ordinals that have no pod.
    pub missing: Option<Vec<usize>>,
    /// Whether it waits for ever in a state that is neither old nor new.
    pub stalls: bool,
    /// After how many seconds the workload's status says that it failed. Nothing else happens then.
    pub noticed_after_seconds: Option<i64>,
}

/// What `kubectl rollout undo` does after a failed update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Undo {
    /// Whether kubectl does it at all.
    pub is_possible: bool,
    /// Whether it still does it after an update that went well: an old revision is kept.
    pub is_possible_after_success: bool,
    /// How many old revisions are kept.
    pub revisions: Option<i64>,
    /// Whether pods have to be deleted by hand.
    pub needs_pod_deletion: bool,
}

impl<'t> Outlook<'t> {
    /// What is to be expected of a workload, at so many replicas in place of those written, on so many nodes.
    pub fn of(graph: &Graph<'t>, workload: Workload<'t>, scale: Option<usize>, nodes: Option<usize>) -> Self {
        let now = written_pods(graph, &workload, nodes);
        let is_scaled = workload.replicas().is_some();
        let replicas = scale.filter(|_| is_scaled).or(now);
        let is_per_node = workload.kind() == WorkloadKind::DaemonSet;
        let versions = graph.world().versions;
        let controller = replicas.and_then(|pods| Controller::of(&workload, pods, versions));
        let update = controller.filter(|_| workload.has_rollouts()).map(|controller| GoodUpdate::of(&workload, controller));
        let failed_update = controller.filter(|_| workload.has_rollouts()).map(|controller| FailedUpdate::of(&workload, controller));
        let undo = Undo::of(&workload, controller);
        let mut gaps = Vec::new();
        if workload.has_rollouts() {
            gaps.extend(moving_tags(graph, &workload));
            gaps.extend(migrations(&workload));
        }
        let is_one_of_many_nodes = is_per_node && nodes.is_none() && !workload.is_pinned();
        let mut outlook = Outlook {
            workload,
            replicas,
            now,
            is_per_node,
            is_one_of_many_nodes,
            controller,
            claims: Vec::new(),
            update,
            failed_update,
            undo,
            gaps,
            demands: expected::demands(graph, &workload),
            is_scaled_elsewhere: is_scaled_elsewhere(graph, &workload),
        };
        outlook.claims = outlook.find_claims(graph);
        outlook
    }

    /// Adds a `ConfigMap` or Secret of this workload that rollouts don't see.
    pub(super) fn add_config(&mut self, config: &UnversionedConfig<'t>) {
        let reason = GapReason::Config(config.config_use.kind, config.name);
        self.gaps.push(Gap { place: config.config_use.name.into(), reason });
    }

    /// Its pods' names, if they are known before the pods exist and not too many.
    pub fn pod_names(&self) -> Option<Vec<String>> {
        let pods = self.replicas.filter(|pods| *pods <= MOST_SIMULATED)?;
        (0..pods).map(|index| self.pod_name(index)).collect()
    }

    /// The command that undoes the last update; none for kinds that kubectl can't undo.
    pub fn undo_command(&self) -> Option<String> {
        let kind = match self.workload.kind() {
            WorkloadKind::Deployment => "deployment",
            WorkloadKind::StatefulSet => "statefulset",
            WorkloadKind::DaemonSet => "daemonset",
            _ => return None,
        };
        let namespace = self.workload.resource().namespace().map_or_else(String::new, |namespace| format!(" --namespace {namespace}"));
        Some(format!("kubectl rollout undo {kind}/{}{namespace}", self.workload.name().unwrap_or("NAME")))
    }

    /// The fields that undo sets back.
    pub fn restored(&self) -> Vec<&'static str> {
        match self.workload.kind() {
            _ if !self.undo.is_possible => Vec::new(),
            WorkloadKind::Deployment => vec!["spec.template", "metadata.annotations"],
            _ => vec!["spec.template"],
        }
    }

    /// Where the numbers of a rolling update come from: "maxSurge defaults to 25%, maxUnavailable is 1".
    pub fn numbers_origin(&self) -> String {
        let Some(Update::Rolling { max_surge, max_unavailable } | Update::Nodes { max_surge, max_unavailable }) = self.workload.update()
        else {
            return String::new();
        };
        let say = |is_default: bool| if is_default { "defaults to" } else { "is" };
        let (surge, unavailable) = (say(max_surge.is_default()), say(max_unavailable.is_default()));
        format!("maxSurge {surge} {}, maxUnavailable {unavailable} {}", max_surge.value, max_unavailable.value)
    }

    /// The first ordinal of its pods.
    pub fn first_ordinal(&self) -> usize {
        self.workload.first_ordinal().map_or(0, as_usize)
    }

    /// Whether its pods have names that are known before they exist.
    pub fn has_named_pods(&self) -> bool {
        matches!(self.workload.kind(), WorkloadKind::StatefulSet | WorkloadKind::Pod)
    }

    /// The name of a pod by its ordinal, counted from 0.
    pub fn pod_name(&self, index: usize) -> Option<String> {
        let name = self.workload.name()?;
        match self.workload.kind() {
            WorkloadKind::StatefulSet => Some(format!("{name}-{}", self.first_ordinal() + index)),
            WorkloadKind::Pod => Some(name.to_owned()),
            _ => None,
        }
    }

    fn find_claims(&self, graph: &Graph<'t>) -> Vec<ClaimOutlook<'t>> {
        let mut claims: Vec<ClaimOutlook<'t>> = Vec::new();
        for claim_use in graph.claim_uses_by(&self.workload) {
            let pods_in_update = self.update.as_ref().map(|update| update.pods_max).or(self.replicas);
            let (name, node) = (claim_use.claim_name().to_owned(), claim_use.name);
            claims.push(ClaimOutlook {
                name,
                node,
                pods: self.replicas,
                pods_in_update,
                is_shared: self.workload.kind() != WorkloadKind::Pod,
            });
        }
        for template in self.workload.claim_templates() {
            let Some(name) = template.name() else { continue };
            for pod in (0..self.replicas.unwrap_or(0).min(MOST_SIMULATED)).filter_map(|index| self.pod_name(index)) {
                let name_of_claim = format!("{}-{pod}", name.text());
                claims.push(ClaimOutlook { name: name_of_claim, node: name, pods: Some(1), pods_in_update: Some(1), is_shared: false });
            }
        }
        claims
    }

    /// All pods step by step in an update whose pods never become ready and then in its undo, and the step in which undo begins. `None`
    /// where there is no update or there are too many pods.
    pub fn timeline(&self) -> Option<(Vec<Vec<Pod>>, usize)> {
        let controller = self.controller.filter(|controller| controller.pods <= MOST_SIMULATED && self.workload.has_rollouts())?;
        let mut simulation = Simulation::new(controller, OLD);
        simulation.run(OLD);
        let mut steps = simulation.run(BROKEN).steps;
        let undone_from = steps.len();
        steps.extend(simulation.run(OLD).steps);
        Some((steps, undone_from))
    }
}

fn is_scaled_elsewhere<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> bool {
    let is_it = |(name, _): (&str, NodeRef<'t>)| workload.name() == Some(name);
    !graph.autoscalers(workload).is_empty() || graph.kustomizations().any(|kustomization| kustomization.replicas_set().any(is_it))
}

/// The images whose tags move, each once. Those that move within a version only are held to be the same.
fn moving_tags<'t>(graph: &Graph<'t>, workload: &Workload<'t>) -> Vec<Gap<'t>> {
    let mut gaps: Vec<Gap<'t>> = Vec::new();
    for image in graph.moving_images(workload) {
        let moves = matches!(image.movement, Movement::Untagged | Movement::Anywhere);
        let reason = GapReason::MovingTag(image.reference);
        if moves && !gaps.iter().any(|gap| gap.reason == reason) {
            gaps.push(Gap { place: image.place, reason });
        }
    }
    gaps
}

/// The init containers that migrate a database.
fn migrations<'t>(workload: &Workload<'t>) -> impl Iterator<Item = Gap<'t>> + use<'t> {
    let containers = workload.pod().into_iter().flat_map(|pod| pod.init_containers()).filter(|container| !container.is_sidecar());
    containers.filter_map(|container| {
        let reason = GapReason::Migration(container.name().unwrap_or("without a name"));
        Some(Gap { place: container.migration()?, reason })
    })
}

/// The template that runs.
pub(super) const OLD: Template = Template { revision: 1, works: true };
/// A new one.
const NEW: Template = Template { revision: 2, works: true };
/// A new one whose pods never become ready.
const BROKEN: Template = Template { revision: 3, works: false };

fn written_pods<'t>(graph: &Graph<'t>, workload: &Workload<'t>, nodes: Option<usize>) -> Option<usize> {
    match graph.pods(workload)? {
        Pods::Replicas(replicas) => Some(as_usize(replicas.written.value)),
        Pods::PerNode => Some(nodes.unwrap_or(1)),
        Pods::Runs(_) => workload.job_pods().map(|pods| as_usize(pods.value)),
        pods => pods.most().map(as_usize),
    }
}

impl GoodUpdate {
    fn of(workload: &Workload<'_>, controller: Controller) -> Self {
        let bounds = controller.bounds();
        let starts_new_first = matches!(controller.method, Method::Nodes { surge: 1.., .. });
        let held = workload.pod().filter(|_| starts_new_first).and_then(|pod| pod.held_host_port());
        let order = match controller.method {
            Method::Ordinals { partition, .. } => {
                Some((partition.min(controller.pods)..controller.pods).rev().take(MOST_SIMULATED).collect())
            }
            _ => None,
        };
        GoodUpdate {
            available_min: bounds.ready_min,
            pods_max: bounds.pods_max,
            pods_max_with_stopping: bounds.pods_max_with_stopping,
            blocking_port: held.and_then(NodeRef::int),
            order,
        }
    }
}

impl FailedUpdate {
    fn of(workload: &Workload<'_>, controller: Controller) -> Self {
        let available = controller.bounds().ready_when_broken;
        // The largest number stands for no deadline.
        let deadline = workload.progress_deadline_seconds().map(|seconds| seconds.value).filter(|seconds| *seconds < i64::from(i32::MAX));
        let deadline = deadline.filter(|_| workload.kind() == WorkloadKind::Deployment);
        let (down, missing, stalls) = if controller.pods <= MOST_SIMULATED {
            let mut simulation = Simulation::new(controller, OLD);
            simulation.run(OLD);
            simulation.run(BROKEN);
            (Some(simulation.down()), Some(simulation.missing()), !simulation.is_whole())
        } else {
            (None, None, available < controller.pods)
        };
        let named = |slots: Option<Vec<usize>>| slots.filter(|_| workload.kind() == WorkloadKind::StatefulSet);
        FailedUpdate {
            available,
            down: named(down),
            missing: named(missing),
            stalls,
            noticed_after_seconds: deadline.filter(|_| stalls && controller.method != Method::Paused),
        }
    }
}

impl Undo {
    fn of(workload: &Workload<'_>, controller: Option<Controller>) -> Self {
        let has_history = workload.has_rollouts();
        let is_possible = has_history && !workload.is_suspended();
        let revisions = workload.revision_history_limit().map(|limit| limit.value).filter(|_| has_history);
        let is_replaced_by_hand = controller.is_some_and(|controller| matches!(controller.method, Method::Kept { .. }));
        let recovers = controller.is_none_or(|controller| controller.bounds().recovers);
        Undo {
            is_possible,
            is_possible_after_success: is_possible
                && revisions.is_some_and(|limit| is_kept_after_success(workload.kind(), as_usize(limit))),
            revisions,
            needs_pod_deletion: is_possible && (is_replaced_by_hand || !recovers),
        }
    }
}

/// Whether there is a revision to go back to after an update that went well.
fn is_kept_after_success(kind: WorkloadKind, limit: usize) -> bool {
    let mut simulation = Simulation::new(Controller { method: Method::Recreate, pods: 1 }, OLD);
    let mut history = History::new(kind, limit);
    for template in [OLD, NEW] {
        simulation.run(template);
        history.record(template, &simulation);
    }
    history.undo_target() == Some(OLD)
}
