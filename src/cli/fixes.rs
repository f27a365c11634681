//! What `check --fix` and `check --diff` make of the fixes.

use std::path::Path;
use std::sync::Arc;

use similar::TextDiff;

use super::options::{Fixes, Judged};
use crate::config::Settings;
use crate::finding::Safety;
use crate::fix::{self, Wanted};
use crate::input::{self, Input, Unreadable};
use crate::lint;
use crate::render::printable;
use crate::source::SourceId;
use crate::yaml;

/// What to do with fixes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct FixArgs {
    /// Write safe fixes into the files; with `-`, the fixed text to standard output and findings to standard error
    #[arg(long, help_heading = "Fixes")]
    fix: bool,

    /// Take the fixes too after which pods behave differently, or comments are gone; look at them with --diff
    #[arg(long, help_heading = "Fixes")]
    unsafe_fixes: bool,

    /// Show what --fix would change and write nothing; exit with 1 if there is something
    #[arg(long, help_heading = "Fixes")]
    diff: bool,
}

impl FixArgs {
    fn safety(self) -> Safety {
        if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }
    }

    /// Lints, and does with the fixes what is asked for.
    pub(super) fn judge(self, input: &mut Input, settings: &Settings) -> Judged {
        let safety = Some(self.safety());
        if !self.fix && !self.diff {
            return Judged { outcome: lint::lint(&input.texts, settings), fixes: None, safety };
        }
        let old: Vec<Arc<str>> = input.texts.iter().map(|text| text.tree.shared_text()).collect();
        // Whoever hands over a text wants that one back, and nothing else changed.
        let stdin = input.files.iter().position(Option::is_none).map(|index| SourceId(index as u32));
        let wanted = Wanted { safety: self.safety(), only: stdin };
        let mut done = fix::fix(&mut input.texts, wanted, settings, |texts| lint::lint(texts, settings));
        let mut fixes = Fixes { refused: done.refused, is_diff: self.diff, ..Fixes::default() };
        let mut counts = done.counts;
        if self.diff {
            fixes.written = Some(diff(input, &old));
        } else {
            let mut as_before = Vec::new();
            fixes.unwritten = write(input, &old, |id| as_before.push(id));
            for &id in &as_before {
                counts.remove(&id);
                input.texts[id.0 as usize].tree = yaml::parse(id, Arc::clone(&old[id.0 as usize]));
            }
            if !as_before.is_empty() {
                done.outcome = lint::lint(&input.texts, settings);
            }
            fixes.written = stdin.map(|id| input.texts[id.0 as usize].tree.text().to_owned());
        }
        fixes.count = counts.values().sum();
        Judged { outcome: done.outcome, fixes: Some(fixes), safety }
    }
}

/// The texts that are not what they were, by number.
fn changed<'a>(input: &'a Input, old: &'a [Arc<str>]) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
    let pairs = input.texts.iter().zip(old).enumerate();
    pairs.map(|(index, (text, old))| (index, &**old, text.tree.text())).filter(|(_, old, new)| old != new)
}

fn diff(input: &Input, old: &[Arc<str>]) -> String {
    let of_text = |(index, old, new): (usize, &str, &str)| {
        let name = printable(&input.texts[index].name);
        TextDiff::from_lines(old, new).unified_diff().header(&name, &name).to_string()
    };
    changed(input, old).map(of_text).collect()
}

/// Writes the files whose text has changed; those that could not be written.
fn write(input: &Input, old: &[Arc<str>], mut unwritten: impl FnMut(SourceId)) -> Vec<Unreadable> {
    let failed = changed(input, old).filter_map(|(index, old, new)| {
        let path: &Path = input.files[index].as_deref()?;
        let reason = input::rewrite(path, old, new).err()?;
        unwritten(SourceId(index as u32));
        Some(Unreadable { path: input.texts[index].name.clone(), reason })
    });
    failed.collect()
}
