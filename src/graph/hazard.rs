//! What goes wrong when several pods use one claim.

use std::collections::HashMap;

use super::{ClaimUse, Graph, MANY_OF_ONE_NAME, Pods};
use crate::resource::{AccessMode, Handover, Identity, Workload, WorkloadKind};

/// What goes wrong between the pods of one workload on one claim. There is at most one such thing for each claim, the worst, so that
/// no two rules tell of the same.
#[derive(Clone, Copy, Debug)]
pub enum Hazard<'t> {
    /// `ReadWriteOncePod`: one of these pods can use it, the others don't start.
    OnePod(Pods<'t>),
    /// `ReadWriteOncePod`: the new pod of a rollout waits for the claim, and the old one is kept until the new one is ready.
    OnePodInRollout,
    /// `ReadWriteOnce`: the pods of one node can use it, those of others don't start.
    OneNode(Pods<'t>),
    /// `ReadWriteOnce`: the new pod of a rollout waits for the volume if it comes to another node, and the old one is kept until the
    /// new one is ready.
    OneNodeInRollout,
    /// All these pods write the same files.
    SharedWrites(Pods<'t>),
    /// The same on a `ReadWriteOnce` claim, which keeps all these pods on one node but not from each other's files.
    SharedWritesOnNode(Pods<'t>),
    /// There is one pod, but a rollout runs the old and the new one at once, and both write the same files.
    SharedWritesInRollout(Handover),
    /// Runs of a `CronJob` may overlap: they write the same files, or else only wait for the volume.
    OverlappingRuns {
        /// Whether they write the same files.
        are_writing: bool,
    },
}

/// A claim that several workloads of one unit use, in pods that run at the same time.
#[derive(Clone, Debug)]
pub struct SharedClaim<'g, 't> {
    /// The access mode in which all of them have it.
    pub mode: AccessMode,
    /// Its uses, in the order of the files.
    pub uses: Vec<&'g ClaimUse<'t>>,
}

impl<'t> Graph<'t> {
    pub(super) fn hazard(&self, claim_use: &ClaimUse<'t>) -> Option<Hazard<'t>> {
        claim_use.name.value_text()?;
        let pods = claim_use.pods?;
        let mode = claim_use.access_modes().map(|modes| modes.best);
        if mode == Some(AccessMode::ReadWriteOncePod) {
            return claim_use.one_pod_hazard(pods);
        }
        if let Pods::Runs(_) = pods {
            return self.hazard_of_runs(claim_use, mode);
        }
        match mode? {
            AccessMode::ReadWriteMany => claim_use.shared_writes_hazard(pods),
            AccessMode::ReadWriteOnce if self.is_on_network(claim_use) => None,
            AccessMode::ReadWriteOnce if self.is_on_one_node(claim_use) => claim_use.on_node_hazard(pods),
            AccessMode::ReadWriteOnce => claim_use.one_node_hazard(pods),
            AccessMode::ReadOnlyMany | AccessMode::ReadWriteOncePod => None,
        }
    }

    fn hazard_of_runs(&self, claim_use: &ClaimUse<'t>, mode: Option<AccessMode>) -> Option<Hazard<'t>> {
        let are_writing = mode != Some(AccessMode::ReadOnlyMany) && claim_use.is_shared_by_pods();
        let is_attached = || mode == Some(AccessMode::ReadWriteOnce) && !self.is_on_network(claim_use) && !self.is_on_one_node(claim_use);
        (are_writing || is_attached()).then_some(Hazard::OverlappingRuns { are_writing })
    }

    /// Claims of one name and namespace in one unit that several workloads use. What is told to run no pods doesn't count, nor what
    /// Helm or Argo CD runs at a point of a release, which uses another's claim on purpose; nor do, for a `ReadWriteOnce` claim, pods
    /// that all run on one node.
    pub fn shared_claims(&self) -> Vec<SharedClaim<'_, 't>> {
        let mut index: HashMap<(u32, Identity<'_>), usize> = HashMap::new();
        let mut groups: Vec<Vec<&ClaimUse<'t>>> = Vec::new();
        for claim_use in self.claim_uses().iter().filter(|claim_use| self.takes_part(claim_use)) {
            let Some(key) = self.claim_key(claim_use) else { continue };
            let group = *index.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(claim_use);
        }
        groups.into_iter().filter_map(SharedClaim::new).collect()
    }

    fn takes_part(&self, claim_use: &ClaimUse<'t>) -> bool {
        let is_running = claim_use.pods.is_some_and(|pods| pods.most() != Some(0));
        let is_once = claim_use.access_modes().is_some_and(|modes| modes.best == AccessMode::ReadWriteOnce);
        is_running && !claim_use.workload.resource().is_hook() && !(is_once && self.is_on_one_node(claim_use))
    }

    fn claim_key(&self, claim_use: &ClaimUse<'t>) -> Option<(u32, Identity<'t>)> {
        let resource = claim_use.workload.resource();
        Some((self.files.get(&resource.source())?.unit, resource.beside(claim_use.name.value_text()?)?))
    }
}

impl<'t> ClaimUse<'t> {
    fn one_pod_hazard(&self, pods: Pods<'t>) -> Option<Hazard<'t>> {
        if pods.are_several() {
            return Some(Hazard::OnePod(pods));
        }
        let waits = pods.is_one() && self.workload.handover()? == Handover::NewFirst;
        waits.then_some(Hazard::OnePodInRollout)
    }

    fn one_node_hazard(&self, pods: Pods<'t>) -> Option<Hazard<'t>> {
        if pods.are_several() {
            return Some(Hazard::OneNode(pods));
        }
        let waits = self.is_single_pod_of_deployment(pods) && self.workload.handover()? == Handover::NewFirst;
        waits.then_some(Hazard::OneNodeInRollout)
    }

    fn shared_writes_hazard(&self, pods: Pods<'t>) -> Option<Hazard<'t>> {
        if pods.are_several() {
            return self.is_shared_by_pods().then_some(Hazard::SharedWrites(pods));
        }
        self.overlap_hazard(pods)
    }

    fn on_node_hazard(&self, pods: Pods<'t>) -> Option<Hazard<'t>> {
        if pods.are_several() {
            let is_shared = !matches!(pods, Pods::PerNode) && self.is_shared_by_pods();
            return is_shared.then_some(Hazard::SharedWritesOnNode(pods));
        }
        self.overlap_hazard(pods)
    }

    fn overlap_hazard(&self, pods: Pods<'t>) -> Option<Hazard<'t>> {
        let handover = self.workload.handover().filter(|_| self.is_single_pod_of_deployment(pods))?;
        (handover != Handover::OldGone && self.is_shared_by_pods()).then_some(Hazard::SharedWritesInRollout(handover))
    }

    fn is_of_same_workload(&self, other: &ClaimUse<'_>) -> bool {
        self.workload.resource().is_same_object(other.workload.resource())
    }

    fn is_single_pod_of_deployment(&self, pods: Pods<'t>) -> bool {
        self.workload.kind() == WorkloadKind::Deployment && pods.is_one()
    }
}

impl<'g, 't> SharedClaim<'g, 't> {
    /// `None` where one workload is alone with it, and where its access mode isn't the same for all or isn't known.
    fn new(uses: Vec<&'g ClaimUse<'t>>) -> Option<Self> {
        let (first, others) = uses.split_first()?;
        let mode = first.access_modes()?.best;
        let have_one_mode = others.iter().all(|other| other.access_modes().is_some_and(|modes| modes.best == mode));
        let are_several = others.iter().any(|other| !first.is_of_same_workload(other)) && others.len() < MANY_OF_ONE_NAME;
        (have_one_mode && are_several).then_some(SharedClaim { mode, uses })
    }

    /// One use of each workload.
    pub fn users(&self) -> Vec<&'g ClaimUse<'t>> {
        one_a_workload(self.uses.iter().copied())
    }

    /// One use of each workload that writes what another one writes too.
    pub fn writers(&self) -> Vec<&'g ClaimUse<'t>> {
        one_a_workload(self.uses.iter().copied().filter(|one| self.others(one).any(|other| one.writes_overlap(other))))
    }

    /// Whether workloads write the same only through init containers, so that they meet no longer than a pod takes to start.
    pub fn meets_only_at_start(&self) -> bool {
        !self.uses.iter().any(|one| self.others(one).any(|other| one.lasting_writes_overlap(other)))
    }

    fn others<'s>(&'s self, one: &'s ClaimUse<'t>) -> impl Iterator<Item = &'g ClaimUse<'t>> {
        self.uses.iter().copied().filter(|other| !one.is_of_same_workload(other))
    }
}

/// The workloads of some uses by name, the first few of them: "Deployment a, Deployment b and 2 more workloads".
pub fn name_workloads(uses: &[&ClaimUse<'_>]) -> String {
    name_each(uses.iter().map(|claim_use| claim_use.workload))
}

/// The same of any workloads.
pub fn name_each<'t>(workloads: impl ExactSizeIterator<Item = Workload<'t>>) -> String {
    let all = workloads.len();
    let names: Vec<_> = workloads.take(3).map(|workload| workload.describe()).collect();
    match (names.as_slice(), all) {
        ([a, b], 2) => format!("{a} and {b}"),
        ([a, b, c], 3) => format!("{a}, {b} and {c}"),
        ([a, b, ..], all) => format!("{a}, {b} and {} more workloads", all - 2),
        (few, _) => few.concat(),
    }
}

fn one_a_workload<'g, 't>(uses: impl Iterator<Item = &'g ClaimUse<'t>>) -> Vec<&'g ClaimUse<'t>> {
    let mut first: Vec<&'g ClaimUse<'t>> = Vec::new();
    for claim_use in uses {
        if !first.iter().any(|other| other.is_of_same_workload(claim_use)) {
            first.push(claim_use);
        }
    }
    first
}
