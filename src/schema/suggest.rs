//! What may have been meant by a field that there isn't.

use super::table::{Field, Type};
use super::walk::Walk;
use super::{Remedy, Versions};
use crate::finding::closest;
use crate::yaml::Entry;

/// How many steps down from a type a field is sought.
const DEEPEST: usize = 4;

/// What to do about a field that a type doesn't have, and the type's field that was meant, if it is one of those.
pub(super) fn for_field(walk: &Walk<'_>, written: &str, of: &'static Type) -> (Option<&'static str>, Option<String>) {
    if written.starts_with('$') {
        return (None, Some("it is a directive of patches: name this file as a patch, or remove it".into()));
    }
    match near(walk, written, of) {
        Some(sibling) => (Some(sibling), by_hand(of, written).or_else(|| Some(format!("did you mean `{sibling}`?")))),
        None => (None, by_hand(of, written).or_else(|| elsewhere(walk, written).map(|path| format!("it belongs under {path}")))),
    }
}

/// What may be done about such a field: to call it what was meant, unless that is there already, or to take out what a type of that kind
/// can't have.
pub(super) fn remedy<'t>(entry: Entry<'t>, meant: Option<&str>, of: &Type) -> Option<Remedy<'t>> {
    let written = entry.key.text();
    if (of.name, written) == ("apps.v1.DaemonSetSpec", "replicas") {
        return Some(Remedy::Remove(entry.value));
    }
    let is_free = |meant: &&str| entry.value.parent().is_some_and(|parent| parent.get(meant).is_none());
    let meant = meant.filter(is_free).filter(|_| by_hand(of, written).is_none())?;
    Some(Remedy::Replace(entry.key, meant.to_owned()))
}

/// The field of the type whose name is so like that it must be the one; a less like one only where no other type nearby has the
/// very field.
fn near(walk: &Walk<'_>, written: &str, of: &'static Type) -> Option<&'static str> {
    let siblings = || of.fields.iter().filter(|field| walk.versions.common(field.versions).is_some()).map(|field| field.name);
    let is_one_off = |name: &&str| strsim::damerau_levenshtein(&name.to_lowercase(), &written.to_lowercase()) <= 1;
    let same = siblings().find(|name| name.eq_ignore_ascii_case(written)).or_else(|| siblings().find(is_one_off));
    let known = match (of.name, written) {
        ("apps.v1.DaemonSetSpec" | "apps.v1.StatefulSetSpec", "strategy") => Some("updateStrategy"),
        ("apps.v1.DeploymentSpec", "updateStrategy") => Some("strategy"),
        ("networking.v1.IngressSpec", "backend") => Some("defaultBackend"),
        ("networking.v1.IngressBackend", "serviceName" | "servicePort") => Some("service"),
        _ => None,
    };
    if same.or(known).is_some() || by_hand(of, written).is_some() || elsewhere(walk, written).is_some() {
        return same.or(known);
    }
    closest(written, siblings()).or_else(|| siblings().find(|name| is_part(written, name)))
}

/// What no table tells.
fn by_hand(of: &Type, written: &str) -> Option<String> {
    let help = match (of.name, written) {
        ("apps.v1.DaemonSetSpec", "replicas") => "a DaemonSet runs one pod on each node that it selects: remove it",
        ("networking.v1.IngressBackend", "serviceName" | "servicePort") => "write `service: {name: …, port: {number: …}}`, as v1 has it",
        _ => return None,
    };
    Some(help.into())
}

/// Whether one name begins or ends the other: `env` and `environment`.
fn is_part(written: &str, name: &str) -> bool {
    let (written, name) = (written.to_lowercase(), name.to_lowercase());
    let (short, long) = if written.len() < name.len() { (&written, &name) } else { (&name, &written) };
    short.len() >= 3 && (long.ends_with(short.as_str()) || long.starts_with(short.as_str()))
}

/// Where a field of that name is nearest: below or beside what encloses the place, innermost first. Nowhere where there are several.
fn elsewhere(walk: &Walk<'_>, written: &str) -> Option<String> {
    let here = walk.above.last()?.1;
    for count in (1..=walk.above.len()).rev() {
        let (top, _) = walk.above[count - 1];
        // The object's own fields are many: only its direct ones, and those two steps below, are likely.
        let deepest = if count == 1 { 2 } else { DEEPEST };
        let found = below(top, written, deepest);
        if found.is_empty() {
            continue;
        }
        let same = found.iter().find(|path| !here.is_empty() && path.rsplit('.').next() == Some(here));
        let path = same.or(found.first().filter(|_| found.len() == 1))?;
        let steps: Vec<String> = steps(walk, count).chain([path.clone()]).filter(|step| !step.is_empty()).collect();
        return Some(if steps.is_empty() { "the top of the object".into() } else { steps.join(".") });
    }
    None
}

/// The steps from the object to the type that so many types deep encloses the place.
fn steps<'w>(walk: &'w Walk<'_>, count: usize) -> impl Iterator<Item = String> + use<'w> {
    (1..count).map(|index| {
        let ((parent, _), (_, step)) = (walk.above[index - 1], walk.above[index]);
        let suffix = parent.field(step).and_then(|field| field.shape.fields()).map_or("", |(_, suffix)| suffix);
        format!("{step}{suffix}")
    })
}

/// The shortest paths below a type to those that have the field.
fn below(top: &'static Type, written: &str, deepest: usize) -> Vec<String> {
    let mut open: Vec<(String, &'static Type)> = vec![(String::new(), top)];
    for depth in 0..=deepest {
        let found: Vec<String> = open.iter().filter(|(_, of)| of.field(written).is_some()).map(|(path, _)| path.clone()).collect();
        if !found.is_empty() {
            return found;
        }
        let next = |field: &&Field| depth == 0 || field.name != "metadata";
        open = open.iter().flat_map(|(path, of)| of.fields.iter().filter(next).filter_map(|field| step(path, field))).collect();
    }
    Vec::new()
}

/// A step to a type with fields. Of the three lists of containers one is enough.
fn step(path: &str, field: &Field) -> Option<(String, &'static Type)> {
    if matches!(field.name, "status" | "managedFields" | "ephemeralContainers" | "initContainers") {
        return None;
    }
    let (of, suffix) = field.shape.fields()?;
    let dot = if path.is_empty() { "" } else { "." };
    Some((format!("{path}{dot}{}{suffix}", field.name), of))
}

/// Since or until when a field exists, and which versions lack it.
pub(super) fn lacking(name: &str, has: Versions, lacking: Versions) -> String {
    let refuse = if lacking.oldest == lacking.newest { "refuses" } else { "refuse" };
    if lacking.newest < has.oldest {
        format!("Kubernetes has `{name}` here since 1.{}: {lacking} {refuse} it", has.oldest)
    } else {
        format!("Kubernetes has no `{name}` here since 1.{}: {lacking} {refuse} it", has.newest + 1)
    }
}

/// "TCP, UDP or SCTP"
pub(super) fn one_of(values: &[&str]) -> String {
    match values {
        [others @ .., before, last] => {
            let start: String = others.iter().flat_map(|value| [*value, ", "]).collect();
            format!("{start}{before} or {last}")
        }
        [one] => (*one).to_owned(),
        [] => String::new(),
    }
}

/// "an Ingress", "a Pod"
pub(super) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" }
}

/// What an item of a list is: "access mode" of `accessModes`, "IP family" of `ipFamilies`.
pub(super) fn item_of(field: &str) -> String {
    let one = match field.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => field.strip_suffix('s').unwrap_or(field).to_owned(),
    };
    let mut words = String::with_capacity(one.len() + 2);
    for letter in one.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words.strip_prefix("ip ").map_or(words.clone(), |rest| format!("IP {rest}"))
}

#[cfg(test)]
mod tests {
    use super::item_of;

    #[test]
    fn items_of_lists_are_named_in_words() {
        for (field, item) in
            [("accessModes", "access mode"), ("ipFamilies", "IP family"), ("scopes", "scope"), ("policyTypes", "policy type")]
        {
            assert_eq!(item_of(field), item);
        }
    }
}
