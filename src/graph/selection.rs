//! Which workloads' pods a selector matches.

use std::collections::HashMap;

use super::Graph;
use crate::resource::{Resource, Selector, Workload};
use crate::yaml::NodeRef;

/// Pods that are looked at for one selector: no folder has as many with one label.
const MANY_WITH_ONE_LABEL: usize = 1000;

/// A unit's number and a namespace as written.
type Realm<'t> = (u32, Option<&'t str>);

/// The whole workloads of each realm, and those of each label.
#[derive(Debug, Default)]
pub(super) struct PodLabels<'t> {
    all: HashMap<Realm<'t>, Vec<u32>>,
    by_label: HashMap<(Realm<'t>, &'t str, &'t str), Vec<u32>>,
}

impl<'t> Graph<'t> {
    /// The whole workloads, applied together with `from` in its namespace, whose pods a selector surely matches.
    pub fn selected(&self, from: &Resource<'t>, selector: Selector<'t>) -> impl Iterator<Item = Workload<'t>> {
        let candidates = self.realm(from).map_or(&[][..], |realm| self.candidates(realm, selector));
        let workloads = candidates.iter().take(MANY_WITH_ONE_LABEL).filter_map(|&index| self.resources[index as usize].workload());
        workloads.filter(move |workload| selector.matches(workload.pod_labels()) == Some(true))
    }

    /// Those with the rarest of the labels that the selector asks for; all of the realm where it names no label.
    fn candidates(&self, realm: Realm<'t>, selector: Selector<'t>) -> &[u32] {
        let labels = self.pod_labels.get_or_init(|| self.index_pod_labels());
        let asked = selector.pairs().into_iter().flat_map(pairs);
        let with_label = asked.map(|(key, value)| labels.by_label.get(&(realm, key, value)));
        let rarest = with_label.min_by_key(|found| found.map_or(0, Vec::len));
        rarest.unwrap_or_else(|| labels.all.get(&realm)).map_or(&[], Vec::as_slice)
    }

    fn realm(&self, resource: &Resource<'t>) -> Option<Realm<'t>> {
        Some((self.files.get(&resource.source())?.unit, resource.beside("")?.namespace))
    }

    fn index_pod_labels(&self) -> PodLabels<'t> {
        let mut labels = PodLabels::default();
        for workload in self.workloads() {
            let (Some(realm), Some(index)) = (self.realm(workload.resource()), self.index_of(workload.resource())) else { continue };
            labels.all.entry(realm).or_default().push(index);
            for (key, value) in workload.pod_labels().into_iter().flat_map(pairs) {
                labels.by_label.entry((realm, key, value)).or_default().push(index);
            }
        }
        labels
    }
}

/// The pairs of a map of labels that are known.
fn pairs(labels: NodeRef<'_>) -> impl Iterator<Item = (&str, &str)> {
    labels.entries().filter_map(|entry| Some((entry.key.value_text()?, entry.value.value_text()?)))
}
