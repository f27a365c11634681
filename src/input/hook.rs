//! What a hook looks at: a whole repository, of which it was handed some files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::change::{Sought, contents, joined};
use super::git::{Revision, is_committing};
use super::walk::Listing;
use super::{Input, Request, Unreadable, collect, find_config, folder_of, relative_to_here, with_policies};
use crate::config::Settings;
use crate::lint::Side;

/// The folders whose files are judged together with those that a hook was handed: that of the nearest config, or the top of the working
/// tree; else their own.
pub fn hook_folders(files: &[PathBuf]) -> Vec<PathBuf> {
    let here = PathBuf::from(".");
    let first = files.first().unwrap_or(&here);
    let around = if first.is_dir() { std::fs::canonicalize(first).unwrap_or_default() } else { folder_of(first) };
    let config = find_config(first).map(|config| folder_of(&config));
    let root = config.or_else(|| around.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned));
    let folders: Vec<PathBuf> = match root {
        Some(root) => vec![root],
        None if files.is_empty() => vec![around],
        None => files.iter().map(|file| if file.is_dir() { file.clone() } else { folder_of(file) }).collect(),
    };
    let mut shown: Vec<PathBuf> = folders.iter().map(|folder| here.join(relative_to_here(folder))).collect();
    shown.sort();
    shown.dedup();
    shown
}

/// Reads the folders and files of a request as they are to be committed, and what the last commit has in their place. Outside a
/// repository there is only what is; the second says why.
pub fn collect_commit(request: Request<'_>, files: &[PathBuf]) -> anyhow::Result<(Input, Option<String>)> {
    let sought = match Sought::new(request) {
        Ok(sought) => sought,
        Err(error) => {
            let mut input = collect(request);
            // Nobody knows what has changed.
            input.texts.iter_mut().filter(|text| text.is_new()).for_each(|text| text.side = Side::Both);
            name_from_here(&mut input, request.settings);
            return Ok((input, Some(error.root_cause().to_string())));
        }
    };
    let (new, old) = both_sides(&sought, request)?;
    let mut input = with_policies(joined(new, old), request.settings);
    name_from_here(&mut input, request.settings);
    // What can't be read elsewhere is no reason to hold up a commit that doesn't touch it.
    let given: HashSet<String> = files.iter().map(|file| super::shown(file)).collect();
    input.unreadable.retain(|unreadable| given.contains(&unreadable.path));
    Ok((input, None))
}

fn both_sides(sought: &Sought, request: Request<'_>) -> anyhow::Result<(Listing, Listing)> {
    let (repository, settings) = (&sought.repository, request.settings);
    let paths = sought.paths();
    let staged = if is_committing() { repository.staged_otherwise(&paths)? } else { Vec::new() };
    let staged_paths: Vec<String> = staged.iter().map(|entry| entry.path.clone()).collect();
    let (mut new, old) = match base(sought) {
        Some(base) => {
            let mut changed = repository.changed_since(&base, &paths)?;
            changed.extend(staged_paths);
            sought.working_tree_and(sought.files(&base, settings)?, &changed, &base, request)?
        }
        // Before the first commit everything is new.
        None => (super::walk::list(request), Listing::default()),
    };
    let staged = staged.into_iter().filter_map(|entry| sought.named(entry, settings)).collect();
    let mut staged = contents(repository, staged, |_, name| (name, Side::New))?;
    let names: HashSet<&str> = staged.files.iter().map(|file| file.name.as_str()).collect();
    new.files.retain(|file| !names.contains(file.name.as_str()));
    new.unreadable.retain(|Unreadable { path, .. }| !names.contains(path.as_str()));
    new.files.append(&mut staged.files);
    new.unreadable.append(&mut staged.unreadable);
    Ok((new, old))
}

/// What a commit is compared with: where pre-commit was told a range of commits, its beginning.
fn base(sought: &Sought) -> Option<Revision> {
    let from = std::env::var("PRE_COMMIT_FROM_REF").ok().and_then(|from| sought.repository.revision(&from).ok());
    from.or_else(|| sought.repository.revision("HEAD").ok())
}

/// Names texts from the working folder where they lie in it: the repository's root may lie above.
fn name_from_here(input: &mut Input, settings: &Settings) {
    let here = format!("{}/", settings.working_folder);
    let shorten = |path: &mut String| {
        if let Some(rest) = path.strip_prefix(&here) {
            *path = rest.to_owned();
        }
    };
    for text in &mut input.texts {
        shorten(&mut text.name);
        if let Side::Old { path } = &mut text.side {
            shorten(path);
        }
    }
    input.unreadable.iter_mut().for_each(|unreadable| shorten(&mut unreadable.path));
}
