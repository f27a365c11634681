//! One Kubernetes object, seen through borrowed views with the API server's defaults applied.
//!
//! A view is a cursor on the object's tree and holds no copy. It reads what is written, fills in what the API server would default
//! (<https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/v1/defaults.go>), and says `None` where a value is a
//! placeholder or of the wrong type, so that no rule judges what it can't know.

mod autoscaler;
mod command;
mod config;
mod data;
mod difference;
mod home;
mod image;
mod immutable;
mod ingress;
mod kustomization;
mod lifecycle;
pub mod lists;
mod migration;
mod node;
mod placement;
mod pod;
mod quantity;
mod refusal;
mod remedy;
mod schedule;
mod script;
mod selector;
mod service;
mod storage;
mod syntax;
mod value;
mod workload;

use crate::finding::ObjectName;
use crate::source::SourceId;
use crate::yaml::NodeRef;

pub use autoscaler::{Autoscaler, Budget, Demand, PriorityClass, Utilization, WrongGroup};
pub use command::quoted;
pub use config::{ConfigDemand, ConfigUse, Intake, KeyChange, is_versioned_name, key_changes};
pub use data::{RemovedSource, Successor, is_data_directory, removed_sources};
pub use difference::{Difference, difference, difference_of_values};
pub use home::{Home, Housed};
pub use image::{ImageReference, Movement};
pub use immutable::{RefusedBecause, RefusedChange, refused_changes};
pub use ingress::Backend;
pub use kustomization::{ImageSetting, Kustomization};
pub use lifecycle::{Lifecycle, Migration};
pub use node::{CONTROL_PLANE, ControlPlane, LabelFate, LegacyLabel, MASTER, NodeChoice, NodeDemand, NodePart, legacy_label};
pub use placement::PodTerm;
pub use pod::{Container, Mount, PodSpec, Taint, Toleration, Uniqueness, Volume, path_steps, references};
pub use quantity::Quantity;
pub use refusal::{Form, Refusals, looks_replaced};
pub use schedule::{Schedule, Times};
pub use script::{Script, find_words};
pub use selector::{CONTROLLER_LABELS, Selector};
pub use service::Service;
pub(crate) use storage::ORDINAL;
pub use storage::{
    AccessMode, AccessModes, CLASS_ANNOTATION, ClaimRequest, ClaimTemplate, PersistentVolume, Provisioner, Reach, StorageClass,
    provisioner, provisioner_of_class,
};
pub use syntax::{
    IpRange, ip_address, is_config_key, is_dns_1035_label, is_dns_label, is_dns_subdomain, is_domain_prefixed_path, is_header_name,
    is_label_value, is_local_address, is_path_segment, is_port_name, is_port_number, is_qualified_name, is_sysctl_name, is_variable_name,
    is_wildcard_subdomain,
};
pub use value::{IntOrPercent, Setting, number, repeated, text};
pub use workload::{Handover, Update, Workload, WorkloadKind};

/// Whether a node is a Kubernetes object: a mapping with `apiVersion` and `kind`.
pub fn is_object(node: NodeRef<'_>) -> bool {
    let is_text = |key: &str| node.get(key).is_some_and(|value| value.value_text().is_some());
    is_text("apiVersion") && is_text("kind")
}

/// The kinds that rules speak of, whatever their API version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "each is the Kubernetes kind of that name")]
pub enum Kind {
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Pod,
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    Service,
    EndpointSlice,
    ConfigMap,
    Secret,
    HorizontalPodAutoscaler,
    ScaledObject,
    PodDisruptionBudget,
    PriorityClass,
    Namespace,
    IngressClass,
    Ingress,
    NetworkPolicy,
    ServiceAccount,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    CustomResourceDefinition,
    LimitRange,
    ResourceQuota,
    RuntimeClass,
    VolumeAttributesClass,
    CsiDriver,
    ApiService,
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
    Kustomization,
    /// Anything else.
    Other,
}

impl Kind {
    /// The kind of an object by group and name. A `Service` of `serving.knative.dev` is no Service.
    pub fn of(group: &str, kind: &str) -> Kind {
        match (group, kind) {
            ("apps" | "extensions", "Deployment") => Kind::Deployment,
            ("apps" | "extensions", "ReplicaSet") => Kind::ReplicaSet,
            ("apps", "StatefulSet") => Kind::StatefulSet,
            ("apps" | "extensions", "DaemonSet") => Kind::DaemonSet,
            ("batch", "Job") => Kind::Job,
            ("batch", "CronJob") => Kind::CronJob,
            ("", "ReplicationController") => Kind::ReplicationController,
            ("", "Pod") => Kind::Pod,
            ("", "PersistentVolumeClaim") => Kind::PersistentVolumeClaim,
            ("", "PersistentVolume") => Kind::PersistentVolume,
            ("storage.k8s.io", "StorageClass") => Kind::StorageClass,
            ("", "Service") => Kind::Service,
            ("discovery.k8s.io", "EndpointSlice") | ("", "Endpoints") => Kind::EndpointSlice,
            ("", "ConfigMap") => Kind::ConfigMap,
            ("", "Secret") => Kind::Secret,
            ("autoscaling", "HorizontalPodAutoscaler") => Kind::HorizontalPodAutoscaler,
            ("keda.sh", "ScaledObject") => Kind::ScaledObject,
            ("policy", "PodDisruptionBudget") => Kind::PodDisruptionBudget,
            ("scheduling.k8s.io", "PriorityClass") => Kind::PriorityClass,
            ("", "Namespace") => Kind::Namespace,
            ("networking.k8s.io", "IngressClass") => Kind::IngressClass,
            ("networking.k8s.io" | "extensions", "Ingress") => Kind::Ingress,
            ("networking.k8s.io" | "extensions", "NetworkPolicy") => Kind::NetworkPolicy,
            ("", "ServiceAccount") => Kind::ServiceAccount,
            ("rbac.authorization.k8s.io", "Role") => Kind::Role,
            ("rbac.authorization.k8s.io", "ClusterRole") => Kind::ClusterRole,
            ("rbac.authorization.k8s.io", "RoleBinding") => Kind::RoleBinding,
            ("rbac.authorization.k8s.io", "ClusterRoleBinding") => Kind::ClusterRoleBinding,
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Kind::CustomResourceDefinition,
            ("", "LimitRange") => Kind::LimitRange,
            ("", "ResourceQuota") => Kind::ResourceQuota,
            ("node.k8s.io", "RuntimeClass") => Kind::RuntimeClass,
            ("storage.k8s.io", "VolumeAttributesClass") => Kind::VolumeAttributesClass,
            ("storage.k8s.io", "CSIDriver") => Kind::CsiDriver,
            ("apiregistration.k8s.io", "APIService") => Kind::ApiService,
            ("admissionregistration.k8s.io", "MutatingWebhookConfiguration") => Kind::MutatingWebhookConfiguration,
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration") => Kind::ValidatingWebhookConfiguration,
            ("kustomize.config.k8s.io", "Kustomization" | "Component") => Kind::Kustomization,
            _ => Kind::Other,
        }
    }

    /// Whether objects of this kind belong to no namespace.
    pub fn is_cluster_scoped(self) -> bool {
        matches!(
            self,
            Kind::PersistentVolume
                | Kind::StorageClass
                | Kind::PriorityClass
                | Kind::Namespace
                | Kind::IngressClass
                | Kind::ClusterRole
                | Kind::ClusterRoleBinding
                | Kind::CustomResourceDefinition
                | Kind::RuntimeClass
                | Kind::VolumeAttributesClass
                | Kind::CsiDriver
                | Kind::ApiService
                | Kind::MutatingWebhookConfiguration
                | Kind::ValidatingWebhookConfiguration
        )
    }
}

/// Namespace (as written; nothing where none is) and name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity<'t> {
    /// The namespace. Not writing one is not the same as writing `default`: a kustomization or the command line may set another.
    pub namespace: Option<&'t str>,
    /// The name.
    pub name: &'t str,
}

/// One object of the run.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'t> {
    node: NodeRef<'t>,
    kind: Kind,
    api_version: &'t str,
    group: &'t str,
    version: &'t str,
    kind_name: &'t str,
    identity: Option<Identity<'t>>,
    metadata: Option<NodeRef<'t>>,
    spec: Option<NodeRef<'t>>,
    partial: bool,
}

impl<'t> Resource<'t> {
    /// The object at a node, if it is one.
    pub fn new(node: NodeRef<'t>) -> Option<Self> {
        let text = |key: &str| node.get(key).and_then(NodeRef::value_text);
        Some(Resource::of_type(node, text("apiVersion")?, text("kind")?))
    }

    /// An object whose type is known from elsewhere: an item of a `PodList` need not write its own.
    pub fn of_type(node: NodeRef<'t>, api_version: &'t str, kind_name: &'t str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = Kind::of(group, kind_name);
        // Nearly every rule asks for these two.
        let (metadata, spec) = (node.get("metadata"), node.get("spec"));
        let mut resource = Resource { node, kind, api_version, group, version, kind_name, identity: None, metadata, spec, partial: false };
        resource.identity = resource.read_identity();
        resource.partial = resource.workload().is_some_and(|workload| workload.is_overgrown() || workload.is_fragment());
        resource
    }

    /// The same object, known to stand in a patch.
    #[must_use]
    pub fn in_patch(self) -> Self {
        Resource { partial: true, ..self }
    }

    fn read_identity(&self) -> Option<Identity<'t>> {
        let name = self.metadata()?.get("name")?.value_text().filter(|name| !name.is_empty())?;
        let identity = self.beside(name)?;
        Some(Identity { namespace: identity.namespace.filter(|_| !self.kind.is_cluster_scoped()), name })
    }

    /// What an object of that name in this one's namespace is called, unless the namespace is a placeholder.
    pub fn beside<'n>(&self, name: &'n str) -> Option<Identity<'n>>
    where
        't: 'n,
    {
        let namespace = match self.metadata().and_then(|metadata| metadata.get("namespace")) {
            Some(node) if !node.is_null() => Some(node.value_text()?).filter(|namespace| !namespace.is_empty()),
            _ => None,
        };
        Some(Identity { namespace, name })
    }

    /// The whole object.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Group and version as written: `apps/v1`, `v1`.
    pub fn api_version(&self) -> &'t str {
        self.api_version
    }

    /// The API group, empty for the core group.
    pub fn group(&self) -> &'t str {
        self.group
    }

    /// The API group that the kind belongs to today: `apps` for a Deployment of `extensions`.
    pub fn home_group(&self) -> &'t str {
        match (self.group, self.kind_name) {
            ("extensions", "Deployment" | "DaemonSet" | "ReplicaSet") => "apps",
            ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
            ("extensions", "PodSecurityPolicy") => "policy",
            (group, _) => group,
        }
    }

    /// The version in the group: `v1`, `v1beta1`.
    pub fn version(&self) -> &'t str {
        self.version
    }

    /// The kind as written.
    pub fn kind_name(&self) -> &'t str {
        self.kind_name
    }

    /// The text it stands in.
    pub fn source(&self) -> SourceId {
        self.node.tree().source()
    }

    /// Whether both are one object in the cluster: kind, namespace and name are the same.
    pub fn is_same_object(&self, other: &Resource<'_>) -> bool {
        self.is(other) || (self.kind == other.kind && self.identity.is_some() && self.identity == other.identity)
    }

    /// Whether both are the same object of the same text.
    pub fn is(&self, other: &Resource<'_>) -> bool {
        self.node == other.node
    }

    /// Namespace and name, unless the name is generated or either is a placeholder.
    pub fn identity(&self) -> Option<Identity<'t>> {
        self.identity
    }

    /// Its name, unless it is generated or a placeholder.
    pub fn name(&self) -> Option<&'t str> {
        self.identity.map(|identity| identity.name)
    }

    /// Its namespace as written, if both namespace and name are known.
    pub fn namespace(&self) -> Option<&'t str> {
        self.identity.and_then(|identity| identity.namespace)
    }

    /// Whether it is a patch: named as one by a kustomization, or a workload without what the API requires of any. What it lacks
    /// stands elsewhere, and it takes no part in references. An overgrown workload is treated the same.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Its name for reports.
    pub fn object_name(&self) -> ObjectName {
        let written = |key: &str| self.metadata()?.get(key).filter(|node| !node.is_null()).map(|node| node.text().to_owned());
        ObjectName {
            api_version: self.api_version.to_owned(),
            kind: self.kind_name.to_owned(),
            namespace: written("namespace"),
            name: written("name"),
        }
    }

    /// Kind and name for messages: "Deployment counter"; "this Deployment" where it has no name.
    pub fn describe(&self) -> String {
        let written = |key: &str| self.metadata().and_then(|metadata| metadata.get(key)).map(NodeRef::text).filter(|name| !name.is_empty());
        match written("name").or_else(|| written("generateName")) {
            Some(name) => format!("{} {name}", self.kind_name),
            None => format!("this {}", self.kind_name),
        }
    }

    /// `metadata`.
    pub fn metadata(&self) -> Option<NodeRef<'t>> {
        self.metadata
    }

    /// `spec`.
    pub fn spec(&self) -> Option<NodeRef<'t>> {
        self.spec
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<NodeRef<'t>> {
        self.metadata()?.get("annotations")?.get(key)
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<NodeRef<'t>> {
        self.metadata()?.get("labels")?.get(key)
    }

    /// Whether Helm or Argo CD runs it at a point of a release instead of keeping it there.
    pub fn is_hook(&self) -> bool {
        self.annotation("helm.sh/hook").is_some() || self.annotation("argocd.argoproj.io/hook").is_some()
    }

    /// Whether a tool deletes and makes it anew where it can't be changed: a hook, or forced by Argo CD or Flux.
    pub fn is_recreated_on_change(&self) -> bool {
        self.is_hook() || self.forced_recreation().is_some()
    }

    /// The annotation by which Argo CD or Flux deletes it and makes it anew where it can't be changed; perhaps a placeholder.
    pub fn forced_recreation(&self) -> Option<NodeRef<'t>> {
        let saying = |key: &str, word: &str| {
            self.annotation(key)
                .filter(|value| value.is_unknown() || value.text().split(',').any(|option| option.trim().eq_ignore_ascii_case(word)))
        };
        saying("argocd.argoproj.io/sync-options", "Force=true").or_else(|| saying("kustomize.toolkit.fluxcd.io/force", "enabled"))
    }

    /// Whether tools are told to leave it in the cluster when it is in the manifests no more.
    pub fn is_kept_by_tools(&self) -> bool {
        let says = |key: &str, is_it: fn(&str) -> bool| {
            self.annotation(key).is_some_and(|value| value.is_unknown() || value.text().split(',').map(str::trim).any(is_it))
        };
        says("helm.sh/resource-policy", |policy| policy == "keep")
            || says("argocd.argoproj.io/sync-options", |option| matches!(option, "Prune=false" | "Delete=false" | "Prune=confirm"))
            || says("kustomize.toolkit.fluxcd.io/prune", |prune| prune.eq_ignore_ascii_case("disabled"))
    }

    /// Whether another object owns it, so that a controller made it and decides about it.
    pub fn is_owned(&self) -> bool {
        self.metadata().and_then(|metadata| metadata.get("ownerReferences")).is_some_and(|owners| owners.items().next().is_some())
    }

    /// Whether Argo CD or Flux keeps it as it is in a repository, and so undoes what is changed in the cluster.
    pub fn is_kept_from_a_repository(&self) -> bool {
        const MARKS: [&str; 5] =
            ["argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "fluxcd.io/", "flux.weave.works/"];
        let lists = ["annotations", "labels"].into_iter().filter_map(|list| self.metadata()?.get(list));
        lists.flat_map(NodeRef::entries).any(|entry| MARKS.iter().any(|mark| entry.key.text().starts_with(mark)))
    }

    /// The field's key, or the nearest of its parents' that is written: where to point for a value that is missing.
    pub fn nearest(&self, path: &str) -> NodeRef<'t> {
        nearest_below(self.node, path).or_else(|| self.node.get("kind")).unwrap_or(self.node)
    }

    /// The object as a workload.
    pub fn workload(&self) -> Option<Workload<'t>> {
        WorkloadKind::of(self.kind).map(|kind| Workload::new(*self, kind))
    }

    /// The object as a claim.
    pub fn claim(&self) -> Option<ClaimRequest<'t>> {
        storage::claim(self)
    }

    /// What asks for storage in the object: a claim does itself, a workload by its templates of claims.
    pub fn claim_requests(&self) -> Vec<ClaimRequest<'t>> {
        storage::claim_requests(self)
    }

    /// The object as a volume.
    pub fn persistent_volume(&self) -> Option<PersistentVolume<'t>> {
        (self.kind == Kind::PersistentVolume).then(|| PersistentVolume::new(*self))
    }

    /// The object as a storage class.
    pub fn storage_class(&self) -> Option<StorageClass<'t>> {
        (self.kind == Kind::StorageClass).then(|| StorageClass::new(*self))
    }

    /// The object as a Service.
    pub fn service(&self) -> Option<Service<'t>> {
        (self.kind == Kind::Service).then(|| Service::new(*self))
    }

    /// The object as an autoscaler: a `HorizontalPodAutoscaler` or KEDA's `ScaledObject`.
    pub fn autoscaler(&self) -> Option<Autoscaler<'t>> {
        matches!(self.kind, Kind::HorizontalPodAutoscaler | Kind::ScaledObject).then(|| Autoscaler::new(*self))
    }

    /// The kind of workload that an autoscaler's target means, if it is one of the API server's own that can be scaled.
    pub fn kind_of_scale_target(kind: &str) -> Option<Kind> {
        Some(match kind {
            "Deployment" => Kind::Deployment,
            "ReplicaSet" => Kind::ReplicaSet,
            "ReplicationController" => Kind::ReplicationController,
            "StatefulSet" => Kind::StatefulSet,
            _ => return None,
        })
    }

    /// The object as a disruption budget.
    pub fn budget(&self) -> Option<Budget<'t>> {
        (self.kind == Kind::PodDisruptionBudget).then(|| Budget::new(*self))
    }

    /// The object as a priority class.
    pub fn priority_class(&self) -> Option<PriorityClass<'t>> {
        (self.kind == Kind::PriorityClass).then(|| PriorityClass::new(*self))
    }
}

/// The longest part of a path that is written below a node.
fn nearest_below<'t>(node: NodeRef<'t>, mut path: &str) -> Option<NodeRef<'t>> {
    loop {
        if let Some(found) = node.at(path) {
            return Some(found);
        }
        path = path.rsplit_once('.')?.0;
    }
}

#[cfg(test)]
pub(crate) mod tests;
