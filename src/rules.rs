//! The rules: a document with meaning, metadata and examples, and a check.
//!
//! A rule is two files of one name: `rules/<id>.md` says what it means and shows it, `src/rules/<id>.rs` checks it. The list below
//! ties them together.

mod api_version_deprecated;
mod api_version_removed;
mod autoscaler_invalid;
mod budget_invalid;
mod change_api_version_only;
mod change_causes_recreate;
mod change_claim_reference;
mod change_claim_removed;
mod change_config_not_rolled_out;
mod change_config_referenced_removed;
mod change_custom_resource_refused;
mod change_immutable_field;
mod change_kind_replaced;
mod change_mount_path_moved;
mod change_namespace_moved;
mod change_node_scope_narrowed;
mod change_not_reversible;
mod change_only_new_objects;
mod change_ordinals_start;
mod change_replicas_dropped;
mod change_rollback_impossible;
mod change_scale_down_deletes_data;
mod change_selector_label_removed;
mod change_service_headless_toggle;
mod change_service_port;
mod change_statefulset_renamed;
mod change_strategy_recreate;
mod change_template_held;
mod change_volume_claim_template_renamed;
mod claim_access_mode_unsupported;
mod claim_access_modes_invalid;
mod claim_beta_class_annotation;
mod claim_invalid;
mod claim_missing;
mod claim_selector_dynamic_class;
mod claim_shared_by_workloads;
mod claim_storage_request_missing;
mod claim_unused;
mod co_located_writers;
mod config_data_invalid;
mod config_immutable_fixed_name;
mod config_map_key_missing;
mod config_map_missing;
mod config_not_versioned;
mod config_sub_path_frozen;
mod cronjob_concurrency_allow;
mod cronjob_concurrent_claim;
mod cronjob_invalid;
mod cronjob_schedule_never;
mod cronjob_starting_deadline_short;
mod cronjob_suspended;
mod custom_resource_definition_invalid;
mod custom_resource_invalid;
mod daemonset_legacy_master_toleration;
mod daemonset_missing_control_plane_toleration;
mod daemonset_no_execute_untolerated;
mod daemonset_pod_anti_affinity;
mod daemonset_priority_class_missing;
mod daemonset_redundant_toleration;
mod daemonset_rolling_update_invalid;
mod daemonset_shared_writable_claim;
mod daemonset_single_node_claim;
mod daemonset_surge_host_port;
mod daemonset_surge_shared_host_path;
mod daemonset_toleration_seconds_ignored;
mod deployment_paused;
mod deployment_shared_writable_claim;
mod deployment_strategy_invalid;
mod duplicate_env;
mod duplicate_key;
mod duplicate_resource;
mod empty_dir_data;
mod ephemeral_volume_data;
mod ephemeral_volume_name_conflict;
mod expectation_unmet;
mod headless_service_port_unnamed;
mod host_network_dns_policy;
mod host_path_replicas;
mod host_port_replicas;
mod hpa_disabled_by_zero;
mod hpa_duplicate_target;
mod hpa_fixed_range;
mod hpa_fixed_replicas;
mod hpa_resource_request_missing;
mod hpa_target_api_version;
mod hpa_target_missing;
mod hpa_target_not_scalable;
mod image_pull_policy_stale;
mod image_pull_secret_missing;
mod image_tag_mutable;
mod ingress_backend_missing;
mod ingress_class_missing;
mod ingress_invalid;
mod invalid_value;
mod job_active_deadline_missing;
mod job_backoff_on_failure;
mod job_fixed_name;
mod job_invalid;
mod job_parallelism_zero;
mod job_shared_claim;
mod job_sidecar_blocks_completion;
mod job_ttl_missing;
mod job_ttl_with_gitops;
mod legacy_master_toleration_unused;
mod liveness_before_startup;
mod metadata_invalid;
mod migration_in_init_container;
mod missing_field;
mod network_daemonset_bootstrap_toleration;
mod network_policy_invalid;
mod network_policy_selects_nothing;
mod no_rollout_controller;
mod node_selector_contradiction;
mod node_selector_legacy_label;
mod object_invalid;
mod pdb_blocks_eviction;
mod pdb_missing;
mod pdb_no_match;
mod pdb_overlap;
mod pdb_selector_empty;
mod pdb_unhealthy_eviction_policy;
mod pdb_unsupported_controller;
mod persistent_volume_claim_mismatch;
mod persistent_volume_invalid;
mod pod_affinity_target_missing;
mod pod_anti_affinity_rollout_deadlock;
mod pod_anti_affinity_selector_mismatch;
mod pod_invalid;
mod pre_stop_exceeds_grace_period;
mod priority_class_invalid;
mod priority_class_missing;
mod probe_invalid;
mod probe_liveness_equals_readiness;
mod probe_min_ready_missing;
mod probe_port_undefined;
mod probe_timeout_exceeds_period;
mod progress_deadline_invalid;
mod progress_deadline_short;
mod quota_invalid;
mod rbac_invalid;
mod read_only_claim_mounted_writable;
mod recreate_downtime;
mod replicas_without_spread;
mod resource_quantity_suspicious;
mod resource_request_exceeds_limit;
mod role_binding_subject_missing;
mod rollback_history_disabled;
mod rollback_history_large;
mod rollback_history_negative;
mod rollback_history_short;
mod rolling_update_all_unavailable;
mod rolling_update_ignored;
mod rolling_update_multi_attach;
mod rollout_overlap_shared_claim;
mod rollout_without_readiness_probe;
mod runtime_class_missing;
mod secret_key_missing;
mod secret_missing;
mod selector_invalid;
mod selector_missing_or_empty;
mod selector_template_mismatch;
mod selector_volatile_label;
mod service_account_missing;
mod service_external_policy_local_single;
mod service_invalid;
mod service_pod_name_selector_out_of_range;
mod service_port_target_on_headless;
mod service_selects_nothing;
mod service_selects_several_workloads;
mod service_target_port_undefined;
mod single_node_claim_replicas;
mod single_pod_claim_conflict;
mod statefulset_claim_template_invalid;
mod statefulset_delete_deletes_claims;
mod statefulset_max_unavailable_ignored;
mod statefulset_min_ready_seconds_slow;
mod statefulset_missing_service_name;
mod statefulset_name_too_long;
mod statefulset_parallel_regression;
mod statefulset_partition_holds_update;
mod statefulset_peer_dns_not_ready;
mod statefulset_pod_dns_stale;
mod statefulset_scale_down_deletes_claims;
mod statefulset_service_missing;
mod statefulset_service_name_invalid;
mod statefulset_service_not_headless;
mod statefulset_service_other_namespace;
mod statefulset_service_selector_mismatch;
mod statefulset_shared_claim;
mod statefulset_template_hostname;
mod statefulset_termination_grace_zero;
mod statefulset_update_strategy_invalid;
mod storage_class_default_multiple;
mod storage_class_immediate_zonal;
mod storage_class_invalid;
mod storage_class_missing;
mod storage_class_no_expansion;
mod storage_reclaim_delete;
mod sub_path_expr_undefined;
mod sub_path_expr_unstable;
mod template_node_name;
mod toleration_invalid;
mod topology_spread_invalid;
mod topology_spread_rollout_skew;
mod topology_spread_selector_mismatch;
mod unknown_field;
mod update_strategy_on_delete;
mod volume_claim_template_label_drift;
mod volume_claim_template_shadows_volume;
mod volume_claim_template_unmounted;
mod volume_mount_undefined;
mod volume_source_removed;
mod volume_unused;
mod webhook_invalid;
mod workload_number_negative;
mod workload_selectors_overlap;
mod workload_tolerates_every_taint;
mod wrong_type;
mod yaml_syntax;

use std::fmt;

use serde::Deserialize;

use crate::finding::{Report, Safety, Severity};
use crate::graph::{Change, Graph};
use crate::policy::Short;
use crate::yaml::Tree;

/// How a rule looks at its input.
#[derive(Clone, Copy)]
pub enum Check {
    /// At one text, Kubernetes or not.
    Text(fn(&Tree, &mut Report)),
    /// At all objects of the run and their references.
    Set(fn(&Graph<'_>, &mut Report)),
    /// At the step from old objects to new ones: where two sets are compared.
    Change(fn(&Change<'_, '_>, &mut Report)),
    /// Found by the engine itself, which alone sees what was suppressed.
    Engine,
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Check::Text(_) => "Text",
            Check::Set(_) => "Set",
            Check::Change(_) => "Change",
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
    /// See [`Rule::category`].
    /// `syntax`, `schema` (what the API server refuses in one object), `storage`, `scheduling`, `identity`, `rollback`, `availability`,
    /// `coherence` or `change`.
    pub category: String,
    /// The version that brought it.
    pub since: String,
    /// `off` for a rule that runs only where the user asks for it.
    #[serde(default, rename = "default")]
    pub default: Option<String>,
    /// `safe` or `unsafe` where its findings come with a fix.
    #[serde(default)]
    pub fix: Option<String>,
    /// Which objects its policy is about, if it has a `cel` block; see [`crate::policy::Short`].
    #[serde(default, rename = "match")]
    pub matched: Option<Matched>,
    /// The parts of the object that its policy is about.
    #[serde(default)]
    pub each: Option<String>,
    /// Where its policy points.
    #[serde(default)]
    pub at: Option<String>,
    /// Where its semantics come from.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// Which objects the policy of a rule is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matched {
    /// `Deployment`
    pub kinds: Vec<String>,
}

fn severity<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let name = String::deserialize(deserializer)?;
    Severity::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("{name} is no severity")))
}

impl Rule {
    const fn new(id: &'static str, document: &'static str, check: Check) -> Self {
        Rule { id, check, document }
    }

    /// The severity of its findings unless the user or a named case lowers it.
    pub fn severity(&self) -> Severity {
        self.front("severity").and_then(Severity::from_name).unwrap_or_else(|| panic!("rules/{}.md says no severity", self.id))
    }

    /// `syntax`, `schema` (what the API server refuses in one object), `storage`, `scheduling`, `identity`, `rollback`, `availability`
    /// or `coherence`.
    pub fn category(&self) -> &'static str {
        self.front("category").unwrap_or_else(|| panic!("rules/{}.md says no category", self.id))
    }

    /// Whether the rule runs unless the user says otherwise.
    pub fn is_on_by_default(&self) -> bool {
        self.front("default") != Some("off")
    }

    /// How safe the fix is that some of its findings come with.
    pub fn fix(&self) -> Option<Safety> {
        self.front("fix").map(|fix| if fix == Safety::Safe.name() { Safety::Safe } else { Safety::Unsafe })
    }

    /// A plain value of the front matter. Every run asks every rule, and to parse all front matters would take longer than the rest of
    /// a small run; a test holds these values against [`Rule::meta`].
    fn front(&self, key: &str) -> Option<&'static str> {
        self.parts().0.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
    }

    /// The whole front matter of its document, read anew at each call.
    pub fn meta(&self) -> Meta {
        let (front, _) = self.parts();
        serde_saphyr::from_str(front).unwrap_or_else(|error| panic!("rules/{}.md: {error}", self.id))
    }

    /// The policy by which a cluster enforces what one object shows of it, if there is one.
    pub fn policy(&self) -> Option<Short> {
        Short::of_rule(self.id, self.document, &self.url())
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
    rule!("ignore-without-reason", Check::Engine),
    rule!("policy-invalid", Check::Engine),
    rule!("policy-unbound", Check::Engine),
    rule!("policy-undecided", Check::Engine),
    // Schema
    rule!("api-version-deprecated", Check::Set(api_version_deprecated::check)),
    rule!("api-version-removed", Check::Set(api_version_removed::check)),
    rule!("autoscaler-invalid", Check::Set(autoscaler_invalid::check)),
    rule!("budget-invalid", Check::Set(budget_invalid::check)),
    rule!("claim-invalid", Check::Set(claim_invalid::check)),
    rule!("config-data-invalid", Check::Set(config_data_invalid::check)),
    rule!("cronjob-invalid", Check::Set(cronjob_invalid::check)),
    rule!("custom-resource-definition-invalid", Check::Set(custom_resource_definition_invalid::check)),
    rule!("custom-resource-invalid", Check::Set(custom_resource_invalid::check)),
    rule!("ingress-invalid", Check::Set(ingress_invalid::check)),
    rule!("invalid-value", Check::Set(invalid_value::check)),
    rule!("job-invalid", Check::Set(job_invalid::check)),
    rule!("metadata-invalid", Check::Set(metadata_invalid::check)),
    rule!("missing-field", Check::Set(missing_field::check)),
    rule!("network-policy-invalid", Check::Set(network_policy_invalid::check)),
    rule!("object-invalid", Check::Set(object_invalid::check)),
    rule!("persistent-volume-invalid", Check::Set(persistent_volume_invalid::check)),
    rule!("pod-invalid", Check::Set(pod_invalid::check)),
    rule!("priority-class-invalid", Check::Set(priority_class_invalid::check)),
    rule!("probe-invalid", Check::Set(probe_invalid::check)),
    rule!("quota-invalid", Check::Set(quota_invalid::check)),
    rule!("rbac-invalid", Check::Set(rbac_invalid::check)),
    rule!("resource-request-exceeds-limit", Check::Set(resource_request_exceeds_limit::check)),
    rule!("selector-invalid", Check::Set(selector_invalid::check)),
    rule!("service-invalid", Check::Set(service_invalid::check)),
    rule!("statefulset-claim-template-invalid", Check::Set(statefulset_claim_template_invalid::check)),
    rule!("statefulset-update-strategy-invalid", Check::Set(statefulset_update_strategy_invalid::check)),
    rule!("storage-class-invalid", Check::Set(storage_class_invalid::check)),
    rule!("topology-spread-invalid", Check::Set(topology_spread_invalid::check)),
    rule!("unknown-field", Check::Set(unknown_field::check)),
    rule!("webhook-invalid", Check::Set(webhook_invalid::check)),
    rule!("workload-number-negative", Check::Set(workload_number_negative::check)),
    rule!("wrong-type", Check::Set(wrong_type::check)),
    // Storage
    rule!("claim-access-mode-unsupported", Check::Set(claim_access_mode_unsupported::check)),
    rule!("claim-access-modes-invalid", Check::Set(claim_access_modes_invalid::check)),
    rule!("claim-beta-class-annotation", Check::Set(claim_beta_class_annotation::check)),
    rule!("claim-missing", Check::Set(claim_missing::check)),
    rule!("claim-selector-dynamic-class", Check::Set(claim_selector_dynamic_class::check)),
    rule!("claim-shared-by-workloads", Check::Set(claim_shared_by_workloads::check)),
    rule!("claim-storage-request-missing", Check::Set(claim_storage_request_missing::check)),
    rule!("claim-unused", Check::Set(claim_unused::check)),
    rule!("co-located-writers", Check::Set(co_located_writers::check)),
    rule!("cronjob-concurrent-claim", Check::Set(cronjob_concurrent_claim::check)),
    rule!("daemonset-shared-writable-claim", Check::Set(daemonset_shared_writable_claim::check)),
    rule!("daemonset-single-node-claim", Check::Set(daemonset_single_node_claim::check)),
    rule!("deployment-shared-writable-claim", Check::Set(deployment_shared_writable_claim::check)),
    rule!("empty-dir-data", Check::Set(empty_dir_data::check)),
    rule!("ephemeral-volume-data", Check::Set(ephemeral_volume_data::check)),
    rule!("ephemeral-volume-name-conflict", Check::Set(ephemeral_volume_name_conflict::check)),
    rule!("expectation-unmet", Check::Set(expectation_unmet::check)),
    rule!("host-path-replicas", Check::Set(host_path_replicas::check)),
    rule!("job-shared-claim", Check::Set(job_shared_claim::check)),
    rule!("persistent-volume-claim-mismatch", Check::Set(persistent_volume_claim_mismatch::check)),
    rule!("read-only-claim-mounted-writable", Check::Set(read_only_claim_mounted_writable::check)),
    rule!("rolling-update-multi-attach", Check::Set(rolling_update_multi_attach::check)),
    rule!("rollout-overlap-shared-claim", Check::Set(rollout_overlap_shared_claim::check)),
    rule!("single-node-claim-replicas", Check::Set(single_node_claim_replicas::check)),
    rule!("single-pod-claim-conflict", Check::Set(single_pod_claim_conflict::check)),
    rule!("statefulset-delete-deletes-claims", Check::Set(statefulset_delete_deletes_claims::check)),
    rule!("statefulset-scale-down-deletes-claims", Check::Set(statefulset_scale_down_deletes_claims::check)),
    rule!("statefulset-shared-claim", Check::Set(statefulset_shared_claim::check)),
    rule!("storage-class-default-multiple", Check::Set(storage_class_default_multiple::check)),
    rule!("storage-class-immediate-zonal", Check::Set(storage_class_immediate_zonal::check)),
    rule!("storage-class-no-expansion", Check::Set(storage_class_no_expansion::check)),
    rule!("storage-reclaim-delete", Check::Set(storage_reclaim_delete::check)),
    rule!("sub-path-expr-undefined", Check::Set(sub_path_expr_undefined::check)),
    rule!("sub-path-expr-unstable", Check::Set(sub_path_expr_unstable::check)),
    rule!("volume-claim-template-label-drift", Check::Set(volume_claim_template_label_drift::check)),
    rule!("volume-claim-template-shadows-volume", Check::Set(volume_claim_template_shadows_volume::check)),
    rule!("volume-claim-template-unmounted", Check::Set(volume_claim_template_unmounted::check)),
    rule!("volume-mount-undefined", Check::Set(volume_mount_undefined::check)),
    rule!("volume-source-removed", Check::Set(volume_source_removed::check)),
    rule!("volume-unused", Check::Set(volume_unused::check)),
    // Scheduling
    rule!("daemonset-legacy-master-toleration", Check::Set(daemonset_legacy_master_toleration::check)),
    rule!("daemonset-missing-control-plane-toleration", Check::Set(daemonset_missing_control_plane_toleration::check)),
    rule!("daemonset-no-execute-untolerated", Check::Set(daemonset_no_execute_untolerated::check)),
    rule!("daemonset-pod-anti-affinity", Check::Set(daemonset_pod_anti_affinity::check)),
    rule!("daemonset-priority-class-missing", Check::Set(daemonset_priority_class_missing::check)),
    rule!("daemonset-redundant-toleration", Check::Set(daemonset_redundant_toleration::check)),
    rule!("daemonset-toleration-seconds-ignored", Check::Set(daemonset_toleration_seconds_ignored::check)),
    rule!("host-network-dns-policy", Check::Set(host_network_dns_policy::check)),
    rule!("host-port-replicas", Check::Set(host_port_replicas::check)),
    rule!("legacy-master-toleration-unused", Check::Set(legacy_master_toleration_unused::check)),
    rule!("network-daemonset-bootstrap-toleration", Check::Set(network_daemonset_bootstrap_toleration::check)),
    rule!("node-selector-contradiction", Check::Set(node_selector_contradiction::check)),
    rule!("node-selector-legacy-label", Check::Set(node_selector_legacy_label::check)),
    rule!("pod-affinity-target-missing", Check::Set(pod_affinity_target_missing::check)),
    rule!("pod-anti-affinity-rollout-deadlock", Check::Set(pod_anti_affinity_rollout_deadlock::check)),
    rule!("pod-anti-affinity-selector-mismatch", Check::Set(pod_anti_affinity_selector_mismatch::check)),
    rule!("replicas-without-spread", Check::Set(replicas_without_spread::check)),
    rule!("template-node-name", Check::Set(template_node_name::check)),
    rule!("toleration-invalid", Check::Set(toleration_invalid::check)),
    rule!("topology-spread-rollout-skew", Check::Set(topology_spread_rollout_skew::check)),
    rule!("topology-spread-selector-mismatch", Check::Set(topology_spread_selector_mismatch::check)),
    rule!("workload-tolerates-every-taint", Check::Set(workload_tolerates_every_taint::check)),
    // Identity
    rule!("headless-service-port-unnamed", Check::Set(headless_service_port_unnamed::check)),
    rule!("service-pod-name-selector-out-of-range", Check::Set(service_pod_name_selector_out_of_range::check)),
    rule!("service-port-target-on-headless", Check::Set(service_port_target_on_headless::check)),
    rule!("statefulset-max-unavailable-ignored", Check::Set(statefulset_max_unavailable_ignored::check)),
    rule!("statefulset-min-ready-seconds-slow", Check::Set(statefulset_min_ready_seconds_slow::check)),
    rule!("statefulset-missing-service-name", Check::Set(statefulset_missing_service_name::check)),
    rule!("statefulset-name-too-long", Check::Set(statefulset_name_too_long::check)),
    rule!("statefulset-parallel-regression", Check::Set(statefulset_parallel_regression::check)),
    rule!("statefulset-peer-dns-not-ready", Check::Set(statefulset_peer_dns_not_ready::check)),
    rule!("statefulset-pod-dns-stale", Check::Set(statefulset_pod_dns_stale::check)),
    rule!("statefulset-service-missing", Check::Set(statefulset_service_missing::check)),
    rule!("statefulset-service-name-invalid", Check::Set(statefulset_service_name_invalid::check)),
    rule!("statefulset-service-not-headless", Check::Set(statefulset_service_not_headless::check)),
    rule!("statefulset-service-other-namespace", Check::Set(statefulset_service_other_namespace::check)),
    rule!("statefulset-service-selector-mismatch", Check::Set(statefulset_service_selector_mismatch::check)),
    rule!("statefulset-template-hostname", Check::Set(statefulset_template_hostname::check)),
    rule!("statefulset-termination-grace-zero", Check::Set(statefulset_termination_grace_zero::check)),
    // Rollback
    rule!("config-immutable-fixed-name", Check::Set(config_immutable_fixed_name::check)),
    rule!("config-not-versioned", Check::Set(config_not_versioned::check)),
    rule!("config-sub-path-frozen", Check::Set(config_sub_path_frozen::check)),
    rule!("deployment-paused", Check::Set(deployment_paused::check)),
    rule!("deployment-strategy-invalid", Check::Set(deployment_strategy_invalid::check)),
    rule!("image-pull-policy-stale", Check::Set(image_pull_policy_stale::check)),
    rule!("image-tag-mutable", Check::Set(image_tag_mutable::check)),
    rule!("job-fixed-name", Check::Set(job_fixed_name::check)),
    rule!("migration-in-init-container", Check::Set(migration_in_init_container::check)),
    rule!("no-rollout-controller", Check::Set(no_rollout_controller::check)),
    rule!("probe-min-ready-missing", Check::Set(probe_min_ready_missing::check)),
    rule!("progress-deadline-invalid", Check::Set(progress_deadline_invalid::check)),
    rule!("progress-deadline-short", Check::Set(progress_deadline_short::check)),
    rule!("recreate-downtime", Check::Set(recreate_downtime::check)),
    rule!("rollback-history-disabled", Check::Set(rollback_history_disabled::check)),
    rule!("rollback-history-large", Check::Set(rollback_history_large::check)),
    rule!("rollback-history-negative", Check::Set(rollback_history_negative::check)),
    rule!("rollback-history-short", Check::Set(rollback_history_short::check)),
    rule!("rolling-update-all-unavailable", Check::Set(rolling_update_all_unavailable::check)),
    rule!("rolling-update-ignored", Check::Set(rolling_update_ignored::check)),
    rule!("rollout-without-readiness-probe", Check::Set(rollout_without_readiness_probe::check)),
    rule!("update-strategy-on-delete", Check::Set(update_strategy_on_delete::check)),
    rule!("daemonset-rolling-update-invalid", Check::Set(daemonset_rolling_update_invalid::check)),
    rule!("daemonset-surge-host-port", Check::Set(daemonset_surge_host_port::check)),
    rule!("statefulset-partition-holds-update", Check::Set(statefulset_partition_holds_update::check)),
    rule!("daemonset-surge-shared-host-path", Check::Set(daemonset_surge_shared_host_path::check)),
    // Availability
    rule!("duplicate-env", Check::Set(duplicate_env::check)),
    rule!("hpa-disabled-by-zero", Check::Set(hpa_disabled_by_zero::check)),
    rule!("hpa-duplicate-target", Check::Set(hpa_duplicate_target::check)),
    rule!("hpa-fixed-range", Check::Set(hpa_fixed_range::check)),
    rule!("hpa-fixed-replicas", Check::Set(hpa_fixed_replicas::check)),
    rule!("hpa-resource-request-missing", Check::Set(hpa_resource_request_missing::check)),
    rule!("hpa-target-not-scalable", Check::Set(hpa_target_not_scalable::check)),
    rule!("liveness-before-startup", Check::Set(liveness_before_startup::check)),
    rule!("pdb-blocks-eviction", Check::Set(pdb_blocks_eviction::check)),
    rule!("pdb-missing", Check::Set(pdb_missing::check)),
    rule!("pdb-no-match", Check::Set(pdb_no_match::check)),
    rule!("pdb-overlap", Check::Set(pdb_overlap::check)),
    rule!("pdb-selector-empty", Check::Set(pdb_selector_empty::check)),
    rule!("pdb-unhealthy-eviction-policy", Check::Set(pdb_unhealthy_eviction_policy::check)),
    rule!("pdb-unsupported-controller", Check::Set(pdb_unsupported_controller::check)),
    rule!("pre-stop-exceeds-grace-period", Check::Set(pre_stop_exceeds_grace_period::check)),
    rule!("probe-liveness-equals-readiness", Check::Set(probe_liveness_equals_readiness::check)),
    rule!("probe-port-undefined", Check::Set(probe_port_undefined::check)),
    rule!("probe-timeout-exceeds-period", Check::Set(probe_timeout_exceeds_period::check)),
    rule!("resource-quantity-suspicious", Check::Set(resource_quantity_suspicious::check)),
    rule!("service-external-policy-local-single", Check::Set(service_external_policy_local_single::check)),
    rule!("cronjob-concurrency-allow", Check::Set(cronjob_concurrency_allow::check)),
    rule!("cronjob-schedule-never", Check::Set(cronjob_schedule_never::check)),
    rule!("cronjob-starting-deadline-short", Check::Set(cronjob_starting_deadline_short::check)),
    rule!("cronjob-suspended", Check::Set(cronjob_suspended::check)),
    rule!("job-active-deadline-missing", Check::Set(job_active_deadline_missing::check)),
    rule!("job-backoff-on-failure", Check::Set(job_backoff_on_failure::check)),
    rule!("job-parallelism-zero", Check::Set(job_parallelism_zero::check)),
    rule!("job-sidecar-blocks-completion", Check::Set(job_sidecar_blocks_completion::check)),
    rule!("job-ttl-missing", Check::Set(job_ttl_missing::check)),
    rule!("job-ttl-with-gitops", Check::Set(job_ttl_with_gitops::check)),
    // Coherence
    rule!("config-map-key-missing", Check::Set(config_map_key_missing::check)),
    rule!("config-map-missing", Check::Set(config_map_missing::check)),
    rule!("duplicate-resource", Check::Set(duplicate_resource::check)),
    rule!("hpa-target-api-version", Check::Set(hpa_target_api_version::check)),
    rule!("hpa-target-missing", Check::Set(hpa_target_missing::check)),
    rule!("image-pull-secret-missing", Check::Set(image_pull_secret_missing::check)),
    rule!("ingress-backend-missing", Check::Set(ingress_backend_missing::check)),
    rule!("ingress-class-missing", Check::Set(ingress_class_missing::check)),
    rule!("network-policy-selects-nothing", Check::Set(network_policy_selects_nothing::check)),
    rule!("priority-class-missing", Check::Set(priority_class_missing::check)),
    rule!("role-binding-subject-missing", Check::Set(role_binding_subject_missing::check)),
    rule!("runtime-class-missing", Check::Set(runtime_class_missing::check)),
    rule!("secret-key-missing", Check::Set(secret_key_missing::check)),
    rule!("secret-missing", Check::Set(secret_missing::check)),
    rule!("selector-missing-or-empty", Check::Set(selector_missing_or_empty::check)),
    rule!("selector-template-mismatch", Check::Set(selector_template_mismatch::check)),
    rule!("selector-volatile-label", Check::Set(selector_volatile_label::check)),
    rule!("service-account-missing", Check::Set(service_account_missing::check)),
    rule!("service-selects-nothing", Check::Set(service_selects_nothing::check)),
    rule!("service-selects-several-workloads", Check::Set(service_selects_several_workloads::check)),
    rule!("service-target-port-undefined", Check::Set(service_target_port_undefined::check)),
    rule!("storage-class-missing", Check::Set(storage_class_missing::check)),
    rule!("workload-selectors-overlap", Check::Set(workload_selectors_overlap::check)),
    // Change
    rule!("change-claim-reference", Check::Change(change_claim_reference::check)),
    rule!("change-api-version-only", Check::Change(change_api_version_only::check)),
    rule!("change-causes-recreate", Check::Change(change_causes_recreate::check)),
    rule!("change-claim-removed", Check::Change(change_claim_removed::check)),
    rule!("change-config-not-rolled-out", Check::Change(change_config_not_rolled_out::check)),
    rule!("change-custom-resource-refused", Check::Change(change_custom_resource_refused::check)),
    rule!("change-config-referenced-removed", Check::Change(change_config_referenced_removed::check)),
    rule!("change-immutable-field", Check::Change(change_immutable_field::check)),
    rule!("change-mount-path-moved", Check::Change(change_mount_path_moved::check)),
    rule!("change-not-reversible", Check::Change(change_not_reversible::check)),
    rule!("change-only-new-objects", Check::Change(change_only_new_objects::check)),
    rule!("change-rollback-impossible", Check::Change(change_rollback_impossible::check)),
    rule!("change-kind-replaced", Check::Change(change_kind_replaced::check)),
    rule!("change-namespace-moved", Check::Change(change_namespace_moved::check)),
    rule!("change-node-scope-narrowed", Check::Change(change_node_scope_narrowed::check)),
    rule!("change-ordinals-start", Check::Change(change_ordinals_start::check)),
    rule!("change-replicas-dropped", Check::Change(change_replicas_dropped::check)),
    rule!("change-scale-down-deletes-data", Check::Change(change_scale_down_deletes_data::check)),
    rule!("change-selector-label-removed", Check::Change(change_selector_label_removed::check)),
    rule!("change-service-headless-toggle", Check::Change(change_service_headless_toggle::check)),
    rule!("change-service-port", Check::Change(change_service_port::check)),
    rule!("change-statefulset-renamed", Check::Change(change_statefulset_renamed::check)),
    rule!("change-strategy-recreate", Check::Change(change_strategy_recreate::check)),
    rule!("change-template-held", Check::Change(change_template_held::check)),
    rule!("change-volume-claim-template-renamed", Check::Change(change_volume_claim_template_renamed::check)),
];
