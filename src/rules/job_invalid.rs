use std::collections::HashSet;

use crate::finding::{Report, Safety};
use crate::graph::Graph;
use crate::resource::{Form, Refusals, Workload, WorkloadKind, is_dns_label};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Value};

const MOST_INDEXES: i64 = 100_000;
const MOST_PARALLEL_WITH_MANY_INDEXES: i64 = 10_000;
const MOST_RULES: usize = 20;
const MOST_EXIT_CODES: usize = 255;
/// A Job's name becomes the value of a label.
const LONGEST_NAME: usize = 63;
const NUMBERS: [&str; 7] = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
];
/// Labels that the API server gives each Job's pods, with values of its own.
const IDENTITY_LABELS: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const NAME_LABELS: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];

/// `ValidateJob` and `ValidateJobTemplateSpec` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let is_job = |workload: &Workload<'_>| matches!(workload.kind(), WorkloadKind::Job | WorkloadKind::CronJob);
    for workload in graph.all_workloads().filter(is_job) {
        let Some(spec) = workload.job_spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, workload.resource());
        let job = Job { workload, spec };
        for key in NUMBERS {
            refusals.check_least(spec, key, 0);
        }
        check_restart_policy(&job, &mut refusals);
        check_selector(&job, &mut refusals);
        check_indexes(&job, &mut refusals);
        check_managed_by(&job, &mut refusals);
        check_failure_policy(&job, &mut refusals);
        check_success_policy(&job, &mut refusals);
        check_name(&job, &mut refusals);
    }
}

struct Job<'t> {
    workload: Workload<'t>,
    spec: NodeRef<'t>,
}

impl<'t> Job<'t> {
    fn field(&self, key: &str) -> Option<NodeRef<'t>> {
        self.spec.field(key)
    }

    fn int(&self, key: &str) -> Option<i64> {
        self.field(key)?.int()
    }

    fn is_cron(&self) -> bool {
        self.workload.kind() == WorkloadKind::CronJob
    }

    /// Whether its pods have an index; `None` where a placeholder decides.
    fn is_indexed(&self) -> Option<bool> {
        self.field("completionMode").map_or(Some(false), |mode| mode.str().map(|mode| mode == "Indexed"))
    }

    fn restart_policy(&self) -> Option<NodeRef<'t>> {
        self.workload.pod()?.field("restartPolicy").filter(|policy| policy.str() != Some(""))
    }

    fn has_manual_selector(&self) -> bool {
        self.field("manualSelector").is_some_and(|manual| manual.bool() != Some(false))
    }
}

fn check_restart_policy<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let policy = job.restart_policy();
    let help = "set `restartPolicy: Never`, or OnFailure to restart containers in the same pod";
    match policy.map(|policy| (policy, policy.str())) {
        None if refusals.is_whole() && job.workload.pod().is_some() => {
            let place = job.workload.template().and_then(|template| template.get("spec")).unwrap_or(job.spec);
            let finding = refusals.at(place, "pods of a Job need restartPolicy Never or OnFailure, and the default is Always");
            let never = job.workload.pod().and_then(|pod| edit::set(pod.node(), "restartPolicy", Value::Str("Never"), &[]));
            finding.help(help).offer("Set restartPolicy to Never", Safety::Unsafe, [never]);
        }
        Some((node, Some("Always"))) => {
            refusals.at(node, "pods of a Job are not restarted for ever: restartPolicy may not be Always").help(help).replace(
                "Set restartPolicy to Never",
                Safety::Unsafe,
                node,
                "Never",
            );
        }
        _ => {}
    }
    if let Some(policy) = policy.filter(|policy| policy.str() == Some("OnFailure"))
        && let Some(failure) = job.spec.entry("podFailurePolicy").filter(|entry| !entry.value.is_null())
    {
        refusals
            .at(policy, "podFailurePolicy needs restartPolicy Never")
            .related(failure, "podFailurePolicy here")
            .help("use restartPolicy Never: a container that is restarted in its pod is no failed pod");
    }
}

fn check_selector<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let entry = job.spec.entry("selector").filter(|entry| !entry.value.is_null());
    if job.is_cron() {
        if let Some(entry) = entry {
            refusals
                .at(entry, "Jobs of a CronJob get a selector of their own each")
                .help("remove the selector")
                .remove(Safety::Safe, entry.value);
        }
        if let Some(manual) = job.field("manualSelector").filter(|manual| manual.bool() == Some(true)) {
            refusals
                .at(manual, "Jobs of a CronJob get a selector of their own each")
                .help("remove manualSelector")
                .remove(Safety::Safe, manual);
        }
        return;
    }
    if job.has_manual_selector() {
        if entry.is_none() && refusals.is_whole() && job.field("manualSelector").and_then(NodeRef::bool) == Some(true) {
            let place = job.field("manualSelector").unwrap_or(job.spec);
            refusals.at(place, "manualSelector is set, and there is no selector").help("add a selector, or remove manualSelector");
        }
        return;
    }
    if !refusals.is_whole() {
        return;
    }
    let pairs = entry.and_then(|entry| entry.value.field("matchLabels")).into_iter().flat_map(NodeRef::entries);
    let is_own = |key: &str| NAME_LABELS.contains(&key);
    let own_pair = pairs.filter(|pair| pair.key.value_text().is_some_and(|key| !is_own(key))).count() > 0;
    let expressions = entry.and_then(|entry| entry.value.field("matchExpressions")).is_some_and(|list| list.items().next().is_some());
    if let Some(entry) = entry.filter(|_| own_pair || expressions) {
        let help = "remove the selector; with `manualSelector: true` it is yours to keep apart from other Jobs'";
        refusals.at(entry, "a Job gets its selector from the API server").help(help);
    }
    check_labels(job, refusals);
}

/// Labels of a Job that was read from a cluster are those of the old Job.
fn check_labels<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(labels) = job.workload.pod_labels() else { return };
    let help = "remove the label, and everything else that the cluster added";
    for key in IDENTITY_LABELS {
        if let Some(entry) = labels.entry(key).filter(|entry| !entry.value.is_unknown()) {
            refusals.at(entry, format!("`{key}` is another Job's: each Job gets its own")).help(help);
        }
    }
    for key in NAME_LABELS {
        let label = labels.entry(key).and_then(|entry| Some((entry, entry.value.value_text()?)));
        if let (Some((entry, value)), Some(name)) = (label, job.workload.name())
            && value != name
        {
            refusals.at(entry, format!("`{key}` is not the Job's name `{name}`")).help(help);
        }
    }
}

fn check_indexes<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    if !refusals.is_whole() {
        return;
    }
    let failed = job.field("maxFailedIndexes");
    let per_index = job.field("backoffLimitPerIndex");
    if let Some(failed) = failed.filter(|_| per_index.is_none()) {
        refusals.at(failed, "maxFailedIndexes needs backoffLimitPerIndex").help("add `backoffLimitPerIndex`");
    }
    if job.is_indexed() == Some(false) {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
            if let Some(entry) = job.spec.entry(key).filter(|entry| !entry.value.is_null()) {
                refusals.at(entry, format!("{key} needs pods with an index")).help("add `completionMode: Indexed`");
            }
        }
    }
    if job.is_indexed() != Some(true) {
        return;
    }
    // Both default to 1 where neither is written, but not in a CronJob's template.
    if job.field("completions").is_none() && (job.is_cron() || job.field("parallelism").is_some()) {
        let place = job.field("completionMode").unwrap_or(job.spec);
        refusals.at(place, "an Indexed Job needs completions").help("set `completions` to the number of indexes");
    }
    check_index_limits(job, refusals);
}

fn check_index_limits<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let completions = job.int("completions");
    let has_many = completions.is_some_and(|completions| completions > MOST_INDEXES) && job.field("backoffLimitPerIndex").is_some();
    let most = if has_many { MOST_PARALLEL_WITH_MANY_INDEXES } else { MOST_INDEXES };
    for key in ["parallelism", "maxFailedIndexes"] {
        if let Some((node, number)) = job.field(key).and_then(|node| Some((node, node.int()?))).filter(|(_, number)| *number > most) {
            refusals.at(node, format!("{key} {number} is more than {most}, the most of such an Indexed Job"));
        }
    }
    let failed = job.field("maxFailedIndexes").and_then(|node| Some((node, node.int()?)));
    if let (Some((node, failed)), Some(completions)) = (failed, completions)
        && failed > completions
    {
        refusals.at(node, format!("maxFailedIndexes {failed} is more than the {completions} completions"));
    }
    if has_many && job.field("maxFailedIndexes").is_none() {
        let place = job.field("completions").unwrap_or(job.spec);
        refusals.at(place, format!("more than {MOST_INDEXES} completions with backoffLimitPerIndex need maxFailedIndexes"));
    }
}

fn check_managed_by<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(manager) = job.field("managedBy") else { return };
    refusals.check_form(Some(manager), "managedBy", &Form::DOMAIN_PREFIXED_PATH);
    if manager.text().len() > LONGEST_NAME {
        refusals.at(manager, format!("managedBy has more than {LONGEST_NAME} characters"));
    }
}

fn check_failure_policy<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(policy) = job.field("podFailurePolicy").filter(|policy| policy.is_mapping()) else { return };
    if let Some(replacement) = job.field("podReplacementPolicy").filter(|replacement| replacement.str() == Some("TerminatingOrFailed")) {
        let finding = refusals.at(replacement, "with a podFailurePolicy pods are replaced when they have failed");
        finding.help("use `podReplacementPolicy: Failed`, or leave it out");
    }
    let rules: Vec<_> = policy.field("rules").into_iter().flat_map(NodeRef::items).collect();
    if let Some(extra) = rules.get(MOST_RULES) {
        refusals.at(*extra, format!("a podFailurePolicy has at most {MOST_RULES} rules"));
    }
    for rule in rules.into_iter().filter(|rule| rule.is_mapping()) {
        let action = rule.field("action");
        if let Some(action) = action.filter(|action| action.str() == Some("FailIndex") && job.field("backoffLimitPerIndex").is_none()) {
            refusals.at(action, "FailIndex needs backoffLimitPerIndex").help("add `backoffLimitPerIndex`, or use FailJob");
        }
        let codes = rule.field("onExitCodes");
        let conditions = rule.field("onPodConditions").filter(|conditions| conditions.is_unknown() || !conditions.is_empty());
        match (codes, conditions) {
            (Some(_), Some(conditions)) => {
                refusals.at(conditions, "a rule asks either for exit codes or for conditions").help("make two rules of it");
            }
            (None, None) => {
                refusals.at(rule, "a rule needs onExitCodes or onPodConditions").help("add one of the two");
            }
            _ => {}
        }
        if let Some(codes) = codes {
            check_exit_codes(job, codes, refusals);
        }
        for condition in conditions.into_iter().flat_map(NodeRef::items) {
            refusals.check_form_if_set(condition.field("type"), "condition", &Form::QUALIFIED_NAME);
        }
    }
}

fn check_exit_codes<'t>(job: &Job<'t>, codes: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    if let Some((node, name)) = codes.field("containerName").and_then(|node| Some((node, node.str()?))) {
        let names = job.workload.pod().into_iter().flat_map(|pod| pod.all_containers()).map(|container| container.field("name"));
        // A name that isn't known may be this one.
        let may_exist = names.into_iter().any(|other| other.is_none_or(|other| other.str().is_none_or(|other| other == name)));
        if !may_exist && refusals.is_whole() && job.workload.pod().is_some() {
            refusals.at(node, format!("no container is called `{name}`")).help("name one of the pod's containers");
        }
    }
    let Some(list) = codes.field("values").filter(|list| list.is_sequence()) else { return };
    let values: Vec<_> = list.items().filter_map(|item| Some((item, item.int()?))).collect();
    let (mut seen, mut greatest) = (HashSet::new(), i64::MIN);
    if values.len() > MOST_EXIT_CODES {
        refusals.at(list, format!("onExitCodes has more than {MOST_EXIT_CODES} values"));
    }
    for (node, value) in values {
        if value == 0 && codes.field("operator").and_then(NodeRef::str) == Some("In") {
            refusals.at(node, "exit code 0 is no failure").help("leave 0 out; with NotIn it may stand");
        }
        if !seen.insert(value) {
            refusals.at(node, format!("exit code {value} is there twice")).help("remove one of them");
        } else if value < greatest {
            refusals.at(node, "exit codes are not in order").help("sort them");
        }
        greatest = greatest.max(value);
    }
}

fn check_success_policy<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(policy) = job.field("successPolicy").filter(|policy| policy.is_mapping() && job.is_indexed() == Some(true)) else { return };
    let rules: Vec<_> = policy.field("rules").into_iter().flat_map(NodeRef::items).collect();
    if policy.field("rules").is_some_and(|rules| rules.is_sequence() && rules.is_empty()) || rules.len() > MOST_RULES {
        refusals.at(policy, format!("a successPolicy has 1 to {MOST_RULES} rules"));
    }
    let completions = job.int("completions");
    for rule in rules.into_iter().filter(|rule| rule.is_mapping()) {
        let (indexes, count) = (rule.field("succeededIndexes"), rule.field("succeededCount"));
        if indexes.is_none() && count.is_none() {
            refusals.at(rule, "a rule needs succeededIndexes or succeededCount").help("add one of the two, or both");
        }
        let mut most = completions;
        if let (Some((node, text)), Some(completions)) = (indexes.and_then(|node| Some((node, node.str()?))), completions) {
            match count_indexes(text, completions) {
                Ok(total) => most = Some(total.min(completions)),
                Err(reason) => {
                    refusals.at(node, reason).help("write indexes and ranges in order: 0,2-5");
                }
            }
        }
        refusals.check_least(rule, "succeededCount", 0);
        if let (Some((node, count)), Some(most)) = (count.and_then(|node| Some((node, node.int()?))), most)
            && count > most
        {
            refusals.at(node, format!("succeededCount {count} is more than the {most} indexes there are"));
        }
    }
}

/// How many indexes a text such as `0,2-5` names: `validateIndexesFormat`.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let (mut total, mut last) = (0, -1);
    let index = |text: &str| text.parse::<i64>().map_err(|_| format!("`{text}` is no index"));
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (first, end) = match part.split_once('-') {
            Some((first, end)) => (index(first)?, index(end)?),
            None => (index(part)?, index(part)?),
        };
        if end >= completions {
            return Err(format!("index {end} is not below the {completions} completions"));
        }
        if first <= last || end < first || (part.contains('-') && end == first) {
            return Err(format!("`{part}` is not in order"));
        }
        total += end - first + 1;
        last = end;
    }
    Ok(total)
}

fn check_name<'t>(job: &Job<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some(name) = job.workload.name().filter(|_| !job.is_cron() && refusals.is_whole()) else { return };
    let place = refusals.object().nearest("metadata.name");
    if name.len() > LONGEST_NAME && !job.has_manual_selector() {
        let help = format!("use at most {LONGEST_NAME} characters");
        refusals.at(place, format!("a Job's name of {} characters does not fit into its pods' label job-name", name.len())).help(help);
        return;
    }
    let last = job.int("completions").filter(|completions| *completions > 0 && job.is_indexed() == Some(true)).map(|count| count - 1);
    if let Some(host) = last.map(|last| format!("{name}-{last}")).filter(|host| !is_dns_label(host)) {
        let help = "use at most 63 characters with the index, and no dot";
        refusals.at(place, format!("`{host}`, the host name of an Indexed Job's last pod, is not a DNS label")).help(help);
    }
}
