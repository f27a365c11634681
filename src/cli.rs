//! Arguments to actions: the commands, their options and exit codes.

#![expect(clippy::disallowed_methods, reason = "this is where arguments, environment and terminal are looked at")]

mod baseline;
mod check;
mod console;
mod diff;
mod explain;
mod fixes;
mod graph;
mod options;
mod policy;
mod rollout;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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

/// Finds the hazards beneath the surface of Kubernetes workload manifests. It reads files, not clusters.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT_CODES)]
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
    /// Show what a rule means, why, and by which examples
    Explain(explain::ExplainArgs),
    /// List all rules
    Rules(explain::RulesArgs),
}

/// Runs the program.
pub fn main() -> ExitCode {
    match Cli::try_parse() {
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
        Command::Explain(args) => explain::explain(args, &console).map(|()| 0),
        Command::Rules(args) => explain::rules(args, &console).map(|()| 0),
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
