//! Standard output and error, and what they can show.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;

use crate::render::Look;

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Into files and pipes too
    Always,
    /// Not at all
    Never,
}

/// How long people wait without wondering.
const PATIENCE: Duration = Duration::from_secs(1);

/// Widest line of prose that is comfortable to read.
const WIDEST: usize = 120;

/// Where a command writes.
#[derive(Debug)]
pub(super) struct Console {
    /// Whether a person reads standard output as it is; what calls itself `dumb`, as editors do that read it first, is no terminal.
    pub(super) is_terminal: bool,
    /// What standard output shows.
    pub(super) look: Look,
}

impl Console {
    pub(super) fn new(color: Color) -> Self {
        // The choice is global in anstream: it holds for all that this module writes.
        color_choice(color).write_global();
        let stdout = io::stdout();
        let is_screen = stdout.is_terminal();
        let is_terminal = is_screen && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let color = !matches!(AutoStream::choice(&stdout), ColorChoice::Never);
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|_| is_screen);
        let width = width.map_or(Look::PLAIN.width, |width| width.min(WIDEST));
        Console { is_terminal, look: Look { color, unicode: !is_screen || terminal_is_unicode(), width } }
    }

    /// The style where colours are shown, else none.
    pub(super) fn style(&self, style: Style) -> Style {
        if self.look.color { style } else { Style::new() }
    }
}

/// Writes to standard output. A reader that went away (`| head`) has what it wanted.
pub(super) fn write(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    finish(BufWriter::with_capacity(64 * 1024, AutoStream::auto(io::stdout().lock())), write)
}

/// Writes to standard error what standard output has no room for.
pub(super) fn write_beside(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    finish(BufWriter::new(AutoStream::auto(io::stderr().lock())), write)
}

fn finish(mut out: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(anyhow::Error::new(error).context("cannot write the output")),
        _ => Ok(()),
    }
}

/// Tells what went wrong, on standard error.
pub(super) fn error(message: fmt::Arguments<'_>) {
    let style = AnsiColor::Red.on_default().bold();
    // If standard error is closed, nobody can be told.
    let _ = writeln!(anstream::stderr(), "{style}error{style:#}: {message}");
}

/// Tells something beside the findings, on standard error.
pub(super) fn tell(message: fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{message}");
}

/// The option decides before the environment; there, who wants no colours decides before who forces them.
fn color_choice(color: Color) -> ColorChoice {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
        Color::Auto if is_set("NO_COLOR") => ColorChoice::Never,
        Color::Auto if is_set("FORCE_COLOR") && std::env::var_os("FORCE_COLOR").is_some_and(|value| value != "0") => ColorChoice::Always,
        // anstream knows CLICOLOR_FORCE, CLICOLOR and TERM=dumb.
        Color::Auto => ColorChoice::Auto,
    }
}

/// Whether the locale is UTF-8 and the terminal has more than the characters of a text console.
fn terminal_is_unicode() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty());
    let is_utf8 = locale.is_some_and(|locale| ["UTF-8", "UTF8"].iter().any(|name| locale.to_uppercase().contains(name)));
    term != "linux" && term != "dumb" && (is_utf8 || cfg!(windows) || cfg!(target_os = "macos"))
}

/// A sign of life on standard error while a run lasts longer than a second, if a person looks on.
#[derive(Debug)]
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    pub(super) fn start(quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Progress { running: None };
        }
        let (stop, stopped) = mpsc::channel::<()>();
        let show = move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let spinner = ProgressBar::new_spinner().with_message("reading and judging manifests");
                spinner.enable_steady_tick(Duration::from_millis(100));
                // It ends when nobody can say stop any more.
                let _ = stopped.recv();
                spinner.finish_and_clear();
            }
        };
        Progress { running: Some((stop, thread::spawn(show))) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}
