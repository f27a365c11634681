//! The texts of a change: those that are, and those that were, in a revision, a folder or a file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::git::{Repository, Revision, TreeEntry};
use super::walk::{self, Listed, Listing, absolute, is_manifest_name};
use super::{Input, Origin, Request, Unreadable, VENDORED, parse, read, shown, with_policies};
use crate::config::Settings;
use crate::lint::Side;

/// Where the old texts come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Base {
    /// Where this branch left the default branch, or `HEAD`.
    Default,
    /// A revision of that name.
    Revision(String),
    /// A file, a folder, or `-` for standard input.
    Path(PathBuf),
}

impl Base {
    /// What an argument means: a path that exists is a path, `git:` before it says otherwise.
    pub fn of(argument: Option<&str>) -> Self {
        match argument {
            None => Base::Default,
            Some(argument) => match argument.strip_prefix("git:") {
                Some(revision) => Base::Revision(revision.to_owned()),
                None if argument == "-" || Path::new(argument).exists() => Base::Path(argument.into()),
                None => Base::Revision(argument.to_owned()),
            },
        }
    }
}

/// Reads the new texts that were asked for, from the working tree or the revision `head`, and the old ones.
pub fn collect_change(request: Request<'_>, base: &Base, head: Option<&str>) -> anyhow::Result<Input> {
    both_sides(request, base, head).map(|input| with_policies(input, request.settings))
}

fn both_sides(request: Request<'_>, base: &Base, head: Option<&str>) -> anyhow::Result<Input> {
    if let Base::Path(path) = base
        && is_stdin(path)
        && request.paths.iter().any(|path| is_stdin(path))
    {
        bail!("standard input can't be both the old files and the new ones");
    }
    if let (Base::Path(path), None) = (base, head) {
        return Ok(joined(walk::list(request), old_files(request, path)));
    }
    let sought = match base {
        Base::Revision(name) if !Path::new(name).exists() => {
            Sought::new(request).with_context(|| format!("`{name}` is no file or folder here"))?
        }
        _ => Sought::new(request)?,
    };
    let (repository, settings) = (&sought.repository, request.settings);
    let head = head.map(|head| repository.revision(head)).transpose()?;
    let new_tree = head.as_ref().map(|head| sought.files(head, settings)).transpose()?;
    let Some(base) = sought.base(base)? else {
        let Base::Path(path) = base else { bail!("there is nothing to compare with") };
        let listing = contents(repository, new_tree.unwrap_or_default(), |_, name| (name, Side::New))?;
        return Ok(joined(listing, old_files(request, path)));
    };
    let old_tree = sought.files(&base, settings)?;
    let (new, old) = if let Some(new_tree) = new_tree {
        sought.two_trees(new_tree, old_tree, &base)?
    } else {
        let changed = sought.repository.changed_since(&base, &sought.paths())?;
        sought.working_tree_and(old_tree, &changed, &base, request)?
    };
    Ok(joined(new, old))
}

/// What is asked for, as seen from the top of the repository.
pub(super) struct Sought {
    pub(super) repository: Repository,
    /// Each path as the user wrote it and from the top, `/` between folders; empty for the top itself.
    roots: Vec<(PathBuf, String)>,
}

/// A file of a revision, with the name that a walk would give it.
#[derive(Debug)]
pub(super) struct Named {
    entry: TreeEntry,
    name: String,
    alone: bool,
}

impl Sought {
    pub(super) fn new(request: Request<'_>) -> anyhow::Result<Self> {
        if request.stdin_name == "-" && request.paths.iter().any(|path| is_stdin(path)) {
            bail!("standard input has no history: name the file that it stands for with --stdin-filename, or the old one with --base FILE");
        }
        let stands_for = PathBuf::from(request.stdin_name);
        let paths: Vec<&PathBuf> = request.paths.iter().map(|path| if is_stdin(path) { &stands_for } else { path }).collect();
        let repository = Repository::around(paths.first().map_or(Path::new("."), |path| path.as_path()))?;
        let mut roots = Vec::new();
        for path in paths {
            let place = if path.is_dir() { std::fs::canonicalize(path).unwrap_or_else(|_| absolute(path)) } else { absolute(path) };
            let Ok(place) = place.strip_prefix(repository.top()) else {
                bail!("{} is not in the Git repository of the other paths", shown(path));
            };
            let place = if place.as_os_str().is_empty() { String::new() } else { shown(place) };
            roots.push((path.clone(), place));
        }
        Ok(Sought { repository, roots })
    }

    fn base(&self, base: &Base) -> anyhow::Result<Option<Revision>> {
        Ok(match base {
            Base::Default => Some(self.repository.default_base()?),
            Base::Revision(name) => Some(self.repository.revision(name)?),
            Base::Path(_) => None,
        })
    }

    /// The paths from the top, without those that lie in others: thousands of files are too many for one command line.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut roots: Vec<&str> = self.roots.iter().map(|(_, root)| root.as_str()).collect();
        roots.sort_by_key(|root| root.split('/').collect::<Vec<_>>());
        let is_in = |inner: &str, outer: &str| {
            outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        roots.dedup_by(|inner, outer| is_in(inner, outer));
        roots.into_iter().map(str::to_owned).collect()
    }

    /// The manifests of a revision among what is sought: what a walk through it would take.
    pub(super) fn files(&self, revision: &Revision, settings: &Settings) -> anyhow::Result<Vec<Named>> {
        let entries = self.repository.files(revision, &self.paths())?;
        Ok(entries.into_iter().filter_map(|entry| self.named(entry, settings)).collect())
    }

    pub(super) fn named(&self, entry: TreeEntry, settings: &Settings) -> Option<Named> {
        let taken = self.roots.iter().find_map(|(argument, root)| {
            if entry.path == *root {
                return (!walk::is_left_out(settings, argument)).then(|| (shown(argument), true));
            }
            let rest = if root.is_empty() { entry.path.as_str() } else { entry.path.strip_prefix(root)?.strip_prefix('/')? };
            let is_taken = is_walked(rest) && !settings.excludes(&shown(&self.repository.top().join(&entry.path)));
            is_taken.then(|| (shown(&argument.join(rest)), false))
        });
        taken.map(|(name, alone)| Named { entry, name, alone })
    }

    /// Two revisions: what has one id in both is one text.
    fn two_trees(&self, new: Vec<Named>, old: Vec<Named>, base: &Revision) -> anyhow::Result<(Listing, Listing)> {
        let old_ids: HashMap<&str, &str> = old.iter().map(|file| (file.name.as_str(), file.entry.id.as_str())).collect();
        let is_same = |file: &Named| old_ids.get(file.name.as_str()) == Some(&file.entry.id.as_str());
        let same: HashSet<String> = new.iter().filter(|file| is_same(file)).map(|file| file.name.clone()).collect();
        let side = |name: &str| if same.contains(name) { Side::Both } else { Side::New };
        let new = contents(&self.repository, new, |_, name| {
            let side = side(&name);
            (name, side)
        })?;
        let changed = old.into_iter().filter(|file| !same.contains(&file.name)).collect();
        Ok((new, self.old_contents(changed, base)?))
    }

    /// The working tree and a revision: what is not among the changed is one text, and what a walk leaves out is left out of both.
    pub(super) fn working_tree_and(
        &self,
        old: Vec<Named>,
        changed: &HashSet<String>,
        base: &Revision,
        request: Request<'_>,
    ) -> anyhow::Result<(Listing, Listing)> {
        let mut new = walk::list(request);
        // A folder that is gone is no mistake here.
        let was_there =
            |path: &str| old.iter().any(|file| file.name == path || file.name.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
        new.unreadable.retain(|Unreadable { path, .. }| Path::new(path).exists() || !was_there(path));
        self.leave_out_submodules(&mut new);
        let there: HashSet<String> = new.files.iter().map(|file| file.name.clone()).collect();
        let unchanged: HashSet<&str> =
            old.iter().filter(|file| !changed.contains(&file.entry.path)).map(|file| file.name.as_str()).collect();
        for file in &mut new.files {
            // Standard input stands in for a file, and nobody knows whether it says the same.
            if unchanged.contains(file.name.as_str()) && matches!(file.origin, Origin::File(_)) {
                file.side = Side::Both;
            }
        }
        let stands_in = |name: &str| request.stdin_name == name;
        let is_other = |file: &Named| changed.contains(&file.entry.path) || stands_in(&file.name);
        let is_left_out = |file: &Named| !there.contains(&file.name) && self.repository.top().join(&file.entry.path).exists();
        let kept: HashSet<String> = old.iter().filter(|file| is_other(file) && !is_left_out(file)).map(|file| file.name.clone()).collect();
        let old = old.into_iter().filter(|file| kept.contains(&file.name)).collect();
        Ok((new, self.old_contents(old, base)?))
    }

    fn old_contents(&self, files: Vec<Named>, base: &Revision) -> anyhow::Result<Listing> {
        contents(&self.repository, files, |entry, path| (format!("{}:{}", base.name, entry.path), Side::Old { path }))
    }

    /// Takes out the files of other repositories inside this one: a revision does not hold them.
    fn leave_out_submodules(&self, listing: &mut Listing) {
        let mut known: HashMap<PathBuf, bool> = HashMap::new();
        let mut is_foreign = |file: &Path| {
            let folder = absolute(file).parent().map(Path::to_owned).unwrap_or_default();
            let below = |folder: &&Path| folder.starts_with(self.repository.top()) && *folder != self.repository.top();
            let folders: Vec<&Path> = folder.ancestors().take_while(below).collect();
            folders.iter().any(|folder| *known.entry((*folder).to_owned()).or_insert_with(|| folder.join(".git").exists()))
        };
        listing.files.retain(|file| !matches!(&file.origin, Origin::File(path) if is_foreign(path)));
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether a walk would reach a file, by its path from where the walk begins.
fn is_walked(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').map_or(("", path), |(folders, name)| (folders, name));
    let is_hidden = |step: &str| step.starts_with('.');
    let is_entered = |folder: &str| !is_hidden(folder) && !VENDORED.contains(&folder);
    is_manifest_name(Path::new(name)) && !is_hidden(name) && folders.split('/').all(is_entered)
}

/// The files with what they say; links say nothing.
pub(super) fn contents(
    repository: &Repository,
    files: Vec<Named>,
    naming: impl Fn(&TreeEntry, String) -> (String, Side),
) -> anyhow::Result<Listing> {
    let files: Vec<Named> = files.into_iter().filter(|file| file.entry.is_file).collect();
    let ids: Vec<&str> = files.iter().map(|file| file.entry.id.as_str()).collect();
    let contents = repository.contents(&ids)?;
    let mut listing = Listing::default();
    for (Named { entry, name, alone }, content) in files.into_iter().zip(contents) {
        let (name, side) = naming(&entry, name);
        match content {
            Some(bytes) => listing.files.push(Listed { name, origin: Origin::Bytes(bytes), alone, side }),
            None => listing.unreadable.push(Unreadable { path: name, reason: "its content is not in this clone: `git fetch` it".into() }),
        }
    }
    Ok(listing)
}

/// The files of a base that is a folder, a file or standard input, with the paths that they would have among the new ones.
fn old_files(request: Request<'_>, base: &Path) -> Listing {
    let only = if let [only] = request.paths { Some(only.as_path()).filter(|only| !only.is_dir()) } else { None };
    let paths = if base.is_dir() { counterparts(request.paths, base) } else { vec![(base.to_owned(), only.unwrap_or(base).to_owned())] };
    let (old, new): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().unzip();
    let mut listing = walk::list(Request { paths: &old, stdin_name: "-", ..request });
    for file in &mut listing.files {
        let mut places = old.iter().zip(&new);
        let place = places.find_map(|(old, new)| Some((below(&file.name, old)?, new)));
        let path = match place {
            // What is named by itself stands for what is named by itself, whatever their names.
            Some((rest, new)) if rest.as_os_str().is_empty() && !new.is_dir() => {
                if new.as_os_str() == "-" {
                    request.stdin_name.to_owned()
                } else {
                    shown(new)
                }
            }
            Some((rest, new)) => shown(&new.join(rest)),
            None => file.name.clone(),
        };
        file.side = Side::Old { path };
    }
    listing
}

/// The path of a file from a folder on; empty for the file itself.
fn below<'n>(name: &'n str, folder: &Path) -> Option<&'n Path> {
    let folder = shown(folder);
    if folder == "." { Some(Path::new(name)) } else { Path::new(name).strip_prefix(folder).ok() }
}

/// Which file or folder below an old folder stands for each new path: the one of that path where there is one, as in another checkout; or
/// the folder itself for the only folder, and its file of that name for a file.
fn counterparts(paths: &[PathBuf], base: &Path) -> Vec<(PathBuf, PathBuf)> {
    let is_only = paths.len() == 1;
    let counterpart = |path: &PathBuf| {
        let same = path.is_relative().then(|| base.join(path)).filter(|same| same.exists());
        let named = || path.file_name().filter(|_| !path.is_dir()).map(|name| base.join(name)).filter(|named| named.exists());
        let whole = || (is_only && path.is_dir()).then(|| base.to_owned());
        Some((same.or_else(named).or_else(whole)?, path.clone()))
    };
    paths.iter().filter_map(counterpart).collect()
}

/// Reads both sides. Texts of one path that say the same are one text.
pub(super) fn joined(new: Listing, old: Listing) -> Input {
    let (mut texts, mut unreadable) = read(new.files, new.unreadable);
    let is_unread = |path: &str| {
        let covers = |unread: &str| path == unread || path.strip_prefix(unread).is_some_and(|rest| rest.starts_with('/'));
        unreadable.iter().any(|unread| covers(&unread.path))
    };
    let (mut old_texts, mut old_unreadable) = read(old.files, old.unreadable);
    old_texts.retain(|(_, file)| !is_unread(file.path()));
    unreadable.append(&mut old_unreadable);
    unreadable.sort();
    let by_path: HashMap<String, usize> = texts.iter().enumerate().map(|(index, (_, file))| (file.name.clone(), index)).collect();
    for (bytes, file) in old_texts {
        match by_path.get(file.path()).map(|&index| &mut texts[index]) {
            Some((same, new)) if *same == bytes && new.alone == file.alone => new.side = Side::Both,
            _ => texts.push((bytes, file)),
        }
    }
    // Of one path the old text comes first.
    texts.sort_by(|(_, a), (_, b)| (a.path(), a.side.is_new()).cmp(&(b.path(), b.side.is_new())));
    let (files, texts) = parse(texts);
    Input { texts, files, unreadable, passed_over: new.passed_over }
}
