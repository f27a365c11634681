//! Which `ConfigMap`s and Secrets change behind the back of the rollouts that use them.

use std::collections::{HashMap, HashSet};

use super::{Absence, Graph, Lookup, MANY_OF_ONE_NAME, Reference};
use crate::finding::Report;
use crate::resource::{ConfigDemand, ConfigUse, Intake, Kind, Resource, Workload, is_versioned_name};
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
            let is_seen = is_versioned_name(name)
                || OF_THE_CLUSTER.contains(&name)
                || filled.contains(&(config_use.kind, name))
                || is_restarted_for(&workload, name);
            let identity = workload.resource().beside(name).filter(|_| !is_seen)?;
            let config = self.find(workload.resource(), config_use.kind, identity);
            (!is_steady(config, config_use.kind)).then(|| UnversionedConfig { workload, name, config_use, object: config.found() })
        })
    }

    /// What the whole workloads need of `ConfigMap`s and Secrets to start. What the cluster makes by itself is left out.
    fn config_demands(&self) -> &[(Workload<'t>, ConfigDemand<'t>)] {
        self.config_demands.get_or_init(|| {
            let lasting = self.workloads().filter(|workload| !workload.resource().is_hook());
            let is_made_by_hand = |demand: &ConfigDemand<'t>| demand.name.value_text().is_some_and(|name| !OF_THE_CLUSTER.contains(&name));
            let demands = lasting.flat_map(|workload| {
                let demands = workload.pod().into_iter().flat_map(|pod| pod.config_demands());
                demands.filter(is_made_by_hand).map(move |demand| (workload, demand))
            });
            demands.collect()
        })
    }

    /// The `ConfigMap`s or Secrets that workloads need and that are not here, each once a workload, and what that means.
    pub fn missing_configs(&self, kind: Kind) -> impl Iterator<Item = (Workload<'t>, ConfigDemand<'t>, Absence)> {
        let mut seen = HashSet::new();
        let of_kind = self.config_demands().iter().copied().filter(move |(_, demand)| demand.kind == kind);
        of_kind.filter_map(move |(workload, demand)| {
            let name = demand.name.value_text()?;
            let absence = self.absence_of(workload.resource(), kind, name)?;
            seen.insert((workload.resource().node().address(), name)).then_some((workload, demand, absence))
        })
    }

    /// What workloads need to start of the `ConfigMap`s or Secrets that are here.
    pub fn configs_needed(&self, kind: Kind) -> impl Iterator<Item = (Workload<'t>, ConfigDemand<'t>, Resource<'t>)> {
        let of_kind = self.config_demands().iter().filter(move |(_, demand)| demand.kind == kind);
        of_kind.filter_map(move |(workload, demand)| {
            let reference = self.reference(workload.resource(), kind, demand.name.value_text()?);
            if let Reference::Found(config) = reference { Some((*workload, *demand, config)) } else { None }
        })
    }

    /// Reports the keys of [`Graph::missing_config_keys`]: what is so of a `ConfigMap` is so of a Secret.
    pub fn report_missing_config_keys(&self, kind: Kind, report: &mut Report) {
        for (workload, key, config) in self.missing_config_keys(kind) {
            let (what, who) = (config.describe(), workload.describe_pods());
            let finding = report.at(key, format!("{what} has no key `{}`: {who} can't start without it", key.text()));
            finding.suggest(key, config.config_keys().take(100), "add the key, or set `optional: true`");
            finding.related(config.nearest("data"), "its keys");
        }
    }

    /// The keys that a workload needs of a `ConfigMap` or Secret that is here, and that it doesn't have: not in any object of that name,
    /// in whatever folder, and none of them is filled by something else.
    pub fn missing_config_keys(&self, kind: Kind) -> impl Iterator<Item = (Workload<'t>, NodeRef<'t>, Resource<'t>)> {
        let by_key = self.config_demands().iter().filter(move |(_, demand)| demand.kind == kind && demand.keys().next().is_some());
        let found = by_key.filter_map(move |(workload, demand)| {
            let reference = self.reference(workload.resource(), kind, demand.name.value_text()?);
            if let Reference::Found(config) = reference { Some((*workload, *demand, config)) } else { None }
        });
        found.flat_map(move |(workload, demand, config)| {
            let missing = demand.keys().filter(move |key| key.value_text().is_some_and(|key| !self.may_have_key(&config, key)));
            missing.map(move |key| (workload, key, config))
        })
    }

    /// Whether a `ConfigMap` or Secret has a key, in this or another folder, or something fills it.
    pub fn may_have_key(&self, config: &Resource<'t>, key: &str) -> bool {
        let name = config.name().unwrap_or_default();
        let is_filled = self.filled_elsewhere().contains(&(config.kind(), name))
            || self.kustomizations().any(|kustomization| kustomization.generated(config.kind()).any(|generated| generated == name));
        is_filled
            || self
                .indices_named(config.kind(), name)
                .iter()
                .take(MANY_OF_ONE_NAME)
                .any(|&index| self.resources[index as usize].may_have_key(key))
    }

    /// What no one edits by hand: generated under a hashed name by a kustomization, or filled by a controller from an object of the
    /// set.
    pub(super) fn filled_elsewhere(&self) -> &HashSet<(Kind, &'t str)> {
        self.filled.get_or_init(|| self.find_filled_elsewhere())
    }

    fn find_filled_elsewhere(&self) -> HashSet<(Kind, &'t str)> {
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
        ("bitnami.com", "SealedSecret") => Some((Kind::Secret, target("spec.template.metadata.name").or(resource.name())?)),
        ("secrets.hashicorp.com", _) => Some((Kind::Secret, target("spec.destination.name")?)),
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
