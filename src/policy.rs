//! The user's own policies in CEL, and what they have against an object.
//!
//! A policy is a `ValidatingAdmissionPolicy` as the API server takes it: [`Policy::read`](crate::policy::Policy::read) compiles its
//! expressions, [`Policy::judge`](crate::policy::Policy::judge) evaluates them on one object. There are three outcomes: an expression
//! holds, it does not, or it can't be decided here, because it asks the cluster or goes wrong.

mod cel;
mod custom;
mod document;
mod judge;
mod matching;
mod relations;
mod set;
mod short;

use crate::yaml::NodeRef;

pub use custom::{Broken, CustomRules, Uncompiled};
pub use document::{Action, Policy, is_policy};
pub use judge::{Cause, Failing, Judgement, Params, Place, Subject, Undecided, Verdict};
pub use matching::{Operation, Target, plural_of};
pub use relations::Relations;
pub use set::{Doubt, Found, Policies, Violation};
pub use short::{Short, ShortMistake};

/// A mistake in a policy, for which the API server would refuse it or which would surprise its author.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault<'t> {
    /// The part of the policy.
    pub node: NodeRef<'t>,
    /// The byte of the node's text where it begins, in an expression.
    pub offset: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether the API server refuses the policy.
    pub is_refused: bool,
}
