use crate::finding::{Report, When};
use crate::graph::{Change, Graph, Pair, name_pods};
use crate::resource::{Kind, Workload};

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.changed_of(Kind::StatefulSet).filter(|pair| !pair.is_partial()) {
        let Some((old, new)) = pair.workloads() else { continue };
        let (Some(before), Some(after)) = (old.first_ordinal(), new.first_ordinal()) else { continue };
        if before != after {
            tell(change, pair, (&old, before), (&new, after), report);
        }
    }
}

fn tell<'t>(
    change: &Change<'_, 't>,
    pair: &Pair<'t>,
    (old, before): (&Workload<'t>, i64),
    (new, after): (&Workload<'t>, i64),
    report: &mut Report,
) {
    let object = pair.new.describe();
    let pods = |graph: &Graph<'t>, workload: &Workload<'t>| {
        let ordinals = graph.ordinals(workload).filter(|ordinals| !ordinals.is_empty())?;
        Some(name_pods(workload.name()?, &ordinals))
    };
    let names = match (pods(change.old, old), pods(change.new, new)) {
        (Some(old), Some(new)) => format!("{old} before, {new} now"),
        _ => format!("from {before} on before, from {after} on now"),
    };
    let has_claims = new.claim_templates().next().is_some();
    let claims = match () {
        () if !has_claims => "",
        () if new.deletes_claims_when_scaled_down() => {
            ": pods with new numbers start with empty claims, and claims of those that go are deleted"
        }
        () => ": pods with new numbers start with empty claims, and the data of those that go stays behind",
    };
    let finding = report.at(pair.new.nearest("spec.ordinals.start"), format!("pods of {object} are renumbered ({names}){claims}"));
    finding.note_if(!has_claims);
    finding.help("keep the start; to move a set to another cluster, move its claims first, pod by pod");
    finding.related(pair.old.nearest("spec.ordinals.start"), format!("it began at {before}"));
    if has_claims {
        finding.step(When::Before, "decide: keep the start, or copy the data to claims with the new numbers first", []);
    }
}
