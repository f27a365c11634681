//! Which `ConfigMap`s and Secrets change behind the back of the rollouts that use them.

use std::collections::{HashMap, HashSet};

use super::{Graph, Lookup};
use crate::resource::{ConfigUse, Intake, Kind, Resource, Workload};
use crate::yaml::NodeRef;

/// `ConfigMap`s that the cluster itself puts into each namespace.
const OF_THE_CLUSTER: [&str; 3] = ["kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"];

/// A `ConfigMap` or Secret that the pods of a workload take in, and that can be edited without a change of the pod template.
#[derive(Clone, Copy, Debug)]
pub struct UnversionedConfig<'t> {
    /// The workload.
    pub workload: Workload<'t>,
    /// Its name.
    pub name: &'t str,
    /// The use that keeps old values longest; its intake is that of all.
    pub config_use: ConfigUse<'t>,
    /// The object, if it is in the set.
    pub object: Option<Resource<'t>>,
}

impl<'t> Graph<'t> {
    /// The configuration of all whole workloads with rollouts that those rollouts don't see, each object once a workload.
    pub fn unversioned_configs(&self) -> impl Iterator<Item = UnversionedConfig<'t>> {
        let filled = self.filled_elsewhere();
        let workloads = self.workloads().filter(|workload| workload.has_rollouts() && !is_restarted_for_all(workload));
        let uses =
            workloads.flat_map(|workload| first_uses(&workload).into_iter().map(move |(name, config_use)| (workload, name, config_use)));
        uses.filter_map(move |(workload, name, config_use)| {
            let is_seen = is_versioned(name) || filled.contains(&(config_use.kind, name)) || is_restarted_for(&workload, name);
            let identity = workload.resource().beside(name).filter(|_| !is_seen)?;
            let config = self.find(workload.resource(), config_use.kind, identity);
            (!is_steady(config, config_use.kind)).then(|| UnversionedConfig { workload, name, config_use, object: config.found() })
        })
    }

    /// What no one edits by hand: generated under a hashed name by a kustomization, or filled by a controller from an object of the
    /// set.
    fn filled_elsewhere(&self) -> HashSet<(Kind, &'t str)> {
        let generated = self.kustomizations().flat_map(|kustomization| {
            [Kind::ConfigMap, Kind::Secret].into_iter().flat_map(move |kind| kustomization.hashed(kind).map(move |name| (kind, name)))
        });
        generated.chain(self.whole().filter_map(filled_by)).collect()
    }
}

fn filled_by<'t>(resource: &Resource<'t>) -> Option<(Kind, &'t str)> {
    let target = |path: &str| resource.node().at(path).and_then(NodeRef::value_text);
    match (resource.group(), resource.kind_name()) {
        ("cert-manager.io", "Certificate") => Some((Kind::Secret, target("spec.secretName")?)),
        ("external-secrets.io", "ExternalSecret") => Some((Kind::Secret, target("spec.target.name").or(resource.name())?)),
        ("trust.cert-manager.io", "Bundle") => Some((Kind::ConfigMap, resource.name()?)),
        _ => None,
    }
}

/// The references of a workload by name, each object once: the frozen use where there is one, with the intake of all.
fn first_uses<'t>(workload: &Workload<'t>) -> Vec<(&'t str, ConfigUse<'t>)> {
    let mut uses: Vec<(&str, ConfigUse<'_>)> = Vec::new();
    let mut known: HashMap<(Kind, &str), usize> = HashMap::new();
    let all = workload.pod().into_iter().flat_map(|pod| pod.config_uses());
    for config_use in all.filter(|config_use| !config_use.optional) {
        let Some(name) = config_use.name.value_text() else { continue };
        let at = *known.entry((config_use.kind, name)).or_insert(uses.len());
        match uses.get_mut(at) {
            Some((_, first)) => {
                let intake = first.intake.and(config_use.intake);
                let longest = if first.intake == Intake::Live && intake != Intake::Live { config_use } else { *first };
                *first = ConfigUse { intake, ..longest };
            }
            None => uses.push((name, config_use)),
        }
    }
    uses
}

/// Whether nobody edits it under this name: it is immutable, filled by the cluster, or (a Secret) made elsewhere by means unknown.
fn is_steady(config: Lookup<'_>, kind: Kind) -> bool {
    match config {
        Lookup::Found(config) => {
            let written = |key: &str| config.node().get(key).filter(|value| !value.is_null());
            let has_content = ["data", "stringData", "binaryData"].iter().any(|key| written(key).is_some());
            !has_content || written("immutable").is_some_and(|immutable| immutable.bool() != Some(false))
        }
        Lookup::Ambiguous => false,
        Lookup::Absent => kind == Kind::Secret,
    }
}

/// Whether the name says which content it is: the hash of kustomize's generators
/// (<https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>), a digest, `-v7`.
fn is_versioned(name: &str) -> bool {
    let last = name.rsplit(['-', '.']).next().filter(|last| last.len() < name.len()).unwrap_or_default();
    let all = |is_one_of: fn(u8) -> bool| last.bytes().all(is_one_of);
    let is_kustomize_hash = last.len() == 10 && all(|byte| b"2456789bcdfghkmt".contains(&byte));
    let is_digest =
        last.len() >= 7 && all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && last.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = last.len() > 1 && last.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    is_kustomize_hash || is_digest || is_number || OF_THE_CLUSTER.contains(&name)
}

/// Whether the template says which content it was made for, or a controller restarts the pods for any change.
fn is_restarted_for_all(workload: &Workload<'_>) -> bool {
    let is_checksum = |key: &str| ["checksum", "hash", ".sha"].iter().any(|word| key.to_ascii_lowercase().contains(word));
    let is_watched = |key: &str| {
        let is_by_reloader = key.contains("reloader.stakater.com/") && (key.ends_with("/auto") || key.ends_with("/search"));
        is_by_reloader || key == "wave.pusher.com/update-on-config-change"
    };
    annotations(workload.template()).any(|(key, _)| is_checksum(key))
        || all_annotations(workload).any(|(key, value)| is_watched(key) && value.text() == "true")
}

/// Whether Reloader restarts the pods for a change of this object.
fn is_restarted_for(workload: &Workload<'_>, name: &str) -> bool {
    let lists = all_annotations(workload).filter(|(key, _)| key.ends_with(".reloader.stakater.com/reload"));
    lists.into_iter().any(|(_, value)| value.text().split(',').any(|listed| listed.trim() == name))
}

/// The annotations of a workload and of its template: Reloader reads both.
fn all_annotations<'t>(workload: &Workload<'t>) -> impl Iterator<Item = (&'t str, NodeRef<'t>)> {
    annotations(Some(workload.resource().node())).chain(annotations(workload.template()))
}

fn annotations(owner: Option<NodeRef<'_>>) -> impl Iterator<Item = (&str, NodeRef<'_>)> {
    let annotations = owner.and_then(|owner| owner.get("metadata")?.get("annotations"));
    annotations.into_iter().flat_map(NodeRef::entries).map(|entry| (entry.key.text(), entry.value))
}
