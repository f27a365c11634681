//! What the user expects of rollouts and rollbacks, in the config or in an annotation of an object.

use std::fmt;

use globset::GlobMatcher;

use crate::resource::{IntOrPercent, Workload};
use crate::source::Span;

/// What is expected of some workloads.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its place in the config.
    pub span: Span,
    /// Which workloads it is about.
    pub matcher: Matcher,
    /// What is expected.
    pub demands: Vec<Demand>,
}

/// Which workloads something is about. What it leaves open fits all that have rollouts.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    /// `Deployment`, `StatefulSet`, `DaemonSet`
    pub kinds: Vec<String>,
    /// The object's name.
    pub name: Option<GlobMatcher>,
    /// The object's namespace as written.
    pub namespace: Option<GlobMatcher>,
}

impl Matcher {
    /// Whether it is about a workload.
    pub fn matches(&self, workload: &Workload<'_>) -> bool {
        let resource = workload.resource();
        let fits =
            |glob: &Option<GlobMatcher>, text: Option<&str>| glob.as_ref().is_none_or(|glob| glob.is_match(text.unwrap_or_default()));
        workload.has_rollouts()
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == resource.kind_name()))
            && fits(&self.name, resource.name())
            && fits(&self.namespace, resource.namespace())
    }
}

/// One thing that is expected, and where that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand {
    /// What it is.
    pub target: Target,
    /// Its place, in the config or in an annotation.
    pub span: Span,
}

/// What can be expected of a rollout or a rollback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// At least so many old revisions are kept to undo to.
    Revisions(i64),
    /// Undo restores all that ran; or, where false, it need not.
    Complete(bool),
    /// Undo needs no pod deleted by hand; or, where false, it may.
    Unattended(bool),
    /// So many pods stay available when the new version never becomes ready.
    Available(IntOrPercent),
    /// Within so many seconds the status says that an update has failed.
    NoticedWithin(i64),
}

impl Target {
    /// The names of all of them, as annotations write them.
    pub const NAMES: [&str; 5] =
        ["rollback.revisions", "rollback.complete", "rollback.unattended", "rollout.available", "rollout.noticed-within"];

    /// Reads what is expected under a name. The message says what is wrong.
    pub fn read(name: &str, value: &str) -> Result<Self, String> {
        match name {
            "rollback.revisions" | "rollout.available" | "rollout.noticed-within" if value.is_empty() => {
                Err(format!("`{name}` needs a value"))
            }
            "rollback.revisions" => whole(value).map(Target::Revisions).ok_or_else(|| format!("`{value}` is no number of revisions")),
            "rollback.complete" => truth(value).map(Target::Complete),
            "rollback.unattended" => truth(value).map(Target::Unattended),
            "rollout.available" => share(value)
                .map(Target::Available)
                .ok_or_else(|| format!("`{value}` is neither a number of pods nor a percentage up to 100%")),
            "rollout.noticed-within" => match seconds(value) {
                Some(0) => Err(format!("`{value}` is no time in which an update could fail: 1s is the least")),
                Some(seconds) => Ok(Target::NoticedWithin(seconds)),
                None => Err(format!("`{value}` is no time such as 90s, 10m or 1h")),
            },
            _ => Err(format!("nothing is called `{name}` that could be expected")),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let index = match self {
            Target::Revisions(_) => 0,
            Target::Complete(_) => 1,
            Target::Unattended(_) => 2,
            Target::Available(_) => 3,
            Target::NoticedWithin(_) => 4,
        };
        Self::NAMES[index]
    }

    /// Whether no workload can do justice to both.
    pub fn contradicts(self, other: Target) -> bool {
        match (self, other) {
            (Target::Complete(one), Target::Complete(other)) | (Target::Unattended(one), Target::Unattended(other)) => one != other,
            _ => false,
        }
    }
}

impl fmt::Display for Target {
    /// As annotations write it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Target::Complete(true) | Target::Unattended(true) => formatter.write_str(name),
            Target::Complete(false) | Target::Unattended(false) => write!(formatter, "{name}=false"),
            Target::Revisions(number) => write!(formatter, "{name}={number}"),
            Target::Available(share) => write!(formatter, "{name}={share}"),
            Target::NoticedWithin(seconds) => write!(formatter, "{name}={seconds}s"),
        }
    }
}

/// A bare name stands for true.
fn truth(value: &str) -> Result<bool, String> {
    match value {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{value}` is neither true nor false")),
    }
}

fn whole(value: &str) -> Option<i64> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|number| is_number && *number <= i64::from(i32::MAX))
}

fn share(value: &str) -> Option<IntOrPercent> {
    match value.strip_suffix('%') {
        Some(percent) => whole(percent).filter(|percent| *percent <= 100).map(IntOrPercent::Percent),
        None => whole(value).map(IntOrPercent::Int),
    }
}

/// `90s`, `10m`, `1h30m`, or a bare number; in seconds.
fn seconds(value: &str) -> Option<i64> {
    if let Some(seconds) = whole(value) {
        return Some(seconds);
    }
    let (mut rest, mut total, mut units) = (value, 0_i64, "hms");
    while !rest.is_empty() {
        let digits = rest.find(|next: char| !next.is_ascii_digit())?;
        let unit = rest[digits..].chars().next()?;
        // Each unit once, the larger ones first.
        units = &units[units.find(unit)? + 1..];
        let factor = match unit {
            'h' => 3600,
            'm' => 60,
            _ => 1,
        };
        total = total.checked_add(whole(&rest[..digits])?.checked_mul(factor)?)?;
        rest = &rest[digits + 1..];
    }
    (!value.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_seconds() {
        for (text, expected) in [("90s", 90), ("10m", 600), ("1h30m", 5400), ("600", 600)] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "m", "10m10m", "1m1h", "10 m", "-5s", "1.5h", "99999999999999999999s", "+5", "5ß"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        for (name, value) in [
            ("rollback.revisions", "-1"),
            ("rollback.revisions", "many"),
            ("rollback.complete", "yes"),
            ("rollout.available", "101%"),
            ("rollout.available", "half"),
            ("rollout.noticed-within", "soon"),
            ("rollout.noticed-within", "0s"),
            ("rollout.nothing", "1"),
        ] {
            assert!(Target::read(name, value).is_err(), "{name}={value}");
        }
        assert_eq!(Target::read("rollout.available", "50%"), Ok(Target::Available(IntOrPercent::Percent(50))));
        assert_eq!(Target::read("rollback.complete", ""), Ok(Target::Complete(true)));
        for name in Target::NAMES {
            let value = if matches!(name, "rollback.complete" | "rollback.unattended") { "true" } else { "1" };
            assert_eq!(Target::read(name, value).map(Target::name), Ok(name));
        }
    }
}
