//! The `ConfigMap`s and Secrets that pods take in.

use super::{Container, Kind, Mount, PodSpec, Volume};
use crate::yaml::NodeRef;

/// Words in the names of containers and images that load mounted files anew when they change.
const RELOADERS: [&str; 3] = ["configmap-reload", "config-reload", "k8s-sidecar"];

/// How the content of a `ConfigMap` or Secret gets into containers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intake {
    /// As environment variables, as files mounted by `subPath`, or read by init containers: what a pod started with stays.
    Frozen,
    /// As files that the kubelet keeps up to date.
    Live,
    /// Both.
    Both,
}

impl Intake {
    /// Both of two ways.
    #[must_use]
    pub fn and(self, other: Intake) -> Intake {
        if self == other { self } else { Intake::Both }
    }

    /// By the mounts of a volume; `None` where there is none, or something watches the files and acts on a change.
    fn by_mounts(mounts: &[Mount<'_>]) -> Option<Intake> {
        if mounts.iter().any(|mount| is_reloader(&mount.container())) {
            return None;
        }
        let lasting = mounts.iter().filter(|mount| mount.container().is_lasting());
        let intakes = lasting.map(|mount| if mount.sub_path().is_some() { Intake::Frozen } else { Intake::Live });
        intakes.reduce(Intake::and).or_else(|| mounts.first().map(|_| Intake::Frozen))
    }
}

fn is_reloader(container: &Container<'_>) -> bool {
    let names = [container.field("name"), container.image()].into_iter().flatten();
    names.into_iter().any(|name| RELOADERS.iter().any(|reloader| name.text().contains(reloader)))
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
    /// Every reference to a `ConfigMap` or Secret in environments and mounted volumes, but for volumes that something watches. Pull
    /// secrets are not among them: pods don't see those.
    pub fn config_uses(&self) -> impl Iterator<Item = ConfigUse<'t>> + use<'t> {
        let mounts = self.mounts_by_volume();
        let environments = self.all_containers().flat_map(|container| {
            let items = move |key| container.field(key).into_iter().flat_map(NodeRef::items);
            let variables = items("env").filter_map(|variable| variable.get("valueFrom"));
            let whole = items("envFrom").flat_map(|source| ConfigUse::pair(source, "configMapRef", "secretRef", Intake::Frozen));
            whole.chain(variables.flat_map(|source| ConfigUse::pair(source, "configMapKeyRef", "secretKeyRef", Intake::Frozen)))
        });
        environments.chain(self.volumes().flat_map(move |volume| {
            let intake = volume.name().and_then(|name| Intake::by_mounts(mounts.get(name)?));
            intake.into_iter().flat_map(move |intake| volume.config_uses(intake))
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
