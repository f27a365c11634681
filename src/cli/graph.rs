//! `kubeshoal graph`

use std::path::PathBuf;

use super::FAILED;
use super::console;
use super::options::Setup;
use crate::input::{self, Request};
use crate::lint;
use crate::picture::Picture;
use crate::render::{MERMAID_MOST_LINKS, PictureFormat, printable, render_picture};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// How to draw it
    #[arg(long, value_enum, default_value = "svg")]
    format: PictureFormat,

    #[command(flatten)]
    setup: Setup,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let Some(settings) = args.setup.settings(&args.paths)? else { return Ok(FAILED) };
    let input = input::collect(Request { paths: &args.paths, stdin_name: &args.setup.stdin_name(), settings: &settings });
    for unreadable in &input.unreadable {
        console::error(format_args!("cannot read {}: {}", printable(&unreadable.path), unreadable.reason));
    }
    let findings = lint::lint(&input.texts, &settings).findings;
    let (graph, sources) = (lint::graph(&input.texts, &settings), lint::sources(&input.texts, &settings));
    let picture = Picture::of(&graph, &findings, &input.texts, &sources);
    if picture.objects.is_empty() {
        if input.unreadable.is_empty() {
            console::error(format_args!("nothing to draw: no object in what was read"));
        }
        return Ok(FAILED);
    }
    console::write(|out| render_picture(args.format, &picture, out))?;
    if args.format == PictureFormat::Mermaid && picture.links.len() > MERMAID_MOST_LINKS {
        let links = picture.links.len();
        console::tell(format_args!("warning: {links} references; Mermaid draws {MERMAID_MOST_LINKS} unless its `maxEdges` is raised"));
    }
    Ok(if input.unreadable.is_empty() { 0 } else { FAILED })
}
