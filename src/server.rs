//! An editor's texts to diagnostics, fixes and explanations: the language server.
//!
//! One thread takes messages and judges; a burst of changes is judged once. What the editor has open stands before what files say, and
//! each folder of the workspace is one set, so that what changes here is told in the files that it concerns.

mod actions;
mod diagnostics;
mod folder;
mod navigation;
mod neighbours;
mod position;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeActionParams, Diagnostic, DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, FileChangeType, InitializeParams, ReferenceParams, TextDocumentPositionParams,
    Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::input::{is_config_name, shown};
use folder::{Buffer, Buffers, Folder};
use position::{Encoding, path_of, uri_of};

/// How long the editor has to be quiet before its texts are judged.
const QUIET: Duration = Duration::from_millis(5);

/// How long, before all texts of a large folder are judged after one that has changed.
const PAUSE: Duration = Duration::from_millis(250);

/// Serves the editor on standard input and output until it says `exit` or goes away; whether it said `shutdown` before.
pub fn run() -> anyhow::Result<bool> {
    let (connection, threads) = Connection::stdio();
    let is_in_order = serve(&connection)?;
    drop(connection);
    threads.join().context("cannot go on talking with the editor")?;
    Ok(is_in_order)
}

fn serve(connection: &Connection) -> anyhow::Result<bool> {
    let (id, params) = connection.initialize_start().context("no editor speaks the Language Server Protocol on standard input")?;
    let params: InitializeParams = serde_json::from_value(params).context("cannot make sense of `initialize`")?;
    let mut server = Server::new(connection, &params);
    let server_info = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    connection.initialize_finish(id, json!({ "capabilities": server.capabilities(), "serverInfo": server_info }))?;
    if server.can.watch {
        server.watch()?;
    }
    server.run()
}

/// What the editor can do.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
struct Abilities {
    watch: bool,
    versioned_edits: bool,
    related_information: bool,
    code_action_literals: bool,
}

/// What is said of a file: of which version of its text, where the editor has it open, and what.
type Told = (Option<i32>, Vec<Diagnostic>);

struct Server<'c> {
    connection: &'c Connection,
    encoding: Encoding,
    can: Abilities,
    buffers: Buffers,
    folders: Vec<Folder>,
    /// What the editor was told last, by path; nothing where that was nothing.
    published: BTreeMap<String, Told>,
    /// Whether the editor has said `shutdown`.
    is_at_its_end: bool,
}

impl<'c> Server<'c> {
    fn new(connection: &'c Connection, params: &InitializeParams) -> Self {
        let client = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let is = |pointer: &str| client.pointer(pointer).and_then(Value::as_bool).unwrap_or_default();
        let encodings = client.pointer("/general/positionEncodings").and_then(Value::as_array);
        let knows_utf8 = encodings.is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "utf-8"));
        let can = Abilities {
            watch: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            versioned_edits: is("/workspace/workspaceEdit/documentChanges"),
            related_information: is("/textDocument/publishDiagnostics/relatedInformation"),
            code_action_literals: client.pointer("/textDocument/codeAction/codeActionLiteralSupport").is_some_and(Value::is_object),
        };
        #[expect(deprecated, reason = "older editors name a root and no folders")]
        let root = params.root_uri.iter();
        let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
        let mut server = Server {
            connection,
            encoding: if knows_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            can,
            buffers: Buffers::new(),
            folders: Vec::new(),
            published: BTreeMap::new(),
            is_at_its_end: false,
        };
        let folders: Vec<&Uri> = folders.collect();
        let roots = if folders.is_empty() { root.collect() } else { folders };
        server.set_folders(roots.into_iter().filter_map(|uri| path_of(uri.as_str())).collect());
        server
    }

    fn capabilities(&self) -> Value {
        let encoding = if self.encoding == Encoding::Utf8 { "utf-8" } else { "utf-16" };
        json!({
            "positionEncoding": encoding,
            "textDocumentSync": { "openClose": true, "change": 2, "save": !self.can.watch },
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "codeActionProvider": { "codeActionKinds": ["quickfix", actions::FIX_ALL] },
            "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
        })
    }

    /// Asks to be told of files that change.
    fn watch(&self) -> anyhow::Result<()> {
        let watchers = ["**/*.{yaml,yml,json,YAML,YML,JSON}", "**/.kubeshoal.{yaml,yml}", "**/.gitignore"];
        let watchers: Vec<Value> = watchers.iter().map(|glob| json!({ "globPattern": glob })).collect();
        let registration =
            json!({ "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": { "watchers": watchers } });
        let params = json!({ "registrations": [registration] });
        self.send(Request::new("files".to_owned().into(), "client/registerCapability".into(), params).into())
    }

    fn send(&self, message: Message) -> anyhow::Result<()> {
        self.connection.sender.send(message).context("the editor went away")
    }

    /// Takes messages until the end; whether `shutdown` was among them.
    fn run(&mut self) -> anyhow::Result<bool> {
        while let Some(message) = self.next()? {
            match message {
                Message::Request(Request { id, method, .. }) if method == "shutdown" => {
                    self.is_at_its_end = true;
                    self.send(Response::new_ok(id, Value::Null).into())?;
                }
                Message::Request(Request { id, .. }) if self.is_at_its_end => {
                    let message = "the server has been shut down".to_owned();
                    self.send(Response::new_err(id, ErrorCode::InvalidRequest as i32, message).into())?;
                }
                Message::Request(request) => self.answer(request)?,
                Message::Notification(notification) if notification.method == "exit" => break,
                Message::Notification(notification) => self.take(notification),
                // It is told of the watch; whether it keeps one is its own affair.
                Message::Response(_) => {}
            }
        }
        Ok(self.is_at_its_end)
    }

    /// The next message; none when the editor has gone. While none comes, what has changed is judged.
    fn next(&mut self) -> anyhow::Result<Option<Message>> {
        let messages = &self.connection.receiver;
        while !self.is_at_its_end && self.folders.iter().any(Folder::is_stale) {
            let is_unseen = self.folders.iter().any(Folder::is_unseen);
            match messages.recv_timeout(if is_unseen { QUIET } else { PAUSE }) {
                Err(error) if error.is_timeout() && is_unseen => self.glance()?,
                Err(error) if error.is_timeout() => self.refresh()?,
                received => return Ok(received.ok()),
            }
        }
        Ok(messages.recv().ok())
    }

    fn answer(&mut self, Request { id, method, params }: Request) -> anyhow::Result<()> {
        self.get_ready(params.pointer("/textDocument/uri").and_then(Value::as_str))?;
        let result = match method.as_str() {
            "textDocument/hover" => read(params).map(|params| self.hover(&params)),
            "textDocument/definition" => read(params).map(|params| self.definition(&params)),
            "textDocument/references" => read(params)
                .map(|params: ReferenceParams| self.references(&params.text_document_position, params.context.include_declaration)),
            "textDocument/codeAction" => read(params).map(|params: CodeActionParams| self.actions(&params)),
            _ => Err((ErrorCode::MethodNotFound, format!("kubeshoal doesn't answer {method}"))),
        };
        let response = match result {
            Ok(value) => Response::new_ok(id, value),
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(response.into())
    }

    /// What can't be understood is left aside: there is nobody to answer to.
    fn take(&mut self, Notification { method, params }: Notification) {
        match method.as_str() {
            "textDocument/didOpen" => read(params).into_iter().for_each(|params| self.open(params)),
            "textDocument/didChange" => read(params).into_iter().for_each(|params| self.change(&params)),
            "textDocument/didSave" => self.folders.iter_mut().for_each(Folder::forget_files),
            "textDocument/didClose" => read(params).into_iter().for_each(|params| self.close(&params)),
            "workspace/didChangeWatchedFiles" => read(params).into_iter().for_each(|params| self.files_changed(&params)),
            "workspace/didChangeWorkspaceFolders" => read(params).into_iter().for_each(|params| self.folders_changed(&params)),
            _ => {}
        }
    }

    fn open(&mut self, DidOpenTextDocumentParams { text_document }: DidOpenTextDocumentParams) {
        let Some(path) = path_of(text_document.uri.as_str()) else { return };
        let name = shown(&path);
        let buffer = Buffer { uri: text_document.uri, version: text_document.version, text: text_document.text };
        self.buffers.insert(name.clone(), buffer);
        if !is_config_name(&path) && !self.folders.iter().any(|folder| folder.holds(&name)) {
            self.folders.push(Folder::new(path, true));
        }
        self.overlay(&name);
    }

    fn change(&mut self, params: &DidChangeTextDocumentParams) {
        let Some(name) = path_of(params.text_document.uri.as_str()).map(|path| shown(&path)) else { return };
        let Some(buffer) = self.buffers.get_mut(&name) else { return };
        buffer.version = params.text_document.version;
        for change in &params.content_changes {
            let Some(range) = change.range else {
                buffer.text.clone_from(&change.text);
                continue;
            };
            let start = self.encoding.byte(&buffer.text, range.start);
            let end = self.encoding.byte(&buffer.text, range.end).max(start);
            buffer.text.replace_range(start..end, &change.text);
        }
        self.overlay(&name);
    }

    /// Lets the folders know what an open text says.
    fn overlay(&mut self, name: &str) {
        let Some(buffer) = self.buffers.get(name) else { return };
        if is_config_name(Path::new(name)) {
            return self.folders.iter_mut().for_each(Folder::forget_files);
        }
        for folder in self.folders.iter_mut().filter(|folder| folder.holds(name)) {
            folder.overlay(name, &buffer.text);
        }
    }

    fn close(&mut self, params: &DidCloseTextDocumentParams) {
        let Some(path) = path_of(params.text_document.uri.as_str()) else { return };
        let name = shown(&path);
        self.buffers.remove(&name);
        if is_config_name(&path) {
            self.folders.iter_mut().for_each(Folder::forget_files);
        }
        let is_gone = |folder: &Folder| folder.is_file && folder.path == path;
        if self.folders.iter().any(is_gone) {
            self.folders.retain(|folder| !is_gone(folder));
            self.folders.iter_mut().for_each(Folder::forget_files);
        }
        self.folders.iter_mut().filter(|folder| folder.holds(&name)).for_each(|folder| folder.reread(&name));
        let _ = self.publish();
    }

    fn files_changed(&mut self, params: &DidChangeWatchedFilesParams) {
        for change in &params.changes {
            let Some(path) = path_of(change.uri.as_str()) else { continue };
            let name = shown(&path);
            let is_open = self.buffers.contains_key(&name);
            let is_text = change.typ == FileChangeType::CHANGED
                && !is_config_name(&path)
                && self.folders.iter().any(|folder| folder.id(&name).is_some());
            if is_text && is_open {
                continue;
            }
            for folder in self.folders.iter_mut().filter(|folder| is_config_name(&path) || folder.holds(&name)) {
                if is_text { folder.reread(&name) } else { folder.forget_files() }
            }
        }
    }

    fn folders_changed(&mut self, params: &DidChangeWorkspaceFoldersParams) {
        let paths =
            |folders: &[lsp_types::WorkspaceFolder]| folders.iter().filter_map(|folder| path_of(folder.uri.as_str())).collect::<Vec<_>>();
        let removed = paths(&params.event.removed);
        let kept =
            self.folders.iter().filter(|folder| !folder.is_file && !removed.contains(&folder.path)).map(|folder| folder.path.clone());
        let all = kept.chain(paths(&params.event.added)).collect();
        self.set_folders(all);
    }

    /// Reads these folders, without those that lie in others, and what is open outside of them by itself.
    fn set_folders(&mut self, mut paths: Vec<PathBuf>) {
        paths.sort();
        paths.dedup_by(|inner, outer| inner.starts_with(outer));
        self.folders = paths.into_iter().map(|path| Folder::new(path, false)).collect();
        for path in self.buffers.keys().filter(|path| !is_config_name(Path::new(path))) {
            if !self.folders.iter().any(|folder| folder.holds(path)) {
                self.folders.push(Folder::new(PathBuf::from(path), true));
            }
        }
        if self.folders.is_empty() {
            let _ = self.publish();
        }
    }

    /// Brings what is found in a file up to date.
    fn get_ready(&mut self, uri: Option<&str>) -> anyhow::Result<()> {
        self.glance()?;
        let name = uri.and_then(path_of).map(|path| shown(&path)).unwrap_or_default();
        let is_ready = self.folders.iter().all(|folder| folder.knows(&name));
        if is_ready { Ok(()) } else { self.refresh() }
    }

    /// Judges what has changed and was not looked at: in large folders at first that text alone, and tells the editor.
    fn glance(&mut self) -> anyhow::Result<()> {
        for index in 0..self.folders.len() {
            if !self.folders[index].is_unseen() {
                continue;
            }
            let Some(id) = self.folders[index].glance() else { return self.refresh() };
            let folder = &self.folders[index];
            let path = folder.sources.get(id).name().to_owned();
            let told = self.told(&path, self.diagnostics_of(folder, id));
            self.tell(&path, &told)?;
            self.published.insert(path, told);
        }
        Ok(())
    }

    /// Judges all that has changed, and tells the editor.
    fn refresh(&mut self) -> anyhow::Result<()> {
        let mut stale = self.folders.iter_mut().filter(|folder| folder.is_stale()).peekable();
        if stale.peek().is_none() {
            return Ok(());
        }
        stale.for_each(|folder| folder.refresh(&self.buffers));
        self.publish()
    }

    /// Tells the editor of each file about which there is something else to say than before.
    fn publish(&mut self) -> anyhow::Result<()> {
        let mut now: BTreeMap<String, Told> = BTreeMap::new();
        for folder in &self.folders {
            for (path, diagnostics) in self.diagnostics(folder) {
                let none = self.told(&path, Vec::new());
                now.entry(path).or_insert(none).1.extend(diagnostics);
            }
        }
        let before = std::mem::take(&mut self.published);
        for (path, told) in now.iter().filter(|(path, told)| before.get(*path) != Some(told)) {
            self.tell(path, told)?;
        }
        for path in before.keys().filter(|path| !now.contains_key(*path)) {
            self.tell(path, &self.told(path, Vec::new()))?;
        }
        self.published = now;
        Ok(())
    }

    fn told(&self, path: &str, diagnostics: Vec<Diagnostic>) -> Told {
        (self.buffers.get(path).map(|buffer| buffer.version), diagnostics)
    }

    fn tell(&self, path: &str, (version, diagnostics): &Told) -> anyhow::Result<()> {
        let mut params = json!({ "uri": self.uri(path), "diagnostics": diagnostics });
        if let Some(version) = version {
            params["version"] = (*version).into();
        }
        self.send(Notification::new("textDocument/publishDiagnostics".into(), params).into())
    }

    /// A file's URI, in the editor's own spelling where it has it open.
    fn uri(&self, path: &str) -> String {
        self.buffers.get(path).map_or_else(|| uri_of(Path::new(path)), |buffer| buffer.uri.as_str().to_owned())
    }

    /// The open text at a place, the folder that it belongs to, and the byte.
    fn at(&self, place: &TextDocumentPositionParams) -> Option<(&Folder, &str, u32)> {
        let name = shown(&path_of(place.text_document.uri.as_str())?);
        let (name, buffer) = self.buffers.get_key_value(&name)?;
        let folder = self.folders.iter().find(|folder| folder.holds(name)).or(self.folders.first())?;
        Some((folder, name, self.encoding.byte(&buffer.text, place.position) as u32))
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}
