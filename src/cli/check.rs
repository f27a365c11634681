//! `kubeshoal check`

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::bail;

use super::console::{self, Console};
use super::fixes::FixArgs;
use super::options::{self, Judged, Options, Output};
use crate::config::Settings;
use crate::input::{self, Request};
use crate::lint::{self, Text};
use crate::render::printable;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input [default: .]
    ///
    /// Folders are searched for .yaml, .yml and .json files. Hidden files, what .gitignore names, and folders named `node_modules`,
    /// `third_party` or `vendor` are left out; a path that is named here is always taken.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Judge the whole repository, and report on these files and on what a commit of them changes for others
    ///
    /// For Git hooks. The repository is the folder of the nearest config, or the top of the working tree. Within a commit, files are
    /// taken as they are staged.
    #[arg(long, conflicts_with_all = ["write_baseline", "report_only", "fix", "diff"])]
    hook: bool,

    /// Judge all, and report on what is found in these files or explained by them
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["write_baseline", "fix", "diff"])]
    report_only: Vec<PathBuf>,

    /// Write what is found into the file of --baseline, and drop from it what is gone
    #[arg(long, conflicts_with_all = ["fix", "diff"], help_heading = "Rules")]
    write_baseline: bool,

    #[command(flatten)]
    fixes: FixArgs,

    #[command(flatten)]
    options: Options,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    if args.hook {
        return hook(args, console);
    }
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let output = if args.write_baseline { Output::Baseline } else { Output::Findings };
    options::run(
        &args.options,
        paths,
        output,
        console,
        |request| Ok(input::collect(request)),
        |input, settings| {
            let judged = args.fixes.judge(input, settings);
            if args.report_only.is_empty() {
                return judged;
            }
            Judged { outcome: judged.outcome.only(&input.texts, &is_in(&args.report_only, settings)), ..judged }
        },
    )
}

fn hook(args: &Args, console: &Console) -> anyhow::Result<u8> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("--hook takes files, and no standard input");
    }
    let mut paths = input::hook_folders(&args.paths);
    paths.extend(args.paths.iter().cloned());
    let collect = |request: Request<'_>| {
        let (input, alone) = input::collect_commit(request, &args.paths)?;
        if let Some(why) = alone {
            console::tell(format_args!("only the files themselves are reported on: {}", printable(&why)));
        }
        Ok(input)
    };
    options::run(&args.options, &paths, Output::Hook, console, collect, |input, settings| {
        lint::commit(&input.texts, settings, &is_in(&args.paths, settings)).into()
    })
}

/// Whether a text is one of the files, or lies in one of the folders.
fn is_in<'s>(files: &[PathBuf], settings: &'s Settings) -> impl Fn(&Text) -> bool + 's {
    let places: HashSet<String> = files.iter().map(|file| settings.place(&input::shown(file))).collect();
    move |text| {
        let place = settings.place(text.path());
        let folders = place.match_indices('/').map(|(at, _)| &place[..at]);
        folders.chain([place.as_str()]).any(|place| places.contains(place))
    }
}
