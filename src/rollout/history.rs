//! The revisions that a controller keeps to go back to, and what undo does to them.

use super::simulation::{Simulation, Template};
use crate::resource::WorkloadKind;

/// The revisions of one workload, oldest first: `ReplicaSet`s of a Deployment, else `ControllerRevision`s.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    kind: WorkloadKind,
    limit: usize,
    revisions: Vec<(u32, Template)>,
}

impl History {
    /// No revision yet; so many old ones are kept.
    pub fn new(kind: WorkloadKind, limit: usize) -> Self {
        History { kind, limit, revisions: Vec::new() }
    }

    /// The numbers of the revisions, oldest first, with their templates.
    pub fn revisions(&self) -> &[(u32, Template)] {
        &self.revisions
    }

    /// A template is rolled out, and the controller has done what it can: the template has the highest number, also where an older
    /// revision had it, whose own number is gone then; and old revisions are thrown away.
    pub fn record(&mut self, template: Template, pods: &Simulation) {
        let highest = self.revisions.last().map_or(0, |(number, _)| *number);
        if self.revisions.last().is_none_or(|(_, last)| *last != template) {
            self.revisions.retain(|(_, known)| *known != template);
            self.revisions.push((highest + 1, template));
        }
        self.clean(pods);
    }

    /// What `kubectl rollout undo` goes back to: the revision before the last.
    pub fn undo_target(&self) -> Option<Template> {
        let before_last = self.revisions.len().checked_sub(2)?;
        Some(self.revisions[before_last].1)
    }

    /// A Deployment throws away when a rollout is complete (`cleanupDeployment`), a `DaemonSet` counts the revisions that pods still have
    /// (`cleanupHistory`), a `StatefulSet` does not (`truncateHistory`). None throws away what pods still have.
    fn clean(&mut self, pods: &Simulation) {
        let Some((_, newest)) = self.revisions.last().copied() else { return };
        let is_live = |template: Template| template == newest || pods.pods().iter().any(|pod| pod.template == template);
        let counted = |template: Template| match self.kind {
            WorkloadKind::StatefulSet => !is_live(template),
            _ => template != newest,
        };
        let is_due = self.kind != WorkloadKind::Deployment || (pods.is_whole() && pods.pods().iter().all(|pod| pod.template == newest));
        let old = self.revisions.iter().filter(|(_, template)| counted(*template)).count();
        let mut too_many = if is_due { old.saturating_sub(self.limit) } else { 0 };
        self.revisions.retain(|&(_, template)| {
            let goes = too_many > 0 && counted(template) && !is_live(template);
            too_many -= usize::from(goes);
            !goes
        });
    }
}
