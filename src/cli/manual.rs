//! `kubeshoal completions` and `kubeshoal man`

use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, console};

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell to write completions for
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The folder to write a page for each command to
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes what a shell needs to complete commands and options.
pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut text);
    console::write(|out| out.write_all(&text))?;
    Ok(0)
}

/// Writes manual pages: `kubeshoal.1`, `kubeshoal-check.1` and so on.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<u8> {
    let folder = &args.folder;
    let shown = crate::input::shown(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {shown}"))?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(|| format!("cannot write to {shown}"))?;
    Ok(0)
}
