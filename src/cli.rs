//! Arguments to actions: the commands, their options and exit codes.

#![expect(clippy::disallowed_methods, reason = "this is where arguments, environment and terminal are looked at")]

mod baseline;
mod check;
mod console;
mod diff;
mod explain;
mod fixes;
mod graph;
mod manual;
mod options;
mod policy;
mod rollout;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config;
use console::{Color, Console};

/// Findings at or above `--fail-on`.
const FOUND: u8 = 1;
/// The run could not be done, or not for everything that was asked.
const FAILED: u8 = 2;

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing found at or above --fail-on
  1  something found
  2  could not run: wrong usage or config, a file that can't be read, nothing to check";

const COLOR_HELP: &str = "When to use colours: auto, always, never [env: NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE]";

/// What there is to say of this build. Whoever builds a release names the revision.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let revision = option_env!("KUBESHOAL_REVISION").map_or(String::new(), |revision| format!("\nrevision {revision}"));
    let (system, kubernetes) = (format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS), config::supported());
    format!("{}{revision}\nbuilt for {system}\nKubernetes {kubernetes}", env!("CARGO_PKG_VERSION"))
});

/// The name under which kubectl finds it as a plugin: `kubectl shoal`.
const PLUGIN: &str = "kubectl-shoal";

/// Finds the hazards beneath the surface of Kubernetes workload manifests. It reads files, not clusters.
#[derive(Debug, Parser)]
#[command(version, long_version = LONG_VERSION.as_str(), arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN", hide_possible_values = true, help = COLOR_HELP)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint files, folders or standard input
    Check(Box<check::Args>),
    /// Judge the step from old manifests to new ones: what will be refused, not roll out, or not come back
    Diff(Box<diff::Args>),
    /// Tell what an update, a failed update and a rollback do to each workload
    Rollout(rollout::Args),
    /// Try policies in CEL
    Policy(policy::Args),
    /// Draw objects and their references, hazards marked
    Graph(graph::Args),
    /// Serve an editor by the Language Server Protocol, on standard input and output
    Server,
    /// Show what a rule means, why, and by which examples
    Explain(explain::ExplainArgs),
    /// List all rules
    Rules(explain::RulesArgs),
    /// Write completions for a shell
    Completions(manual::CompletionsArgs),
    /// Write manual pages
    Man(manual::ManArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let name = std::env::args_os().next().map(PathBuf::from);
    let is_plugin = name.as_deref().and_then(Path::file_stem).is_some_and(|stem| stem == PLUGIN);
    let command = if is_plugin { Cli::command().bin_name("kubectl shoal") } else { Cli::command() };
    match command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => run(&cli),
        Err(error) => {
            // Help and version come this way too. If nobody reads them, nobody can be told.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILED))
        }
    }
}

fn run(cli: &Cli) -> ExitCode {
    let console = Console::new(cli.color);
    let outcome = match &cli.command {
        Command::Check(args) => check::run(args, &console),
        Command::Diff(args) => diff::run(args, &console),
        Command::Rollout(args) => rollout::run(args, &console),
        Command::Policy(args) => policy::run(args, &console),
        Command::Graph(args) => graph::run(args),
        Command::Server => crate::server::run().map(|is_in_order| if is_in_order { 0 } else { FOUND }),
        Command::Explain(args) => explain::explain(args, &console).map(|()| 0),
        Command::Rules(args) => explain::rules(args, &console).map(|()| 0),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::man(args),
    };
    ExitCode::from(outcome.unwrap_or_else(|error| {
        console::error(format_args!("{error:#}"));
        FAILED
    }))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        super::Cli::command().debug_assert();
    }
}
