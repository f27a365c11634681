use std::collections::HashSet;

use crate::finding::Report;
use crate::graph::Change;
use crate::resource::{Kind, Resource, Workload, key_changes};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for (old, new) in change.accepted_workloads().filter(|(_, new)| new.can_be_undone()) {
        tell_migrations(&old, &new, report);
    }
    for kind in [Kind::ConfigMap, Kind::Secret] {
        if change.changed_of(kind).next().is_some() {
            tell_keys(change, kind, report);
        }
    }
}

/// An init container migrates a database with another image than before.
fn tell_migrations(old: &Workload<'_>, new: &Workload<'_>, report: &mut Report) {
    let (Some(old_pod), Some(new_pod)) = (old.pod(), new.pod()) else { return };
    for is in new_pod.init_containers().filter(|container| !container.is_sidecar()) {
        let Some(was) = old_pod.init_containers().find(|was| was.name().is_some() && was.name() == is.name()) else { continue };
        let (Some(before), Some(after)) = (was.image(), is.image()) else { continue };
        let (Some(old_image), Some(new_image)) = (before.str(), after.str()) else { continue };
        let Some(migration) = is.migration().filter(|_| old_image != new_image) else { continue };
        let message = format!(
            "init container {} of {} migrates the database to `{new_image}`: undo restores `{old_image}`, not the schema before",
            is.name().unwrap_or_default(),
            new.describe()
        );
        let finding = report.at(after, message);
        finding.help("keep to migrations that the version before can live with, or have a way back for the schema, too");
        finding.related(migration, "the migration").related(before, format!("it was `{old_image}`"));
    }
}

/// A key is gone that the templates before needed, and the new ones don't.
fn tell_keys(change: &Change<'_, '_>, kind: Kind, report: &mut Report) {
    let mut told = HashSet::new();
    for (old, demand, config) in change.old.configs_needed(kind).filter(|(_, demand, _)| demand.keys().next().is_some()) {
        let Some(pair) = change.successor(&config).filter(|pair| pair.is_changed && change.is_accepted(pair)) else { continue };
        let Some(new) = change.workload_after(&old).filter(Workload::can_be_undone) else { continue };
        for gone in key_changes(&pair.old, &pair.new).into_iter().filter(|key| key.new.is_none()) {
            let Some(needs) = demand.keys().find(|key| key.text() == gone.key) else { continue };
            let place = |resource: &Resource<'_>| (resource.source(), resource.node().span().start);
            let is_needed_still = new.pod().is_some_and(|pod| pod.needs_config_key(kind, config.name().unwrap_or_default(), gone.key));
            if is_needed_still || change.new.may_have_key(&pair.new, gone.key) || !told.insert((place(&config), place(old.resource()))) {
                continue;
            }
            let (key, what) = (gone.key, new.describe());
            let message =
                format!("undo of {what} restores a template that needs key `{key}` of {}, and the key is gone", pair.new.describe());
            let finding = report.at(pair.new.nearest("data"), message);
            finding.help("keep the key as long as someone may go back, and remove it in a later change");
            if let Some(value) = gone.old {
                finding.related(value.key().unwrap_or(value), "it was here");
            }
            finding.related(needs, "the template before this change needs it: its pods don't start without it");
        }
    }
}
