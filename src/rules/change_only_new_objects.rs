use crate::finding::{Finding, Report};
use crate::graph::{Change, Pair, Reference};
use crate::resource::{Difference, Kind, Resource, Workload, difference};
use crate::yaml::NodeRef;

/// Annotations of service accounts that a webhook writes into pods when they are created.
const IDENTITIES: [&str; 3] = ["eks.amazonaws.com/role-arn", "azure.workload.identity/client-id", "azure.workload.identity/tenant-id"];

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    for pair in change.accepted().filter(|pair| !pair.is_partial()) {
        match pair.new.kind() {
            Kind::CronJob => tell_field(pair, "spec.jobTemplate", "counts from the next run on: a Job that runs goes on as it is", report),
            Kind::LimitRange => {
                tell_field(
                    pair,
                    "spec",
                    "counts for pods that are created from now on: running ones keep their requests and limits",
                    report,
                );
            }
            Kind::PriorityClass => {
                tell_field(pair, "globalDefault", "counts for pods that are created from now on: running ones keep their priority", report);
            }
            Kind::StorageClass => tell_storage_class(pair, report),
            Kind::Namespace => tell_namespace(pair, report),
            Kind::ServiceAccount => tell_service_account(change, pair, report),
            _ => {}
        }
    }
}

fn tell_field(pair: &Pair<'_>, field: &str, consequence: &str, report: &mut Report) {
    if let Some(difference) = difference(pair.old.node(), pair.new.node(), field, &|_| false) {
        tell(pair, &difference, consequence, report);
    }
}

fn tell<'r>(pair: &Pair<'_>, difference: &Difference<'_>, consequence: &str, report: &'r mut Report) -> &'r mut Finding {
    let finding = report.at(difference.new_place(), format!("this change of {} {consequence}", pair.new.describe()));
    finding.related(difference.old_place(), "this is what it was")
}

fn tell_storage_class(pair: &Pair<'_>, report: &mut Report) {
    const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
    for field in ["mountOptions", "allowedTopologies"] {
        tell_field(pair, field, "counts for volumes that are made from now on: those that exist stay as they are", report);
    }
    // To say that it isn't the default is to say nothing.
    let says = |node: Option<NodeRef<'_>>| node.is_some_and(|node| node.text() != "false");
    if let Some(difference) = change_of_entry(pair, "annotations", DEFAULT).filter(|it| says(it.old) != says(it.new)) {
        tell(pair, &difference, "counts for claims that have no volume yet: others keep their class", report);
    }
}

fn tell_namespace(pair: &Pair<'_>, report: &mut Report) {
    const LEVEL: &str = "pod-security.kubernetes.io/enforce";
    let Some(difference) = change_of_entry(pair, "labels", LEVEL) else { return };
    let consequence = "counts for pods that are created from now on: running ones stay, and may not come back";
    let finding = tell(pair, &difference, consequence, report);
    if let (Some(level), Some(name)) = (difference.new.and_then(NodeRef::str), pair.new.name()) {
        finding.help(format!(
            "`kubectl label --dry-run=server --overwrite namespace {name} {LEVEL}={level}` lists the pods that run against it"
        ));
    }
}

fn tell_service_account<'t>(change: &Change<'_, 't>, pair: &Pair<'t>, report: &mut Report) {
    let in_fields = ["imagePullSecrets", "automountServiceAccountToken"].into_iter();
    let in_fields = in_fields.filter_map(|field| difference(pair.old.node(), pair.new.node(), field, &|_| false));
    let in_annotations = IDENTITIES.iter().filter_map(|annotation| change_of_entry(pair, "annotations", annotation));
    let Some(difference) = in_fields.chain(in_annotations).next() else { return };
    let users: Vec<_> = change.new.workloads().filter(|workload| workload.has_rollouts() && uses(change, workload, &pair.new)).collect();
    let stale: Vec<_> = users.iter().filter(|workload| change.keeps_pods(workload)).collect();
    // All that use it are replaced by the same change.
    if stale.is_empty() && !users.is_empty() {
        return;
    }
    let finding = tell(pair, &difference, "counts for pods that are created from now on: running ones keep what they have", report);
    let commands: Vec<_> = stale.iter().take(3).map(|user| format!("`{}`", user.resource().kubectl("rollout restart", ""))).collect();
    if !commands.is_empty() {
        finding.help(commands.join(", "));
    }
}

fn uses<'t>(change: &Change<'_, 't>, workload: &Workload<'t>, account: &Resource<'t>) -> bool {
    let name = workload.pod().and_then(|pod| pod.field("serviceAccountName")).and_then(NodeRef::value_text);
    name.filter(|name| account.name() == Some(name)).is_some_and(|name| {
        let reference = change.new.reference(workload.resource(), Kind::ServiceAccount, name);
        matches!(reference, Reference::Found(found) if found.is(account))
    })
}

/// The sure change of one label or annotation.
fn change_of_entry<'t>(pair: &Pair<'t>, list: &str, key: &str) -> Option<Difference<'t>> {
    let entries = |node: NodeRef<'t>| node.get("metadata").and_then(|metadata| metadata.field(list));
    let (olds, news) = (entries(pair.old.node()), entries(pair.new.node()));
    let value = |entries: Option<NodeRef<'t>>| entries.and_then(|entries| entries.field(key));
    let (old, new) = (value(olds), value(news));
    let is_known = |node: Option<NodeRef<'t>>| node.is_none_or(|node| !node.is_unknown());
    let is_changed = is_known(old) && is_known(new) && old.map(NodeRef::text) != new.map(NodeRef::text);
    let (old_parent, new_parent) = (olds.or_else(|| pair.old.metadata())?, news.or_else(|| pair.new.metadata())?);
    is_changed.then(|| Difference { path: format!("metadata.{list}['{key}']"), old, new, old_parent, new_parent })
}
