//! What makes pods: the controllers, and pods themselves.

use std::collections::HashSet;

use super::{ClaimTemplate, Container, Difference, IntOrPercent, Kind, PodSpec, Resource, Selector, Setting, difference};
use crate::yaml::NodeRef;

/// The kinds that make pods.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "each is the Kubernetes kind of that name")]
pub enum WorkloadKind {
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Pod,
}

impl WorkloadKind {
    /// The workload kind of a kind, if it makes pods.
    pub fn of(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Deployment => WorkloadKind::Deployment,
            Kind::ReplicaSet => WorkloadKind::ReplicaSet,
            Kind::ReplicationController => WorkloadKind::ReplicationController,
            Kind::StatefulSet => WorkloadKind::StatefulSet,
            Kind::DaemonSet => WorkloadKind::DaemonSet,
            Kind::Job => WorkloadKind::Job,
            Kind::CronJob => WorkloadKind::CronJob,
            Kind::Pod => WorkloadKind::Pod,
            _ => return None,
        })
    }
}

/// How a controller replaces pods when its template changes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Update<'t> {
    /// A Deployment, step by step.
    Rolling {
        /// Pods above the wanted number.
        max_surge: Setting<'t, IntOrPercent>,
        /// Pods below it.
        max_unavailable: Setting<'t, IntOrPercent>,
    },
    /// A `StatefulSet`, highest ordinal first.
    Ordinal {
        /// Ordinals below it (counted from the first) keep the old template.
        partition: Setting<'t, i64>,
        /// Pods down at once.
        max_unavailable: Setting<'t, IntOrPercent>,
    },
    /// A `DaemonSet`, node by node.
    Nodes {
        /// Nodes that run two pods for a while.
        max_surge: Setting<'t, IntOrPercent>,
        /// Nodes that run none.
        max_unavailable: Setting<'t, IntOrPercent>,
    },
    /// All old pods stop before the first new one starts.
    Recreate,
    /// Only pods that someone deletes are replaced.
    OnDelete,
    /// This kind has no rollout.
    None,
}

/// How an update of a single pod goes from the old one to the new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handover {
    /// The old one is stopped when the new one is ready.
    NewFirst,
    /// The old one is stopped when the new one is started, and neither waits for the other.
    AtOnce,
    /// The new one is started when the old one has been told to stop; it may still be stopping.
    OldFirst,
    /// The new one is started when the old one is gone.
    OldGone,
}

/// A Deployment, `ReplicaSet`, `ReplicationController`, `StatefulSet`, `DaemonSet`, Job, `CronJob` or Pod.
#[derive(Clone, Copy, Debug)]
pub struct Workload<'t> {
    resource: Resource<'t>,
    kind: WorkloadKind,
    template: Option<NodeRef<'t>>,
    pod: Option<PodSpec<'t>>,
}

impl<'t> Workload<'t> {
    /// Nodes of its tree above which it is overgrown.
    pub const MOST_NODES: usize = 200_000;

    pub(super) fn new(resource: Resource<'t>, kind: WorkloadKind) -> Self {
        let mut workload = Workload { resource, kind, template: None, pod: None };
        workload.template = workload.find_template();
        workload.pod = workload.template.and_then(|template| template.get("spec")).filter(|spec| spec.is_mapping()).map(PodSpec::new);
        workload
    }

    fn find_template(&self) -> Option<NodeRef<'t>> {
        match self.kind {
            WorkloadKind::Pod => Some(self.resource.node()),
            _ => self.job_spec()?.get("template"),
        }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Its kind.
    pub fn kind(&self) -> WorkloadKind {
        self.kind
    }

    /// Its name, if known.
    pub fn name(&self) -> Option<&'t str> {
        self.resource.name()
    }

    /// Kind and name for messages.
    pub fn describe(&self) -> String {
        self.resource.describe()
    }

    /// Its pods for messages: a Pod is its own.
    pub fn describe_pods(&self) -> String {
        match self.kind {
            WorkloadKind::Pod => self.describe(),
            _ => format!("pods of {}", self.describe()),
        }
    }

    /// `spec`.
    pub fn spec(&self) -> Option<NodeRef<'t>> {
        self.resource.spec()
    }

    /// A field of `spec`, unless it is null.
    pub fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.spec()?.get(key).filter(|node| !node.is_null())
    }

    /// The spec of the Job that this is or makes.
    pub fn job_spec(&self) -> Option<NodeRef<'t>> {
        match self.kind {
            WorkloadKind::CronJob => self.spec()?.get("jobTemplate")?.get("spec"),
            _ => self.spec(),
        }
    }

    /// A field of the spec of the Job that this is or makes, unless it is null.
    pub fn job_field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.job_spec()?.get(key).filter(|node| !node.is_null())
    }

    /// Whether it is a Job or makes Jobs.
    pub fn has_jobs(&self) -> bool {
        matches!(self.kind, WorkloadKind::Job | WorkloadKind::CronJob)
    }

    /// Whether another controller than Kubernetes' own starts and stops the Job: Kueue, or what `managedBy` names.
    pub fn is_job_of_another_controller(&self) -> bool {
        self.job_field("managedBy").is_some() || self.resource.label("kueue.x-k8s.io/queue-name").is_some()
    }

    /// The pod template: `metadata` and `spec` of the pods. A Pod is its own.
    pub fn template(&self) -> Option<NodeRef<'t>> {
        self.template
    }

    /// The spec of its pods.
    pub fn pod(&self) -> Option<PodSpec<'t>> {
        self.pod
    }

    /// Where its pod template stands.
    pub fn template_path(&self) -> &'static str {
        match self.kind {
            WorkloadKind::CronJob => "spec.jobTemplate.spec.template",
            WorkloadKind::Pod => "",
            _ => "spec.template",
        }
    }

    /// Where the templates of two versions surely differ.
    pub fn template_difference(&self, new: &Workload<'t>) -> Option<Difference<'t>> {
        difference(self.resource.node(), new.resource.node(), self.template_path(), &|_| false)
    }

    /// The labels of its pods, if any are written; perhaps by a placeholder.
    pub fn pod_labels(&self) -> Option<NodeRef<'t>> {
        self.template()?.get("metadata")?.get("labels").filter(|labels| !labels.is_null())
    }

    /// An annotation of its pods.
    pub fn pod_annotation(&self, key: &str) -> Option<NodeRef<'t>> {
        self.template()?.get("metadata")?.get("annotations")?.get(key)
    }

    /// Whether it has many times more nodes than any workload that someone runs: rules hold its labels against selectors, its ports
    /// against ports, and would be at it for ever. `yaml-syntax` tells of it.
    pub fn is_overgrown(&self) -> bool {
        self.resource.node().size() > Self::MOST_NODES
    }

    /// Whether it lacks what the API requires of any such object: it has neither selector nor a container with an image.
    pub(super) fn is_fragment(&self) -> bool {
        let has_image = self.pod().is_some_and(|pod| pod.all_containers().any(|container| container.image().is_some()));
        !has_image && self.field("selector").is_none()
    }

    /// Whether its API version is one of the groups before `apps/v1` that defaulted differently.
    fn is_before(&self, group: &str, version: &str) -> bool {
        self.resource.group() == group && self.resource.version() == version
    }

    fn is_extensions(&self) -> bool {
        self.resource.group() == "extensions"
    }

    /// The selector of its pods. Before `apps/v1beta2` it defaults to the template's labels; a `ReplicationController`'s does so where it
    /// is empty, too.
    pub fn selector(&self) -> Option<Selector<'t>> {
        let defaults = self.kind == WorkloadKind::ReplicationController || self.is_extensions() || self.is_before("apps", "v1beta1");
        match self.field("selector") {
            Some(node) if self.kind != WorkloadKind::ReplicationController => Some(Selector::LabelSelector(node)),
            Some(node) if !Selector::Map(node).is_empty() => Some(Selector::Map(node)),
            _ if defaults => self.pod_labels().map(Selector::Map),
            _ => None,
        }
    }

    /// Whether it is one of the kinds that select pods by labels all their life.
    pub fn selects_pods(&self) -> bool {
        use WorkloadKind::{DaemonSet, Deployment, ReplicaSet, ReplicationController, StatefulSet};
        matches!(self.kind, Deployment | ReplicaSet | ReplicationController | StatefulSet | DaemonSet)
    }

    /// Whether it lacks the selector that the API requires, and so may be a patch that adds a container: volumes and mounts that it lacks
    /// may stand elsewhere.
    pub fn may_be_patch(&self) -> bool {
        self.selects_pods() && self.selector().is_none()
    }

    /// Whether it has containers, each with a name and an image.
    pub fn has_whole_containers(&self) -> bool {
        let Some(pod) = self.pod() else { return false };
        let mut containers = pod.containers().peekable();
        let is_whole = |container: Container<'t>| container.image().is_some() && container.field("name").is_some();
        containers.peek().is_some() && containers.all(is_whole)
    }

    /// Whether its template has what the API requires of any, while a patch need not write all of it: labels and whole containers.
    pub fn has_whole_template(&self) -> bool {
        self.has_whole_containers() && self.pod_labels().is_some_and(|labels| !labels.is_empty())
    }

    /// Whether it is no patch: it has a selector, or lacks nothing else and has labels of its own.
    pub fn is_surely_whole(&self) -> bool {
        let has_labels = || self.resource.metadata().and_then(|metadata| metadata.get("labels")).is_some_and(|labels| !labels.is_empty());
        !self.may_be_patch() || (self.has_whole_template() && has_labels())
    }

    /// Whether it is one of the kinds that roll out changes of their template and that `kubectl rollout undo` knows.
    pub fn has_rollouts(&self) -> bool {
        matches!(self.kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet)
    }

    /// `spec.replicas`, 1 where it isn't written; `None` for kinds without it, and for a placeholder.
    pub fn replicas(&self) -> Option<Setting<'t, i64>> {
        use WorkloadKind::{Deployment, ReplicaSet, ReplicationController, StatefulSet};
        matches!(self.kind, Deployment | ReplicaSet | ReplicationController | StatefulSet)
            .then(|| Setting::read(self.spec(), "replicas", NodeRef::int, 1))
            .flatten()
    }

    /// How it replaces pods; `None` where a placeholder decides, and for what the API server refuses.
    pub fn update(&self) -> Option<Update<'t>> {
        self.written_update().filter(Update::is_accepted)
    }

    /// The same, accepted or not.
    pub fn written_update(&self) -> Option<Update<'t>> {
        match self.kind {
            WorkloadKind::Deployment => self.deployment_update(),
            WorkloadKind::StatefulSet => self.stateful_set_update(),
            WorkloadKind::DaemonSet => self.daemon_set_update(),
            _ => Some(Update::None),
        }
    }

    /// `strategy` (Deployment) or `updateStrategy`, whichever the kind has.
    pub fn strategy(&self) -> Option<NodeRef<'t>> {
        self.field(if self.kind == WorkloadKind::Deployment { "strategy" } else { "updateStrategy" })
    }

    /// The type of the update strategy.
    pub fn strategy_type(&self) -> Option<Setting<'t, &'t str>> {
        let before_v1_stateful_set = self.kind == WorkloadKind::StatefulSet && self.is_before("apps", "v1beta1");
        let before_v1_daemon_set = self.kind == WorkloadKind::DaemonSet && self.is_extensions();
        let default = if before_v1_stateful_set || before_v1_daemon_set { "OnDelete" } else { "RollingUpdate" };
        let strategy_type = Setting::read(self.strategy(), "type", NodeRef::str, default)?;
        // Empty is the same as absent.
        Some(if strategy_type.value.is_empty() { Setting { value: default, node: None } } else { strategy_type })
    }

    /// How it replaces its pod where it has one only; `None` where a placeholder decides. A paused Deployment replaces none.
    pub fn handover(&self) -> Option<Handover> {
        let is_paused = self.kind == WorkloadKind::Deployment && self.is_suspended();
        if is_paused { Some(Handover::OldGone) } else { Some(self.update()?.handover()) }
    }

    /// What is written of the rolling update that runs a pod too many: `maxSurge`, or else the strategy's type.
    pub fn surge_node(&self) -> Option<NodeRef<'t>> {
        let strategy = self.strategy()?;
        let written = |path: &str| strategy.at(path).filter(|node| !node.is_null());
        written("rollingUpdate.maxSurge").or_else(|| written("type"))
    }

    /// What its rolling update says of extra pods, for messages: "maxSurge defaults to 25%". `None` for any other update.
    pub fn surge_origin(&self) -> Option<String> {
        let (Update::Rolling { max_surge, .. } | Update::Nodes { max_surge, .. }) = self.update()? else { return None };
        Some(format!("maxSurge {} {}", if max_surge.is_default() { "defaults to" } else { "is" }, max_surge.value))
    }

    fn deployment_update(&self) -> Option<Update<'t>> {
        match self.strategy_type()?.value {
            "Recreate" => Some(Update::Recreate).filter(|_| self.rolling_update_fields().is_none()),
            "RollingUpdate" => {
                let default = if self.is_extensions() { IntOrPercent::Int(1) } else { IntOrPercent::Percent(25) };
                let max_surge = self.rolling_update("maxSurge", IntOrPercent::read, default)?;
                let max_unavailable = self.rolling_update("maxUnavailable", IntOrPercent::read, default)?;
                Some(Update::Rolling { max_surge, max_unavailable })
            }
            _ => None,
        }
    }

    fn stateful_set_update(&self) -> Option<Update<'t>> {
        match self.strategy_type()?.value {
            "OnDelete" => Some(Update::OnDelete),
            "RollingUpdate" => {
                let partition = self.rolling_update("partition", NodeRef::int, 0)?;
                let max_unavailable = self.rolling_update("maxUnavailable", IntOrPercent::read, IntOrPercent::Int(1))?;
                Some(Update::Ordinal { partition, max_unavailable })
            }
            _ => None,
        }
    }

    fn daemon_set_update(&self) -> Option<Update<'t>> {
        match self.strategy_type()?.value {
            "OnDelete" => Some(Update::OnDelete),
            "RollingUpdate" => {
                // Both are defaulted, each on its own.
                let max_surge = self.rolling_update("maxSurge", IntOrPercent::read, IntOrPercent::Int(0))?;
                let max_unavailable = self.rolling_update("maxUnavailable", IntOrPercent::read, IntOrPercent::Int(1))?;
                Some(Update::Nodes { max_surge, max_unavailable })
            }
            _ => None,
        }
    }

    /// The strategy's `rollingUpdate`, unless it is null.
    pub fn rolling_update_fields(&self) -> Option<NodeRef<'t>> {
        self.strategy()?.get("rollingUpdate").filter(|node| !node.is_null())
    }

    /// A field of the strategy's `rollingUpdate`, unless it is null.
    pub fn rolling_update_field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.rolling_update_fields()?.get(key).filter(|node| !node.is_null())
    }

    fn rolling_update<T>(&self, key: &str, read: impl FnOnce(NodeRef<'t>) -> Option<T>, default: T) -> Option<Setting<'t, T>> {
        Setting::read(self.rolling_update_fields(), key, read, default)
    }

    /// `spec.minReadySeconds`.
    pub fn min_ready_seconds(&self) -> Option<Setting<'t, i64>> {
        Setting::read(self.spec(), "minReadySeconds", NodeRef::int, 0)
    }

    /// How many old revisions are kept to undo to.
    pub fn revision_history_limit(&self) -> Option<Setting<'t, i64>> {
        let default = match self.kind {
            WorkloadKind::Deployment if self.is_extensions() => i64::from(i32::MAX),
            WorkloadKind::Deployment if self.is_before("apps", "v1beta1") => 2,
            _ => 10,
        };
        Setting::read(self.spec(), "revisionHistoryLimit", NodeRef::int, default)
    }

    /// A Deployment's `progressDeadlineSeconds`.
    pub fn progress_deadline_seconds(&self) -> Option<Setting<'t, i64>> {
        let default = if self.is_extensions() { i64::from(i32::MAX) } else { 600 };
        Setting::read(self.spec(), "progressDeadlineSeconds", NodeRef::int, default)
    }

    /// Whether a Deployment is paused, or a Job or `CronJob` suspended.
    pub fn is_suspended(&self) -> bool {
        let key = if self.kind == WorkloadKind::Deployment { "paused" } else { "suspend" };
        self.field(key).and_then(NodeRef::bool) == Some(true)
    }

    /// A `CronJob`'s `concurrencyPolicy`.
    pub fn concurrency_policy(&self) -> Option<Setting<'t, &'t str>> {
        Setting::read(self.spec(), "concurrencyPolicy", NodeRef::str, "Allow")
    }

    /// How many pods a Job (or one run of a `CronJob`) runs at once: `parallelism`, but never more than `completions`, both 1 where
    /// neither is written.
    pub fn job_pods(&self) -> Option<Setting<'t, i64>> {
        let spec = self.job_spec();
        let parallelism = Setting::read(spec, "parallelism", NodeRef::int, 1)?;
        let written = spec.and_then(|spec| spec.get("completions")).filter(|node| !node.is_null());
        let Some(completions) = written else { return Some(parallelism) };
        let value = parallelism.value.min(completions.int()?);
        Some(Setting { value, ..parallelism })
    }

    /// Whether `kubectl rollout undo` knows it, and revisions are kept to go back to.
    pub fn can_be_undone(&self) -> bool {
        self.has_rollouts() && self.revision_history_limit().is_none_or(|limit| limit.value > 0)
    }

    /// Whether an annotation says that a tool rolls it out in steps of its own, and pauses it meanwhile.
    pub fn is_rolled_out_in_steps(&self) -> bool {
        const STEPPERS: [&str; 4] = ["flagger.app/", "rollout.argoproj.io/", "rollouts.argoproj.io/", "rollouts.kruise.io/"];
        self.has_annotation(|key| STEPPERS.iter().any(|stepper| key.starts_with(stepper)))
    }

    /// Whether an annotation says that its partition is moved step by step.
    pub fn is_canary(&self) -> bool {
        self.has_annotation(|key| key.contains("canary"))
    }

    fn has_annotation(&self, is_such: impl Fn(&str) -> bool) -> bool {
        let annotations = self.resource.metadata().and_then(|metadata| metadata.get("annotations"));
        annotations.into_iter().flat_map(NodeRef::entries).any(|entry| is_such(entry.key.text()))
    }

    /// Whether its pods are there to do something and end.
    pub fn ends(&self) -> bool {
        let restarts = || self.pod().and_then(|pod| pod.field("restartPolicy")).is_none_or(|policy| policy.text() == "Always");
        match self.kind {
            WorkloadKind::Job | WorkloadKind::CronJob => true,
            WorkloadKind::Pod => !restarts(),
            _ => false,
        }
    }

    /// Whether a Job's pods have an index.
    pub fn is_indexed_job(&self) -> bool {
        self.job_spec().and_then(|spec| spec.get("completionMode")).and_then(NodeRef::str) == Some("Indexed")
    }

    /// Whether no two pods that run at once have the same completion index. Each run of a `CronJob` counts from 0.
    pub fn has_unique_index(&self) -> bool {
        let may_overlap = self.kind == WorkloadKind::CronJob && self.concurrency_policy().is_none_or(|policy| policy.value == "Allow");
        self.is_indexed_job() && !may_overlap
    }

    /// Whether a `StatefulSet` starts and stops its pods without regard to their order. `None` where a placeholder decides.
    pub fn is_parallel(&self) -> Option<bool> {
        Setting::read(self.spec(), "podManagementPolicy", NodeRef::str, "OrderedReady").map(|policy| policy.value == "Parallel")
    }

    /// The first ordinal of a `StatefulSet`.
    pub fn first_ordinal(&self) -> Option<i64> {
        Setting::read(self.field("ordinals"), "start", NodeRef::int, 0).map(|start| start.value)
    }

    /// The names that mounts may refer to: those of volumes and claim templates. `None` where a placeholder may stand for more.
    pub fn volume_names(&self) -> Option<HashSet<&'t str>> {
        let are_listed = self.pod().and_then(|pod| pod.field("volumes")).is_none_or(NodeRef::is_sequence);
        let mut names = self.claim_template_names()?;
        for volume in self.pod().into_iter().flat_map(|pod| pod.volumes()) {
            names.insert(volume.name()?);
        }
        are_listed.then_some(names)
    }

    /// The names of its claim templates. `None` where a placeholder may stand for more.
    pub fn claim_template_names(&self) -> Option<HashSet<&'t str>> {
        let are_listed = self.field("volumeClaimTemplates").is_none_or(NodeRef::is_sequence);
        let names = self.claim_templates().map(|template| template.name().and_then(NodeRef::value_text)).collect();
        if are_listed { names } else { None }
    }

    /// Whether the claims of pods that a `StatefulSet` scales away are deleted with their data.
    pub fn deletes_claims_when_scaled_down(&self) -> bool {
        let policy = self.field("persistentVolumeClaimRetentionPolicy").and_then(|policy| policy.get("whenScaled"));
        policy.and_then(NodeRef::str) == Some("Delete") && self.claim_templates().next().is_some()
    }

    /// A `StatefulSet`'s claim templates.
    pub fn claim_templates(&self) -> impl Iterator<Item = ClaimTemplate<'t>> {
        let templates = (self.kind == WorkloadKind::StatefulSet).then(|| self.field("volumeClaimTemplates")).flatten();
        templates.into_iter().flat_map(NodeRef::items).map(ClaimTemplate::new)
    }
}

impl Update<'_> {
    /// Whether the API server accepts its numbers: `ValidateRollingUpdateDeployment` and the like in
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go>. A `StatefulSet`'s `maxUnavailable`
    /// is looked at since 1.37; before, it is dropped.
    fn is_accepted(&self) -> bool {
        let is_number = |value: IntOrPercent| matches!(value, IntOrPercent::Int(0..) | IntOrPercent::Percent(_));
        let is_share = |value: IntOrPercent| matches!(value, IntOrPercent::Int(0..) | IntOrPercent::Percent(..=100));
        match self {
            Update::Rolling { max_surge: Setting { value: surge, .. }, max_unavailable: Setting { value: unavailable, .. } } => {
                is_number(*surge) && is_share(*unavailable) && !(surge.is_zero() && unavailable.is_zero())
            }
            Update::Nodes { max_surge: Setting { value: surge, .. }, max_unavailable: Setting { value: unavailable, .. } } => {
                is_share(*surge) && is_share(*unavailable) && surge.is_zero() != unavailable.is_zero()
            }
            Update::Ordinal { partition, max_unavailable: Setting { value: unavailable, .. } } => {
                partition.value >= 0 && is_share(*unavailable) && !unavailable.is_zero()
            }
            Update::Recreate | Update::OnDelete | Update::None => true,
        }
    }

    /// Whether old pods run on while the first new one starts, where the workload has so many; `None` where a number isn't known.
    pub fn overlaps(&self, pods: Option<i64>) -> Option<bool> {
        match (self, pods) {
            (Update::Recreate, _) => Some(false),
            (_, Some(1)) => Some(matches!(self.handover(), Handover::NewFirst | Handover::AtOnce)),
            (Update::Rolling { max_surge, .. }, _) if !max_surge.value.is_zero() => Some(true),
            (Update::Nodes { max_surge, max_unavailable }, _) => {
                Some(!max_surge.value.is_zero() || max_unavailable.value != IntOrPercent::Percent(100))
            }
            (Update::OnDelete, Some(_)) => Some(true),
            (_, pods) => Some(self.unavailable(pods?)? < pods?),
        }
    }

    /// How many pods a Deployment's rolling update runs above and below the wanted number: the surge rounds up, the unavailable ones
    /// down, and where both come to nothing one pod may be unavailable. `ResolveFenceposts` in
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/util/deployment_util.go>. `None` for any other
    /// kind of update.
    pub fn fenceposts(&self, replicas: i64) -> Option<(i64, i64)> {
        let Update::Rolling { max_surge, max_unavailable } = self else { return None };
        let (surge, unavailable) = (max_surge.value.ceil(replicas), max_unavailable.value.floor(replicas));
        Some((surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable }))
    }

    /// How many of so many pods the rolling update of a Deployment or `StatefulSet` lets be down at once. A `StatefulSet`'s percentage
    /// rounds down, to at least one pod, and pods below the partition stay. `None` for any other kind of update.
    pub fn unavailable(&self, replicas: i64) -> Option<i64> {
        match self {
            Update::Rolling { .. } => self.fenceposts(replicas).map(|(_, unavailable)| unavailable),
            Update::Ordinal { partition, max_unavailable } => {
                Some(max_unavailable.value.floor(replicas).max(1).min(replicas.saturating_sub(partition.value)))
            }
            _ => None,
        }
    }

    /// How the update replaces a single pod. Without a rollout there is no new one to wait for.
    pub fn handover(&self) -> Handover {
        match (self, self.fenceposts(1)) {
            (_, Some((0, _))) => Handover::OldFirst,
            (_, Some((_, 0))) => Handover::NewFirst,
            (_, Some(_)) => Handover::AtOnce,
            (Update::Nodes { max_surge, .. }, None) if max_surge.value.is_zero() => Handover::OldFirst,
            (Update::Nodes { .. }, None) => Handover::NewFirst,
            _ => Handover::OldGone,
        }
    }
}
