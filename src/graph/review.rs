//! Pods held against the API server's validation.

use std::fmt::Display;

use super::{Graph, Versions};
use crate::finding::{Finding, Place, Report};
use crate::resource::{PodSpec, Workload, WorkloadKind};

/// The first minor version whose API server validates a `StatefulSet`'s template as it does any other
/// (<https://github.com/kubernetes/kubernetes/pull/131790>).
const SET_TEMPLATE_VALIDATED_SINCE: u32 = 34;

/// A workload whose pods are held against the API server's validation, and the report of what fails it.
#[derive(Debug)]
pub struct PodReview<'a, 't> {
    /// The workload.
    pub workload: Workload<'t>,
    /// Its pods.
    pub pod: PodSpec<'t>,
    /// Whether it is no patch, so that it counts what it lacks, repeats or contradicts.
    pub is_whole: bool,
    /// The versions it is meant for.
    pub versions: Versions,
    graph: &'a Graph<'t>,
    report: &'a mut Report,
}

impl<'t> Graph<'t> {
    /// What the API server does with a workload whose pods fail its validation, for messages.
    pub fn refusal(&self, workload: &Workload<'t>) -> String {
        let name = workload.describe();
        let Versions { oldest, newest } = self.world().versions;
        match workload.kind() {
            WorkloadKind::StatefulSet if newest < SET_TEMPLATE_VALIDATED_SINCE => {
                format!("the API server accepts {name} and refuses each of its pods")
            }
            WorkloadKind::StatefulSet if oldest < SET_TEMPLATE_VALIDATED_SINCE => {
                format!("before 1.34 {name} is accepted and gets no pods, later it is refused")
            }
            _ => format!("the API server refuses {name}"),
        }
    }

    /// Holds the pods of each workload against a part of the API server's validation.
    pub fn review_pods(&self, report: &mut Report, check: impl Fn(&mut PodReview<'_, 't>)) {
        let versions = self.world().versions;
        for workload in self.all_workloads() {
            let Some(pod) = workload.pod() else { continue };
            let is_whole = !workload.resource().is_partial() && !workload.may_be_patch();
            check(&mut PodReview { workload, pod, is_whole, versions, graph: self, report });
        }
    }
}

impl<'t> PodReview<'_, 't> {
    /// Reports why the API server refuses the pods.
    pub fn refuse(&mut self, place: impl Into<Place<'t>>, reason: impl Display) -> &mut Finding {
        self.report.at(place, format!("{reason}; {}", self.graph.refusal(&self.workload)))
    }

    /// Reports why the API server refuses the workload itself, whichever version it has.
    pub fn refuse_workload(&mut self, place: impl Into<Place<'t>>, reason: impl Display) -> &mut Finding {
        self.report.at(place, format!("{reason}; the API server refuses {}", self.workload.describe()))
    }

    /// Reports why each pod is refused, though a controller's template is accepted.
    pub fn refuse_each_pod(&mut self, place: impl Into<Place<'t>>, reason: impl Display) -> &mut Finding {
        let name = self.workload.describe();
        match self.workload.kind() {
            WorkloadKind::Pod => self.report.at(place, format!("{reason}; the API server refuses {name}")),
            _ => self.report.at(place, format!("{reason}; the API server accepts {name} and refuses each of its pods")),
        }
    }
    /// Reports a hazard that the API server accepts.
    pub fn warn(&mut self, place: impl Into<Place<'t>>, message: impl Into<String>) -> &mut Finding {
        self.report.at(place, message).warning_if(true)
    }
}
