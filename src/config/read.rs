//! The text of `.kubeshoal.yaml` to settings.
//!
//! It is read through our own tree and not decoded into structs: so all mistakes are told at once, each at its place, `off` needs no
//! quotes though YAML 1.1 takes it for a boolean, and `1.30` is not the number 1.3.

use globset::{GlobBuilder, GlobMatcher};

use super::{ConfigError, ConfigSource, Date, Ignore, Level, POLICY_PREFIX, PolicySettings, Settings, versions};
use crate::finding::{RuleId, Severity, did_you_mean};
use crate::graph::{Assumed, Cluster, Demand, Expectation, Matcher, References, Target};
use crate::rules::{RULES, Rule, rule};
use crate::source::{SourceId, Sources, Span};
use crate::yaml::{self, NodeRef};

/// The keys that are known in each place, which the schema describes.
pub(super) mod keys {
    pub(in crate::config) const TOP: [&str; 10] =
        ["kubernetes-version", "rules", "ignore", "exclude", "references", "assume", "cluster", "expectations", "policies", "baseline"];
    pub(in crate::config) const POLICIES: [&str; 3] = ["folders", "from-manifests", "project-pods"];
    pub(in crate::config) const RULE: [&str; 1] = ["level"];
    pub(in crate::config) const IGNORE: [&str; 7] = ["rule", "kind", "name", "namespace", "path", "reason", "until"];
    pub(in crate::config) const EXPECTATION: [&str; 3] = ["match", "rollback", "rollout"];
    pub(in crate::config) const ROLLBACK: [&str; 3] = ["revisions", "complete", "unattended"];
    pub(in crate::config) const ROLLOUT: [&str; 2] = ["available", "noticed-within"];
    /// What names objects: those that are assumed, and those of which something is expected.
    pub(in crate::config) const OBJECT: [&str; 3] = ["kind", "name", "namespace"];
}

/// Reads the config of that path. All mistakes are told at once, in the order of the text.
pub fn read(name: &str, text: &str) -> Result<Settings, Vec<ConfigError>> {
    let source = ConfigSource { name: name.to_owned(), text: text.into() };
    let mut sources = Sources::default();
    sources.add_config(name, source.text.clone());
    let tree = yaml::parse(SourceId::CONFIG, source.text.clone());
    let mut reader = Reader { sources, errors: Vec::new(), named: Vec::new() };
    for error in tree.errors() {
        reader.error(error.span, error.message.clone(), error.help.map(str::to_owned));
    }
    for duplicate in tree.duplicate_keys() {
        reader.error(duplicate.second.key.span(), format!("`{}` is set twice", duplicate.second.key.text()), None);
    }
    let mut roots = tree.documents().filter_map(|document| document.root);
    let mut settings = roots.next().map_or_else(Settings::default, |root| reader.settings(root));
    for other in roots {
        let help = "a config is one YAML document: put everything into the first one";
        reader.error(other.span(), "a second document is not read".into(), Some(help.into()));
    }
    settings.folder = match name.rsplit_once('/') {
        Some(("", _)) => "/".into(),
        Some((folder, _)) => folder.into(),
        None => String::new(),
    };
    settings.source = Some(source);
    settings.policies.named = reader.named;
    reader.errors.sort_by_key(|error| (error.line, error.column));
    if reader.errors.is_empty() { Ok(settings) } else { Err(reader.errors) }
}

struct Reader {
    sources: Sources,
    errors: Vec<ConfigError>,
    /// The policies that are spoken of.
    named: Vec<(RuleId, (usize, usize))>,
}

impl Reader {
    fn line_column(&self, span: Span) -> (usize, usize) {
        let place = self.sources.get(SourceId::CONFIG).line_column(span.start);
        (place.line, place.column)
    }

    fn error(&mut self, span: Span, message: String, help: Option<String>) {
        let (line, column) = self.line_column(span);
        self.errors.push(ConfigError { line, column, message, help });
    }

    fn settings(&mut self, root: NodeRef<'_>) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in self.fields(root, &keys::TOP) {
            match key {
                "kubernetes-version" => settings.world.versions = self.value(value, versions).unwrap_or_default(),
                "rules" => settings.levels = self.levels(value),
                "ignore" => settings.ignores = self.items(value).into_iter().map(|item| self.ignore(item)).collect(),
                "exclude" => settings.exclude = one_or_many(value).into_iter().filter_map(|glob| self.value(glob, glob_of)).collect(),
                "references" => settings.world.references = self.choice(value, &REFERENCES).unwrap_or_default(),
                "assume" => settings.world.assume = self.items(value).into_iter().filter_map(|item| self.assumed(item)).collect(),
                "expectations" => {
                    settings.world.expectations = self.items(value).into_iter().map(|item| self.expectation(item)).collect();
                }
                "policies" => settings.policies = self.policies(value),
                "baseline" => settings.baseline = self.value(value, text_of),
                _ => settings.world.cluster = self.choice(value, &CLUSTERS).unwrap_or_default(),
            }
        }
        settings
    }

    /// A folder, several of them, or a mapping that says more.
    fn policies(&mut self, node: NodeRef<'_>) -> PolicySettings {
        let mut policies = PolicySettings::default();
        if !node.is_mapping() {
            policies.folders = self.texts(node);
            return policies;
        }
        for (key, value) in self.fields(node, &keys::POLICIES) {
            match key {
                "folders" => policies.folders = self.texts(value),
                "from-manifests" => policies.from_manifests = self.value(value, bool_of).unwrap_or_default(),
                _ => policies.project_pods = self.value(value, bool_of).unwrap_or_default(),
            }
        }
        policies
    }

    fn texts(&mut self, node: NodeRef<'_>) -> Vec<String> {
        one_or_many(node).into_iter().filter_map(|item| self.value(item, text_of)).collect()
    }

    fn levels(&mut self, node: NodeRef<'_>) -> Vec<(RuleId, Level)> {
        if !self.is_mapping(node) {
            return Vec::new();
        }
        let mut levels = Vec::new();
        for entry in node.entries() {
            let category = RULES.iter().map(Rule::category).find(|category| *category == entry.key.text());
            let rule = category.map(RuleId::from).or_else(|| self.rule(entry.key));
            let level = if entry.value.is_mapping() {
                self.fields(entry.value, &keys::RULE).into_iter().find_map(|(_, level)| self.choice(level, &LEVELS))
            } else {
                self.choice(entry.value, &LEVELS)
            };
            levels.extend(rule.zip(level));
        }
        levels
    }

    fn ignore(&mut self, item: NodeRef<'_>) -> Ignore {
        let errors_before = self.errors.len();
        let mut ignore = Ignore { line_column: self.line_column(item.span()), ..Ignore::default() };
        ignore.span = item.entries().next().map(|entry| entry.key.span());
        let fields = self.fields(item, &keys::IGNORE);
        for &(key, value) in &fields {
            match key {
                "rule" => ignore.rules = one_or_many(value).into_iter().filter_map(|id| self.rule(id)).collect(),
                "kind" => ignore.kinds = one_or_many(value).into_iter().filter_map(|kind| self.value(kind, text_of)).collect(),
                "name" => ignore.name = self.value(value, glob_of),
                "namespace" => ignore.namespace = self.value(value, glob_of),
                "path" => ignore.path = self.value(value, glob_of),
                "reason" => ignore.reason = self.value(value, text_of),
                _ => ignore.until = self.value(value, date_of),
            }
        }
        if errors_before == self.errors.len() && fields.iter().all(|(key, _)| matches!(*key, "reason" | "until")) {
            let help = "name what it covers: `rule`, `kind`, `name`, `namespace` or `path`";
            self.error(item.span(), "this entry would ignore every finding".into(), Some(help.into()));
        }
        ignore
    }

    fn expectation(&mut self, item: NodeRef<'_>) -> Expectation {
        let errors_before = self.errors.len();
        let (mut matcher, mut demands) = (Matcher::default(), Vec::new());
        for (key, value) in self.fields(item, &keys::EXPECTATION) {
            match key {
                "match" => matcher = self.matcher(value),
                "rollback" => self.demands(value, "rollback.", &keys::ROLLBACK, &mut demands),
                _ => self.demands(value, "rollout.", &keys::ROLLOUT, &mut demands),
            }
        }
        if demands.is_empty() && errors_before == self.errors.len() {
            let help = "say what: `rollback` (`revisions`, `complete`, `unattended`) or `rollout` (`available`, `noticed-within`)";
            self.error(item.span(), "this entry expects nothing".into(), Some(help.into()));
        }
        let span = item.get("match").and_then(NodeRef::key).unwrap_or(item).span();
        Expectation { span, matcher, demands }
    }

    fn matcher(&mut self, node: NodeRef<'_>) -> Matcher {
        let mut matcher = Matcher::default();
        for (key, value) in self.fields(node, &keys::OBJECT) {
            match key {
                "kind" => {
                    let kinds = one_or_many(value).into_iter();
                    matcher.kinds = kinds.filter_map(|kind| self.choice(kind, &ROLLED_OUT)).map(str::to_owned).collect();
                }
                "name" => matcher.name = self.value(value, glob_of),
                _ => matcher.namespace = self.value(value, glob_of),
            }
        }
        matcher
    }

    fn demands(&mut self, node: NodeRef<'_>, prefix: &str, keys: &[&'static str], demands: &mut Vec<Demand>) {
        for (key, value) in self.fields(node, keys) {
            let span = value.key().unwrap_or(value).span();
            let target = self.value(value, |text| Target::read(&format!("{prefix}{key}"), text));
            demands.extend(target.map(|target| Demand { target, span }));
        }
    }

    fn assumed(&mut self, item: NodeRef<'_>) -> Option<Assumed> {
        let errors_before = self.errors.len();
        let (mut kind, mut name, mut namespace) = (None, None, None);
        for (key, value) in self.fields(item, &keys::OBJECT) {
            let text = self.value(value, text_of);
            match key {
                "kind" => kind = text,
                "name" => name = text,
                _ => namespace = text,
            }
        }
        for (key, value) in [("kind", &kind), ("name", &name)] {
            if value.is_none() && errors_before == self.errors.len() {
                self.error(item.span(), format!("`{key}` is missing"), Some("an assumed object has a `kind` and a `name`".into()));
            }
        }
        Some(Assumed { kind: kind?, namespace, name: name? })
    }

    /// The id of a rule or policy. Which policies there are is known only when they are read.
    fn rule(&mut self, node: NodeRef<'_>) -> Option<RuleId> {
        if let Some(rule) = rule(node.text()) {
            return Some(rule.id.into());
        }
        if node.text().strip_prefix(POLICY_PREFIX).is_some_and(|name| !name.is_empty()) {
            let id = RuleId::from(node.text().to_owned());
            self.named.push((id.clone(), self.line_column(node.span())));
            return Some(id);
        }
        let help = did_you_mean(node.text(), RULES.iter().map(|rule| rule.id));
        let help = help.unwrap_or_else(|| "`kubeshoal rules` lists them".into());
        self.error(node.span(), format!("there is no rule `{}`", node.text()), Some(help));
        None
    }

    fn is_mapping(&mut self, node: NodeRef<'_>) -> bool {
        if !node.is_mapping() {
            self.error(node.span(), "keys with values are expected here".into(), None);
        }
        node.is_mapping()
    }

    /// The entries whose key is known and whose value isn't null.
    fn fields<'t>(&mut self, node: NodeRef<'t>, keys: &[&'static str]) -> Vec<(&'static str, NodeRef<'t>)> {
        let mut fields = Vec::new();
        if !self.is_mapping(node) {
            return fields;
        }
        for entry in node.entries() {
            match keys.iter().find(|key| **key == entry.key.text()) {
                Some(key) if !entry.value.is_null() => fields.push((*key, entry.value)),
                Some(_) => {}
                None => {
                    let help = did_you_mean(entry.key.text(), keys.iter().copied());
                    let help = help.unwrap_or_else(|| format!("known here: {}", listed(keys)));
                    self.error(entry.key.span(), format!("unknown key `{}`", entry.key.text()), Some(help));
                }
            }
        }
        fields
    }

    fn items<'t>(&mut self, node: NodeRef<'t>) -> Vec<NodeRef<'t>> {
        if !node.is_sequence() {
            self.error(node.span(), "a list is expected here".into(), None);
        }
        node.items().collect()
    }

    /// The value as `parse` understands its text.
    fn value<T>(&mut self, node: NodeRef<'_>, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if node.is_mapping() || node.is_sequence() || node.is_null() {
            self.error(node.span(), "a single value is expected here".into(), None);
            return None;
        }
        match parse(node.text()) {
            Ok(value) => Some(value),
            Err(message) => {
                self.error(node.span(), message, None);
                None
            }
        }
    }

    fn choice<T: Copy>(&mut self, node: NodeRef<'_>, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let text = self.value(node, text_of)?;
        let choice = choices.iter().find(|(name, _)| *name == text).map(|&(_, choice)| choice);
        if choice.is_none() {
            let help = did_you_mean(&text, names.iter().copied());
            self.error(node.span(), format!("`{text}` is not one of {}", listed(&names)), help);
        }
        choice
    }
}

pub(super) const LEVELS: [(&str, Level); 4] = [
    ("off", Level::Off),
    ("note", Level::On(Severity::Note)),
    ("warning", Level::On(Severity::Warning)),
    ("error", Level::On(Severity::Error)),
];
/// The kinds that have rollouts and that `kubectl rollout undo` knows.
pub(super) const ROLLED_OUT: [(&str, &str); 3] = [("Deployment", "Deployment"), ("StatefulSet", "StatefulSet"), ("DaemonSet", "DaemonSet")];
pub(super) const REFERENCES: [(&str, References); 3] =
    [("complete", References::Complete), ("partial", References::Partial), ("auto", References::Auto)];
pub(super) const CLUSTERS: [(&str, Cluster); 3] = [("kubeadm", Cluster::Kubeadm), ("managed", Cluster::Managed), ("any", Cluster::Any)];

fn one_or_many(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    if node.is_sequence() { node.items().collect() } else { vec![node] }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside parsers that can fail")]
fn text_of(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn bool_of(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("`{text}` is neither `true` nor `false`"))
}

fn date_of(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| format!("`{text}` is no date such as 2027-01-31"))
}

/// `*` stays within a folder, `**` does not.
fn glob_of(text: &str) -> Result<GlobMatcher, String> {
    let pattern = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("`{text}` is no glob: {}", error.kind()))
}
