//! `kubeshoal diff`

use std::path::PathBuf;

use clap::ValueEnum;

use super::console::Console;
use super::options::{self, Options, Output};
use crate::input::{self, Base};
use crate::lint::{self, Kept};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input: what shall be
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// What is: a Git revision, a folder, a file, or `-` for standard input [default: where this branch left the default branch]
    ///
    /// What exists as a file or folder is one; `git:NAME` is always a revision. The default is the newest commit that HEAD and the default
    /// branch of the remote repository have in common, or HEAD where there is no remote one: then what is not committed yet is judged.
    #[arg(long, value_name = "REVISION|PATH")]
    base: Option<String>,

    /// Take the new files from this Git revision and not from the working tree
    #[arg(long, value_name = "REVISION")]
    head: Option<String>,

    /// Tell only what the change itself brings about, or only what is found in the new files and not in the old ones
    #[arg(long, value_enum, value_name = "KIND", default_value = "all", help_heading = "Rules")]
    only: Only,

    /// Write a shell script of what has to be done by hand, in its order, and not the findings; nothing is run
    #[arg(long, conflicts_with = "format")]
    plan: bool,

    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Only {
    Change,
    New,
    All,
}

impl Only {
    fn kept(self) -> Kept {
        match self {
            Only::Change => Kept::Change,
            Only::New => Kept::New,
            Only::All => Kept::All,
        }
    }
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    let base = Base::of(args.base.as_deref());
    let collect = |request: input::Request<'_>| input::collect_change(request, &base, args.head.as_deref());
    let output = if args.plan { Output::Plan } else { Output::Findings };
    options::run(&args.options, &args.paths, output, console, collect, |input, settings| {
        lint::diff(&input.texts, settings, args.only.kept()).into()
    })
}
