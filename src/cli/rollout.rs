//! `kubeshoal rollout`

use std::path::PathBuf;

use super::FAILED;
use super::console::{self, Console};
use crate::config::{self, Settings};
use crate::graph::Versions;
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
    #[arg(long, value_name = "REPLICAS")]
    scale: Option<u32>,

    /// How many nodes there are, for workloads that run a pod on each
    #[arg(long, value_name = "NODES")]
    nodes: Option<u32>,

    /// Draw a failed update and its undo, pod by pod
    #[arg(long)]
    timeline: bool,

    /// The cluster's version, such as 1.37, or a range of them, such as 1.33..1.37
    #[arg(long, value_name = "VERSION", value_parser = config::versions)]
    kubernetes_version: Option<Versions>,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    let mut settings = Settings::default();
    settings.world.versions = args.kubernetes_version.unwrap_or(settings.world.versions);
    let input = input::collect(Request { paths: &args.paths, stdin_name: "-", settings: &settings });
    let sources = lint::sources(&input.texts);
    let view = RolloutView { scale: args.scale.map(as_usize), nodes: args.nodes.map(as_usize), timeline: args.timeline };
    let graph = lint::graph(&input.texts, &settings);
    let outlooks = outlooks(&graph, view.scale, view.nodes);
    console::write(|out| render_rollout(args.format, &outlooks, view, &sources, console.look, out))?;
    for unreadable in &input.unreadable {
        console::error(format_args!("cannot read {}: {}", printable(&unreadable.path), unreadable.reason));
    }
    if outlooks.is_empty() {
        console::error(format_args!("no workload in what was read"));
    }
    Ok(if outlooks.is_empty() || !input.unreadable.is_empty() { FAILED } else { 0 })
}

fn as_usize(number: u32) -> usize {
    number as usize
}
