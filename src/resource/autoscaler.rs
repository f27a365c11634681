//! What changes the number of pods or protects it: autoscalers, disruption budgets, priority classes.

use super::{IntOrPercent, Kind, Resource, Selector, Setting};
use crate::yaml::NodeRef;

/// A `HorizontalPodAutoscaler` of any version, or KEDA's `ScaledObject`, which makes one.
#[derive(Clone, Copy, Debug)]
pub struct Autoscaler<'t> {
    resource: Resource<'t>,
}

impl<'t> Autoscaler<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        Autoscaler { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    fn is_keda(&self) -> bool {
        self.resource.kind() == Kind::ScaledObject
    }

    /// Kind and name of the workload it scales, in its own namespace. The API group is not compared: `extensions/v1beta1` and
    /// `apps/v1` name the same Deployment. KEDA's kind defaults to Deployment.
    pub fn target(&self) -> Option<(&'t str, &'t str)> {
        let target = self.resource.spec()?.get("scaleTargetRef")?;
        let kind = match target.get("kind").filter(|kind| !kind.is_null()) {
            Some(kind) => kind.str()?,
            None if self.is_keda() => "Deployment",
            None => return None,
        };
        Some((kind, target.get("name")?.value_text()?))
    }

    /// The fewest pods it leaves: 1 for a `HorizontalPodAutoscaler` and 0 for a `ScaledObject` where none is written.
    pub fn least(&self) -> Option<Setting<'t, i64>> {
        let (key, default) = if self.is_keda() { ("minReplicaCount", 0) } else { ("minReplicas", 1) };
        Setting::read(self.resource.spec(), key, NodeRef::int, default)
    }

    /// Whether it also scales a workload that has no pods. A `HorizontalPodAutoscaler` is off then unless it may itself scale to zero
    /// (`reconcileAutoscaler` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/horizontal.go>);
    /// KEDA starts workloads when there is something to do. `None` where a placeholder decides.
    pub fn starts_from_zero(&self) -> Option<bool> {
        if self.is_keda() { Some(true) } else { Some(self.least()?.value == 0) }
    }

    /// The most pods it makes: 100 for a `ScaledObject` where none is written, required otherwise.
    pub fn most(&self) -> Option<Setting<'t, i64>> {
        if self.is_keda() {
            return Setting::read(self.resource.spec(), "maxReplicaCount", NodeRef::int, 100);
        }
        let node = self.resource.spec()?.get("maxReplicas")?;
        Some(Setting { value: node.int()?, node: Some(node) })
    }
}

/// A `PodDisruptionBudget`.
#[derive(Clone, Copy, Debug)]
pub struct Budget<'t> {
    resource: Resource<'t>,
}

impl<'t> Budget<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        Budget { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// The pods it covers: none where it isn't written, all of the namespace where it is empty (before `policy/v1`: none).
    pub fn selector(&self) -> Option<Selector<'t>> {
        let selector = self.resource.spec()?.get("selector").filter(|node| !node.is_null()).map(Selector::LabelSelector);
        selector.filter(|selector| self.resource.version() == "v1" || !selector.is_empty())
    }

    /// `minAvailable`, if written and readable.
    pub fn min_available(&self) -> Option<IntOrPercent> {
        self.resource.spec()?.get("minAvailable").and_then(IntOrPercent::read)
    }

    /// `maxUnavailable`, if written and readable.
    pub fn max_unavailable(&self) -> Option<IntOrPercent> {
        self.resource.spec()?.get("maxUnavailable").and_then(IntOrPercent::read)
    }

    /// Of `pods` pods, how many must stay: both percentages round up
    /// (<https://kubernetes.io/docs/tasks/run-application/configure-pdb/>). `None` where neither is set.
    pub fn keeps(&self, pods: i64) -> Option<i64> {
        match (self.min_available(), self.max_unavailable()) {
            (Some(least), _) => Some(least.ceil(pods)),
            (None, Some(most)) => Some((pods - most.ceil(pods)).max(0)),
            (None, None) => None,
        }
    }
}

/// A `PriorityClass`.
#[derive(Clone, Copy, Debug)]
pub struct PriorityClass<'t> {
    resource: Resource<'t>,
}

impl<'t> PriorityClass<'t> {
    pub(super) fn new(resource: Resource<'t>) -> Self {
        PriorityClass { resource }
    }

    /// The priority that it gives.
    pub fn value(&self) -> Option<i64> {
        self.resource.node().get("value").and_then(NodeRef::int)
    }
}
