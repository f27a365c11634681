//! `kubeshoal policy`

mod export;
mod test;

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::FOUND;
use super::console::{self, Console};
use crate::config::{self, PolicySettings, Settings};
use crate::graph::Versions;
use crate::input;
use crate::lint::{Side, Text};
use crate::policy::{Judgement, Operation, Params, Place, Policy, Short, Subject, Target, Verdict, is_policy, plural_of};
use crate::render::printable;
use crate::resource::{Resource, is_object};
use crate::schema;
use crate::yaml::{NodeRef, Tree};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try a policy on an object
    Eval(EvalArgs),
    /// Run the examples of policies in short form
    Test(test::Args),
    /// Write policies for the API server: of rules, and of the short form
    Export(export::Args),
}

#[derive(Debug, clap::Args)]
struct EvalArgs {
    /// The object, as it is written: nothing is filled in
    #[arg(value_name = "OBJECT")]
    object: PathBuf,

    /// The `ValidatingAdmissionPolicy`; `.yaml` may be left out
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// The policy's parameters
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,

    /// What the object was before
    #[arg(long, value_name = "FILE")]
    old: Option<PathBuf>,

    /// The object of the namespace it belongs to
    #[arg(long, value_name = "FILE")]
    namespace: Option<PathBuf>,

    /// The cluster's version, such as 1.37, or a range of them, such as 1.33..1.37
    #[arg(long, value_name = "VERSION", value_parser = config::versions)]
    kubernetes_version: Option<Versions>,

    /// How to write the outcome
    #[arg(long, value_enum, default_value = "text")]
    format: EvalFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum EvalFormat {
    Text,
    Json,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    match &args.command {
        Command::Eval(args) => eval(args),
        Command::Test(args) => test::run(args, console),
        Command::Export(args) => export::run(args),
    }
}

/// The files of policies that paths lead to, by name, and the short form where it is one.
fn policies_of(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, Option<Short>)>> {
    let folders = paths.iter().map(|path| input::shown(path)).collect();
    let settings = Settings { policies: PolicySettings { folders, ..PolicySettings::default() }, ..Settings::default() };
    let read = input::policies(&settings);
    if let Some(unreadable) = read.unreadable.first() {
        bail!("cannot read {}: {}", printable(&unreadable.path), unreadable.reason);
    }
    let short = |text: Text| match text.side {
        Side::Policy { markdown } => (text.name, markdown.map(|short| *short)),
        _ => (text.name, None),
    };
    Ok(read.texts.into_iter().map(short).collect())
}

/// The one document of a file that is what was asked for.
fn only<'t>(tree: &'t Tree, path: &Path, what: &str, is_it: fn(NodeRef<'_>) -> bool) -> anyhow::Result<NodeRef<'t>> {
    let name = input::shown(path);
    if let Some(error) = tree.errors().first() {
        bail!("cannot read {}: {}", printable(&name), error.message);
    }
    let mut found = tree.documents().filter_map(|document| document.root).filter(|root| is_it(*root));
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node),
        (None, _) => bail!("there is no {what} in {}", printable(&name)),
        (Some(_), Some(_)) => bail!("there is more than one {what} in {}", printable(&name)),
    }
}

fn eval(args: &EvalArgs) -> anyhow::Result<u8> {
    let read = |path: &PathBuf| input::read_tree(&input::with_extension(path));
    let optional = |path: &Option<PathBuf>| path.as_ref().map(read).transpose();
    let (policy, object) = (read(&args.policy)?, read(&args.object)?);
    let (params, old, namespace) = (optional(&args.params)?, optional(&args.old)?, optional(&args.namespace)?);
    let (params, old) = (object_in(params.as_ref(), args.params.as_ref())?, object_in(old.as_ref(), args.old.as_ref())?);
    let namespace = object_in(namespace.as_ref(), args.namespace.as_ref())?;
    let versions = args.kubernetes_version.unwrap_or_default();
    let policy = Policy::read(only(&policy, &args.policy, "ValidatingAdmissionPolicy", is_policy)?, versions.oldest);
    let resource = Resource::new(only(&object, &args.object, "object", is_object)?).context("the object has no kind")?;
    let kind = schema::kind(resource.api_version(), resource.kind_name());
    let target = Target {
        resource,
        plural: kind.map(|kind| Cow::Owned(plural_of(kind.kind))),
        operation: if old.is_some() { Operation::Update } else { Operation::Create },
        namespace,
        in_namespace: resource.metadata().and_then(|metadata| metadata.field("namespace")),
        is_cluster_scoped: kind.map_or(namespace.is_none() && resource.namespace().is_none(), |kind| kind.is_cluster_scoped),
    };
    let subject = Subject { target, old, params: params.map_or(Params::None, Params::Object), as_served: false, relations: None };
    let judgement = if policy.matches(&subject.target) == Some(false) { Judgement::default() } else { policy.judge(&subject) };
    for fault in policy.faults() {
        console::error(format_args!("{}: {}", fault.node.path_from(policy.node()), fault.message));
    }
    console::write(|out| match args.format {
        EvalFormat::Text => write_text(&judgement, resource.node(), out),
        EvalFormat::Json => write_json(&judgement, resource.node(), out),
    })?;
    Ok(if judgement.verdict() == Verdict::Deny { FOUND } else { 0 })
}

/// The object of a file that was named.
fn object_in<'t>(tree: Option<&'t Tree>, path: Option<&PathBuf>) -> anyhow::Result<Option<NodeRef<'t>>> {
    tree.zip(path).map(|(tree, path)| only(tree, path, "object", is_object)).transpose()
}

fn write_text(judgement: &Judgement<'_>, object: NodeRef<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}", judgement.verdict().name())?;
    if !judgement.applies && judgement.undecided.is_empty() {
        writeln!(out, "  the policy is not about this object")?;
    }
    for failing in &judgement.failing {
        writeln!(out, "  validations[{}]: {}", failing.index, printable(&failing.message))?;
        for place in places(&failing.reasons, object) {
            writeln!(out, "    {}", printable(&place))?;
        }
    }
    for undecided in &judgement.undecided {
        let path = undecided.node.path_from(undecided.node.root());
        writeln!(out, "  {path}: {}", printable(&undecided.reason))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Outcome<'a> {
    verdict: &'static str,
    failing: Vec<Failing<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<&'a str>,
}

#[derive(Serialize)]
struct Failing<'a> {
    index: usize,
    message: &'a str,
    places: Vec<String>,
}

fn write_json(judgement: &Judgement<'_>, object: NodeRef<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let failing = judgement.failing.iter().map(|failing| Failing {
        index: failing.index,
        message: &failing.message,
        places: places(&failing.reasons, object),
    });
    let undecided = judgement.undecided.iter().map(|undecided| undecided.reason.as_str()).collect();
    let outcome = Outcome { verdict: judgement.verdict().name(), failing: failing.collect(), undecided };
    serde_json::to_writer(&mut *out, &outcome)?;
    writeln!(out)
}

/// The paths of the object's parts that decided, each once.
fn places(reasons: &[Vec<Place<'_>>], object: NodeRef<'_>) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for place in reasons.iter().flatten() {
        let path = place.path_from(object);
        if !path.is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}
