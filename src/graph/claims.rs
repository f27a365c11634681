//! What the name of a claim leads to: a claim that is written, or one that a `StatefulSet` or a pod makes.

use std::collections::HashMap;

use super::{Absence, ClaimUse, Graph, MANY_OF_ONE_NAME};
use crate::resource::{ClaimRequest, Identity, Kind, ORDINAL, Resource, Workload};
use crate::yaml::NodeRef;

/// What claims are made from, by the claims' name with [`ORDINAL`] for ordinals.
pub(super) type MadeClaims<'t> = HashMap<String, Vec<ClaimRequest<'t>>>;

/// What a volume's `claimName` leads to.
#[derive(Clone, Copy, Debug)]
enum NamedClaim<'t> {
    /// A claim, or the template that it is made from.
    Found(ClaimRequest<'t>),
    /// One of several that ask for different things.
    Ambiguous,
    /// Nothing that is here.
    Absent,
}

impl<'t> Graph<'t> {
    /// The claim that a workload means by a name, or what it is made from.
    pub(super) fn claim_of(&self, workload: &Workload<'t>, name: NodeRef<'t>) -> Option<ClaimRequest<'t>> {
        let identity = workload.resource().beside(name.value_text()?)?;
        match self.named_claim(workload, identity) {
            NamedClaim::Found(claim) => Some(claim),
            NamedClaim::Ambiguous | NamedClaim::Absent => None,
        }
    }

    fn named_claim(&self, workload: &Workload<'t>, identity: Identity<'_>) -> NamedClaim<'t> {
        let from = workload.resource();
        let Some(written) = self.nearest(from, Kind::PersistentVolumeClaim, identity) else { return NamedClaim::Ambiguous };
        let claims: Vec<_> = written.into_iter().filter_map(Resource::claim).collect();
        let claims = if claims.is_empty() { self.made_claims(from, identity) } else { claims };
        match claims.split_first() {
            None => NamedClaim::Absent,
            Some((first, others)) if others.iter().all(|other| first.is_like(other)) => NamedClaim::Found(*first),
            Some(_) => NamedClaim::Ambiguous,
        }
    }

    /// What claims of that name are made from, nearest to `from`. Which ordinals there are now doesn't matter: a claim stays when its
    /// pod goes.
    fn made_claims(&self, from: &Resource<'t>, identity: Identity<'_>) -> Vec<ClaimRequest<'t>> {
        let made = self.made_claims.get_or_init(|| self.index_made_claims());
        let all = made_names(identity.name).filter_map(|(name, _)| made.get(&name)).flatten();
        let beside = all.filter(|claim| claim.resource().namespace() == identity.namespace);
        let claims: Vec<_> = beside.take(MANY_OF_ONE_NAME).collect();
        let nearest = claims.iter().map(|claim| self.distance(from, claim.resource())).min();
        claims.into_iter().filter(|claim| Some(self.distance(from, claim.resource())) == nearest).copied().collect()
    }

    /// Whether a `StatefulSet` or a pod takes a claim for its own, by its name.
    pub fn is_made(&self, claim: &Resource<'t>) -> bool {
        claim.identity().is_some_and(|identity| !self.made_claims(claim, identity).is_empty())
    }

    fn index_made_claims(&self) -> MadeClaims<'t> {
        let mut made = MadeClaims::new();
        for claim in self.claim_requests() {
            if let Some(name) = claim.made_name() {
                made.entry(name).or_default().push(claim);
            }
        }
        made
    }

    /// An ephemeral volume of the claim's unit whose own claim gets the same name in one of the pods there are, and that pod's name: the
    /// pod waits for a claim that belongs to it, `VolumeIsForPod` in
    /// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/storage/ephemeral/ephemeral.go>.
    pub fn ephemeral_volume_named_like(&self, claim: &Resource<'t>) -> Option<(ClaimRequest<'t>, String)> {
        let (identity, unit) = (claim.identity()?, self.unit_number(claim));
        let made = self.made_claims.get_or_init(|| self.index_made_claims());
        made_names(identity.name).find_map(|(name, ordinal)| {
            let mut volumes = made.get(&name).into_iter().flatten().take(MANY_OF_ONE_NAME).filter(|volume| volume.is_ephemeral());
            let volume = volumes.find(|volume| {
                let owner = volume.resource();
                owner.namespace() == identity.namespace && self.unit_number(owner) == unit && self.has_ordinal(owner, ordinal)
            })?;
            let pod = volume.resource().name()?;
            Some((*volume, ordinal.map_or_else(|| pod.to_owned(), |ordinal| format!("{pod}-{ordinal}"))))
        })
    }

    /// Whether a `StatefulSet` has a pod of that ordinal. A Pod has none.
    fn has_ordinal(&self, owner: &Resource<'t>, ordinal: Option<i64>) -> bool {
        let (Some(workload), Some(ordinal)) = (owner.workload(), ordinal) else { return true };
        let first = workload.first_ordinal();
        let most = self.replicas(&workload).map(|replicas| replicas.most);
        first.zip(most).is_some_and(|(first, most)| (first..first.saturating_add(most)).contains(&ordinal))
    }

    /// What it means that a use's claim is not here. `None` where it is, or may be made by something that is.
    pub fn absence_of_claim(&self, claim_use: &ClaimUse<'t>) -> Option<Absence> {
        let from = claim_use.workload.resource();
        let identity = from.beside(claim_use.name.value_text()?).filter(|_| claim_use.claim.is_none())?;
        if !matches!(self.named_claim(&claim_use.workload, identity), NamedClaim::Absent) {
            return None;
        }
        // A patch, a claim whose namespace one side leaves open, and one that a kustomization moves may be the one.
        let is_open = |claim: &Resource<'t>| {
            claim.is_partial() || claim.namespace().is_some() != identity.namespace.is_some() || self.is_put_into_a_namespace(from)
        };
        let named = self.indices_named(Kind::PersistentVolumeClaim, identity.name);
        let may_be_here = self.at_indices(named).take(MANY_OF_ONE_NAME).any(is_open) || self.is_made_by_an_operator(from, identity.name);
        if may_be_here { None } else { Some(self.absence(from, Kind::PersistentVolumeClaim, identity)) }
    }
}

/// A name itself, and with each of its numbers replaced by [`ORDINAL`], and that number.
fn made_names(name: &str) -> impl Iterator<Item = (String, Option<i64>)> {
    let parts = name.split('-').scan(0, |next, part| {
        let start = *next;
        *next += part.len() + 1;
        Some((start, part))
    });
    let with_ordinal = parts.filter_map(move |(start, part)| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let ordinal = part.parse().ok().filter(|_| is_number)?;
        Some((format!("{}{ORDINAL}{}", &name[..start], &name[start + part.len()..]), Some(ordinal)))
    });
    std::iter::once((name.to_owned(), None)).chain(with_ordinal)
}

#[cfg(test)]
mod tests {
    use super::made_names;

    #[test]
    fn each_number_of_a_name_may_be_an_ordinal() {
        let names = |name| made_names(name).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("data-web-0"), ["data-web-0", "data-web-#"]);
        assert_eq!(names("web-12-scratch-2"), ["web-12-scratch-2", "web-#-scratch-2", "web-12-scratch-#"]);
        assert_eq!(names("v1-data"), ["v1-data"]);
        assert_eq!(names("--"), ["--"]);
    }
}
