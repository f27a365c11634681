//! A folder of the workspace, or a file outside of all of them: its texts, the editor's own before those of files, and what is found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::Uri;

use super::neighbours::Neighbours;
use crate::config::{self, ConfigError, Settings};
use crate::input::{self, Input, Request};
use crate::lint::{self, Outcome, Side, Text};
use crate::source::{SourceId, Sources};
use crate::yaml;

/// A text that the editor has open.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: String,
}

/// The open texts by path, as shown.
pub(super) type Buffers = BTreeMap<String, Buffer>;

/// How much of a folder has to be done again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Stale {
    No,
    /// Texts have changed.
    Findings,
    /// Files, or the config.
    Files,
}

/// A folder, or a file by itself.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Whether it is a file that lies in no folder of the workspace.
    pub(super) is_file: bool,
    stale: Stale,
    /// Texts that have changed since all was judged.
    changed: BTreeSet<SourceId>,
    /// Whether what is found in them is up to date all the same.
    has_glanced: bool,
    /// Of large folders.
    neighbours: Option<Neighbours>,
    pub(super) settings: Settings,
    /// The config's path and text, and its mistakes. What is found stays as it is while there are some.
    pub(super) config: Option<(String, String)>,
    pub(super) mistakes: Vec<ConfigError>,
    pub(super) input: Input,
    ids: HashMap<String, SourceId>,
    pub(super) outcome: Outcome,
    pub(super) sources: Sources,
}

impl Folder {
    pub(super) fn new(path: PathBuf, is_file: bool) -> Self {
        Folder {
            path,
            is_file,
            stale: Stale::Files,
            changed: BTreeSet::new(),
            has_glanced: false,
            neighbours: None,
            settings: Settings::default(),
            config: None,
            mistakes: Vec::new(),
            input: Input::default(),
            ids: HashMap::new(),
            outcome: Outcome::default(),
            sources: Sources::default(),
        }
    }

    /// Whether a file belongs to it.
    pub(super) fn holds(&self, path: &str) -> bool {
        if self.is_file { self.path == Path::new(path) } else { Path::new(path).starts_with(&self.path) }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale != Stale::No
    }

    /// Reads all files again before the next answer.
    pub(super) fn forget_files(&mut self) {
        self.stale = Stale::Files;
        self.has_glanced = false;
    }

    /// The id of a file's text.
    pub(super) fn id(&self, path: &str) -> Option<SourceId> {
        self.ids.get(path).copied()
    }

    /// Takes in a text that the editor has opened or changed.
    pub(super) fn overlay(&mut self, path: &str, text: &str) {
        if self.stale == Stale::Files {
            return;
        }
        match self.id(path) {
            Some(id) => self.replace(id, text),
            // A file that isn't there yet; one that is there was left out by the walk.
            None => self.forget_files(),
        }
    }

    fn replace(&mut self, id: SourceId, text: &str) {
        let slot = &mut self.input.texts[id.0 as usize];
        // A policy in Markdown stands in the place of its document: it is read from its file.
        if is_document(slot) {
            return;
        }
        slot.tree = yaml::parse(id, text.into());
        self.stale = self.stale.max(Stale::Findings);
        self.changed.insert(id);
        self.has_glanced = false;
    }

    /// Takes a file's own text again.
    pub(super) fn reread(&mut self, path: &str) {
        let id = self.id(path).filter(|id| self.stale != Stale::Files && !is_document(&self.input.texts[id.0 as usize]));
        let read = id.and_then(|id| Some((id, input::read_tree(Path::new(path)).ok()?)));
        match read {
            Some((id, tree)) => self.replace(id, tree.text()),
            None => self.forget_files(),
        }
    }

    /// Whether something has changed that nobody has looked at.
    pub(super) fn is_unseen(&self) -> bool {
        self.is_stale() && !self.has_glanced
    }

    /// Whether what is found in a text is up to date.
    pub(super) fn knows(&self, path: &str) -> bool {
        !self.is_stale() || self.has_glanced && self.id(path).is_some_and(|id| self.changed.contains(&id))
    }

    /// Brings what is found in the one text that has changed up to date, by those that matter to it, and gives its id. `None` where all
    /// has to be judged for that.
    pub(super) fn glance(&mut self) -> Option<SourceId> {
        let changed = self.changed.first().copied().filter(|_| self.stale == Stale::Findings && self.changed.len() == 1)?;
        let matters = self.neighbours.as_ref()?.around(changed, &self.input.texts)?;
        if self.mistakes.is_empty() {
            let is_member = |text: &Text| text.is_new() && matters.get(text.tree.source().0 as usize) == Some(&true);
            let found = lint::lint_members(&self.input.texts, is_member, &self.settings).findings;
            self.outcome.findings.retain(|finding| finding.span.source != changed);
            self.outcome.findings.extend(found.into_iter().filter(|finding| finding.span.source == changed));
        }
        self.sources = lint::sources(&self.input.texts, &self.settings);
        self.has_glanced = true;
        Some(changed)
    }

    /// Brings what is found up to date.
    pub(super) fn refresh(&mut self, buffers: &Buffers) {
        if self.stale == Stale::Files {
            self.read(buffers);
        }
        if self.mistakes.is_empty() {
            self.outcome = lint::lint(&self.input.texts, &self.settings);
        }
        self.sources = lint::sources(&self.input.texts, &self.settings);
        self.neighbours = Neighbours::of(&self.input.texts, &self.settings);
        self.changed.clear();
        self.stale = Stale::No;
    }

    fn read(&mut self, buffers: &Buffers) {
        self.read_config(buffers);
        let paths = [self.path.clone()];
        input::situate(&mut self.settings, &paths);
        self.input = input::collect(Request { paths: &paths, stdin_name: "-", settings: &self.settings });
        self.ids = self.input.texts.iter().map(|text| (text.name.clone(), text.tree.source())).collect();
        let mine: Vec<(&String, &Buffer)> = buffers.iter().filter(|(path, _)| self.holds(path)).collect();
        for (path, buffer) in mine {
            match self.id(path) {
                Some(id) => self.replace(id, &buffer.text),
                None if input::is_new_manifest(Path::new(path)) => self.add(path, &buffer.text),
                None => {}
            }
        }
    }

    /// Its texts once more, to try changes on.
    pub(super) fn copy(&self) -> Vec<Text> {
        let copy = |text: &Text| Text {
            name: text.name.clone(),
            tree: yaml::parse(text.tree.source(), text.tree.shared_text()),
            alone: text.alone,
            side: text.side.clone(),
        };
        self.input.texts.iter().map(copy).collect()
    }

    fn add(&mut self, path: &str, text: &str) {
        let id = SourceId(self.input.texts.len() as u32);
        self.input.texts.push(Text { name: path.to_owned(), tree: yaml::parse(id, text.into()), alone: self.is_file, side: Side::New });
        self.input.files.push(Some(PathBuf::from(path)));
        self.ids.insert(path.to_owned(), id);
    }

    /// Reads the config; the settings that were keep counting while it has mistakes.
    fn read_config(&mut self, buffers: &Buffers) {
        self.mistakes.clear();
        let found = input::find_config(&self.path).map(|path| input::working_folder().join(path));
        let file = found.as_deref().map(input::read_config).transpose();
        let mut settings = Settings::default();
        match file {
            Ok(Some(mut file)) => {
                if let Some(buffer) = buffers.get(&file.name) {
                    file.text.clone_from(&buffer.text);
                }
                match config::read(&file.name, &file.text) {
                    Ok(read) => settings = Settings { folder: input::shown(&file.folder), ..read },
                    Err(mistakes) => self.mistakes = mistakes,
                }
                self.config = Some((file.name, file.text));
            }
            Ok(None) => self.config = None,
            Err(error) => {
                let name = found.as_deref().map_or_else(String::new, input::shown);
                self.config = Some((name, String::new()));
                self.mistakes = vec![ConfigError { line: 1, column: 1, message: format!("{error:#}"), help: None }];
            }
        }
        if self.mistakes.is_empty() {
            self.settings = settings;
        }
    }
}

/// Whether a text is a policy in Markdown.
fn is_document(text: &Text) -> bool {
    matches!(text.side, Side::Policy { markdown: Some(_) })
}
