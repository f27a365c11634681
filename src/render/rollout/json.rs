//! Outlooks as one JSON document. Its shape is a promise: a change of it is a new `version`.

use std::io::{self, Write};

use serde::Serialize;

use super::RolloutView;
use crate::finding::ObjectName;
use crate::graph::Target;
use crate::rollout::{ClaimOutlook, FailedUpdate, GoodUpdate, Outlook};
use crate::source::Sources;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    workloads: Vec<JsonWorkload<'a>>,
}

#[derive(Serialize)]
struct JsonWorkload<'a> {
    object: ObjectName,
    path: &'a str,
    line: usize,
    /// Pods that are wanted; of a `DaemonSet`, nodes.
    replicas: Option<usize>,
    #[serde(skip_serializing_if = "is_false")]
    per_node: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<usize>,
    pods: Option<Vec<String>>,
    claims: Vec<JsonClaim<'a>>,
    update: Option<JsonUpdate>,
    failed_update: Option<JsonFailedUpdate>,
    undo: JsonUndo,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expectations: Vec<JsonExpectation>,
}

#[derive(Serialize)]
struct JsonExpectation {
    /// As annotations write it: `rollout.available=50%`.
    expected: String,
    /// Null where that isn't known here.
    met: Option<bool>,
    unmet_because: Vec<String>,
}

#[derive(Serialize)]
struct JsonClaim<'a> {
    name: &'a str,
    pods: Option<usize>,
    pods_in_update: Option<usize>,
    shared: bool,
}

#[derive(Serialize)]
struct JsonUpdate {
    strategy: String,
    available_min: usize,
    pods_max: usize,
    pods_max_with_terminating: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_by_host_port: Option<i64>,
    order: Option<Vec<String>>,
}

#[derive(Serialize)]
struct JsonFailedUpdate {
    available: usize,
    down: Option<Vec<String>>,
    missing: Option<Vec<String>>,
    stalls: bool,
    noticed_after_seconds: Option<i64>,
    automatic_rollback: bool,
}

#[derive(Serialize)]
struct JsonUndo {
    possible: bool,
    possible_after_success: bool,
    command: Option<String>,
    revisions: Option<i64>,
    restores: Vec<&'static str>,
    needs_pod_deletion: bool,
    incomplete_because: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

pub(super) fn write(outlooks: &[Outlook<'_>], view: RolloutView, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let workloads = outlooks.iter().map(|outlook| json_workload(outlook, view, sources)).collect();
    serde_json::to_writer_pretty(&mut *out, &Report { version: VERSION, workloads }).map_err(io::Error::from)?;
    writeln!(out)
}

fn json_workload<'a>(outlook: &'a Outlook<'_>, view: RolloutView, sources: &'a Sources) -> JsonWorkload<'a> {
    let resource = outlook.workload.resource();
    let (span, source) = (resource.node().span(), sources.get(resource.source()));
    let named = |slots: &Option<Vec<usize>>| slots.as_ref().and_then(|slots| slots.iter().map(|&slot| outlook.pod_name(slot)).collect());
    let claim = |claim: &'a ClaimOutlook<'_>| {
        let ClaimOutlook { name, pods, pods_in_update, is_shared, .. } = claim;
        JsonClaim { name, pods: *pods, pods_in_update: *pods_in_update, shared: *is_shared }
    };
    let update = |update: &GoodUpdate| JsonUpdate {
        strategy: outlook.workload.strategy_type().map_or_else(String::new, |strategy| strategy.value.to_owned()),
        available_min: update.available_min,
        pods_max: update.pods_max,
        pods_max_with_terminating: update.pods_max_with_stopping,
        blocked_by_host_port: update.blocking_port,
        order: named(&update.order),
    };
    let failed = |failed: &FailedUpdate| JsonFailedUpdate {
        available: failed.available,
        down: named(&failed.down),
        missing: named(&failed.missing),
        stalls: failed.stalls,
        noticed_after_seconds: failed.noticed_after_seconds,
        automatic_rollback: false,
    };
    JsonWorkload {
        object: resource.object_name(),
        path: source.name(),
        line: source.line_column(span.start).line,
        replicas: outlook.replicas,
        per_node: outlook.is_per_node,
        nodes: view.nodes.filter(|_| outlook.is_per_node),
        pods: outlook.pod_names(),
        claims: outlook.claims.iter().map(claim).collect(),
        update: outlook.update.as_ref().map(update),
        failed_update: outlook.failed_update.as_ref().map(failed),
        undo: JsonUndo {
            possible: outlook.undo.is_possible,
            possible_after_success: outlook.undo.is_possible_after_success,
            command: outlook.undo_command(),
            revisions: outlook.undo.revisions,
            restores: outlook.restored(),
            needs_pod_deletion: outlook.undo.needs_pod_deletion,
            incomplete_because: outlook.gaps.iter().map(ToString::to_string).collect(),
        },
        expectations: outlook.demands.iter().map(|demand| expectation(outlook, demand.target)).collect(),
    }
}

fn expectation(outlook: &Outlook<'_>, target: Target) -> JsonExpectation {
    let unmet_because: Vec<String> = outlook.unmet(target).into_iter().map(|unmet| unmet.message).collect();
    JsonExpectation { expected: target.to_string(), met: outlook.can_tell(target).then_some(unmet_because.is_empty()), unmet_because }
}
