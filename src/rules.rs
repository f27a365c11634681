//! The rules: a document with meaning, metadata and examples, and a check.
//!
//! A rule is two files of one name: `rules/<id>.md` says what it means and shows it, `src/rules/<id>.rs` checks it. The list below
//! ties them together.

mod config_not_versioned;
mod deployment_paused;
mod deployment_strategy_invalid;
mod duplicate_key;
mod duplicate_resource;
mod image_tag_mutable;
mod migration_in_init_container;
mod no_rollout_controller;
mod progress_deadline_invalid;
mod recreate_downtime;
mod rollback_history_disabled;
mod rollback_history_negative;
mod rolling_update_all_unavailable;
mod rollout_without_readiness_probe;
mod selector_missing_or_empty;
mod selector_template_mismatch;
mod selector_volatile_label;
mod update_strategy_on_delete;
mod workload_selectors_overlap;
mod yaml_syntax;

use std::fmt;

use serde::Deserialize;

use crate::finding::{Report, Severity};
use crate::graph::Graph;
use crate::yaml::Tree;

/// How a rule looks at its input.
#[derive(Clone, Copy)]
pub enum Check {
    /// At one text, Kubernetes or not.
    Text(fn(&Tree, &mut Report)),
    /// At all objects of the run and their references.
    Set(fn(&Graph<'_>, &mut Report)),
    /// Found by the engine itself, which alone sees what was suppressed.
    Engine,
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Check::Text(_) => "Text",
            Check::Set(_) => "Set",
            Check::Engine => "Engine",
        })
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its permanent name.
    pub id: &'static str,
    /// Its check.
    pub check: Check,
    document: &'static str,
}

/// The front matter of a rule's document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Meta {
    /// The severity of its findings unless the user or a named case lowers it.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// `storage`, `scheduling`, `identity`, `rollback`, `coherence` or `syntax`.
    pub category: String,
    /// The version that brought it.
    pub since: String,
    /// `off` for a rule that runs only where the user asks for it.
    #[serde(default, rename = "default")]
    default: Option<String>,
    /// Where its semantics come from.
    #[serde(default)]
    pub sources: Vec<String>,
}

impl Meta {
    /// Whether the rule runs unless the user says otherwise.
    pub fn is_on_by_default(&self) -> bool {
        self.default.as_deref() != Some("off")
    }
}

fn severity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let name = String::deserialize(deserializer)?;
    Severity::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("{name} is no severity")))
}

impl Rule {
    const fn new(id: &'static str, document: &'static str, check: Check) -> Self {
        Rule { id, check, document }
    }

    /// The front matter of its document, read anew at each call.
    pub fn meta(&self) -> Meta {
        let (front, _) = self.parts();
        serde_saphyr::from_str(front).unwrap_or_else(|error| panic!("rules/{}.md: {error}", self.id))
    }

    /// Its document without front matter: Markdown.
    pub fn document(&self) -> &'static str {
        self.parts().1
    }

    /// The document's heading.
    pub fn title(&self) -> &'static str {
        self.document().lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.id)
    }

    fn parts(&self) -> (&'static str, &'static str) {
        let rest = self.document.strip_prefix("---\n").unwrap_or(self.document);
        rest.split_once("\n---\n").unwrap_or(("", rest))
    }

    /// Its page.
    pub fn url(&self) -> String {
        format!("{}/blob/main/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), self.id)
    }
}

/// The rule with that id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

macro_rules! rule {
    ($id:literal, $check:expr) => {
        Rule::new($id, include_str!(concat!("../rules/", $id, ".md")), $check)
    };
}

/// All rules, by family.
pub static RULES: &[Rule] = &[
    // Syntax
    rule!("yaml-syntax", Check::Text(yaml_syntax::check)),
    rule!("duplicate-key", Check::Text(duplicate_key::check)),
    rule!("unused-ignore", Check::Engine),
    // Storage
    // Scheduling
    // Identity
    // Rollback
    rule!("config-not-versioned", Check::Set(config_not_versioned::check)),
    rule!("deployment-paused", Check::Set(deployment_paused::check)),
    rule!("deployment-strategy-invalid", Check::Set(deployment_strategy_invalid::check)),
    rule!("image-tag-mutable", Check::Set(image_tag_mutable::check)),
    rule!("migration-in-init-container", Check::Set(migration_in_init_container::check)),
    rule!("no-rollout-controller", Check::Set(no_rollout_controller::check)),
    rule!("progress-deadline-invalid", Check::Set(progress_deadline_invalid::check)),
    rule!("recreate-downtime", Check::Set(recreate_downtime::check)),
    rule!("rollback-history-disabled", Check::Set(rollback_history_disabled::check)),
    rule!("rollback-history-negative", Check::Set(rollback_history_negative::check)),
    rule!("rolling-update-all-unavailable", Check::Set(rolling_update_all_unavailable::check)),
    rule!("rollout-without-readiness-probe", Check::Set(rollout_without_readiness_probe::check)),
    rule!("update-strategy-on-delete", Check::Set(update_strategy_on_delete::check)),
    // Coherence
    rule!("duplicate-resource", Check::Set(duplicate_resource::check)),
    rule!("selector-missing-or-empty", Check::Set(selector_missing_or_empty::check)),
    rule!("selector-template-mismatch", Check::Set(selector_template_mismatch::check)),
    rule!("selector-volatile-label", Check::Set(selector_volatile_label::check)),
    rule!("workload-selectors-overlap", Check::Set(workload_selectors_overlap::check)),
];
