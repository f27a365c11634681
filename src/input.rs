//! Arguments to texts: which files a run reads, and how they are named.
//!
//! Folders are walked the way Git sees them: what `.gitignore` names is left out, and so are hidden files and folders of other people's
//! code (`VENDORED`). A path that is named as an argument is taken whatever its name. The old texts of a change come from a revision in
//! Git, of which the same is taken, or from other files.

#![expect(clippy::disallowed_methods, reason = "this is where files are read")]

mod change;
mod git;
mod hook;
mod walk;
mod write;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};
use rayon::prelude::*;

use crate::config::{Date, Settings};
use crate::lint::{Side, Text};
use crate::policy::Short;
use crate::source::SourceId;
use crate::yaml::{self, Tree};
use walk::Listed;

pub use change::{Base, collect_change};
pub use hook::{collect_commit, hook_folders};
pub use walk::{PassedOver, VENDORED};
pub use write::{rewrite, write_report};

/// Files above this many bytes are refused: no manifest is that large, and spans count in 32 bits.
pub const LARGEST: u64 = 256 << 20;

/// Names of the config file, in the order of preference.
const CONFIG_NAMES: [&str; 2] = [".kubeshoal.yaml", ".kubeshoal.yml"];

/// What a run is asked to read.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Files, folders, or `-` for standard input.
    pub paths: &'a [PathBuf],
    /// The name under which standard input is shown.
    pub stdin_name: &'a str,
    /// What the config leaves out of walked folders.
    pub settings: &'a Settings,
}

/// What could be read, and what could not. Ordered by path, whatever the number of threads.
#[derive(Debug, Default)]
pub struct Input {
    /// The texts, each with the id of its index.
    pub texts: Vec<Text>,
    /// For each text, the file that it was read from; none for standard input and revisions.
    pub files: Vec<Option<PathBuf>>,
    /// Files and folders that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Vendored folders that were not entered, and what the config excludes.
    pub passed_over: Vec<PassedOver>,
}

/// A file or folder that could not be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unreadable {
    /// As shown to the user.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Where the bytes of a text come from.
#[derive(Debug)]
enum Origin {
    File(PathBuf),
    Stdin,
    /// They were read elsewhere.
    Bytes(Vec<u8>),
}

/// Reads everything that was asked for.
pub fn collect(request: Request<'_>) -> Input {
    let listing = walk::list(request);
    let (texts, unreadable) = read(listing.files, listing.unreadable);
    let (files, texts) = parse(texts);
    with_policies(Input { texts, files, unreadable, passed_over: listing.passed_over }, request.settings)
}

/// Reads the files that the settings name for their policies, and nothing else.
pub fn policies(settings: &Settings) -> Input {
    with_policies(Input::default(), settings)
}

/// Adds the files that the config names for their policies, unless they are there already.
fn with_policies(mut input: Input, settings: &Settings) -> Input {
    let paths: Vec<PathBuf> =
        settings.policies.folders.iter().map(|folder| relative_to_here(&Path::new(&settings.folder).join(folder))).collect();
    if paths.is_empty() {
        return input;
    }
    let listing = walk::list_policies(Request { paths: &paths, stdin_name: "-", settings });
    let place = |name: &str| settings.from_config(name).unwrap_or_else(|| name.to_owned());
    let known: HashSet<String> = input.texts.iter().filter(|text| text.is_new()).map(|text| place(&text.name)).collect();
    let new = listing.files.into_iter().filter(|file| !known.contains(&place(&file.name)));
    let (texts, mut unreadable) = read(new.collect(), listing.unreadable);
    for (bytes, file) in texts {
        input.files.push(file.path_on_disk());
        input.texts.push(policy_text(SourceId(input.texts.len() as u32), file.name, bytes));
    }
    input.unreadable.append(&mut unreadable);
    input.unreadable.sort();
    input
}

/// A file of policies: manifests, or a document in short form and the policy that it stands for.
fn policy_text(source: SourceId, name: String, bytes: Vec<u8>) -> Text {
    let id = Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let markdown = walk::is_document_name(Path::new(&name)).then(|| Short::read(&id, &String::from_utf8_lossy(&bytes)));
    let tree = match &markdown {
        Some(short) => yaml::parse(source, short.manifest.as_str().into()),
        None => yaml::parse_bytes(source, bytes),
    };
    Text { tree, name, alone: false, side: Side::Policy { markdown: markdown.map(Box::new) } }
}

/// The bytes of files, and what could not be read.
fn read(files: Vec<Listed>, mut unreadable: Vec<Unreadable>) -> (Vec<(Vec<u8>, Listed)>, Vec<Unreadable>) {
    let mut texts = Vec::with_capacity(files.len());
    let outcomes: Vec<_> = files.into_par_iter().map(|mut file| (read_bytes(&mut file.origin), file)).collect();
    for (outcome, file) in outcomes {
        match outcome {
            Ok(bytes) => texts.push((bytes, file)),
            Err(error) => unreadable.push(Unreadable { path: file.name, reason: reason(&error) }),
        }
    }
    unreadable.sort();
    (texts, unreadable)
}

/// Gives ids, only now, so that they have no gaps; the bytes of a file move into its tree. With the files' paths.
fn parse(texts: Vec<(Vec<u8>, Listed)>) -> (Vec<Option<PathBuf>>, Vec<Text>) {
    let files = texts.iter().map(|(_, listed)| listed.path_on_disk()).collect();
    let text = |(id, (bytes, file)): (usize, (Vec<u8>, Listed))| Text {
        tree: yaml::parse_bytes(SourceId(id as u32), bytes),
        name: file.name,
        alone: file.alone,
        side: file.side,
    };
    (files, texts.into_par_iter().enumerate().map(text).collect())
}

fn read_bytes(origin: &mut Origin) -> io::Result<Vec<u8>> {
    match origin {
        Origin::Bytes(bytes) => Ok(std::mem::take(bytes)),
        Origin::Stdin => read_limited(io::stdin().lock(), 0, LARGEST),
        Origin::File(path) => {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            read_limited(file, length, LARGEST)
        }
    }
}

/// Reads up to `limit` bytes. `length` is what the file system says, which for pipes and devices is nothing.
fn read_limited(reader: impl Read, length: u64, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", LARGEST >> 20));
    if length > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(length as usize + 1);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// An I/O error in words that are the same on every system.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// A path as the user would write it: relative paths stay relative, `/` between folders.
pub fn shown(path: &Path) -> String {
    let plain: PathBuf = path.components().filter(|part| *part != std::path::Component::CurDir).collect();
    let text = plain.to_string_lossy();
    match text.as_ref() {
        "" => ".".into(),
        _ if cfg!(windows) => text.replace('\\', "/"),
        _ => text.into_owned(),
    }
}

/// Reads one file, or standard input for `-`, by itself.
pub fn read_tree(path: &Path) -> anyhow::Result<Tree> {
    let mut origin = if path.as_os_str() == "-" { Origin::Stdin } else { Origin::File(path.to_owned()) };
    let bytes = read_bytes(&mut origin).map_err(|error| anyhow::anyhow!(reason(&error)));
    let bytes = bytes.with_context(|| format!("cannot read {}", shown(path)))?;
    Ok(yaml::parse_bytes(SourceId(0), bytes))
}

/// The path of a file, with `.yaml` where that is left out.
pub fn with_extension(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".yaml");
    let longer = PathBuf::from(name);
    if !path.exists() && longer.is_file() { longer } else { path.to_owned() }
}

/// The text of a config file and the folder that its paths count from.
#[derive(Debug)]
pub struct ConfigFile {
    /// As shown to the user.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The folder that holds it.
    pub folder: PathBuf,
}

/// Reads the config file at a path.
pub fn read_config(path: &Path) -> anyhow::Result<ConfigFile> {
    read_whole(path, "config file")
}

/// Reads the baseline at a path; an empty text for one that is not there yet and shall be written.
pub fn read_baseline(path: &Path, is_to_be_written: bool) -> anyhow::Result<ConfigFile> {
    if is_to_be_written && !path.exists() {
        return Ok(ConfigFile { name: shown(path), text: String::new(), folder: folder_of(path) });
    }
    if !path.exists() {
        bail!("there is no baseline {}: `kubeshoal check --baseline FILE --write-baseline` makes it", shown(path));
    }
    read_whole(path, "baseline")
}

/// Writes a baseline.
pub fn write_baseline(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text)
        .map_err(|error| anyhow::anyhow!(reason(&error)))
        .with_context(|| format!("cannot write the baseline {}", shown(path)))
}

fn read_whole(path: &Path, what: &str) -> anyhow::Result<ConfigFile> {
    let name = shown(path);
    let bytes = read_bytes(&mut Origin::File(path.to_owned()))
        .map_err(|error| anyhow::anyhow!(reason(&error)))
        .with_context(|| format!("cannot read the {what} {name}"))?;
    let Ok(text) = String::from_utf8(bytes) else { bail!("the {what} {name} is not UTF-8") };
    Ok(ConfigFile { name, text, folder: folder_of(path) })
}

/// Finds the config file for an input path: in its folder or one above, up to the root of the Git repository or of the file system.
pub fn find_config(start: &Path) -> Option<PathBuf> {
    let is_folder = std::fs::metadata(start).is_ok_and(|metadata| metadata.is_dir());
    let folder = if is_folder { std::fs::canonicalize(start).ok()? } else { folder_of(start) };
    let found = folder.ancestors().find_map(|folder| {
        let config = CONFIG_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        // `Some(None)` ends the search at the repository's root.
        config.map(Some).or_else(|| folder.join(".git").exists().then_some(None))
    });
    found.flatten().map(|path| relative_to_here(&path))
}

/// The working folder from the root of its Git repository, with a `/` at its end; empty at the root and outside of repositories.
pub fn folder_in_repository() -> String {
    let here = working_folder();
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    let inner = root.and_then(|root| here.strip_prefix(root).ok()).map(shown).unwrap_or_default();
    if inner.is_empty() || inner == "." { String::new() } else { format!("{inner}/") }
}

/// The folder that holds a path, links resolved where it exists.
fn folder_of(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::canonicalize(parent).or_else(|_| std::path::absolute(parent)).unwrap_or_else(|_| parent.to_owned())
}

/// A path from the working folder, where it lies in it.
pub fn relative_to_here(path: &Path) -> PathBuf {
    match path.strip_prefix(working_folder()) {
        Ok(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inner) => inner.to_owned(),
        Err(_) => path.to_owned(),
    }
}

/// Whether a path is that of a config file.
pub fn is_config_name(path: &Path) -> bool {
    CONFIG_NAMES.iter().any(|name| path.file_name().is_some_and(|file| file == *name))
}

/// Whether a path has the name of a manifest and nothing is there: an editor may have a text for it that it has not saved.
pub fn is_new_manifest(path: &Path) -> bool {
    walk::is_manifest_name(path) && std::fs::symlink_metadata(path).is_err()
}

/// Lets settings know where and when they are used: the working folder, the day in UTC, and whether these paths hold all that the config
/// speaks of.
pub fn situate(settings: &mut Settings, paths: &[PathBuf]) {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    settings.today = Date::from_unix_seconds(since_1970.as_secs());
    settings.working_folder = shown(&working_folder());
    settings.world.is_all = settings.source.is_some() && paths.iter().any(|path| settings.is_within(&shown(path)));
}

/// The working folder, links resolved; nothing if it is gone.
pub fn working_folder() -> PathBuf {
    std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default()
}

#[cfg(test)]
mod tests;
