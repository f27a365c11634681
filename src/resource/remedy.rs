//! Changes of workloads that several rules offer.

use super::{PodSpec, Taint, Workload};
use crate::yaml::NodeRef;
use crate::yaml::edit::{self, Change, Value};

/// Fields of a pod behind which tolerations are looked for.
const BEFORE_TOLERATIONS: [&str; 5] = ["serviceAccountName", "hostNetwork", "priorityClassName", "nodeSelector", "affinity"];

impl Workload<'_> {
    /// What makes a Deployment stop its old pods before it starts new ones.
    pub fn recreate(&self) -> Vec<Option<Change>> {
        let Some(spec) = self.spec() else { return vec![None] };
        let recreate = Value::Str("Recreate");
        let strategy = spec.get("strategy").filter(|strategy| !strategy.is_null() && !strategy.is_empty());
        let Some(strategy) = strategy else {
            return vec![edit::set(spec, "strategy", Value::Mapping(&[("type", recreate)]), &["replicas", "selector"])];
        };
        match (strategy.get("type"), strategy.get("rollingUpdate")) {
            (None, Some(_)) => vec![edit::put_in_place(strategy, "rollingUpdate", "type", recreate)],
            (_, rolling) => [Some(edit::set(strategy, "type", recreate, &[])), rolling.map(edit::remove)].into_iter().flatten().collect(),
        }
    }

    /// What lets a run of a `CronJob` wait for the one before it.
    pub fn forbid_overlap(&self) -> Option<Change> {
        edit::set(self.spec()?, "concurrencyPolicy", Value::Str("Forbid"), &["schedule", "timeZone"])
    }
}

impl<'t> PodSpec<'t> {
    /// What makes the pod tolerate a taint, behind another of its tolerations if there is one that is like it.
    pub fn tolerate(&self, taint: Taint<'_>, like: Option<NodeRef<'t>>) -> Option<Change> {
        let field = |key: &'static str| like.and_then(|like| like.get(key)).and_then(NodeRef::str);
        let exists = [("key", Value::Str(taint.key)), ("operator", Value::Str("Exists")), ("effect", Value::Str(taint.effect))];
        let effect = field("effect").map(|effect| ("effect", Value::Str(effect)));
        let operator = field("operator").map(|operator| ("operator", Value::Str(operator)));
        let alike: Vec<_> = [Some(("key", Value::Str(taint.key))), operator, effect].into_iter().flatten().collect();
        let toleration = Value::Mapping(if like.is_some() { &alike } else { &exists });
        match self.node().get("tolerations").filter(|list| !list.is_null() && !list.is_empty()) {
            Some(list) => edit::add_item(list, like, toleration),
            None => edit::set(self.node(), "tolerations", Value::List(&[toleration]), &BEFORE_TOLERATIONS),
        }
    }
}
