//! The `ConfigMap`s and Secrets that pods take in.

use std::collections::{HashMap, HashSet};

use super::{Container, Kind, Mount, PodSpec, Resource, Volume, path_steps};
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

/// Whether an object's name says which content it has: by the hash of kustomize's generators
/// (<https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>), a digest, or `-v7`.
pub fn is_versioned_name(name: &str) -> bool {
    let last = name.rsplit(['-', '.']).next().filter(|last| last.len() < name.len()).unwrap_or_default();
    let all = |is_one_of: fn(u8) -> bool| last.bytes().all(is_one_of);
    let is_kustomize_hash = last.len() == 10 && all(|byte| b"2456789bcdfghkmt".contains(&byte));
    let is_digest =
        last.len() >= 7 && all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && last.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = last.len() > 1 && last.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    is_kustomize_hash || is_digest || is_number
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
    /// The path inside the volume by which a running container has it mounted, if one has it so.
    pub sub_path: Option<NodeRef<'t>>,
}

impl<'t> ConfigUse<'t> {
    /// The reference in a mapping that names its object under `key`.
    fn read(kind: Kind, reference: Option<NodeRef<'t>>, key: &str, intake: Intake) -> Option<Self> {
        let reference = reference?;
        let name = reference.get(key)?;
        let optional = reference.get("optional").is_some_and(|node| !node.is_null() && node.bool() != Some(false));
        Some(ConfigUse { kind, name, intake, optional, sub_path: None })
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
        let has_config = self.volumes().any(|volume| ["configMap", "secret", "projected"].iter().any(|key| volume.field(key).is_some()));
        let mounts = if has_config { self.mounts_by_volume() } else { HashMap::new() };
        let environments = self.all_containers().flat_map(|container| {
            let items = move |key| container.field(key).into_iter().flat_map(NodeRef::items);
            let variables = items("env").filter_map(|variable| variable.get("valueFrom"));
            let whole = items("envFrom").flat_map(|source| ConfigUse::pair(source, "configMapRef", "secretRef", Intake::Frozen));
            whole.chain(variables.flat_map(|source| ConfigUse::pair(source, "configMapKeyRef", "secretKeyRef", Intake::Frozen)))
        });
        environments.chain(self.volumes().flat_map(move |volume| {
            let mounts = volume.name().and_then(|name| mounts.get(name)).map_or(&[][..], Vec::as_slice);
            let sub_path = mounts.iter().filter(|mount| mount.container().is_lasting()).find_map(Mount::sub_path);
            let uses = Intake::by_mounts(mounts).into_iter().flat_map(move |intake| volume.config_uses(intake));
            uses.map(move |config_use| ConfigUse { sub_path, ..config_use })
        }))
    }
}

impl<'t> PodSpec<'t> {
    /// Whether its containers don't start without a key of a `ConfigMap` or Secret.
    pub fn needs_config_key(&self, kind: Kind, name: &str, key: &str) -> bool {
        self.config_demands().any(|demand| {
            let is_it = demand.kind == kind && demand.name.value_text() == Some(name);
            is_it && demand.keys().any(|needed| needed.is_unknown() || needed.text() == key)
        })
    }

    /// How the pods take in one key of a `ConfigMap` or Secret; `None` where they don't, or something watches it.
    pub fn intake_of(&self, kind: Kind, name: &str, key: &str) -> Option<Intake> {
        let is_it = |demand: &ConfigDemand<'t>| demand.kind == kind && demand.name.value_text() == Some(name);
        let in_environment = self.environment_demands().any(|demand| is_it(&demand) && demand.file_of(key).is_some());
        let mounts = self.mounts_by_volume();
        let in_volumes = self.volumes().filter_map(|volume| {
            let demand = volume.config_demands().find(|demand| is_it(demand) && demand.file_of(key).is_some())?;
            let file = demand.file_of(key)?;
            let all = mounts.get(volume.name()?)?;
            let shown: Vec<_> = all.iter().filter(|mount| mount.sub_path().is_none_or(|path| holds(path, file))).copied().collect();
            // Something that watches one mount acts on all.
            Intake::by_mounts(all).and_then(|_| Intake::by_mounts(&shown))
        });
        in_environment.then_some(Intake::Frozen).into_iter().chain(in_volumes).reduce(Intake::and)
    }
}

/// Whether a path in a volume leads to a file, or to a folder that holds it. One with variables may.
fn holds(path: NodeRef<'_>, file: &str) -> bool {
    path.text().contains("$(") || path_steps(path.text()).zip(path_steps(file)).all(|(a, b)| a == b)
}

/// A reference without which a container of a pod can't start.
#[derive(Clone, Copy, Debug)]
pub struct ConfigDemand<'t> {
    /// `ConfigMap` or `Secret`.
    pub kind: Kind,
    /// The name, as written.
    pub name: NodeRef<'t>,
    /// The key of a variable, or the items of a volume; all that is there where neither is written.
    keys: Option<NodeRef<'t>>,
}

impl<'t> ConfigDemand<'t> {
    /// The reference in a mapping, unless it is optional.
    fn read(kind: Kind, reference: Option<NodeRef<'t>>, name: &str, keys: &str) -> Option<Self> {
        let reference = reference?;
        let optional = reference.get("optional").is_some_and(|node| !node.is_null() && node.bool() != Some(false));
        let name = reference.get(name).filter(|name| !name.text().is_empty() && !optional)?;
        Some(ConfigDemand { kind, name, keys: reference.get(keys).filter(|keys| !keys.is_null()) })
    }

    fn pair(source: NodeRef<'t>, config_map: &str, secret: &str, keys: &'static str) -> impl Iterator<Item = Self> + use<'t> {
        let config_map = ConfigDemand::read(Kind::ConfigMap, source.get(config_map), "name", keys);
        config_map.into_iter().chain(ConfigDemand::read(Kind::Secret, source.get(secret), "name", keys))
    }

    /// The file that a key becomes in a volume, the key itself where nothing says otherwise; `None` for a key that is not taken.
    fn file_of<'a>(&self, key: &'a str) -> Option<&'a str>
    where
        't: 'a,
    {
        let Some(keys) = self.keys else { return Some(key) };
        if !keys.is_sequence() {
            return (keys.text() == key).then_some(key);
        }
        let item = keys.items().find(|item| item.get("key").is_some_and(|node| node.text() == key))?;
        Some(item.get("path").map_or(key, NodeRef::text))
    }

    /// The keys that must be there.
    pub fn keys(&self) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        let of_items = self.keys.into_iter().flat_map(NodeRef::items).filter_map(|item| item.get("key"));
        self.keys.filter(|keys| !keys.is_sequence()).into_iter().chain(of_items)
    }
}

impl<'t> PodSpec<'t> {
    fn environment_demands(&self) -> impl Iterator<Item = ConfigDemand<'t>> + use<'t> {
        self.all_containers().flat_map(|container| {
            let items = move |key| container.field(key).into_iter().flat_map(NodeRef::items);
            // A variable that is written twice has the last value only, but each is looked up.
            let variables = items("env").filter_map(|variable| variable.get("valueFrom"));
            let whole = items("envFrom").flat_map(|source| ConfigDemand::pair(source, "configMapRef", "secretRef", ""));
            whole.chain(variables.flat_map(|source| ConfigDemand::pair(source, "configMapKeyRef", "secretKeyRef", "key")))
        })
    }

    /// Every `ConfigMap` and Secret that its containers need to start: those of environments, and of volumes that a container mounts.
    /// The kubelet leaves other volumes aside.
    pub fn config_demands(&self) -> impl Iterator<Item = ConfigDemand<'t>> + use<'t> {
        let environments = self.environment_demands();
        let is_config = |volume: &Volume<'t>| ["configMap", "secret", "projected"].iter().any(|key| volume.field(key).is_some());
        let volumes: Vec<_> = self.volumes().filter(is_config).collect();
        let mounts = if volumes.is_empty() { HashSet::new() } else { self.mounts().filter_map(|mount| mount.volume()).collect() };
        let mounted = volumes.into_iter().filter(move |volume| volume.name().is_some_and(|name| mounts.contains(name)));
        environments.chain(mounted.flat_map(|volume| volume.config_demands()))
    }
}

impl<'t> Volume<'t> {
    fn config_demands(&self) -> impl Iterator<Item = ConfigDemand<'t>> + use<'t> {
        let config_map = ConfigDemand::read(Kind::ConfigMap, self.field("configMap"), "name", "items");
        let secret = ConfigDemand::read(Kind::Secret, self.field("secret"), "secretName", "items");
        let sources = self.field("projected").and_then(|projected| projected.get("sources")).into_iter().flat_map(NodeRef::items);
        let projected = sources.flat_map(|source| ConfigDemand::pair(source, "configMap", "secret", "items"));
        config_map.into_iter().chain(secret).chain(projected)
    }

    fn config_uses(&self, intake: Intake) -> impl Iterator<Item = ConfigUse<'t>> + use<'t> {
        let config_map = ConfigUse::read(Kind::ConfigMap, self.field("configMap"), "name", intake);
        let secret = ConfigUse::read(Kind::Secret, self.field("secret"), "secretName", intake);
        let sources = self.field("projected").and_then(|projected| projected.get("sources")).into_iter().flat_map(NodeRef::items);
        let projected = sources.flat_map(move |source| ConfigUse::pair(source, "configMap", "secret", intake));
        config_map.into_iter().chain(secret).chain(projected)
    }
}

/// Types of Secrets that are filled after they are made.
const FILLED_TYPES: [&str; 2] = ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"];

impl<'t> Resource<'t> {
    /// Whether a `ConfigMap` or Secret has a key, or may get it: one without content, or with a placeholder in it, is filled by
    /// something else.
    pub fn may_have_key(&self, key: &str) -> bool {
        let contents: Vec<_> = ["data", "stringData", "binaryData"].into_iter().filter_map(|list| self.node().get(list)).collect();
        let is_written = |content: &NodeRef<'t>| content.is_mapping() && content.entries().all(|entry| !entry.key.is_unknown());
        let is_filled = self.node().get("type").is_some_and(|kind| FILLED_TYPES.contains(&kind.text()));
        let is_empty = contents.iter().all(|content| content.is_empty());
        let are_written = contents.iter().all(|content| content.is_null() || is_written(content));
        is_filled || is_empty || !are_written || contents.iter().any(|content| content.get(key).is_some())
    }

    /// The keys of a `ConfigMap` or Secret.
    pub fn config_keys(&self) -> impl Iterator<Item = &'t str> {
        let contents = ["data", "stringData", "binaryData"].into_iter().filter_map(|list| self.node().get(list));
        contents.flat_map(NodeRef::entries).map(|entry| entry.key.text())
    }
}

/// A key of a `ConfigMap` or Secret whose content is not what it was.
#[derive(Clone, Copy, Debug)]
pub struct KeyChange<'t> {
    /// The key.
    pub key: &'t str,
    /// What it was; none where it was not there.
    pub old: Option<NodeRef<'t>>,
    /// What it is; none where it is not there any more.
    pub new: Option<NodeRef<'t>>,
}

/// The keys of a `ConfigMap` or Secret whose content surely changes.
pub fn key_changes<'t>(old: &Resource<'t>, new: &Resource<'t>) -> Vec<KeyChange<'t>> {
    let lists = |resource: &Resource<'t>| ["data", "binaryData", "stringData"].map(|list| resource.node().field(list));
    let (olds, news) = (lists(old), lists(new));
    let is_elsewhere = |of: &[Option<NodeRef<'t>>; 3], key: &str| of.iter().flatten().any(|list| list.get(key).is_some());
    let mut changes = Vec::new();
    for (index, (before, after)) in olds.iter().zip(&news).enumerate() {
        let value = |list: &Option<NodeRef<'t>>, key: &str| list.and_then(|list| list.get(key));
        for entry in after.iter().flat_map(|list| list.entries()) {
            let key = entry.key.text();
            let is_changed = match value(before, key) {
                Some(old) => differs(old, entry.value),
                None => !is_elsewhere(&olds, key),
            };
            if is_changed {
                changes.push(KeyChange { key, old: value(before, key), new: Some(entry.value) });
            }
        }
        // What leaves `stringData` stays in the object.
        let gone = before.iter().filter(|_| index < 2).flat_map(|list| list.entries());
        let gone = gone.filter(|entry| !is_elsewhere(&news, entry.key.text()));
        changes.extend(gone.map(|entry| KeyChange { key: entry.key.text(), old: Some(entry.value), new: None }));
    }
    changes
}

/// Whether two values surely are not the same. A text of several lines is its own, whatever in it looks like a placeholder.
fn differs(old: NodeRef<'_>, new: NodeRef<'_>) -> bool {
    let is_known = |node: NodeRef<'_>| !node.is_unknown() || node.text().contains('\n');
    old.text() != new.text() && is_known(old) && is_known(new)
}
