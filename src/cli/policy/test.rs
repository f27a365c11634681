//! `kubeshoal policy test`

use std::path::PathBuf;

use super::policies_of;
use crate::cli::console::{self, Console};
use crate::cli::{FAILED, FOUND};
use crate::config::{self, POLICY_PREFIX, Settings};
use crate::document::{Document, Mistake, Set, difference};
use crate::finding::Finding;
use crate::lint::{self, Kept, Side, Text};
use crate::policy::Short;
use crate::render::{self, Format, Whereabouts, printable};
use crate::source::SourceId;
use crate::yaml;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folders and files with policies
    #[arg(value_name = "DIR", required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, console: &Console) -> anyhow::Result<u8> {
    let policies = policies_of(&args.paths)?;
    if policies.is_empty() {
        console::error(format_args!("no policy in what was read"));
        return Ok(FAILED);
    }
    let (mut failed, mut examples) = (0_usize, 0_usize);
    for (name, short) in &policies {
        let Some(short) = short else {
            console::tell(format_args!("{}: no document in short form, so it has no examples to run", printable(name)));
            continue;
        };
        let is_right = is_taken(name, short, console)?;
        let outcome = if is_right { examples_hold(name, short, &mut examples)? } else { false };
        failed += usize::from(!outcome);
    }
    let number = policies.iter().filter(|(_, short)| short.is_some()).count();
    let all = if number == 1 { "1 policy".to_owned() } else { format!("{number} policies") };
    let verdict = if failed == 0 { "all as they say".to_owned() } else { format!("{failed} not as they say") };
    console::tell(format_args!(
        "{all}, {}: {verdict}",
        if examples == 1 { "1 example".to_owned() } else { format!("{examples} examples") }
    ));
    Ok(if failed == 0 { 0 } else { FOUND })
}

fn text_of(id: usize, name: &str, short: &Short) -> Text {
    let tree = yaml::parse(SourceId(id as u32), short.manifest.as_str().into());
    Text { name: name.to_owned(), tree, alone: false, side: Side::Policy { markdown: Some(Box::new(short.clone())) } }
}

/// Tells what is wrong with the policy itself.
fn is_taken(name: &str, short: &Short, console: &Console) -> anyhow::Result<bool> {
    let (texts, settings) = ([text_of(0, name, short)], Settings::default());
    let outcome = lint::lint(&texts, &settings);
    if outcome.findings.is_empty() {
        return Ok(true);
    }
    let sources = lint::sources(&texts, &settings);
    console::write(|out| render::render(Format::Concise, &outcome, &sources, console.look, &Whereabouts::default(), out))?;
    Ok(false)
}

/// Runs the examples; tells where they show something else than what is found.
fn examples_hold(name: &str, short: &Short, examples: &mut usize) -> anyhow::Result<bool> {
    let rewritten = Document::read(&short.document).and_then(|document| {
        *examples += document.sets().count();
        let rewritten = document.rewritten(short.severity, |set| findings(short, set), |set| no_fixes(&set))?;
        Ok((document.sets().next().is_some(), rewritten))
    });
    match rewritten {
        Err(Mistake { line, message }) => tell(&format!("{name}:{line}: {message}")),
        Ok((false, _)) => tell(&format!("{name}: this policy has no example")),
        Ok((true, rewritten)) if rewritten == short.document => Ok(true),
        Ok((true, rewritten)) => {
            tell(&format!("{name}: its examples show something else\n{}", difference(&short.document, &rewritten).trim_end()))
        }
    }
}

fn tell(message: &str) -> anyhow::Result<bool> {
    console::write(|out| message.lines().try_for_each(|line| writeln!(out, "{}", printable(line))))?;
    Ok(false)
}

fn no_fixes(set: &Set<'_>) -> Result<String, Mistake> {
    Err(Mistake { line: set.line, message: "policies offer no fixes that a `diff` block could show".into() })
}

/// What the policy alone finds in examples.
fn findings(short: &Short, set: &mut Set<'_>) -> Result<Vec<Finding>, Mistake> {
    let settings = set.config.map_or_else(|| Ok(Settings::default()), |config| config::read(".kubeshoal.yaml", config));
    let wrong = |errors: Vec<config::ConfigError>| errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ");
    let settings = settings.map_err(|errors| Mistake { line: set.line, message: wrong(errors) })?;
    let id = format!("{POLICY_PREFIX}{}", short.id);
    let settings = Settings { select: vec![id.clone()], ..settings };
    set.texts.push(text_of(set.texts.len(), "policy.md", short));
    let outcome = if set.is_change { lint::diff(&set.texts, &settings, Kept::All) } else { lint::lint(&set.texts, &settings) };
    set.texts.pop();
    Ok(outcome.findings.into_iter().filter(|finding| finding.rule == id).collect())
}
