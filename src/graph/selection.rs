//! Which workloads' pods a selector matches.

use std::collections::HashMap;

use super::{Assumed, Graph};
use crate::resource::{CONTROLLER_LABELS, Kind, Resource, Selector, Service, Workload, WorkloadKind};
use crate::yaml::NodeRef;

/// Workloads or Services with one label that are looked at for one selector or workload: no folder has as many.
const MANY_WITH_ONE_LABEL: usize = 200;

/// A unit's number and a namespace as written.
type Realm<'t> = (u32, Option<&'t str>);

/// Workloads of one realm that are looked at for each selector without an index of their labels: most folders have no more.
const FEW: usize = 8;

/// The whole workloads of each realm, and those of each label where a realm has more than a few.
#[derive(Debug, Default)]
pub(super) struct PodLabels<'t> {
    all: HashMap<Realm<'t>, Vec<u32>>,
    by_label: Labelled<'t>,
}

/// Indices of the workloads of the run, patches among them, by label.
#[derive(Debug, Default)]
pub(super) struct PodsAnywhere<'t> {
    by_label: HashMap<(&'t str, &'t str), Vec<u32>>,
    /// Those of whose labels not all are known.
    unknown: Vec<u32>,
    /// All that have labels.
    all: Vec<u32>,
}

/// Indices of resources by realm, label key and label value.
pub(super) type Labelled<'t> = HashMap<(Realm<'t>, &'t str, &'t str), Vec<u32>>;

impl<'t> PodLabels<'t> {
    /// The workloads of a realm.
    fn of(&self, realm: Realm<'t>) -> &[u32] {
        self.all.get(&realm).map_or(&[], Vec::as_slice)
    }
}

impl<'t> Graph<'t> {
    /// The whole workloads, applied together with `from` in its namespace, whose pods a selector surely matches.
    pub fn selected(&self, from: &Resource<'t>, selector: Selector<'t>) -> impl Iterator<Item = Workload<'t>> {
        let candidates = self.realm(from).map_or(&[][..], |realm| self.candidates(realm, selector));
        let workloads = candidates.iter().take(MANY_WITH_ONE_LABEL).filter_map(|&index| self.resources[index as usize].workload());
        workloads.filter(move |workload| selector.matches(workload.pod_labels()) == Some(true))
    }

    /// Whether the user says that workloads exist elsewhere.
    pub(super) fn are_workloads_assumed(&self) -> bool {
        self.world().assume.iter().any(|assumed: &Assumed| WorkloadKind::of(Kind::of("apps", &assumed.kind)).is_some())
    }

    /// The workloads, applied together with one, whose controllers' selectors match its pods, or whose pods its own selector matches.
    pub fn workloads_mixed_with(&self, workload: &Workload<'t>) -> Vec<Workload<'t>> {
        let Some(selector) = workload.selector().filter(|selector| !selector.is_empty()) else { return Vec::new() };
        let beside = self.realm(workload.resource()).map_or(&[][..], |realm| {
            let labels = self.pod_labels.get_or_init(|| self.index_pod_labels());
            if labels.of(realm).len() <= FEW {
                return labels.of(realm);
            }
            let own =
                workload.pod_labels().into_iter().flat_map(pairs).filter_map(|(key, value)| labels.by_label.get(&(realm, key, value)));
            own.max_by_key(|found| found.len()).map_or(&[], Vec::as_slice)
        });
        let workloads = beside.iter().take(MANY_WITH_ONE_LABEL).filter_map(|&index| self.resources[index as usize].workload());
        let mixed = workloads.filter(|other| {
            let is_selected = selector.matches(other.pod_labels()) == Some(true);
            let selects = || other.selector().is_some_and(|other| !other.is_empty() && other.matches(workload.pod_labels()) == Some(true));
            !other.resource().is_same_object(workload.resource())
                && self.are_in_one_set(other.resource(), workload.resource())
                && (is_selected || selects())
        });
        mixed.collect()
    }

    /// The Services of the unit that select a workload's pods, those of alternatives to its file left out. One that asks for labels
    /// of controllers only, such as a pod's name, selects no workload's pods as such.
    pub fn services_selecting(&self, workload: &Workload<'t>) -> impl Iterator<Item = Service<'t>> {
        let (resource, labels) = (*workload.resource(), workload.pod_labels());
        let by_label = self.services.get_or_init(|| self.index_services());
        let realm = self.realm(&resource);
        let asked = labels.into_iter().flat_map(pairs).filter_map(|(key, value)| by_label.get(&(realm?, key, value)));
        let mut found: Vec<u32> = asked.flat_map(|services| services.iter().take(MANY_WITH_ONE_LABEL)).copied().collect();
        found.sort_unstable();
        found.into_iter().filter_map(|index| self.resources[index as usize].service()).filter(move |service| {
            let is_selected = service.selector().is_some_and(|selector| selector.matches(labels) == Some(true));
            is_selected && !self.are_alternatives(&resource, service.resource())
        })
    }

    /// Each Service under the first label that it asks for.
    fn index_services(&self) -> Labelled<'t> {
        let mut labelled = Labelled::default();
        for (index, resource) in self.resources.iter().enumerate().filter(|(_, resource)| !resource.is_partial()) {
            let asked = resource.service().filter(|_| resource.identity().is_some()).and_then(|service| service.selector()?.pairs());
            let first = asked.into_iter().flat_map(pairs).find(|(key, _)| !CONTROLLER_LABELS.contains(key));
            if let (Some(realm), Some((key, value))) = (self.realm(resource), first) {
                labelled.entry((realm, key, value)).or_default().push(index as u32);
            }
        }
        labelled
    }

    /// Those with the rarest of the labels that the selector asks of templates; all of the realm where it names no label, or where they are
    /// few, and none where it only names labels that controllers add.
    fn candidates(&self, realm: Realm<'t>, selector: Selector<'t>) -> &[u32] {
        let labels = self.pod_labels.get_or_init(|| self.index_pod_labels());
        let all = labels.of(realm);
        let asked = || selector.pairs().into_iter().flat_map(pairs);
        let mut of_templates = asked().filter(|(key, _)| !CONTROLLER_LABELS.contains(key)).peekable();
        match of_templates.peek() {
            None if asked().next().is_some() => return &[],
            Some(_) if all.len() > FEW => {}
            _ => return all,
        }
        let with_label = of_templates.map(|(key, value)| labels.by_label.get(&(realm, key, value)));
        with_label.min_by_key(|found| found.map_or(0, Vec::len)).flatten().map_or(&[], Vec::as_slice)
    }

    /// Whether a workload stands beside an object, in its namespace as it is written.
    pub(super) fn has_workload_beside(&self, resource: &Resource<'t>) -> bool {
        let labels = self.pod_labels.get_or_init(|| self.index_pod_labels());
        self.realm(resource).is_some_and(|realm| labels.all.contains_key(&realm))
    }

    /// Whether a selector may match pods of a workload of the run, in whatever folder: namespaces that are written on both sides and
    /// differ rule one out, labels that are not known do not.
    pub fn may_be_selected(&self, from: &Resource<'t>, selector: Selector<'t>) -> bool {
        let pods = self.pods_anywhere.get_or_init(|| self.index_pods_anywhere());
        let namespace = from.beside("").and_then(|identity| identity.namespace);
        let of_templates = selector.pairs().into_iter().flat_map(pairs).filter(|(key, _)| !CONTROLLER_LABELS.contains(key));
        let asked = of_templates.map(|pair| pods.by_label.get(&pair).map_or(&[][..], Vec::as_slice));
        let rarest = asked.min_by_key(|found| found.len()).unwrap_or(&pods.all);
        rarest.iter().chain(&pods.unknown).filter_map(|&index| self.resources[index as usize].workload()).any(|workload| {
            let theirs = workload.resource().beside("").and_then(|identity| identity.namespace);
            let may_be_beside = namespace.is_none() || theirs.is_none() || namespace == theirs;
            may_be_beside && selector.matches(workload.pod_labels()) != Some(false)
        })
    }

    fn index_pods_anywhere(&self) -> PodsAnywhere<'t> {
        let mut pods = PodsAnywhere::default();
        for workload in self.all_workloads() {
            let (Some(labels), Some(index)) = (workload.pod_labels(), self.index_of(workload.resource())) else { continue };
            pods.all.push(index);
            let known =
                labels.is_mapping() && labels.entries().all(|entry| entry.key.value_text().is_some() && entry.value.value_text().is_some());
            if !known {
                pods.unknown.push(index);
            }
            for pair in pairs(labels) {
                pods.by_label.entry(pair).or_default().push(index);
            }
        }
        pods
    }

    fn realm(&self, resource: &Resource<'t>) -> Option<Realm<'t>> {
        Some((self.files.get(&resource.source())?.unit, resource.beside("")?.namespace))
    }

    fn index_pod_labels(&self) -> PodLabels<'t> {
        let mut labels = PodLabels::default();
        for workload in self.workloads() {
            let (Some(realm), Some(index)) = (self.realm(workload.resource()), self.index_of(workload.resource())) else { continue };
            labels.all.entry(realm).or_default().push(index);
        }
        for (&realm, many) in labels.all.iter().filter(|(_, workloads)| workloads.len() > FEW) {
            for &index in many {
                let written = self.resources[index as usize].workload().and_then(|workload| workload.pod_labels());
                for (key, value) in written.into_iter().flat_map(pairs) {
                    labels.by_label.entry((realm, key, value)).or_default().push(index);
                }
            }
        }
        labels
    }
}

/// The pairs of a map of labels that are known.
fn pairs(labels: NodeRef<'_>) -> impl Iterator<Item = (&str, &str)> {
    labels.entries().filter_map(|entry| Some((entry.key.value_text()?, entry.value.value_text()?)))
}
