//! The files that arguments name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};

use super::{Origin, Request, Unreadable, folder_of, reason, shown};
use crate::config::Settings;
use crate::lint::Side;

/// Names of folders that hold other people's code. A walk does not enter them; naming one as an argument does.
pub const VENDORED: [&str; 3] = ["node_modules", "third_party", "vendor"];

/// A file or folder that a walk left aside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PassedOver {
    /// The path to show.
    pub path: String,
    /// Whether the config excludes it; else it is a folder of other people's code.
    pub is_excluded: bool,
}

/// A file to read.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) origin: Origin,
    /// Not reached by walking a folder.
    pub(super) alone: bool,
    pub(super) side: Side,
}

impl Listed {
    /// The file that it was read from; none for what came another way.
    pub(super) fn path_on_disk(&self) -> Option<PathBuf> {
        match &self.origin {
            Origin::File(path) => Some(path.clone()),
            Origin::Stdin | Origin::Bytes(_) => None,
        }
    }

    /// Its path in its set.
    pub(super) fn path(&self) -> &str {
        self.side.path(&self.name)
    }
}

/// Everything that arguments lead to, in the order of names.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<Listed>,
    pub(super) unreadable: Vec<Unreadable>,
    pub(super) passed_over: Vec<PassedOver>,
}

/// Lists the files of a request.
pub(super) fn list(request: Request<'_>) -> Listing {
    list_such(request, is_manifest_name)
}

/// Lists the files of a request, policies in Markdown among them.
pub(super) fn list_policies(request: Request<'_>) -> Listing {
    list_such(request, |path| is_manifest_name(path) || is_document_name(path))
}

/// Lists the files of a request, those in folders by their names.
fn list_such(request: Request<'_>, is_wanted: fn(&Path) -> bool) -> Listing {
    let mut lister =
        Lister { settings: Arc::new(request.settings.clone()), is_wanted, files: BTreeMap::new(), listing: Listing::default() };
    let is_stdin = |argument: &PathBuf| argument.as_os_str() == "-";
    for argument in request.paths.iter().filter(|argument| !is_stdin(argument)) {
        lister.add(argument);
    }
    if request.paths.iter().any(is_stdin) {
        lister.add_stdin(request.stdin_name);
    }
    let mut listing = lister.listing;
    listing.files = lister.files.into_values().collect();
    listing.files.sort_by(|a, b| a.name.cmp(&b.name));
    listing.passed_over.sort();
    listing.passed_over.dedup();
    listing
}

struct Lister {
    settings: Arc<Settings>,
    is_wanted: fn(&Path) -> bool,
    /// By absolute path, so that overlapping arguments lead to one text.
    files: BTreeMap<PathBuf, Listed>,
    listing: Listing,
}

impl Lister {
    fn add(&mut self, argument: &Path) {
        match fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => self.add_folder(argument),
            Ok(_) if is_left_out(&self.settings, argument) => {
                let is_excluded = self.settings.excludes(&shown(argument));
                self.listing.passed_over.push(PassedOver { path: shown(argument), is_excluded });
            }
            Ok(_) => self.add_file(absolute(argument), argument, true),
            Err(error) => self.unreadable(argument, reason(&error)),
        }
    }

    /// What an editor hands over stands in for the file of that name.
    fn add_stdin(&mut self, name: &str) {
        let place = if name == "-" { PathBuf::from(name) } else { absolute(Path::new(name)) };
        let alone = self.files.get(&place).is_none_or(|file| file.alone);
        self.files.insert(place, Listed { name: name.to_owned(), origin: Origin::Stdin, alone, side: Side::New });
    }

    fn add_file(&mut self, absolute: PathBuf, path: &Path, alone: bool) {
        match self.files.entry(absolute) {
            Entry::Vacant(entry) => {
                entry.insert(Listed { name: shown(path), origin: Origin::File(path.to_owned()), alone, side: Side::New });
            }
            Entry::Occupied(mut entry) => entry.get_mut().alone &= alone,
        }
    }

    fn add_folder(&mut self, folder: &Path) {
        let absolute = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let gate =
            Arc::new(Gate { folder: folder.to_owned(), absolute, settings: Arc::clone(&self.settings), passed_over: Mutex::default() });
        let filter = Arc::clone(&gate);
        // Git's global ignore file is left aside: the same files shall give the same findings on every machine.
        let walk = WalkBuilder::new(folder).require_git(false).git_global(false).filter_entry(move |entry| filter.lets(entry)).build();
        for entry in walk {
            match entry {
                Ok(entry) => self.add_entry(&gate, &entry),
                Err(error) => {
                    let why = error.io_error().map_or_else(|| error.to_string(), reason);
                    self.unreadable(path_of(&error).unwrap_or(folder), why);
                }
            }
        }
        self.listing.passed_over.append(&mut gate.passed_over.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn add_entry(&mut self, gate: &Gate, entry: &DirEntry) {
        let path = entry.path();
        let Some(kind) = entry.file_type() else { return };
        if !(self.is_wanted)(path) {
            return;
        }
        // A link to a file is that file under another name. A link to a folder is not followed: it leads out of the tree, or in circles.
        let is_file = if kind.is_symlink() {
            match fs::metadata(path) {
                Ok(metadata) => metadata.is_file(),
                Err(error) => return self.unreadable(path, format!("broken link: {}", reason(&error))),
            }
        } else {
            kind.is_file()
        };
        if is_file {
            self.add_file(gate.absolute_of(path), path, false);
        }
    }

    fn unreadable(&mut self, path: &Path, reason: String) {
        self.listing.unreadable.push(Unreadable { path: shown(path), reason });
    }
}

/// What a walk enters and takes.
struct Gate {
    folder: PathBuf,
    absolute: PathBuf,
    settings: Arc<Settings>,
    passed_over: Mutex<Vec<PassedOver>>,
}

impl Gate {
    fn absolute_of(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.folder).map_or_else(|_| path.to_owned(), |rest| self.absolute.join(rest))
    }

    fn lets(&self, entry: &DirEntry) -> bool {
        if entry.depth() == 0 {
            return true;
        }
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if is_folder && VENDORED.iter().any(|name| entry.file_name() == *name) {
            self.pass_over(entry.path(), false);
            return false;
        }
        let is_excluded = self.settings.excludes(&shown(&self.absolute_of(entry.path())));
        if is_excluded && (is_folder || is_manifest_name(entry.path())) {
            self.pass_over(entry.path(), true);
        }
        !is_excluded
    }

    fn pass_over(&self, path: &Path, is_excluded: bool) {
        self.passed_over.lock().unwrap_or_else(PoisonError::into_inner).push(PassedOver { path: shown(path), is_excluded });
    }
}

/// Whether a file that is named by itself is left out all the same, because the user wants what is excluded to be so everywhere.
pub(super) fn is_left_out(settings: &Settings, path: &Path) -> bool {
    let is_vendored = || path.components().any(|step| VENDORED.iter().any(|name| step.as_os_str() == *name));
    settings.force_exclude && (settings.excludes(&shown(path)) || is_vendored())
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    folder_of(path).join(path.file_name().unwrap_or_default())
}

pub(super) fn is_manifest_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Whether a file is a policy in short form, by its name.
pub(super) fn is_document_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.extension().is_some_and(|extension| extension == "md") && !["README.md", "CHANGELOG.md"].contains(&name)
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
