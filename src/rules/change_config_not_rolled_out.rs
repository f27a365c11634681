use std::collections::BTreeMap;

use crate::finding::{Report, When};
use crate::graph::{Change, Pair, UnversionedConfig, name_each};
use crate::resource::{Intake, KeyChange, Kind, Workload, key_changes};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let is_config = |pair: &Pair<'_>| matches!(pair.new.kind(), Kind::ConfigMap | Kind::Secret);
    if !change.changed().any(is_config) {
        return;
    }
    let mut by_object: BTreeMap<_, (&Pair<'_>, Vec<Stale<'_>>)> = BTreeMap::new();
    for config in change.new.unversioned_configs() {
        let Some(pair) = config.object.and_then(|object| change.predecessor(&object)).filter(|pair| pair.is_changed) else { continue };
        if !change.is_accepted(pair) || !change.keeps_pods(&config.workload) {
            continue;
        }
        if let Some(stale) = Stale::find(pair, &config) {
            let place = (pair.new.source(), pair.new.node().span().start);
            by_object.entry(place).or_insert_with(|| (pair, Vec::new())).1.push(stale);
        }
    }
    for (pair, stale) in by_object.into_values() {
        let (frozen, live): (Vec<_>, Vec<_>) = stale.into_iter().partition(Stale::is_frozen);
        if frozen.is_empty() {
            tell(pair, &live, report);
        } else {
            tell(pair, &frozen, report);
        }
    }
}

/// A workload whose pods run on with an old content.
struct Stale<'t> {
    workload: Workload<'t>,
    name: NodeRef<'t>,
    /// The keys that its pods take in and that have changed, those first that they don't see.
    keys: Vec<(KeyChange<'t>, Intake)>,
}

impl<'t> Stale<'t> {
    fn find(pair: &Pair<'t>, config: &UnversionedConfig<'t>) -> Option<Self> {
        let pod = config.workload.pod()?;
        let changes = key_changes(&pair.old, &pair.new).into_iter();
        let taken = changes.filter_map(|change| Some((change, pod.intake_of(config.config_use.kind, config.name, change.key)?)));
        let mut keys: Vec<_> = taken.collect();
        keys.sort_by_key(|(_, intake)| *intake == Intake::Live);
        (!keys.is_empty()).then_some(Stale { workload: config.workload, name: config.config_use.name, keys })
    }

    fn is_frozen(&self) -> bool {
        self.keys.iter().any(|(_, intake)| *intake != Intake::Live)
    }

    /// The keys that decide: those that pods don't see change, if there are any.
    fn deciding(&self) -> impl Iterator<Item = &KeyChange<'t>> {
        let is_frozen = self.is_frozen();
        self.keys.iter().filter(move |(_, intake)| !is_frozen || *intake != Intake::Live).map(|(change, _)| change)
    }
}

/// Tells of one object; all workloads are frozen, or none is.
fn tell<'t>(pair: &Pair<'t>, stale: &[Stale<'t>], report: &mut Report) {
    let Some((first, KeyChange { key, old, new })) = stale.first().and_then(|first| Some((first, *first.deciding().next()?))) else {
        return;
    };
    let (object, who) = (pair.new.describe(), name_each(stale.iter().map(|stale| stale.workload)));
    let more = match first.deciding().count() {
        1 => String::new(),
        2 => " and another key".into(),
        keys => format!(" and {} more keys", keys - 1),
    };
    let restarts: Vec<_> = stale.iter().map(|stale| stale.workload.resource().kubectl("rollout restart", "")).collect();
    let commands = restarts.iter().take(3).map(|command| format!("`{command}`")).collect::<Vec<_>>().join(", ");
    let place = new.unwrap_or_else(|| pair.new.nearest("data"));
    let finding = if first.is_frozen() {
        let message = format!("pods of {who} keep the old `{key}`{more} of {object} until they are restarted: no template changes");
        let finding = report.at(place, message);
        finding.step(When::After, format!("restart the pods that took in the old {object}"), restarts);
        finding
            .help(format!("{commands} afterwards; a hash of the content in its name or in an annotation of the template does so by itself"))
    } else {
        let message = format!("running pods of {who} get the new `{key}`{more} of {object} as files within about two minutes, all at once");
        report.at(place, message).note().help(format!("if the program doesn't read its files anew: {commands}"))
    };
    // Values may be secret, even here.
    finding.related(old.unwrap_or_else(|| pair.old.nearest("data")), "this is what it was");
    for Stale { workload, name, .. } in stale.iter().take(3) {
        finding.related(*name, format!("{} takes it in", workload.describe()));
    }
}
