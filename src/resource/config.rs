//! The `ConfigMap`s and Secrets that pods take in.

use std::collections::HashSet;

use super::{Kind, PodSpec, Volume};
use crate::yaml::NodeRef;

/// How the content of a `ConfigMap` or Secret gets into a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intake {
    /// As environment variables, or as files mounted by `subPath`: what the container started with stays.
    Frozen,
    /// As files that the kubelet keeps up to date.
    Live,
}

/// A reference to a `ConfigMap` or Secret.
#[derive(Clone, Copy, Debug)]
pub struct ConfigUse<'t> {
    /// `ConfigMap` or `Secret`.
    pub kind: Kind,
    /// The name, as written.
    pub name: NodeRef<'t>,
    /// How it is taken in.
    pub intake: Intake,
    /// Whether the pod starts without it. A placeholder counts: nothing is known.
    pub optional: bool,
}

impl<'t> ConfigUse<'t> {
    /// The reference in a mapping that names its object under `key`.
    fn read(kind: Kind, reference: Option<NodeRef<'t>>, key: &str, intake: Intake) -> Option<Self> {
        let reference = reference?;
        let name = reference.get(key)?;
        let optional = reference.get("optional").is_some_and(|node| !node.is_null() && node.bool() != Some(false));
        Some(ConfigUse { kind, name, intake, optional })
    }

    /// The references of an `envFrom` item or a projected source, or of a variable's `valueFrom`.
    fn pair(source: NodeRef<'t>, config_map: &str, secret: &str, intake: Intake) -> impl Iterator<Item = Self> + use<'t> {
        let config_map = ConfigUse::read(Kind::ConfigMap, source.get(config_map), "name", intake);
        config_map.into_iter().chain(ConfigUse::read(Kind::Secret, source.get(secret), "name", intake))
    }
}

impl<'t> PodSpec<'t> {
    /// Every reference to a `ConfigMap` or Secret in environments and volumes. Pull secrets are not among them: pods don't see those.
    pub fn config_uses(&self) -> impl Iterator<Item = ConfigUse<'t>> + use<'t> {
        let frozen: HashSet<&str> = self.mounts().filter(|mount| mount.sub_path().is_some()).filter_map(|mount| mount.volume()).collect();
        let environments = self.all_containers().flat_map(|container| {
            let items = move |key| container.field(key).into_iter().flat_map(NodeRef::items);
            let variables = items("env").filter_map(|variable| variable.get("valueFrom"));
            let whole = items("envFrom").flat_map(|source| ConfigUse::pair(source, "configMapRef", "secretRef", Intake::Frozen));
            whole.chain(variables.flat_map(|source| ConfigUse::pair(source, "configMapKeyRef", "secretKeyRef", Intake::Frozen)))
        });
        environments.chain(self.volumes().flat_map(move |volume| {
            let is_frozen = volume.name().is_some_and(|name| frozen.contains(name));
            volume.config_uses(if is_frozen { Intake::Frozen } else { Intake::Live })
        }))
    }
}

impl<'t> Volume<'t> {
    fn config_uses(&self, intake: Intake) -> impl Iterator<Item = ConfigUse<'t>> + use<'t> {
        let config_map = ConfigUse::read(Kind::ConfigMap, self.field("configMap"), "name", intake);
        let secret = ConfigUse::read(Kind::Secret, self.field("secret"), "secretName", intake);
        let sources = self.field("projected").and_then(|projected| projected.get("sources")).into_iter().flat_map(NodeRef::items);
        let projected = sources.flat_map(move |source| ConfigUse::pair(source, "configMap", "secret", intake));
        config_map.into_iter().chain(secret).chain(projected)
    }
}
