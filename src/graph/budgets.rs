//! Which workloads' pods a `PodDisruptionBudget` covers.

use std::collections::HashMap;

use super::Graph;
use crate::resource::{Budget, Demand, Kind, Resource, Workload, WorkloadKind};

/// A budget and the workloads whose pods it covers.
#[derive(Clone, Debug)]
pub struct Protection<'t> {
    /// The budget.
    pub budget: Budget<'t>,
    /// The workloads, applied together with it, whose pods it surely selects; hooks and alternatives to its file are left out.
    pub workloads: Vec<Workload<'t>>,
}

impl Protection<'_> {
    /// Whether the disruption controller can't work out how many pods there should be, and lets none be evicted: an owner that can't
    /// be scaled is asked, or no pod has an owner. `getExpectedScale` in
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/disruption/disruption.go>.
    pub fn is_unsupported(&self, demand: &Demand<'_>) -> bool {
        use WorkloadKind::{CronJob, DaemonSet, Job, Pod};
        let is_owner_without_scale = |workload: &Workload<'_>| matches!(workload.kind(), DaemonSet | Job | CronJob);
        let are_bare = !self.workloads.is_empty() && self.workloads.iter().all(|workload| workload.kind() == Pod);
        demand.needs_scale() && (are_bare || self.workloads.iter().any(is_owner_without_scale))
    }
}

impl<'t> Graph<'t> {
    /// All budgets of the run that have a selector.
    pub fn protections(&self) -> &[Protection<'t>] {
        self.protections.get_or_init(|| self.find_protections())
    }

    fn find_protections(&self) -> Vec<Protection<'t>> {
        let budgets = self.of_kind(Kind::PodDisruptionBudget).filter_map(Resource::budget);
        budgets
            .filter_map(|budget| {
                let resource = *budget.resource();
                let selected = self.selected(&resource, budget.selector()?);
                let workloads =
                    selected.filter(|workload| !workload.resource().is_hook() && !self.are_alternatives(&resource, workload.resource()));
                Some(Protection { budget, workloads: workloads.collect() })
            })
            .collect()
    }

    /// The budgets that cover a workload's pods.
    pub fn budgets(&self, workload: &Workload<'t>) -> impl Iterator<Item = Budget<'t>> {
        let by_workload = self.budgets.get_or_init(|| self.index_budgets());
        let index = self.index_of(workload.resource());
        let budgets = index.and_then(|index| by_workload.get(&index)).map_or(&[][..], Vec::as_slice);
        budgets.iter().map(|&index| self.protections()[index as usize].budget)
    }

    fn index_budgets(&self) -> HashMap<u32, Vec<u32>> {
        let mut by_workload: HashMap<u32, Vec<u32>> = HashMap::new();
        for (index, protection) in self.protections().iter().enumerate() {
            for workload in protection.workloads.iter().filter_map(|workload| self.index_of(workload.resource())) {
                by_workload.entry(workload).or_default().push(index as u32);
            }
        }
        by_workload
    }
}
