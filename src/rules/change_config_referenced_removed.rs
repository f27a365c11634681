use std::collections::BTreeMap;

use crate::finding::Report;
use crate::graph::{Absence, Change, Reference, name_each};
use crate::resource::{Kind, Resource, Workload, is_versioned_name};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for kind in [Kind::ConfigMap, Kind::Secret] {
        if change.removed().any(|removed| removed.kind() == kind) {
            tell_objects(change, kind, report);
        }
        if change.changed_of(kind).next().is_some() {
            tell_keys(change, kind, report);
        }
    }
}

/// Who needs an object that is removed.
struct Needs<'t> {
    removed: Resource<'t>,
    /// The workloads that need it now, and where they say so.
    now: Vec<(Workload<'t>, NodeRef<'t>)>,
    /// The same of those whose template before needed it.
    before: Vec<(Workload<'t>, NodeRef<'t>)>,
    /// Whether nothing else can be meant by what needs it now.
    is_certain: bool,
}

fn tell_objects(change: &Change<'_, '_>, kind: Kind, report: &mut Report) {
    let place = |resource: &Resource<'_>| (resource.source(), resource.node().span().start);
    let removed = change.removed().filter(|removed| removed.kind() == kind && !removed.is_hook() && !removed.is_kept_by_tools());
    let mut by_place: BTreeMap<_, _> =
        removed.map(|&removed| (place(&removed), Needs { removed, now: Vec::new(), before: Vec::new(), is_certain: false })).collect();
    for (old, demand, config) in change.old.configs_needed(kind) {
        let Some(needs) = by_place.get_mut(&place(&config)) else { continue };
        let (Some(new), Some(name)) = (change.workload_after(&old), config.name()) else { continue };
        let is_known = |(known, _): &(Workload<'_>, _)| known.resource().is(new.resource());
        if needs.now.iter().any(is_known) || needs.before.iter().any(is_known) {
            continue;
        }
        let demands = || new.pod().into_iter().flat_map(|pod| pod.config_demands());
        match demands().find(|demand| demand.kind == kind && demand.name.value_text() == Some(name)) {
            Some(demand) => {
                if let Reference::Missing(absence) = change.new.reference(new.resource(), kind, name) {
                    needs.is_certain |= absence == Absence::Certain;
                    needs.now.push((new, demand.name));
                }
            }
            None if new.can_be_undone() => needs.before.push((new, demand.name)),
            None => {}
        }
    }
    for needs in by_place.into_values() {
        needs.tell(report);
    }
}

impl Needs<'_> {
    fn tell(&self, report: &mut Report) {
        let (object, name) = (self.removed.describe(), self.removed.name().unwrap_or_default());
        let who = |workloads: &[(Workload<'_>, NodeRef<'_>)]| name_each(workloads.iter().map(|(workload, _)| *workload));
        let place = self.removed.nearest("metadata.name");
        if !self.now.is_empty() {
            let verb = if self.now.len() == 1 { "needs" } else { "need" };
            let message = format!("{object} is removed, and {} still {verb} it: once it is deleted, no new pod starts", who(&self.now));
            let finding = report.at(place, message);
            finding.warning_if(!self.is_certain).help("keep it, or take the reference out of the template first");
            for (_, node) in &self.now {
                finding.related(*node, "it is needed here");
            }
        } else if !self.before.is_empty() {
            let message =
                format!("{object} is removed, and what ran of {} needs it: undo restores pods that don't start", who(&self.before));
            let is_versioned = is_versioned_name(name);
            let finding = report.at(place, message);
            finding.warning_if(true).note_if(is_versioned).help(if is_versioned {
                "have pruning leave generated objects for as many versions as `revisionHistoryLimit` keeps"
            } else {
                "keep it as long as someone may go back, and remove it in a later change"
            });
            for (_, node) in &self.before {
                finding.related(*node, "it was needed here");
            }
        }
    }
}

/// Keys that are gone, and that templates need.
fn tell_keys(change: &Change<'_, '_>, kind: Kind, report: &mut Report) {
    for (workload, key, config) in change.new.missing_config_keys(kind) {
        let Some(pair) = change.predecessor(&config).filter(|pair| change.is_accepted(pair)) else { continue };
        let contents = ["data", "binaryData", "stringData"].into_iter().filter_map(|list| pair.old.node().get(list));
        let Some(was) = contents.into_iter().find_map(|content| content.entry(key.text())) else { continue };
        let message = format!(
            "key `{}` is gone from {}, and {} still needs it: no new pod starts",
            key.text(),
            config.describe(),
            workload.describe()
        );
        let finding = report.at(config.nearest("data"), message);
        finding.help("keep the key, or take the reference out of the template first");
        finding.related(was, "it was here").related(key, "it is needed here");
    }
}
