//! `kubeshoal policy export`

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::policies_of;
use crate::cli::console;
use crate::finding::did_you_mean;
use crate::policy::{Action, Short};
use crate::rules::{RULES, rule};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The rules to write policies for [default: all that can be exported, unless --policy is given]
    #[arg(long = "rule", value_name = "ID", value_delimiter = ',')]
    rules: Vec<String>,

    /// A folder or file with policies in short form to write
    #[arg(long, value_name = "PATH")]
    policy: Vec<PathBuf>,

    /// What happens with objects that fail [default: by severity: error denies, warning warns, note audits]
    #[arg(long, value_enum, value_name = "ACTION")]
    action: Option<ExportAction>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum ExportAction {
    /// They are refused
    Deny,
    /// The user is warned
    Warn,
    /// They are noted in the audit log
    Audit,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let mut shorts = args.rules.iter().map(|id| of_rule(id)).collect::<anyhow::Result<Vec<Short>>>()?;
    if args.rules.is_empty() && args.policy.is_empty() {
        shorts.extend(RULES.iter().filter_map(crate::rules::Rule::policy));
    }
    shorts.append(&mut of_documents(&args.policy)?);
    let action = args.action.map(|action| match action {
        ExportAction::Deny => Action::Deny,
        ExportAction::Warn => Action::Warn,
        ExportAction::Audit => Action::Audit,
    });
    console::write(|out| {
        for (index, short) in shorts.iter().enumerate() {
            write!(out, "{}{}", if index > 0 { "---\n" } else { "" }, short.manifest_with(action))?;
        }
        Ok(())
    })?;
    Ok(0)
}

fn of_rule(id: &str) -> anyhow::Result<Short> {
    let Some(rule) = rule(id) else {
        let hint = did_you_mean(id, RULES.iter().map(|rule| rule.id)).map_or(String::new(), |hint| format!("; {hint}"));
        bail!("there is no rule `{id}`{hint}");
    };
    rule.policy().with_context(|| {
        format!("`{id}` can't be exported: it asks for more than one object shows, or the API server refuses that anyway; `kubeshoal rules` marks those that can")
    })
}

fn of_documents(paths: &[PathBuf]) -> anyhow::Result<Vec<Short>> {
    let mut shorts = Vec::new();
    for (name, short) in policies_of(paths)?.into_iter().filter_map(|(name, short)| Some((name, short?))) {
        if let Some(mistake) = short.mistakes.first() {
            bail!("{name}: {}; `kubeshoal policy test` tells where", mistake.message);
        }
        if short.asks_graph {
            bail!("{name} can't be exported: it asks for other objects (`graph.…`), and a cluster shows a policy only one");
        }
        shorts.push(short);
    }
    Ok(shorts)
}
