use crate::finding::Report;
use crate::graph::Change;
use crate::resource::Update;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for (old, new) in change.accepted_workloads() {
        let is_new = matches!(old.update(), Some(Update::Rolling { .. })) && new.update() == Some(Update::Recreate);
        let Some(replicas) = change.new.replicas(&new).filter(|replicas| is_new && replicas.most > 0) else { continue };
        let Some(strategy) = new.strategy_type().and_then(|strategy| strategy.node) else { continue };
        let (what, pods) = (new.describe(), replicas.describe_all());
        let which = match old.template_difference(&new) {
            Some(_) => "this update already",
            None => "from now on each update",
        };
        let finding = report.at(strategy, format!("{which} stops {pods} of {what} before the first new one starts"));
        finding.help("that is right where two versions must not run side by side or share a volume; else keep RollingUpdate");
        let place = old.strategy_type().and_then(|strategy| strategy.node).unwrap_or_else(|| old.resource().nearest("spec.strategy"));
        finding.related(place, "this rolled, with old pods serving until new ones are ready");
    }
}
