//! The types of the Kubernetes API in each version, and what they have against an object.
//!
//! `schemagen` writes the tables from the published schemas; what those don't say is kept by hand beside them in `facts.txt`.

mod custom;
mod scalar;
mod suggest;
mod table;
mod walk;

use std::fmt;

use crate::finding::{Place, Report, Safety, closest};
use crate::resource::Resource;

pub use custom::Definitions;
pub use table::{ApiKind, Facts, Field, KNOWN, Shape, Type, TypeId, kind, kinds, type_named, types};

use crate::yaml::NodeRef;
use walk::Walk;

/// The Kubernetes minor versions that manifests are meant for, `1.` left out: 33 to 37 for 1.33 to 1.37.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Versions {
    /// The oldest.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

impl Default for Versions {
    fn default() -> Self {
        Versions { oldest: 37, newest: 37 }
    }
}

impl Versions {
    /// The nearest ones that the tables know.
    fn known(self) -> Self {
        let known = |minor: u32| minor.clamp(KNOWN.oldest, KNOWN.newest);
        Versions { oldest: known(self.oldest), newest: known(self.newest) }
    }

    /// Those that are among the others, too.
    pub fn common(self, others: Versions) -> Option<Versions> {
        let common = Versions { oldest: self.oldest.max(others.oldest), newest: self.newest.min(others.newest) };
        (common.oldest <= common.newest).then_some(common)
    }

    /// Those that are not among the others: older or, where there are none, newer ones.
    fn outside(self, others: Versions) -> Option<Versions> {
        if self.oldest < others.oldest {
            return Some(Versions { newest: self.newest.min(others.oldest - 1), ..self });
        }
        (self.newest > others.newest).then(|| Versions { oldest: self.oldest.max(others.newest + 1), ..self })
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1.{}", self.oldest)?;
        if self.newest > self.oldest { write!(formatter, " to 1.{}", self.newest) } else { Ok(()) }
    }
}

/// What kind of mistake it is that a schema finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// A key that the type doesn't have.
    UnknownField,
    /// A value that can't be read as the field's type.
    WrongType,
    /// A field without which the object is refused.
    MissingField,
    /// A text that is not of the closed set that the field takes, or a kind that doesn't exist.
    InvalidValue,
}

/// Something for which the API server refuses an object.
#[derive(Clone, Debug)]
pub struct Fault<'t> {
    /// What it is.
    pub mistake: Mistake,
    /// Where.
    pub place: Place<'t>,
    /// What is so, in a line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What may be done about it.
    pub fix: Option<Remedy<'t>>,
    /// Whether only some of the versions asked for refuse it.
    pub is_partial: bool,
}

/// What may be done about a mistake.
#[derive(Clone, Debug)]
pub enum Remedy<'t> {
    /// To write in a key's or value's place what it is most like.
    Replace(NodeRef<'t>, String),
    /// To take the entry with that value out, which has no effect.
    Remove(NodeRef<'t>),
}

impl Fault<'_> {
    /// Reports it. What only some versions refuse is a warning.
    pub fn tell(&self, report: &mut Report) {
        let finding = report.at(self.place, self.message.as_str());
        finding.warning_if(self.is_partial);
        if let Some(help) = &self.help {
            finding.help(help.as_str());
        }
        match &self.fix {
            Some(Remedy::Replace(node, meant)) => finding.replace(format!("Write `{meant}`"), Safety::Unsafe, *node, meant),
            Some(Remedy::Remove(value)) => finding.remove(Safety::Safe, *value),
            None => finding,
        };
    }
}

/// Whether an object is all there, or a patch of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// It is.
    Surely,
    /// It looks so.
    Likely,
    /// It is, or may be, a patch.
    No,
}

/// All that the schema of its kind has against an object. None of what no table or definition knows.
pub fn faults<'t>(resource: &Resource<'t>, definitions: &Definitions<'t>, versions: Versions, whole: Whole) -> Vec<Fault<'t>> {
    let versions = versions.known();
    let mut walk = Walk::new(*resource, versions, whole);
    match kind(resource.api_version(), resource.kind_name()) {
        Some(kind) => match versions.common(kind.versions) {
            Some(common) => {
                walk.versions = common;
                walk.object(kind.schema());
            }
            None if versions.newest < kind.versions.oldest => return vec![too_new(resource, kind, versions)],
            // API versions that have ended are another rule's.
            None => {}
        },
        None if is_built_in(resource.group()) => return unknown_kind(resource).into_iter().collect(),
        None => {
            if let Some(schema) = definitions.schema(resource) {
                walk.custom_object(schema);
            }
        }
    }
    walk.finish()
}

fn is_built_in(group: &str) -> bool {
    kinds().iter().any(|kind| kind.group() == group)
}

fn too_new<'t>(resource: &Resource<'t>, kind: &ApiKind, versions: Versions) -> Fault<'t> {
    let (name, since) = (kind.kind, kind.versions.oldest);
    let message = format!("{} has no {name} before Kubernetes 1.{since}: {versions} refuses it", kind.api_version);
    invalid(resource, "apiVersion", message, None)
}

fn invalid<'t>(resource: &Resource<'t>, key: &str, message: String, help: Option<String>) -> Fault<'t> {
    let place = Place::from(resource.node().get(key).unwrap_or(resource.node()));
    Fault { mistake: Mistake::InvalidValue, place, message, help, fix: None, is_partial: false }
}

/// Whether one name became the other by a slip of the finger. `Config`, which kubectl's own files are, is no slip of `ConfigMap`.
fn is_slip(written: &str, meant: &str) -> bool {
    strsim::damerau_levenshtein(&written.to_lowercase(), &meant.to_lowercase()) <= 2
}

/// A kind that a group of Kubernetes' own doesn't have. In the core group only what is surely a mistake: others keep configuration
/// under `v1`, too.
fn unknown_kind<'t>(resource: &Resource<'t>) -> Option<Fault<'t>> {
    let (api_version, written) = (resource.api_version(), resource.kind_name());
    let is_list = written.strip_suffix("List").is_some_and(|item| item.is_empty() || kind(api_version, item).is_some());
    if is_list || resource.lifecycle().is_some() || resource.node().get("kind").is_some_and(crate::yaml::NodeRef::is_unknown) {
        return None;
    }
    let message = format!("there is no kind `{written}` in {api_version}: the API server refuses it");
    let of_version = kinds().iter().filter(|kind| kind.api_version == api_version).map(|kind| kind.kind);
    if let Some(near) = closest(written, of_version).filter(|near| !resource.group().is_empty() || is_slip(written, near)) {
        return Some(invalid(resource, "kind", message, Some(format!("did you mean `{near}`?"))));
    }
    let elsewhere = kinds().iter().rfind(|kind| kind.kind == written && (kind.group() == resource.group() || resource.group().is_empty()));
    if let Some(kind) = elsewhere {
        return Some(invalid(resource, "apiVersion", message, Some(format!("write `apiVersion: {}`", kind.api_version))));
    }
    (!resource.group().is_empty()).then(|| invalid(resource, "kind", message, None))
}

#[cfg(test)]
mod tests;
