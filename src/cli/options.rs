//! What `check` and `diff` have in common: which rules run, how findings are told, and what the exit code says.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::baseline::KnownFindings;
use super::console::{self, Console};
use super::{FAILED, FOUND};
use crate::config::{self, ConfigError, Settings};
use crate::finding::{Safety, Severity};
use crate::fix::{Reason, Refused};
use crate::graph::Versions;
use crate::input::{self, Input, PassedOver, Request, Unreadable};
use crate::lint::{self, Outcome, SkipReason, Skipped, UnknownPolicy};
use crate::render::{self, Format, Look, Whereabouts, printable};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Options {
    /// How to write findings [default: full on a terminal, else concise; in GitHub Actions with annotations behind]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write findings to a file, too; may be given several times
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = FileOutput::read)]
    outputs: Vec<FileOutput>,

    /// Write how often each rule found something, in place of the findings
    #[arg(long)]
    statistics: bool,

    /// Run only these rules or categories
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = config::selector, help_heading = "Rules")]
    select: Vec<String>,

    /// Leave out of the files that are named what the config excludes, and folders of other people's code
    #[arg(long)]
    force_exclude: bool,

    /// Don't run these rules or categories
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = config::selector, help_heading = "Rules")]
    ignore: Vec<String>,

    /// Leave out the findings in this file, which --write-baseline writes [default: `baseline` in the config]
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    baseline: Option<PathBuf>,

    /// Show what comments, annotations and the config ignore
    #[arg(long, help_heading = "Rules")]
    no_ignores: bool,

    /// Take it for an error where a policy can't be decided without a cluster
    #[arg(long, help_heading = "Rules")]
    strict_policies: bool,

    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "warning", help_heading = "Exit code")]
    fail_on: FailOn,

    /// Exit with 0 whatever is found
    #[arg(long, help_heading = "Exit code")]
    exit_zero: bool,

    /// Exit with 0 if there is nothing to check
    #[arg(long, help_heading = "Exit code")]
    allow_empty: bool,

    #[command(flatten)]
    setup: Setup,

    /// Write findings and errors only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Tell which files were left out, and why
    #[arg(short, long)]
    verbose: bool,

    /// Threads to use [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// A file that findings are written to.
#[derive(Clone, PartialEq, Eq, Debug)]
struct FileOutput {
    format: Format,
    path: PathBuf,
}

impl FileOutput {
    fn read(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').ok_or("write `FORMAT=FILE`, such as `sarif=kubeshoal.sarif`")?;
        let format = Format::from_str(name, false).map_err(|_| {
            let names = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let names: Vec<_> = names.map(|name| name.get_name().to_owned()).collect();
            format!("`{name}` is none of the formats {}", names.join(", "))
        })?;
        if path.is_empty() || path == "-" {
            return Err("name a file; `--format` is for standard output".into());
        }
        Ok(FileOutput { format, path: PathBuf::from(path) })
    }
}

/// What every command that reads manifests is told about them.
#[derive(Debug, clap::Args)]
pub(super) struct Setup {
    /// The cluster's version, such as 1.37, or a range of them, such as 1.33..1.37
    #[arg(long, value_name = "VERSION", value_parser = config::versions)]
    kubernetes_version: Option<Versions>,

    /// The config file [default: .kubeshoal.yaml in the first path's folder or above, up to the repository's root]
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,

    /// Read no config file
    #[arg(long)]
    isolated: bool,

    /// The path to show for standard input, which stands in for that file, and to seek the config from
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
}

impl Setup {
    /// What standard input is called.
    pub(super) fn stdin_name(&self) -> String {
        self.stdin_filename.as_deref().map_or_else(|| "-".to_owned(), input::shown)
    }

    /// The settings from the config and these arguments; none after telling the config's mistakes.
    pub(super) fn settings(&self, paths: &[PathBuf]) -> anyhow::Result<Option<Settings>> {
        let mut settings = Settings::default();
        if let Some(path) = self.config_path(paths) {
            let file = input::read_config(&path)?;
            match config::read(&file.name, &file.text) {
                Ok(read) => settings = Settings { folder: input::shown(&file.folder), ..read },
                Err(errors) => {
                    for error in &errors {
                        tell_config(&file.name, "error", error);
                    }
                    return Ok(None);
                }
            }
        }
        settings.world.versions = self.kubernetes_version.unwrap_or(settings.world.versions);
        input::situate(&mut settings, paths);
        Ok(Some(settings))
    }

    fn config_path(&self, paths: &[PathBuf]) -> Option<PathBuf> {
        if self.isolated {
            return None;
        }
        let first = paths.first().filter(|path| path.as_os_str() != "-").or(self.stdin_filename.as_ref());
        self.config.clone().or_else(|| input::find_config(first.map_or(Path::new("."), PathBuf::as_path)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    fn least(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

/// What a run writes to standard output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Output {
    /// The findings.
    Findings,
    /// What to do by hand.
    Plan,
    /// The findings; that there is nothing to check is no mistake.
    Hook,
    /// The findings that are not in the baseline, once all of them have been written into it.
    Baseline,
}

/// What linting gave, and what was made of the fixes where that was asked for.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) fixes: Option<Fixes>,
    /// Whether unsafe fixes are wanted.
    pub(super) safety: Option<Safety>,
}

impl From<Outcome> for Judged {
    fn from(outcome: Outcome) -> Self {
        Judged { outcome, ..Judged::default() }
    }
}

/// What was made of the fixes.
#[derive(Debug, Default)]
pub(super) struct Fixes {
    /// How many findings were fixed, or would be.
    pub(super) count: usize,
    /// What is written to standard output instead of the findings: the fixed text of standard input, or a diff.
    pub(super) written: Option<String>,
    /// Whether only a diff was asked for.
    pub(super) is_diff: bool,
    pub(super) refused: Vec<Refused>,
    /// Files that could not be written, and why.
    pub(super) unwritten: Vec<Unreadable>,
}

/// Reads texts, lints them and tells the outcome; the exit code.
pub(super) fn run(
    options: &Options,
    paths: &[PathBuf],
    output: Output,
    console: &Console,
    collect: impl FnOnce(Request<'_>) -> anyhow::Result<Input> + Send,
    judge: impl FnOnce(&mut Input, &Settings) -> Judged + Send,
) -> anyhow::Result<u8> {
    for (index, output) in options.outputs.iter().enumerate() {
        if options.outputs[..index].iter().any(|other| other.path == output.path) {
            bail!("`--output` names {} twice", printable(&input::shown(&output.path)));
        }
    }
    let Some(mut settings) = options.setup.settings(paths)? else { return Ok(FAILED) };
    settings.select.clone_from(&options.select);
    settings.deselect.clone_from(&options.ignore);
    settings.no_ignores |= options.no_ignores;
    settings.force_exclude = options.force_exclude;
    settings.policies.strict = options.strict_policies;
    let Ok(mut baseline) = KnownFindings::read(options.baseline.as_deref(), &settings, output == Output::Baseline)? else {
        return Ok(FAILED);
    };
    let threads = options.jobs.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("cannot start threads")?;
    let stdin_name = options.setup.stdin_name();
    let progress = console::Progress::start(options.quiet);
    let (input, judged) = pool.install(|| -> anyhow::Result<_> {
        let mut input = collect(Request { paths, stdin_name: &stdin_name, settings: &settings })?;
        let mut judged = judge(&mut input, &settings);
        add_unreadable(&mut judged.outcome, &input.unreadable);
        if let Some(baseline) = &mut baseline {
            baseline.take_out(&mut judged.outcome, &input.texts, &settings, output == Output::Baseline)?;
        }
        Ok((input, judged))
    })?;
    drop(progress);
    let outcome = &judged.outcome;
    let may_be_empty = options.allow_empty || options.force_exclude || output == Output::Hook;
    let is_empty = outcome.summary.files == 0 && !may_be_empty && outcome.changes.is_none_or(|changes| changes.removed == 0);
    let run = Run { options, paths, output, settings: &settings, input: &input, judged: &judged, is_empty };
    run.report(console)?;
    Ok(run.exit_code())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where this run is in its repository, and where that can be looked at.
fn whereabouts() -> Whereabouts {
    let blob = || {
        let [server, repository, revision] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"].map(variable);
        Some(format!("{}/{}/blob/{}/", server?, repository?, revision?))
    };
    Whereabouts { prefix: input::folder_in_repository(), blob: blob() }
}

fn add_unreadable(outcome: &mut Outcome, unreadable: &[Unreadable]) {
    let skipped = &mut outcome.summary.skipped;
    skipped.extend(
        unreadable.iter().map(|Unreadable { path, reason }| Skipped { path: path.clone(), reason: SkipReason::Unreadable(reason.clone()) }),
    );
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
}

/// A run that is done, and has to be told of.
struct Run<'a> {
    options: &'a Options,
    paths: &'a [PathBuf],
    output: Output,
    settings: &'a Settings,
    input: &'a Input,
    judged: &'a Judged,
    /// Whether there was nothing to look at, and there should have been.
    is_empty: bool,
}

impl Run<'_> {
    /// Writes findings to standard output, and what else there is to say to standard error.
    fn report(&self, console: &Console) -> anyhow::Result<()> {
        let Run { options, output, settings, input, judged, is_empty, .. } = *self;
        let (outcome, fixes) = (&judged.outcome, judged.fixes.as_ref());
        let default = if console.is_terminal && output != Output::Plan { Format::Full } else { Format::Concise };
        let format = options.format.unwrap_or(default);
        let summary = (!options.quiet && !is_empty && format.is_prose()).then(|| self.summary());
        let sources = lint::sources(&input.texts, settings);
        let whereabouts = whereabouts();
        for FileOutput { format, path } in &options.outputs {
            let mut text = Vec::new();
            render::render(*format, outcome, &sources, Look::PLAIN, &whereabouts, &mut text)?;
            input::write_report(path, &text)?;
        }
        let written = fixes.and_then(|fixes| fixes.written.as_deref());
        if let Some(written) = written {
            console::write(|out| out.write_all(written.as_bytes()))?;
        }
        let write_findings = |out: &mut dyn Write| {
            if fixes.is_some_and(|fixes| fixes.is_diff) {
                return Ok(());
            }
            match output {
                Output::Plan => render::plan(&outcome.findings, &sources, out)?,
                _ if options.statistics && format.is_prose() => render::statistics(outcome, out)?,
                _ => render::render(format, outcome, &sources, console.look, &whereabouts, out)?,
            }
            if options.format.is_none() && output != Output::Plan && variable("GITHUB_ACTIONS").as_deref() == Some("true") {
                render::render(Format::Github, outcome, &sources, console.look, &whereabouts, out)?;
            }
            summary.iter().filter(|_| format == Format::Full).try_for_each(|summary| writeln!(out, "{summary}"))
        };
        if written.is_some() { console::write_beside(write_findings) } else { console::write(write_findings) }?;
        for Unreadable { path, reason } in &input.unreadable {
            console::error(format_args!("cannot read {}: {reason}", printable(path)));
        }
        for Unreadable { path, reason } in fixes.iter().flat_map(|fixes| &fixes.unwritten) {
            console::error(format_args!("cannot write {}: {reason}", printable(path)));
        }
        for expired in outcome.expired.iter().filter(|_| !options.quiet) {
            let name = settings.source.as_ref().map_or("", |config| config.name.as_str());
            tell_config(name, "warning", expired);
        }
        outcome.unknown_policies.iter().for_each(|unknown| tell_unknown(unknown, settings));
        if options.verbose {
            tell_left_out(input, outcome);
            fixes.iter().flat_map(|fixes| &fixes.refused).for_each(tell_refused);
        }
        if is_empty && input.unreadable.is_empty() {
            console::error(format_args!("{}", self.nothing_checked()));
        }
        if let Some(summary) = summary.filter(|_| format == Format::Concise) {
            console::tell(format_args!("{summary}"));
        }
        Ok(())
    }

    /// The run in a line, with what was fixed or can be.
    fn summary(&self) -> String {
        let Judged { outcome, fixes, safety } = self.judged;
        let with_unsafe = *safety == Some(Safety::Unsafe);
        let fixes = match fixes {
            Some(fixes) if fixes.is_diff => return render::fixed(fixes.count, "would be fixed", outcome, with_unsafe),
            Some(fixes) => Some(render::fixed(fixes.count, "fixed", outcome, with_unsafe)),
            None => render::fixable(outcome, with_unsafe),
        };
        [Some(render::summary(outcome)), fixes].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn nothing_checked(&self) -> String {
        let paths: Vec<_> = self.paths.iter().map(|path| input::shown(path)).collect();
        let is_excluded = self.input.passed_over.iter().any(|passed_over| passed_over.is_excluded);
        let apart = if is_excluded { " apart from what the config excludes" } else { "" };
        let what = render::skipped(&self.judged.outcome.summary)
            .unwrap_or_else(|| format!("no .yaml, .yml or .json file in {}{apart}", printable(&paths.join(" "))));
        format!("nothing to check: {what}; --allow-empty accepts this")
    }

    fn exit_code(&self) -> u8 {
        let Run { options, judged: Judged { outcome, fixes, .. }, .. } = self;
        let fixes = fixes.as_ref();
        let is_diff = fixes.is_some_and(|fixes| fixes.is_diff);
        let would_change = is_diff && fixes.is_some_and(|fixes| fixes.count > 0);
        let is_found =
            !is_diff && options.fail_on.least().is_some_and(|least| outcome.findings.iter().any(|finding| finding.severity >= least));
        let is_unwritten = fixes.is_some_and(|fixes| !fixes.unwritten.is_empty());
        if self.is_empty || !outcome.unknown_policies.is_empty() || !self.input.unreadable.is_empty() || is_unwritten {
            FAILED
        } else if (is_found || would_change) && !options.exit_zero {
            FOUND
        } else {
            0
        }
    }
}

pub(super) fn tell_config(name: &str, severity: &str, error: &ConfigError) {
    let ConfigError { line, column, message, help } = error;
    console::tell(format_args!("{}:{line}:{column}: {severity}: {}", printable(name), printable(message)));
    if let Some(help) = help {
        console::tell(format_args!("  help: {}", printable(help)));
    }
}

fn tell_unknown(UnknownPolicy { id, place, help }: &UnknownPolicy, settings: &Settings) {
    let message = format!("there is no policy `{id}`");
    if let (&Some((line, column)), Some(config)) = (place, &settings.source) {
        return tell_config(&config.name, "error", &ConfigError { line, column, message, help: help.clone() });
    }
    let help = help.as_ref().map_or(String::new(), |help| format!("; {help}"));
    console::error(format_args!("{}{}", printable(&message), printable(&help)));
}

fn tell_refused(refused: &Refused) {
    let why = match &refused.reason {
        Reason::Meaning => "the text would mean something else in other places too".into(),
        Reason::NewFinding(rule) => format!("it would bring about a finding of {rule}"),
        Reason::NoEffect => "it would still be found".into(),
    };
    console::tell(format_args!("not fixed in {}: {} [{}]: {why}", printable(&refused.path), printable(&refused.title), refused.rule));
}

fn tell_left_out(input: &Input, outcome: &Outcome) {
    for Skipped { path, reason } in outcome.summary.skipped.iter().filter(|skipped| !matches!(skipped.reason, SkipReason::Unreadable(_))) {
        console::tell(format_args!("skipped {}: {}", printable(path), render::skip_reason(reason)));
    }
    for PassedOver { path, is_excluded } in &input.passed_over {
        let why = if *is_excluded { "the config excludes it" } else { "a folder of other people's code, unless it is named" };
        console::tell(format_args!("skipped {}: {why}", printable(path)));
    }
}
