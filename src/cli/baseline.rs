//! The file of findings that are left for later.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::console;
use super::options::tell_config;
use crate::config::Settings;
use crate::finding::count;
use crate::input;
use crate::lint::{Baseline, Outcome, Text, Written};
use crate::render::printable;

/// A baseline and where it lies.
pub(super) struct KnownFindings {
    path: PathBuf,
    baseline: Baseline,
}

/// The baseline has a mistake, and it has been told.
pub(super) struct Told;

impl KnownFindings {
    /// Reads the baseline that the argument or the config names, if any does.
    pub(super) fn read(argument: Option<&Path>, settings: &Settings, is_to_be_written: bool) -> anyhow::Result<Result<Option<Self>, Told>> {
        let of_config = settings.baseline.as_ref().map(|path| input::relative_to_here(&Path::new(&settings.folder).join(path)));
        let Some(path) = argument.map(Path::to_owned).or(of_config) else {
            if is_to_be_written {
                bail!("where to? Name the file by --baseline FILE, or by `baseline: FILE` in the config");
            }
            return Ok(Ok(None));
        };
        let file = input::read_baseline(&path, is_to_be_written)?;
        let folder = input::shown(&file.folder);
        if file.text.is_empty() && is_to_be_written {
            return Ok(Ok(Some(KnownFindings { path, baseline: Baseline::new(&folder) })));
        }
        Ok(match Baseline::read(&folder, &file.text) {
            Ok(baseline) => Ok(Some(KnownFindings { path, baseline })),
            Err(error) => {
                tell_config(&file.name, "error", &error);
                Err(Told)
            }
        })
    }

    /// Takes out of an outcome what is in the baseline; before that, where it is to be written, everything comes into it.
    pub(super) fn take_out(
        &mut self,
        outcome: &mut Outcome,
        texts: &[Text],
        settings: &Settings,
        is_to_be_written: bool,
    ) -> anyhow::Result<()> {
        let is_gone = |path: &str| !Path::new(path).exists();
        if is_to_be_written {
            let Written { all, added, removed } = self.baseline.update(&outcome.findings, texts, settings, &is_gone);
            input::write_baseline(&self.path, &self.baseline.text())?;
            let name = input::shown(&self.path);
            let are = if removed == 1 { "is" } else { "are" };
            let findings = count(i64::try_from(all).unwrap_or(i64::MAX), "finding");
            console::tell(format_args!("{}: {findings}, {added} of them new; {removed} {are} gone", printable(&name)));
        }
        self.baseline.apply(outcome, texts, settings, &is_gone);
        Ok(())
    }
}
