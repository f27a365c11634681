//! The baseline: findings that were there when somebody began to use kubeshoal, and that are left for later.
//!
//! An entry is known by rule, file, object and field, and never by its line. Of findings that can't be told apart as many are covered as
//! were there; one more is new. Paths count from the folder that holds the baseline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::key::Key;
use super::{Outcome, Text, path_of, saw_all};
use crate::config::{ConfigError, Date, POLICY_PREFIX, Settings};
use crate::finding::{Finding, Severity};
use crate::rules::rule;

const VERSION: u32 = 1;

/// The findings that are left for later.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    /// The folder that paths count from, as shown.
    folder: String,
    entries: BTreeMap<Place, Entry>,
}

/// Where findings are that count as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
struct Place {
    path: String,
    #[serde(flatten)]
    key: Key,
}

/// How many there were, and since when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    count: usize,
    since: Date,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    place: Place,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
    since: String,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// What a baseline did in a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Baselined {
    /// Findings that it covered.
    pub covered: usize,
    /// Findings in it that are gone, as far as this run can tell.
    pub stale: usize,
}

/// What became of a baseline when it was written anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Findings in it.
    pub all: usize,
    /// Those that were not in it before.
    pub added: usize,
    /// Those that were in it before and are gone.
    pub removed: usize,
}

impl Baseline {
    /// An empty one in a folder.
    pub fn new(folder: &str) -> Self {
        Baseline { folder: folder.to_owned(), entries: BTreeMap::new() }
    }

    /// Reads the text of a baseline that lies in a folder.
    pub fn read(folder: &str, text: &str) -> Result<Self, ConfigError> {
        let mistake = |line, column, message: String, help: &str| ConfigError { line, column, message, help: Some(help.to_owned()) };
        let file: File = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let help = "`kubeshoal check --write-baseline` writes it anew once this file is gone";
            mistake(error.line().max(1), error.column().max(1), format!("this is no baseline: {message}"), help)
        })?;
        if file.version != VERSION {
            let message = format!("this is a baseline of version {}, and version {VERSION} is known", file.version);
            return Err(mistake(1, 1, message, "use the kubeshoal that wrote it, or write it anew"));
        }
        let mut baseline = Baseline::new(folder);
        for Line { place, count, since } in file.findings {
            let since = Date::parse(&since)
                .ok_or_else(|| mistake(1, 1, format!("`{since}` is no date such as 2027-01-31"), "`since` says when an entry was added"))?;
            let entry = baseline.entries.entry(place).or_insert(Entry { count: 0, since });
            entry.count = entry.count.saturating_add(count);
        }
        Ok(baseline)
    }

    /// Its text: sorted, and the same for the same findings.
    pub fn text(&self) -> String {
        let line = |(place, entry): (&Place, &Entry)| Line { place: place.clone(), count: entry.count, since: entry.since.to_string() };
        let file = File { version: VERSION, findings: self.entries.iter().map(line).collect() };
        let text = serde_json::to_string_pretty(&file).expect("it has nothing but texts and numbers");
        text + "\n"
    }

    /// Takes out of an outcome what the baseline covers. What is gone is counted where a whole set was looked at; `is_gone` says whether
    /// a file that is none of the texts is not there any more.
    pub fn apply(&self, outcome: &mut Outcome, texts: &[Text], settings: &Settings, is_gone: &dyn Fn(&str) -> bool) {
        let mut left: BTreeMap<&Place, usize> = self.entries.iter().map(|(place, entry)| (place, entry.count)).collect();
        let before = outcome.findings.len();
        outcome.findings.retain(|finding| match left.get_mut(&self.place(finding, texts, settings)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        let judge = Judge::new(self, texts, settings, is_gone);
        let is_stale = |place: &Place| !outcome.is_partial && judge.has_judged(place);
        let stale = left.iter().filter(|(place, count)| **count > 0 && is_stale(place)).map(|(_, count)| count).sum();
        outcome.summary.baseline = Some(Baselined { covered: before - outcome.findings.len(), stale });
    }

    /// Takes in what was found, and drops what is gone; what this run has not looked at stays.
    pub fn update(&mut self, findings: &[Finding], texts: &[Text], settings: &Settings, is_gone: &dyn Fn(&str) -> bool) -> Written {
        let mut found: BTreeMap<Place, usize> = BTreeMap::new();
        for finding in findings {
            *found.entry(self.place(finding, texts, settings)).or_default() += 1;
        }
        let judge = Judge::new(self, texts, settings, is_gone);
        let kept = self.entries.iter().filter(|(place, _)| !found.contains_key(place) && !judge.has_judged(place));
        let mut entries: BTreeMap<Place, Entry> = kept.map(|(place, entry)| (place.clone(), *entry)).collect();
        let mut written = Written::default();
        for (place, count) in found {
            let known = self.entries.get(&place);
            let before = known.map_or(0, |entry| entry.count);
            written.added += count.saturating_sub(before);
            entries.insert(place, Entry { count, since: known.map_or(settings.today, |entry| entry.since) });
        }
        let count = |entries: &BTreeMap<Place, Entry>| entries.values().map(|entry| entry.count).sum::<usize>();
        written.all = count(&entries);
        written.removed = (count(&self.entries) + written.added).saturating_sub(written.all);
        self.entries = entries;
        written
    }

    fn place(&self, finding: &Finding, texts: &[Text], settings: &Settings) -> Place {
        let path = settings.seen_from(&self.folder, path_of(finding.span.source, texts, settings));
        Place { key: Key::new(finding), path }
    }
}

/// Says of entries whether this run would have found them again.
struct Judge<'a> {
    settings: &'a Settings,
    rules: Vec<&'static str>,
    texts: BTreeMap<String, &'a Text>,
    is_gone: &'a dyn Fn(&str) -> bool,
    folder: &'a str,
}

impl<'a> Judge<'a> {
    fn new(baseline: &'a Baseline, texts: &'a [Text], settings: &'a Settings, is_gone: &'a dyn Fn(&str) -> bool) -> Self {
        let by_path = texts.iter().filter(|text| text.is_new()).map(|text| (settings.seen_from(&baseline.folder, &text.name), text));
        let rules = settings.rules().iter().map(|active| active.rule.id).collect();
        Judge { settings, rules, texts: by_path.collect(), is_gone, folder: &baseline.folder }
    }

    fn has_judged(&self, place: &Place) -> bool {
        let id = place.key.rule.as_str();
        let runs = match rule(id) {
            Some(rule) => self.rules.contains(&rule.id),
            None if id.starts_with(POLICY_PREFIX) => self.settings.policy_severity(id, Severity::Error).is_some(),
            // There is no such rule any more.
            None => return true,
        };
        let text = self.texts.get(&place.path);
        runs && text.map_or_else(|| (self.is_gone)(&joined(self.folder, &place.path)), |text| saw_all(rule(id), text))
    }
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
