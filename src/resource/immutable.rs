//! What the API server refuses of an update: fields that can't be changed once the object is there.

use super::difference::{Difference, difference, difference_of_values};
use super::{Kind, Quantity, Resource};
use crate::yaml::NodeRef;

/// A change that the API server refuses.
#[derive(Clone, Debug)]
pub struct RefusedChange<'t> {
    /// The field that can't be changed, as the API server names it but for list indices.
    pub field: &'static str,
    /// Where in it something has changed.
    pub difference: Difference<'t>,
    /// Why, where there is more to it than the field.
    pub why: RefusedBecause,
}

/// Why a change is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusedBecause {
    /// The field is immutable.
    Immutable,
    /// Versions up to this minor one say so.
    Until(u32),
    /// The amount is smaller than before.
    Shrinks,
    /// The old object says `immutable: true`.
    Sealed,
    /// Defaults of the old value stay under apply, and don't go with the new one.
    DefaultStays,
    /// Refused unless the address is the one that the Service has already.
    UnlessAllocated,
    /// The selector can't be changed, and does not match the new labels.
    Unmatched,
}

/// Volume claims' annotation of the storage class from before there was a field.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// What the API server refuses of an update, Kubernetes `1.oldest` and later.
pub fn refused_changes<'t>(old: &Resource<'t>, new: &Resource<'t>, oldest: u32) -> Vec<RefusedChange<'t>> {
    let update = Update { old, new, oldest };
    let mut refusals = update.listed();
    match new.kind() {
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::StatefulSet => {
            refusals.extend(update.selector().or_else(|| update.labels()));
        }
        Kind::Job => refusals.extend([update.completions(), update.job_template()].into_iter().flatten()),
        Kind::Pod => refusals.extend(update.pod()),
        Kind::PersistentVolumeClaim => refusals.extend(update.claim()),
        Kind::PersistentVolume => refusals.extend(update.volume()),
        Kind::Service => refusals.extend(update.service()),
        Kind::ConfigMap | Kind::Secret => refusals.extend(update.sealed()),
        _ => {}
    }
    if new.kind() == Kind::StatefulSet {
        refusals.extend(update.on_delete());
    }
    refusals.retain(|refusal| !update.is_in_part() || (refusal.difference.old.is_some() && refusal.difference.new.is_some()));
    refusals
}

struct Update<'u, 't> {
    old: &'u Resource<'t>,
    new: &'u Resource<'t>,
    oldest: u32,
}

impl<'t> Update<'_, 't> {
    /// Whether one side is a patch, so that what it doesn't write may stand elsewhere.
    fn is_in_part(&self) -> bool {
        self.old.is_partial() && self.new.is_partial()
    }

    fn difference(&self, path: &str) -> Option<Difference<'t>> {
        difference(self.old.node(), self.new.node(), path, &|_| false)
    }

    fn refused(&self, field: &'static str, why: RefusedBecause) -> Option<RefusedChange<'t>> {
        Some(RefusedChange { field, difference: self.difference(field)?, why })
    }

    /// The fields of the list.
    fn listed(&self) -> Vec<RefusedChange<'t>> {
        let rows = include_str!("data/immutable-fields.txt").lines().filter(|line| !line.starts_with('#'));
        let rows = rows.filter_map(|row| {
            let mut words = row.split_whitespace();
            let (kind, field) = (words.next()?.split_once('/')?, words.next()?);
            let is_it = kind.1 == self.new.kind_name() && kind.0 == self.new.home_group();
            is_it.then(|| (field, words.next().and_then(|until| until.parse().ok())))
        });
        rows.filter_map(|(field, until): (&'static str, Option<u32>)| match until {
            Some(until) if self.oldest > until => None,
            until => self.refused(field, until.map_or(RefusedBecause::Immutable, RefusedBecause::Until)),
        })
        .collect()
    }

    /// The selector of a workload. Before `apps/v1beta2` it could be changed, and it defaults to the labels of the template.
    fn selector(&self) -> Option<RefusedChange<'t>> {
        const FIELD: &str = "spec.selector";
        let is_free = |resource: &Resource<'_>| matches!((resource.group(), resource.version()), ("extensions", _) | ("apps", "v1beta1"));
        if self.new.kind() != Kind::StatefulSet && is_free(self.new) {
            return None;
        }
        let written = |resource: &Resource<'t>| resource.node().at(FIELD).filter(|node| !node.is_null() && !node.is_empty());
        let labels = |resource: &Resource<'t>| resource.node().at("spec.template.metadata.labels").filter(|_| is_free(resource));
        let pairs = |node: NodeRef<'t>| node.get("matchExpressions").is_none_or(NodeRef::is_empty).then(|| node.get("matchLabels"))?;
        let defaulted = match (written(self.old), written(self.new)) {
            (None, Some(new)) => labels(self.old).zip(pairs(new)),
            (Some(old), None) => pairs(old).zip(labels(self.new)),
            (None, None) => labels(self.old).zip(labels(self.new)),
            (Some(_), Some(_)) => None,
        };
        let difference = match defaulted {
            Some((old, new)) => difference_of_values(old, new),
            None => self.difference(FIELD),
        };
        Some(RefusedChange { field: FIELD, difference: difference?, why: RefusedBecause::Immutable })
    }

    /// The labels of the template, which have to keep to the selector.
    fn labels(&self) -> Option<RefusedChange<'t>> {
        const FIELD: &str = "spec.template.metadata.labels";
        let (old, new) = (self.old.workload()?, self.new.workload()?);
        if old.selector()?.matches(old.pod_labels()) != Some(true) {
            return None;
        }
        let mismatch = new.selector()?.mismatch(new.pod_labels())?;
        let key = mismatch.get("key").or_else(|| mismatch.key())?.text();
        let label = |labels: Option<NodeRef<'t>>| labels?.get(key).filter(|node| !node.is_null());
        let parent = |workload: &super::Workload<'t>| workload.pod_labels().or_else(|| workload.template());
        let (old_parent, new_parent) = (parent(&old)?, parent(&new)?);
        let difference = Difference {
            path: format!("{FIELD}['{key}']"),
            old: label(old.pod_labels()),
            new: label(new.pod_labels()),
            old_parent,
            new_parent,
        };
        Some(RefusedChange { field: FIELD, difference, why: RefusedBecause::Unmatched })
    }

    /// How many pods of a Job shall succeed: fixed, unless its pods have an index and as many run at once.
    fn completions(&self) -> Option<RefusedChange<'t>> {
        let refusal = self.refused("spec.completions", RefusedBecause::Immutable)?;
        let field = |resource: &Resource<'t>, key: &str| resource.spec()?.get(key).filter(|node| !node.is_null());
        // Where neither is written, both default to one.
        let number = |resource: &Resource<'t>| match (field(resource, "completions"), field(resource, "parallelism")) {
            (Some(node), _) => node.int().map(Some),
            (None, None) => Some(Some(1)),
            (None, Some(_)) => Some(None),
        };
        let (old, new) = (number(self.old)?, number(self.new)?);
        let is_indexed = self.new.workload().is_some_and(|job| job.is_indexed_job());
        let parallelism = field(self.new, "parallelism").map_or(Some(1), NodeRef::int)?;
        let is_resized = is_indexed && new == Some(parallelism);
        (old != new && !is_resized).then_some(refusal)
    }

    /// The pods of a Job: fixed. While it is suspended and none has started, what decides about their nodes may change.
    fn job_template(&self) -> Option<RefusedChange<'t>> {
        const SCHEDULING: [&str; 6] = [
            "spec.template.spec.nodeSelector",
            "spec.template.spec.affinity",
            "spec.template.spec.tolerations",
            "spec.template.spec.schedulingGates",
            "spec.template.metadata.labels",
            "spec.template.metadata.annotations",
        ];
        let is_suspended = self.old.spec().and_then(|spec| spec.get("suspend")).is_some_and(|node| node.bool() != Some(false));
        let is_free = |path: &str| is_suspended && (SCHEDULING.contains(&path) || path.ends_with("].resources"));
        let difference = difference(self.old.node(), self.new.node(), "spec.template", &is_free)?;
        Some(RefusedChange { field: "spec.template", difference, why: RefusedBecause::Immutable })
    }

    /// A pod: fixed but for images, deadlines and tolerations.
    fn pod(&self) -> Option<RefusedChange<'t>> {
        let is_free = |path: &str| {
            path.ends_with("].image")
                || matches!(
                    path,
                    "spec.activeDeadlineSeconds" | "spec.tolerations" | "spec.terminationGracePeriodSeconds" | "spec.schedulingGates"
                )
        };
        let difference = difference(self.old.node(), self.new.node(), "spec", &is_free)?;
        Some(RefusedChange { field: "spec", difference, why: RefusedBecause::Immutable })
    }

    /// A claim: fixed, but that a bound one may grow and change its attributes class. Once it may get a class or volume.
    fn claim(&self) -> Vec<RefusedChange<'t>> {
        const FIELDS: [&str; 7] = [
            "spec.accessModes",
            "spec.selector",
            "spec.resources.limits",
            "spec.volumeMode",
            "spec.dataSource",
            "spec.dataSourceRef",
            "spec.volumeName",
        ];
        let mut refusals: Vec<_> = FIELDS.into_iter().filter_map(|field| self.refused(field, RefusedBecause::Immutable)).collect();
        // A class that is written for the first time may be the one that the claim got by default.
        refusals.extend(self.class());
        let is_first = |refusal: &RefusedChange<'t>| refusal.difference.old.is_none() && refusal.field == "spec.volumeName";
        refusals.retain(|refusal| !is_first(refusal));
        refusals.extend(self.attributes_class());
        refusals.extend(self.shrunk());
        refusals
    }

    /// The storage class of a claim. An empty one is not the same as none.
    fn class(&self) -> Option<RefusedChange<'t>> {
        const FIELD: &str = "spec.storageClassName";
        let annotated = |resource: &Resource<'t>| resource.annotation(CLASS_ANNOTATION).filter(|node| !node.is_null());
        let field = |resource: &Resource<'t>| resource.node().at(FIELD).filter(|node| !node.is_null());
        let is_same = |a: Option<NodeRef<'t>>, b: Option<NodeRef<'t>>| match (a, b) {
            (Some(a), Some(b)) => a.is_unknown() || b.is_unknown() || a.text() == b.text(),
            _ => false,
        };
        if let Some(before) = annotated(self.old) {
            let moves_to_field = field(self.old).is_none() && is_same(Some(before), field(self.new));
            let after = annotated(self.new);
            if (moves_to_field && after.is_none()) || is_same(Some(before), after) {
                return None;
            }
            let (old_parent, new_parent) = (self.old.node().get("metadata")?, self.new.node().get("metadata")?);
            let path = format!("metadata.annotations['{CLASS_ANNOTATION}']");
            let difference = Difference { path, old: Some(before), new: after, old_parent, new_parent };
            return Some(RefusedChange {
                field: "metadata.annotations['volume.beta.kubernetes.io/storage-class']",
                difference,
                why: RefusedBecause::Immutable,
            });
        }
        let (old, new) = (field(self.old)?, field(self.new));
        if new.is_some_and(|new| is_same(Some(old), Some(new))) || old.is_unknown() {
            return None;
        }
        let (old_parent, new_parent) = (self.old.spec()?, self.new.spec()?);
        Some(RefusedChange {
            field: FIELD,
            difference: Difference { path: FIELD.into(), old: Some(old), new, old_parent, new_parent },
            why: RefusedBecause::Immutable,
        })
    }

    /// A class of attributes can be changed since 1.34, but not taken away.
    fn attributes_class(&self) -> Option<RefusedChange<'t>> {
        let refusal = self.refused("spec.volumeAttributesClassName", RefusedBecause::Immutable)?;
        let Difference { old, new, .. } = &refusal.difference;
        match (old, new) {
            (Some(_), None) => Some(refusal),
            (Some(_), Some(_)) if self.oldest < 34 => Some(RefusedChange { why: RefusedBecause::Until(33), ..refusal }),
            _ => None,
        }
    }

    fn shrunk(&self) -> Option<RefusedChange<'t>> {
        let refusal = self.refused("spec.resources.requests.storage", RefusedBecause::Shrinks)?;
        let (old, new) = (Quantity::read(refusal.difference.old?)?, Quantity::read(refusal.difference.new?)?);
        (new < old).then_some(refusal)
    }

    /// A volume: what it stands for is fixed, and which nodes reach it.
    fn volume(&self) -> Vec<RefusedChange<'t>> {
        // Everything in a volume's spec that is not listed here is a source, and named after a kind of storage.
        const NO_SOURCE: [&str; 8] = [
            "capacity",
            "accessModes",
            "claimRef",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "mountOptions",
            "nodeAffinity",
            "volumeAttributesClassName",
        ];
        let is_free = |path: &str| {
            let key = path.strip_prefix("spec.").unwrap_or_default();
            NO_SOURCE.contains(&key) || key == "volumeMode" || key == "csi.controllerExpandSecretRef"
        };
        let source = difference(self.old.node(), self.new.node(), "spec", &is_free);
        let source =
            source.map(|difference| RefusedChange { field: "spec.persistentVolumeSource", difference, why: RefusedBecause::Immutable });
        let affinity = self.refused("spec.nodeAffinity", RefusedBecause::Immutable).filter(|_| {
            // Labels from before they were stable may get their stable names.
            let names_old_labels = |node: NodeRef<'_>| node.scalars().any(|scalar| scalar.text().contains("beta.kubernetes.io"));
            self.old.node().at("spec.nodeAffinity").is_some_and(|node| !node.is_null() && !names_old_labels(node))
        });
        source.into_iter().chain(self.refused("spec.volumeMode", RefusedBecause::Immutable)).chain(affinity).collect()
    }

    /// A Service: the address it was given, and what chose who gives it.
    fn service(&self) -> Vec<RefusedChange<'t>> {
        let (Some(old), Some(new)) = (self.old.service(), self.new.service()) else { return Vec::new() };
        let (Some(old_type), Some(new_type)) = (old.kind(), new.kind()) else { return Vec::new() };
        let mut refusals = Vec::new();
        if old_type != "ExternalName" && new_type != "ExternalName" {
            refusals.extend(self.address());
            refusals.extend(self.family());
        }
        if old_type == "LoadBalancer" && new_type == "LoadBalancer" {
            refusals.extend(self.refused("spec.loadBalancerClass", RefusedBecause::Immutable));
        }
        let is_local = |resource: &Resource<'t>| resource.node().at("spec.externalTrafficPolicy").and_then(NodeRef::str) == Some("Local");
        if old_type == "LoadBalancer" && new_type == "LoadBalancer" && is_local(self.old) && is_local(self.new) {
            let port = self.refused("spec.healthCheckNodePort", RefusedBecause::Immutable);
            refusals.extend(port.filter(|refusal| refusal.difference.old.is_some() && refusal.difference.new.is_some()));
        }
        refusals
    }

    /// The address. Not to write it keeps it, whatever it is.
    fn address(&self) -> Option<RefusedChange<'t>> {
        let first = |resource: &Resource<'t>| {
            let field = |key: &str| {
                resource.spec()?.get(key).filter(|node| !node.is_null()).filter(|node| !node.text().is_empty() || !node.is_empty())
            };
            field("clusterIP").or_else(|| field("clusterIPs")?.items().next())
        };
        let (old, new) = (first(self.old), first(self.new)?);
        let is_known = |node: NodeRef<'t>| !node.is_unknown();
        if !is_known(new) || !old.is_none_or(is_known) || old.is_some_and(|old| old.text() == new.text()) {
            return None;
        }
        let (old_parent, new_parent) = (self.old.spec()?, self.new.spec()?);
        let difference = Difference { path: "spec.clusterIP".into(), old, new: Some(new), old_parent, new_parent };
        let why = if old.is_none() && new.text() != "None" { RefusedBecause::UnlessAllocated } else { RefusedBecause::Immutable };
        Some(RefusedChange { field: "spec.clusterIP", difference, why })
    }

    /// The first IP family, except where there is no address.
    fn family(&self) -> Option<RefusedChange<'t>> {
        let first = |resource: &Resource<'t>| resource.node().at("spec.ipFamilies").and_then(|families| families.items().next());
        let (old, new) = (first(self.old)?, first(self.new)?);
        let is_headless = self.old.service().and_then(|service| service.is_headless()) != Some(false);
        if is_headless || old.is_unknown() || new.is_unknown() || old.text() == new.text() {
            return None;
        }
        let (old_parent, new_parent) = (self.old.spec()?, self.new.spec()?);
        let difference = Difference { path: "spec.ipFamilies[0]".into(), old: Some(old), new: Some(new), old_parent, new_parent };
        Some(RefusedChange { field: "spec.ipFamilies", difference, why: RefusedBecause::Immutable })
    }

    /// A `ConfigMap` or Secret that was sealed by `immutable: true`: its content, and the seal.
    fn sealed(&self) -> Option<RefusedChange<'t>> {
        let seal = |resource: &Resource<'t>| resource.node().get("immutable").filter(|node| !node.is_null());
        let before = seal(self.old).filter(|node| node.bool() == Some(true))?;
        let after = seal(self.new);
        if after.is_none_or(|node| node.bool() == Some(false)) {
            let difference = Difference {
                path: "immutable".into(),
                old: Some(before),
                new: after,
                old_parent: self.old.node(),
                new_parent: self.new.node(),
            };
            return Some(RefusedChange { field: "immutable", difference, why: RefusedBecause::Sealed });
        }
        if let Some(refusal) = self.refused("data", RefusedBecause::Sealed).or_else(|| self.refused("binaryData", RefusedBecause::Sealed)) {
            let is_moved = |resource: &Resource<'t>| resource.node().get("stringData").is_some_and(|node| !node.is_empty());
            return Some(refusal).filter(|_| !is_moved(self.old) && !is_moved(self.new));
        }
        // What leaves `stringData` stays in the object.
        self.refused("stringData", RefusedBecause::Sealed)
            .filter(|refusal| refusal.difference.old.is_some() && refusal.difference.new.is_some())
    }

    /// From a rolling update, whose defaults stay in the object, to one by hand, which may not have them.
    fn on_delete(&self) -> Option<RefusedChange<'t>> {
        const FIELD: &str = "spec.updateStrategy";
        let strategy = |resource: &Resource<'t>| resource.node().at(FIELD).filter(|node| !node.is_null());
        let kind = |strategy: Option<NodeRef<'t>>| strategy?.get("type").filter(|node| !node.is_null());
        let (old, new) = (strategy(self.old), strategy(self.new)?);
        let after = kind(Some(new)).filter(|kind| kind.str() == Some("OnDelete"))?;
        let was_rolling = kind(old).is_none_or(|kind| kind.str() == Some("RollingUpdate")) && self.old.version() != "v1beta1";
        let is_written = |strategy: NodeRef<'t>| strategy.get("rollingUpdate").is_some();
        if !was_rolling || old.is_some_and(is_written) || is_written(new) {
            return None;
        }
        let old_parent = old.or_else(|| self.old.spec())?;
        let difference =
            Difference { path: "spec.updateStrategy.type".into(), old: kind(old), new: Some(after), old_parent, new_parent: new };
        Some(RefusedChange { field: "spec.updateStrategy.rollingUpdate", difference, why: RefusedBecause::DefaultStays })
    }
}
