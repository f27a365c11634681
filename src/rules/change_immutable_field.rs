use crate::finding::Report;
use crate::graph::{Change, Pair};
use crate::resource::{Difference, Kind, Refusal, Resource, Why, refusals};
use crate::yaml::NodeRef;

pub(super) fn check(change: &Change<'_, '_>, report: &mut Report) {
    let oldest = change.new.world().versions.oldest;
    for pair in change.changed().filter(|pair| !pair.new.is_recreated_on_change()) {
        for refusal in refusals(&pair.old, &pair.new, oldest) {
            tell(pair, &refusal, report);
        }
    }
}

fn tell(pair: &Pair<'_>, refusal: &Refusal<'_>, report: &mut Report) {
    let difference = &refusal.difference;
    let place = if difference.new_place() == pair.new.node() { pair.new.nearest("kind") } else { difference.new_place() };
    let object = pair.new.describe();
    let message = match refusal.why {
        Why::Immutable => format!("{}: the API server refuses this update of {object}", what_is_done(refusal)),
        Why::Until(minor) => {
            format!("{}: before Kubernetes 1.{} the API server refuses this update of {object}", what_is_done(refusal), minor + 1)
        }
        Why::Shrinks => format!("`{}` can't shrink{}: the API server refuses this update of {object}", refusal.field, from_to(difference)),
        Why::Sealed if refusal.field == "immutable" => {
            format!("`immutable` can't be taken back: the API server refuses this update of {object}")
        }
        Why::Sealed => format!("`{}` can't be changed, because {object} is `immutable`: the API server refuses this update", refusal.field),
        Why::DefaultStays => format!(
            "the default `{}` stays in {object} under `kubectl apply`, and with `OnDelete` the API server refuses it",
            refusal.field
        ),
        Why::Unmatched => format!(
            "`{}` have to keep to the selector, which can't be changed: the API server refuses this update of {object}",
            refusal.field
        ),
        Why::UnlessAllocated => format!("{}, unless this is the address that {object} has already", what_is_done(refusal)),
    };
    let may_be_gone = pair.old.kind() == Kind::Job && pair.old.spec().and_then(|spec| spec.get("ttlSecondsAfterFinished")).is_some();
    let is_doubtful = refusal.why == Why::UnlessAllocated || may_be_gone;
    let finding = report.at(place, message);
    finding.warning_if(is_doubtful).help(help(pair, refusal)).related(difference.old_place(), before(difference));
    if refusal.why == Why::Unmatched
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
fn what_is_done(refusal: &Refusal<'_>) -> String {
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
        (Some(old), Some(new)) => format!(" from `{old}` to `{new}`"),
        _ => String::new(),
    }
}

/// A value that has room in a message.
fn shown(node: NodeRef<'_>) -> Option<&str> {
    node.value_text().filter(|text| text.chars().count() <= 40 && !text.contains('\n'))
}

fn before(difference: &Difference<'_>) -> String {
    match difference.old {
        Some(old) => shown(old).map_or_else(|| "this is what it was".into(), |old| format!("it was `{old}`")),
        None => "it was not written here".into(),
    }
}

/// What to do instead, with names that can be copied.
fn help(pair: &Pair<'_>, refusal: &Refusal<'_>) -> String {
    let new = &pair.new;
    if refusal.why == Why::DefaultStays {
        return "write `rollingUpdate: null` below `updateStrategy` for this once, or use `kubectl replace`".into();
    }
    if refusal.why == Why::Unmatched {
        return "give the template the label back".into();
    }
    match new.kind() {
        Kind::StatefulSet => stateful_set(new, refusal),
        Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet => selector(new, refusal),
        Kind::Job => format!("`{}` and apply it again, or give each version of the Job a name of its own", new.kubectl("delete", "")),
        Kind::PersistentVolumeClaim => claim(new, refusal),
        Kind::PersistentVolume => "make another volume under a new name, and have the claim bound to that one".into(),
        Kind::Service => format!(
            "take the field back, or `{}` and apply it again: the Service then gets another address, and until then has none",
            new.kubectl("delete", "")
        ),
        Kind::ConfigMap | Kind::Secret if refusal.why == Why::Sealed => {
            "give the new content a new name and refer to that: pods then roll out with it, and can go back".into()
        }
        Kind::StorageClass => format!("`{}` and apply it again; volumes that exist stay as they are", new.kubectl("delete", "")),
        Kind::Pod => format!("`{}` and apply it again, or let a Deployment replace its pods", new.kubectl("delete", "")),
        Kind::CustomResourceDefinition => "take the field back: deleting the definition deletes all its objects".into(),
        _ => format!("take the field back, or `{}` and apply it again", new.kubectl("delete", "")),
    }
}

fn stateful_set(new: &Resource<'_>, refusal: &Refusal<'_>) -> String {
    let delete = new.kubectl("delete", "--cascade=orphan");
    let keep = format!("`{delete}` keeps its pods and claims, then apply it again");
    let path = refusal.difference.path.as_str();
    match refusal.field {
        "spec.volumeClaimTemplates" if path.ends_with(".storage") => {
            format!("{}; then {keep}", grow(new, refusal).unwrap_or_else(|| "claims that exist keep their size".into()))
        }
        "spec.volumeClaimTemplates" if path.contains(".metadata.labels") || path.contains(".metadata.annotations") => {
            format!("{keep}; labels and annotations of claim templates can't change with each version")
        }
        "spec.volumeClaimTemplates" => format!("{keep}; claims that exist stay as they are, and one with a new name starts empty"),
        "spec.selector" => {
            format!("take the selector back; if it must change, {keep} and delete the old pods, which it doesn't select any more")
        }
        _ => format!("take the field back, or {keep}"),
    }
}

/// How the claims that exist get the new size.
fn grow(new: &Resource<'_>, refusal: &Refusal<'_>) -> Option<String> {
    let size = refusal.difference.new.and_then(shown)?;
    let template = refusal.difference.path.strip_suffix(".spec.resources.requests.storage")?;
    let name = new.node().at(template)?.at("metadata.name").and_then(shown)?;
    let patch = format!("--patch '{{\"spec\":{{\"resources\":{{\"requests\":{{\"storage\":\"{size}\"}}}}}}}}'");
    let first = new.workload().and_then(|workload| workload.first_ordinal()).unwrap_or(0);
    let claim = format!("{name}-{}-{first}", new.name()?);
    Some(format!(
        "claims that exist keep their size: grow each with `{}`, which can't make one smaller",
        new.kubectl_on("patch", "pvc", &claim, &patch)
    ))
}

fn selector(new: &Resource<'_>, refusal: &Refusal<'_>) -> String {
    const WITH_VERSION: [&str; 4] = ["helm.sh/chart", "app.kubernetes.io/version", "chart", "version"];
    let is_volatile = refusal.difference.key().is_some_and(|label| WITH_VERSION.contains(&label));
    let volatile = if is_volatile { "a label that changes with each version is no part of a selector: " } else { "" };
    format!(
        "{volatile}take the selector back; if it must change, give the {} a new name, or `{}` (its pods stop) and apply it again",
        new.kind_name(),
        new.kubectl("delete", "")
    )
}

fn claim(new: &Resource<'_>, refusal: &Refusal<'_>) -> String {
    match refusal.why {
        Why::Shrinks => "no volume gets smaller: take the size back, or copy the data to a claim with a new name".into(),
        _ => format!(
            "take the field back, or copy the data to a claim with a new name; `{}` would delete the data, too, unless the volume is retained",
            new.kubectl("delete", "")
        ),
    }
}
