//! What changes the number of pods or protects it: autoscalers, disruption budgets, priority classes.

use super::{IntOrPercent, Kind, Resource, Selector, Setting};
use crate::yaml::NodeRef;

/// A `HorizontalPodAutoscaler` of any version, or KEDA's `ScaledObject`, which makes one.
#[derive(Clone, Copy, Debug)]
pub struct Autoscaler<'t> {
    resource: Resource<'t>,
}

impl<'t> Autoscaler<'t> {
    /// The minor version since which the group of the target is looked at.
    pub const TARGET_GROUP_SINCE: u32 = 34;

    pub(super) fn new(resource: Resource<'t>) -> Self {
        Autoscaler { resource }
    }

    /// The object.
    pub fn resource(&self) -> &Resource<'t> {
        &self.resource
    }

    /// Whether it is a `ScaledObject`.
    pub fn is_keda(&self) -> bool {
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

    /// `spec.scaleTargetRef`.
    pub fn target_reference(&self) -> Option<NodeRef<'t>> {
        self.resource.spec()?.get("scaleTargetRef").filter(|target| target.is_mapping())
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

/// A target that is looked for in an API group which has no such kind.
#[derive(Clone, Copy, Debug)]
pub struct WrongGroup<'t> {
    /// The target's kind.
    pub kind: &'t str,
    /// `spec.scaleTargetRef`.
    pub target: NodeRef<'t>,
    /// Its `apiVersion`, where one is written.
    pub written: Option<NodeRef<'t>>,
    /// The text of that, or none.
    pub version: &'t str,
    /// What it should be.
    pub right: &'static str,
}

impl<'t> Autoscaler<'t> {
    /// Whether the target is looked for where it can't be. `None` where the group is right, isn't known, or is refused by API servers of
    /// the newest minor version.
    pub fn wrong_group(&self, newest: u32) -> Option<WrongGroup<'t>> {
        let (target, (kind, _)) = (self.target_reference()?, self.target()?);
        let (group, right) = match kind {
            "Deployment" | "ReplicaSet" | "StatefulSet" => ("apps", "apps/v1"),
            "ReplicationController" => ("", "v1"),
            _ => return None,
        };
        let written = target.get("apiVersion").filter(|version| !version.is_null() && !version.text().is_empty());
        // KEDA fills in apps/v1.
        if written.is_none() && self.is_keda() {
            return None;
        }
        let version = written.map_or(Some(""), NodeRef::value_text)?;
        let is_refused = !group.is_empty() && !version.contains('/') && !self.is_keda();
        if is_refused && newest >= Autoscaler::TARGET_GROUP_SINCE {
            return None;
        }
        let own = version.split_once('/').map_or("", |(group, _)| group);
        (own != group && !own.contains('.')).then_some(WrongGroup { kind, target, written, version, right })
    }
}

/// A metric that is a share of what pods request.
#[derive(Clone, Copy, Debug)]
pub struct Utilization<'t> {
    /// `cpu` or `memory`.
    pub resource: &'t str,
    /// The container that counts; all of them where none is named.
    pub container: Option<&'t str>,
    /// Where it is asked for; the autoscaler's `spec` for the metric that the API server fills in.
    pub node: NodeRef<'t>,
}

impl<'t> Autoscaler<'t> {
    /// The metrics that are shares of what pods request: without it they can't be worked out, and the autoscaler does nothing
    /// (<https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/replica_calculator.go>). Without any metric
    /// the API server fills in the utilization of `cpu`.
    pub fn utilizations(&self) -> Vec<Utilization<'t>> {
        let Some(spec) = self.resource.spec().filter(|spec| spec.is_mapping()) else { return Vec::new() };
        let written = |key: &str| spec.get(key).filter(|node| !node.is_null());
        if self.is_keda() {
            return written("triggers").into_iter().flat_map(NodeRef::items).filter_map(trigger).collect();
        }
        let of_all = |node| vec![Utilization { resource: "cpu", container: None, node }];
        if self.resource.version() == "v1" {
            // Older clients kept the other metrics there.
            let has_more = self.resource.annotation("autoscaling.alpha.kubernetes.io/metrics").is_some();
            let cpu = written("targetCPUUtilizationPercentage");
            return cpu.or(Some(spec)).filter(|_| !has_more || cpu.is_some()).map(of_all).unwrap_or_default();
        }
        match written("metrics") {
            None => of_all(spec),
            Some(list) if list.is_sequence() && list.is_empty() => of_all(spec),
            Some(list) => list.items().filter_map(metric).collect(),
        }
    }
}

fn metric(item: NodeRef<'_>) -> Option<Utilization<'_>> {
    let source = match item.get("type")?.str()? {
        "Resource" => item.get("resource")?,
        "ContainerResource" => item.get("containerResource")?,
        _ => return None,
    };
    // autoscaling/v2beta1 writes the target without a mapping of its own.
    let node = source.get("targetAverageUtilization").or_else(|| source.at("target.averageUtilization"))?;
    let container = match source.get("container") {
        Some(name) => Some(name.value_text()?),
        None => None,
    };
    Some(Utilization { resource: source.get("name")?.str().filter(|name| is_counted(name))?, container, node })
}

fn trigger(item: NodeRef<'_>) -> Option<Utilization<'_>> {
    let resource = item.get("type")?.str().filter(|name| is_counted(name))?;
    let kind = item.get("metricType").or_else(|| item.at("metadata.type"))?;
    let container = item.at("metadata.containerName").and_then(NodeRef::value_text);
    (kind.str() == Some("Utilization")).then_some(Utilization { resource, container, node: kind })
}

fn is_counted(resource: &str) -> bool {
    matches!(resource, "cpu" | "memory")
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

    /// What it demands. `None` where it demands nothing, or what the API server refuses: both at once, a negative number, more than
    /// all.
    pub fn demand(&self) -> Option<Demand<'t>> {
        let written = |key: &'static str| Some((key, self.resource.spec()?.get(key).filter(|node| !node.is_null())?));
        let ((Some((key, node)), None) | (None, Some((key, node)))) = (written("minAvailable"), written("maxUnavailable")) else {
            return None;
        };
        let amount = IntOrPercent::read(node)?;
        matches!(amount, IntOrPercent::Int(0..) | IntOrPercent::Percent(0..=100)).then_some(Demand { key, node, amount })
    }

    /// Of `pods` pods, how many must stay. `None` where it demands nothing that is accepted.
    pub fn keeps(&self, pods: i64) -> Option<i64> {
        self.demand().map(|demand| demand.keeps(pods))
    }
}

/// What a budget demands: how many pods must stay, or how many may go.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'t> {
    /// `minAvailable` or `maxUnavailable`
    pub key: &'static str,
    /// Its value.
    pub node: NodeRef<'t>,
    /// The same.
    pub amount: IntOrPercent,
}

impl Demand<'_> {
    fn is_minimum(&self) -> bool {
        self.key == "minAvailable"
    }

    /// Of `pods` pods, how many must stay: both percentages round up
    /// (<https://kubernetes.io/docs/tasks/run-application/configure-pdb/>).
    pub fn keeps(&self, pods: i64) -> i64 {
        let amount = self.amount.ceil(pods);
        if self.is_minimum() { amount } else { (pods - amount).max(0) }
    }

    /// Whether it lets no pod go, however many there are.
    pub fn is_absolute(&self) -> bool {
        if self.is_minimum() { self.amount == IntOrPercent::Percent(100) } else { self.amount.is_zero() }
    }

    /// Whether the disruption controller must ask the pods' owners how many there should be. It only need not for a `minAvailable`
    /// that is a number: `getExpectedPodCount` in
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/disruption/disruption.go>.
    pub fn needs_scale(&self) -> bool {
        !self.is_minimum() || matches!(self.amount, IntOrPercent::Percent(_))
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
