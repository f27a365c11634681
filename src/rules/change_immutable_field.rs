use crate::finding::{Finding, Report, When};
use crate::graph::{Change, Pair};
use crate::resource::{Difference, Kind, Quantity, RefusedBecause, RefusedChange, Resource, refused_changes};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let oldest = change.new.world().versions.oldest;
    for pair in change.changed().filter(|pair| !pair.new.is_recreated_on_change()) {
        for refusal in refused_changes(&pair.old, &pair.new, oldest) {
            tell(pair, &refusal, report);
        }
    }
}

fn tell(pair: &Pair<'_>, refusal: &RefusedChange<'_>, report: &mut Report) {
    let difference = &refusal.difference;
    let place = if difference.new_place() == pair.new.node() { pair.new.nearest("kind") } else { difference.new_place() };
    let object = pair.new.describe();
    let message = match refusal.why {
        RefusedBecause::Immutable => format!("{}: the API server refuses this update of {object}", what_is_done(refusal)),
        RefusedBecause::Until(minor) => {
            format!("{}: before Kubernetes 1.{} the API server refuses this update of {object}", what_is_done(refusal), minor + 1)
        }
        RefusedBecause::Shrinks => {
            format!("`{}` can't shrink{}: the API server refuses this update of {object}", refusal.field, from_to(difference))
        }
        RefusedBecause::Sealed if refusal.field == "immutable" => {
            format!("`immutable` can't be taken back: the API server refuses this update of {object}")
        }
        RefusedBecause::Sealed => {
            format!("`{}` can't be changed, because {object} is `immutable`: the API server refuses this update", refusal.field)
        }
        RefusedBecause::DefaultStays => format!(
            "the default `{}` stays in {object} under `kubectl apply`, and with `OnDelete` the API server refuses it",
            refusal.field
        ),
        RefusedBecause::Unmatched => format!(
            "`{}` have to keep to the selector, which can't be changed: the API server refuses this update of {object}",
            refusal.field
        ),
        RefusedBecause::UnlessAllocated => format!("{}, unless this is the address that {object} has already", what_is_done(refusal)),
    };
    let may_be_gone = pair.old.kind() == Kind::Job && pair.old.spec().and_then(|spec| spec.get("ttlSecondsAfterFinished")).is_some();
    let is_doubtful = refusal.why == RefusedBecause::UnlessAllocated || may_be_gone;
    let finding = report.at(place, message);
    finding.warning_if(is_doubtful).related(difference.old_place(), before(difference));
    advise(pair, refusal, finding);
    if refusal.why == RefusedBecause::Unmatched
        && let Some(selector) = unmatched(&pair.new)
    {
        finding.related(selector, "the selector asks for this");
    }
}

/// What the selector of a workload asks for, and its template's labels don't have.
fn unmatched<'t>(resource: &Resource<'t>) -> Option<NodeRef<'t>> {
    let workload = resource.workload()?;
    workload.selector()?.mismatch(workload.pod_labels())
}

/// "`spec.serviceName` can't be changed from `a` to `b`"
fn what_is_done(refusal: &RefusedChange<'_>) -> String {
    let Difference { old, new, path, .. } = &refusal.difference;
    let is_all_of_it = path == refusal.field;
    let verb = match (old, new) {
        (None, Some(_)) if is_all_of_it => "set later",
        (Some(_), None) if is_all_of_it => "removed",
        _ => "changed",
    };
    let values = from_to(&refusal.difference);
    match refusal.difference.key().filter(|_| !is_all_of_it && !values.is_empty()) {
        _ if refusal.field == "spec" => format!("`{path}` can't be {verb}{values}"),
        Some(key) => format!("`{}` can't be {verb} (`{key}`{values})", refusal.field),
        None => format!("`{}` can't be {verb}{values}", refusal.field),
    }
}

fn from_to(difference: &Difference<'_>) -> String {
    match (difference.old.and_then(shown), difference.new.and_then(shown)) {
        (Some(old), Some(new)) if !may_be_secret(difference) => format!(" from `{old}` to `{new}`"),
        _ => String::new(),
    }
}

/// Whether the value may be one that should not stand in logs: a variable's, or the content of a Secret.
fn may_be_secret(difference: &Difference<'_>) -> bool {
    difference.path.ends_with("].value") || difference.path.starts_with("data") || difference.path.starts_with("stringData")
}

/// A value that has room in a message.
fn shown(node: NodeRef<'_>) -> Option<&str> {
    node.value_text().filter(|text| text.chars().count() <= 40 && !text.contains('\n'))
}

fn before(difference: &Difference<'_>) -> String {
    match difference.old {
        Some(old) if !may_be_secret(difference) => shown(old).map_or_else(|| "this is what it was".into(), |old| format!("it was `{old}`")),
        Some(_) => "this is what it was".into(),
        None => "it was not written here".into(),
    }
}

/// What to do instead, with names that can be copied.
fn advise(pair: &Pair<'_>, refusal: &RefusedChange<'_>, finding: &mut Finding) {
    let new = &pair.new;
    match (new.kind(), refusal.why) {
        (_, RefusedBecause::DefaultStays) => {
            finding.help("write `rollingUpdate: null` below `updateStrategy` for this once, or use `kubectl replace`");
        }
        (_, RefusedBecause::Unmatched) => {
            finding.help("give the template the label back");
        }
        (Kind::StatefulSet, _) => advise_on_stateful_set(new, refusal, finding),
        (Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet, _) => advise_on_selector(pair, refusal, finding),
        (Kind::PersistentVolumeClaim, _) => advise_on_claim(new, refusal, finding),
        (Kind::ConfigMap | Kind::Secret, RefusedBecause::Sealed) => {
            finding.help("give the new content a new name and refer to that: pods then roll out with it, and can go back");
        }
        (Kind::PersistentVolume, _) => {
            finding.help("make another volume under a new name, and have the claim bound to that one");
        }
        (Kind::CustomResourceDefinition, _) => {
            finding.help("take the field back: deleting the definition deletes all its objects");
        }
        (Kind::Service, _) => {
            let delete = new.kubectl("delete", "");
            finding.help(format!(
                "take the field back, or `{delete}` and apply it again; until then the Service has no address, then another"
            ));
            finding.step(When::Before, format!("decide: take the field back, or be without the Service for a while and `{delete}`"), []);
        }
        (kind, _) => {
            let delete = new.kubectl("delete", "");
            let (purpose, more) = match kind {
                Kind::Job => ("make it anew", ", or give each version of the Job a name of its own"),
                Kind::StorageClass => ("make it anew; volumes that exist stay as they are", "; volumes that exist stay as they are"),
                Kind::Pod => ("make it anew", ", or let a Deployment replace its pods"),
                _ => ("make it anew", ", or take the field back"),
            };
            finding.help(format!("`{delete}` and apply it again{more}"));
            finding.step(When::Before, purpose, [delete]);
        }
    }
}

fn advise_on_stateful_set(new: &Resource<'_>, refusal: &RefusedChange<'_>, finding: &mut Finding) {
    let delete = new.kubectl("delete", "--cascade=orphan");
    let keep = format!("`{delete}` keeps its pods and claims, then apply it again");
    let path = refusal.difference.path.as_str();
    match refusal.field {
        "spec.volumeClaimTemplates" if path.ends_with(".storage") => advise_on_size(new, refusal, &keep, finding),
        "spec.volumeClaimTemplates" if path.contains(".metadata.labels") || path.contains(".metadata.annotations") => {
            finding.help(format!("{keep}; labels and annotations of claim templates can't change with each version"));
        }
        "spec.volumeClaimTemplates" if path.ends_with(".metadata.name") => {
            finding.help(format!("take the name back: with another one every pod gets a new, empty claim; or {keep}"));
            finding.step(When::Before, "pods will get new, empty claims: copy the data first, or take the name back", []);
        }
        "spec.volumeClaimTemplates" => {
            finding.help(format!("{keep}; claims that exist stay as they are, and one with a new name starts empty"));
        }
        "spec.selector" => {
            finding.help(format!(
                "take the selector back; if it must change, {keep} and delete the old pods, which it doesn't select any more"
            ));
            let purpose =
                "the old pods bear the names of the new ones and are in their way; delete each when the one before is back and ready";
            finding.step(When::After, purpose, old_pods(new, "delete"));
        }
        _ => {
            finding.help(format!("take the field back, or {keep}"));
        }
    }
    finding.step(When::Before, "delete the StatefulSet alone: its pods and claims stay, and are taken over by the new one", [delete]);
}

fn advise_on_size(new: &Resource<'_>, refusal: &RefusedChange<'_>, keep: &str, finding: &mut Finding) {
    let grown = grown(&refusal.difference).and_then(|size| growing(new, refusal, size));
    let Some(patches) = grown else {
        finding.help(format!("claims that exist keep their size, for none can shrink; for those to come, {keep}"));
        return;
    };
    let first = patches.first().map_or("", String::as_str);
    let each = if patches.len() == 1 { "it" } else { "each" };
    finding.help(format!("claims that exist keep their size: grow {each} with `{first}`; then {keep}"));
    finding.step(When::Before, "grow the claims that exist; their StorageClass has to allow it", patches);
}

/// The new size, if it is the larger one.
fn grown<'t>(difference: &Difference<'t>) -> Option<&'t str> {
    let (old, new) = (difference.old?, difference.new?);
    (Quantity::read(new)? > Quantity::read(old)?).then(|| shown(new))?
}

/// How the claims that exist get the new size.
fn growing(new: &Resource<'_>, refusal: &RefusedChange<'_>, size: &str) -> Option<Vec<String>> {
    let template = refusal.difference.path.strip_suffix(".spec.resources.requests.storage")?;
    let claim = new.node().at(template)?.at("metadata.name").and_then(shown)?;
    let owner = new.name()?;
    let patch = format!("--patch '{{\"spec\":{{\"resources\":{{\"requests\":{{\"storage\":\"{size}\"}}}}}}}}'");
    let patched = ordinals(new).map(|ordinal| new.kubectl_on("patch", "pvc", &format!("{claim}-{owner}-{ordinal}"), &patch));
    Some(patched.collect())
}

fn old_pods(new: &Resource<'_>, verb: &str) -> Vec<String> {
    let name = new.name().unwrap_or_default();
    ordinals(new).map(|ordinal| new.kubectl_on(verb, "pod", &format!("{name}-{ordinal}"), "")).collect()
}

/// The ordinals of a `StatefulSet`'s pods; of a hundred at most, which people would still read.
fn ordinals(new: &Resource<'_>) -> std::ops::Range<i64> {
    let workload = new.workload();
    let first = workload.and_then(|workload| workload.first_ordinal()).unwrap_or(0);
    let replicas = workload.and_then(|workload| workload.replicas()).map_or(1, |replicas| replicas.value.clamp(1, 100));
    first..first.saturating_add(replicas)
}

fn advise_on_selector(pair: &Pair<'_>, refusal: &RefusedChange<'_>, finding: &mut Finding) {
    const WITH_VERSION: [&str; 4] = ["helm.sh/chart", "app.kubernetes.io/version", "chart", "version"];
    let is_volatile = refusal.difference.key().is_some_and(|label| WITH_VERSION.contains(&label));
    let volatile = if is_volatile { "a label that changes with each version is no part of a selector: " } else { "" };
    let (new, kind) = (&pair.new, pair.new.kind_name());
    let delete = new.kubectl("delete", "--cascade=orphan");
    finding.help(format!(
        "{volatile}take the selector back; if it must change, give the {kind} a new name, or `{delete}`, which leaves its pods running, \
         apply it again and delete the old pods when the new ones are ready"
    ));
    finding.step(When::Before, format!("delete the {kind} alone: its pods run on, with nobody to replace them"), [delete]);
    let commands = [Some(new.kubectl_status()), orphans(&pair.old)].into_iter().flatten();
    let old = if new.kind() == Kind::Deployment { "ReplicaSets and pods" } else { "pods" };
    finding.step(When::After, format!("wait for the new pods, then delete the old {old}, which nothing controls any more"), commands);
}

/// Lists what the old selector matches, where labels say it.
fn orphans(old: &Resource<'_>) -> Option<String> {
    let kinds = if old.kind() == Kind::Deployment { "replicasets,pods" } else { "pods" };
    let pairs = old.workload()?.selector()?.pairs()?.entries();
    let selector: Vec<String> = pairs.map(|pair| format!("{}={}", pair.key.text(), pair.value.text())).collect();
    (!selector.is_empty()).then(|| old.kubectl_list(kinds, &selector.join(",")))
}

fn advise_on_claim(new: &Resource<'_>, refusal: &RefusedChange<'_>, finding: &mut Finding) {
    let name = new.name().unwrap_or_default();
    let (help, decision) = if refusal.why == RefusedBecause::Shrinks {
        ("no volume gets smaller: take the size back, or copy the data to a claim with a new name".to_owned(), "take the size back")
    } else {
        let delete = new.kubectl("delete", "");
        (
            format!(
                "take the field back, or copy the data to a claim with a new name; `{delete}` would delete the data, too, \
                 unless the volume is retained"
            ),
            "take the field back",
        )
    };
    finding.help(help);
    finding.step(When::Before, format!("decide: {decision}, or make a claim with a new name and copy what is in `{name}`"), []);
}
