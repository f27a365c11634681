//! `kubeshoal rollout`

use std::path::PathBuf;

use super::FAILED;
use super::console::{self, Console};
use super::options::Setup;
use crate::input::{self, Request};
use crate::lint;
use crate::render::{RolloutFormat, RolloutView, printable, render_rollout};
use crate::rollout::outlooks;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// How to write it
    #[arg(long, value_enum, default_value = "text")]
    format: RolloutFormat,

    /// Judge workloads at this number of replicas
    #[arg(long, value_name = "REPLICAS", allow_negative_numbers = true)]
    scale: Option<u32>,

    /// How many nodes there are, for workloads that run a pod on each
    #[arg(long, value_name = "NODES", allow_negative_numbers = true)]
    nodes: Option<u32>,

    /// Draw a failed update and its undo, pod by pod
    #[arg(long)]
    timeline: bool,

    #[command(flatten)]
    setup: Setup,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    let Some(settings) = args.setup.settings(&args.paths)? else { return Ok(FAILED) };
    let input = input::collect(Request { paths: &args.paths, stdin_name: &args.setup.stdin_name(), settings: &settings });
    let sources = lint::sources(&input.texts, &settings);
    let view = RolloutView { scale: args.scale.map(as_usize), nodes: args.nodes.map(as_usize), timeline: args.timeline };
    let graph = lint::graph(&input.texts, &settings);
    let outlooks = outlooks(&graph, view.scale, view.nodes);
    console::write(|out| render_rollout(args.format, &outlooks, view, &sources, console.look, out))?;
    for unreadable in &input.unreadable {
        console::error(format_args!("cannot read {}: {}", printable(&unreadable.path), unreadable.reason));
    }
    if outlooks.is_empty() && input.unreadable.is_empty() {
        console::error(format_args!("no workload in what was read"));
    }
    Ok(if outlooks.is_empty() || !input.unreadable.is_empty() { FAILED } else { 0 })
}

fn as_usize(number: u32) -> usize {
    number as usize
}
