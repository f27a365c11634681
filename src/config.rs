//! What the user decides: `.kubeshoal.yaml` and the command line, as `Settings`.

mod read;
mod schema;

use std::sync::Arc;

use globset::GlobMatcher;

use crate::finding::{Finding, RuleId, Severity, did_you_mean};
use crate::graph::{Versions, World};
use crate::rules::{RULES, Rule};
use crate::source::Span;

pub use read::read;
pub use schema::schema;

/// The Kubernetes minor versions that can be asked for, `1.` left out.
const SUPPORTED: Versions = Versions { oldest: 25, newest: 37 };

/// The Kubernetes versions that can be asked for: `1.25 to 1.37`.
pub fn supported() -> String {
    format!("1.{} to 1.{}", SUPPORTED.oldest, SUPPORTED.newest)
}

/// A mistake in the config, or something in it that has had its day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is so, in a line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// What the user wants of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// It does not run.
    Off,
    /// It runs, and its findings weigh that much.
    On(Severity),
}

/// A day of the calendar. The default lies so far back that nothing has expired on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// Reads `2027-01-31`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-').map(|part| Some(part).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())));
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let date = Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let is_leap = date.year.is_multiple_of(if date.year.is_multiple_of(100) { 400 } else { 4 });
        let days = match date.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&date.day).then_some(date)
    }

    /// The day, in UTC, that many seconds after the start of 1970.
    pub fn from_unix_seconds(seconds: u64) -> Date {
        // Counts in years that begin in March, so that the leap day is the last of its year; 400 years are always 146,097 days long.
        // <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
        let days = seconds / 86_400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day_of_month = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Date { year: era * 400 + year + u64::from(month <= 2), month, day: day_of_month }
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// An entry of `ignore`: which findings the user has judged already. What it leaves open covers everything.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    /// Ids of rules.
    pub rules: Vec<RuleId>,
    /// `Deployment`
    pub kinds: Vec<String>,
    /// The object's name.
    pub name: Option<GlobMatcher>,
    /// The object's namespace as written.
    pub namespace: Option<GlobMatcher>,
    /// The file, or a folder above it, from the config's folder.
    pub path: Option<GlobMatcher>,
    /// Why; for the reader of the config.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Its line and column in the config.
    pub line_column: (usize, usize),
    /// Its first key in the config.
    pub span: Option<Span>,
}

impl Ignore {
    /// Whether it covers a finding in the file of that path, seen from the config's folder; none for a file outside that folder.
    pub fn covers(&self, finding: &Finding, path: Option<&str>) -> bool {
        let rule_fits = self.rules.is_empty() || self.rules.contains(&finding.rule);
        rule_fits && self.covers_path(path) && self.covers_object(finding)
    }

    /// Whether it may cover something in the file of that path, seen from the config's folder.
    pub fn covers_path(&self, path: Option<&str>) -> bool {
        self.path.as_ref().is_none_or(|glob| path.is_some_and(|path| matches_path(glob, path)))
    }

    fn covers_object(&self, finding: &Finding) -> bool {
        let Some(object) = &finding.object else {
            return self.kinds.is_empty() && self.name.is_none() && self.namespace.is_none();
        };
        let fits =
            |glob: &Option<GlobMatcher>, text: Option<&str>| glob.as_ref().is_none_or(|glob| glob.is_match(text.unwrap_or_default()));
        (self.kinds.is_empty() || self.kinds.contains(&object.kind))
            && fits(&self.name, object.name.as_deref())
            && fits(&self.namespace, object.namespace.as_deref())
    }

    /// Whether its last day is over.
    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

/// Whether the glob names the path or a folder above it.
fn matches_path(glob: &GlobMatcher, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain([path]).any(|path| glob.is_match(path))
}

/// A rule that runs, and how much its findings weigh.
#[derive(Clone, Copy, Debug)]
pub struct ActiveRule {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity that its document gives it.
    pub own: Severity,
    /// The severity that the user wants instead.
    pub wanted: Option<Severity>,
}

impl ActiveRule {
    /// The severity of a finding that the rule reported with `reported`. What the rule lowered isn't raised again.
    pub fn severity(&self, reported: Severity) -> Severity {
        match self.wanted {
            Some(wanted) if reported == self.own => wanted,
            Some(wanted) => reported.min(wanted),
            None => reported,
        }
    }
}

/// The config's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigSource {
    /// Its path as shown.
    pub name: String,
    /// What it says.
    pub text: Arc<str>,
}

/// What stands for all rules on the command line, those that are off by default among them.
const ALL: &str = "all";

/// The category of what policies find.
const POLICY: &str = "policy";

/// What the ids of policies' findings begin with; the policy's name follows.
pub const POLICY_PREFIX: &str = "policy/";

/// The user's own policies.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PolicySettings {
    /// Folders and files that hold them, from the config's folder.
    pub folders: Vec<String>,
    /// Whether those among the manifests are applied, too.
    pub from_manifests: bool,
    /// Whether what is said of pods is held against the templates of workloads.
    pub project_pods: bool,
    /// Whether what can't be decided is an error. From the command line.
    pub strict: bool,
    /// The ids of policies that the config speaks of, each with its line and column from 1. Whether there are such policies is known when
    /// they are read.
    pub named: Vec<(RuleId, (usize, usize))>,
}

/// Everything the user decided, from the config and the command line.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The config's text, whose [`SourceId`](crate::source::SourceId) is `CONFIG`, so that findings can point into it.
    pub source: Option<ConfigSource>,
    /// What is so outside the files.
    pub world: World,
    /// What the config says about single rules.
    pub levels: Vec<(RuleId, Level)>,
    /// Findings that the config ignores.
    pub ignores: Vec<Ignore>,
    /// Files and folders to leave out, from the config's folder.
    pub exclude: Vec<GlobMatcher>,
    /// The user's own policies.
    pub policies: PolicySettings,
    /// The file of findings that are left for later, from the config's folder.
    pub baseline: Option<String>,
    /// The config's folder: absolute, or from the working folder. Empty for the working folder itself.
    pub folder: String,
    /// The working folder, absolute, `/` between folders: relative paths start there. Set by the caller.
    pub working_folder: String,
    /// Rule ids and categories (see [`selector`]) that alone shall run; all of them where it is empty. From the command line.
    pub select: Vec<String>,
    /// Rule ids and categories that shall not run. From the command line.
    pub deselect: Vec<String>,
    /// Whether comments, annotations and the config's `ignore` count for nothing. From the command line.
    pub no_ignores: bool,
    /// Whether what the config excludes is left out even where it is named by itself. From the command line.
    pub force_exclude: bool,
    /// The day by which `until` is judged. Set by the caller.
    pub today: Date,
}

impl Settings {
    /// The rules that run, in the order of their list.
    ///
    /// The command line decides before the config, and the config before the rule's own default; a category on the command line
    /// means those of its rules that are not off. `yaml-syntax` runs with every selection, because no other rule sees what can't be
    /// read: only `deselect` and the config switch it off.
    pub fn rules(&self) -> Vec<ActiveRule> {
        RULES.iter().filter_map(|rule| self.active(rule)).collect()
    }

    /// What the config says about a rule, policy or category.
    fn level(&self, name: &str) -> Option<Level> {
        self.levels.iter().rfind(|(known, _)| known == name).map(|&(_, level)| level)
    }

    /// The severity of a policy's findings that would have `own`; none where it does not run. `policy` on the command line means all.
    pub fn policy_severity(&self, id: &str, own: Severity) -> Option<Severity> {
        let is_named = |names: &[String]| names.iter().any(|name| name == id || name == POLICY || name == ALL);
        let is_selected = self.select.is_empty() || is_named(&self.select);
        match self.level(id).or_else(|| self.level(POLICY)) {
            _ if !is_selected || is_named(&self.deselect) => None,
            Some(Level::Off) => None,
            Some(Level::On(wanted)) => Some(wanted),
            None => Some(own),
        }
    }

    fn active(&self, rule: &'static Rule) -> Option<ActiveRule> {
        // What is off by default runs only where it is meant by its own name.
        let of_category = || self.level(rule.category()).filter(|level| rule.is_on_by_default() || *level == Level::Off);
        let level = self.level(rule.id).or_else(of_category);
        let is_named = |names: &[String], name: &str| names.iter().any(|given| given == name);
        let is_on = match level {
            Some(Level::Off) => false,
            Some(Level::On(_)) => true,
            None => rule.is_on_by_default(),
        };
        let is_selected = self.select.is_empty() || is_named(&self.select, rule.category()) || rule.id == "yaml-syntax";
        let runs = is_named(&self.select, rule.id) || is_named(&self.select, ALL) || (is_on && is_selected);
        let is_deselected = is_named(&self.deselect, rule.id) || is_named(&self.deselect, rule.category());
        let wanted = level.and_then(|level| match level {
            Level::Off => None,
            Level::On(severity) => Some(severity),
        });
        (runs && !is_deselected).then_some(ActiveRule { rule, own: rule.severity(), wanted })
    }

    /// Whether the config leaves out a file or folder. Paths are absolute or from the working folder.
    pub fn excludes(&self, path: &str) -> bool {
        !self.exclude.is_empty() && self.from_config(path).is_some_and(|path| self.exclude.iter().any(|glob| matches_path(glob, &path)))
    }

    /// Whether a file is one of those that the config names for their policies, or lies in such a folder.
    pub fn holds_policies(&self, path: &str) -> bool {
        let holds = |folder: &String, path: &str| {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            path == folder || folder == "." || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        let folders = &self.policies.folders;
        !folders.is_empty() && self.from_config(path).is_some_and(|path| folders.iter().any(|folder| holds(folder, &path)))
    }

    /// Whether the config's folder lies in a folder, or is it.
    pub fn is_within(&self, folder: &str) -> bool {
        self.steps(&self.folder).starts_with(&self.steps(folder))
    }

    /// A path as seen from the config's folder; none for one that lies outside.
    pub fn from_config(&self, path: &str) -> Option<String> {
        Some(self.seen_from(&self.folder, path)).filter(|path| path != ".." && !path.starts_with("../"))
    }

    /// A path from the file system's root, links and all.
    pub fn place(&self, path: &str) -> String {
        self.steps(path).join("/")
    }

    /// A path as seen from a folder, with `..` where it lies outside. Both are absolute or from the working folder.
    pub fn seen_from(&self, folder: &str, path: &str) -> String {
        let (folder, path) = (self.steps(folder), self.steps(path));
        let shared = folder.iter().zip(&path).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..", folder.len() - shared);
        up.chain(path[shared..].iter().copied()).collect::<Vec<_>>().join("/")
    }

    /// The folders of a path one by one, from the file system's root where the working folder is known.
    fn steps<'a>(&'a self, path: &'a str) -> Vec<&'a str> {
        let is_absolute = path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive.starts_with(':'));
        let start = if is_absolute { "" } else { self.working_folder.as_str() };
        let mut steps: Vec<&str> = Vec::new();
        for step in start.split('/').chain(path.split('/')) {
            match step {
                "" | "." => {}
                ".." if steps.last().is_some_and(|last| *last != "..") => _ = steps.pop(),
                step => steps.push(step),
            }
        }
        steps
    }
}

/// Reads a Kubernetes version, `1.37`, or a range of them, `1.33..1.37`.
pub fn versions(text: &str) -> Result<Versions, String> {
    let (oldest, newest) = text.split_once("..").unwrap_or((text, text));
    let versions = Versions { oldest: minor(oldest)?, newest: minor(newest)? };
    if versions.oldest > versions.newest {
        return Err(format!("`{text}` ends before it begins"));
    }
    Ok(versions)
}

/// The minor version; a patch version behind it makes no difference.
fn minor(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let number = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.").unwrap_or_default();
    let (minor, patch) = number.split_once('.').unwrap_or((number, "0"));
    let is_patch = !patch.is_empty() && patch.bytes().all(|digit| digit.is_ascii_digit());
    let minor = minor.parse().ok().filter(|_| is_patch);
    minor
        .filter(|minor| (SUPPORTED.oldest..=SUPPORTED.newest).contains(minor))
        .ok_or_else(|| format!("`{text}` is no Kubernetes version that kubeshoal knows: 1.{} to 1.{}", SUPPORTED.oldest, SUPPORTED.newest))
}

/// Reads the name of a rule or category, as [`Settings::select`] and [`Settings::deselect`] take them.
pub fn selector(name: &str) -> Result<String, String> {
    let names = || RULES.iter().flat_map(|rule| [rule.category(), rule.id]).chain([ALL]);
    if names().any(|known| known == name) || name.strip_prefix(POLICY_PREFIX).is_some_and(|policy| !policy.is_empty()) {
        return Ok(name.to_owned());
    }
    let hint = did_you_mean(name, names()).map_or(String::new(), |hint| format!("; {hint}"));
    Err(format!("`{name}` is neither a rule nor a category{hint}"))
}

#[cfg(test)]
mod tests;
