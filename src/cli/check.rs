//! `kubeshoal check`

use std::path::PathBuf;

use super::console::Console;
use super::fixes::FixArgs;
use super::options::{self, Options, Output};
use crate::input;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input
    ///
    /// Folders are searched for .yaml, .yml and .json files. Hidden files, what .gitignore names, and folders named `node_modules`,
    /// `third_party` or `vendor` are left out; a path that is named here is always taken.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    fixes: FixArgs,

    #[command(flatten)]
    options: Options,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    options::run(
        &args.options,
        &args.paths,
        Output::Findings,
        console,
        |request| Ok(input::collect(request)),
        |input, settings| args.fixes.judge(input, settings),
    )
}
