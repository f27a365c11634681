//! An expression in CEL, the language of the API server's policies: compiled once, evaluated on many objects.
//!
//! The crate `cel` parses; what a policy may call, what evaluation may cost, which values can't be known without a cluster and which part of
//! an object decided are Kubernetes' matter and this program's, and are looked after here.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts of what lies in memory, and numbers that were compared before"
)]

mod check;
mod defaults;
mod eval;
mod explain;
mod expr;
mod functions;
mod meter;
mod network;
mod operators;
mod parse;
mod regexes;
mod semver;
mod time;
mod tree;
mod url;
mod value;

pub(in crate::policy) use eval::Evaluation;
pub use explain::Place;
pub(in crate::policy) use functions::{Call, Function, member_of_graph};
pub(in crate::policy) use regexes::Regexes;
pub(in crate::policy) use tree::Shadow;
pub(in crate::policy) use value::{Data, Value};

/// What expressions can name.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Environment<'e> {
    /// `object`, `params` and so on; an evaluation brings their values in this order.
    pub(in crate::policy) roots: &'e [&'static str],
    /// The names of `variables` that are declared before the expression.
    pub(in crate::policy) variables: &'e [String],
    /// The oldest minor version of Kubernetes that has to take the expression.
    pub(in crate::policy) oldest: u32,
    /// Functions beyond those of the API server.
    pub(in crate::policy) extensions: &'static [Function],
}

impl Environment<'_> {
    pub(in crate::policy) fn has_root(&self, name: &str) -> bool {
        self.roots.contains(&name)
    }

    /// The version whose functions may be used: new expressions get those that the version before knew, so that a cluster can go back
    /// (<https://github.com/kubernetes/apiserver/blob/master/pkg/cel/environment/base.go>, `DefaultCompatibilityVersion`).
    fn newest_function(&self) -> u32 {
        self.oldest.saturating_sub(1)
    }
}

/// What is wrong with an expression.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(in crate::policy) struct Fault {
    /// The parser's number of the part.
    id: u64,
    /// The byte of the expression where the part begins.
    pub(in crate::policy) offset: usize,
    pub(in crate::policy) message: String,
    pub(in crate::policy) help: Option<String>,
}

/// Why an evaluation has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Stop {
    /// What the expression does goes wrong.
    Error(String),
    /// A function or operator does not take values of these types.
    NoOverload,
    /// It depends on what only a cluster knows.
    Undecided(String),
    /// It costs more than the API server grants.
    OverBudget,
}

impl Stop {
    /// The one that counts of two: what is undecided could have decided.
    fn over(self, earlier: Option<Stop>) -> Stop {
        match earlier {
            Some(earlier @ Stop::Undecided(_)) => earlier,
            Some(earlier) if !matches!(self, Stop::Undecided(_)) => earlier,
            _ => self,
        }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Error(message) | Stop::Undecided(message) => formatter.write_str(message),
            Stop::NoOverload => formatter.write_str("a function or operator gets values of types that it does not take"),
            Stop::OverBudget => formatter.write_str("it costs more than the API server grants an expression"),
        }
    }
}

/// What an expression has to result in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Wanted {
    Any,
    Bool,
    Text,
    TextOrNull,
}

/// A compiled expression.
#[derive(Debug)]
pub(in crate::policy) struct Program {
    expr: expr::Expr,
    /// The name of its type, as far as it can be told; `dyn` where it can't.
    pub(in crate::policy) type_name: &'static str,
    roots: u64,
}

impl Program {
    /// Compiles an expression. `types` are those of the environment's variables.
    pub(in crate::policy) fn compile(
        text: &str,
        environment: &Environment<'_>,
        types: &[&'static str],
        wanted: Wanted,
    ) -> Result<Program, Vec<Fault>> {
        let expr = parse::parse(text, environment)?;
        match check::check(&expr, environment, types, wanted) {
            Ok((type_name, roots)) => Ok(Program { expr, type_name, roots }),
            Err(mut faults) => {
                parse::locate(text, &mut faults);
                Err(faults)
            }
        }
    }

    /// Whether it reads the root of that index.
    pub(in crate::policy) fn reads(&self, root: usize) -> bool {
        self.roots & (1 << root) != 0
    }
}

#[cfg(test)]
mod tests;
