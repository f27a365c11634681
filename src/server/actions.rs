//! What the editor offers to do about findings: their fixes, and to ignore them.

use std::collections::BTreeMap;

use lsp_types::CodeActionParams;
use serde_json::{Value, json};

use super::Server;
use super::folder::Folder;
use super::position::path_of;
use crate::finding::{Edit, Finding, Safety};
use crate::input::shown;
use crate::lint;
use crate::source::{SourceId, Span};
use crate::yaml::edit::{self, Value as Written};
use crate::yaml::{self, changes_only};

/// The kind of the action that makes all safe fixes of a file, which editors run when they save.
pub(super) const FIX_ALL: &str = "source.fixAll.kubeshoal";
const QUICK_FIX: &str = "quickfix";
const ANNOTATION: &str = "kubeshoal.dev/ignore";

impl Server<'_> {
    pub(super) fn actions(&self, params: &CodeActionParams) -> Value {
        self.offered(params).unwrap_or_default().into()
    }

    fn offered(&self, params: &CodeActionParams) -> Option<Vec<Value>> {
        let name = shown(&path_of(params.text_document.uri.as_str())?);
        let folder = self.folders.iter().find(|folder| folder.holds(&name))?;
        let (id, buffer) = (folder.id(&name)?, self.buffers.get(&name)?);
        let only = params.context.only.as_deref();
        // `source` asks for everything below it.
        let is_wanted = |kind: &str| {
            only.is_none_or(|only| {
                only.iter().any(|only| kind == only.as_str() || kind.strip_prefix(only.as_str()).is_some_and(|rest| rest.starts_with('.')))
            })
        };
        let mut actions = Vec::new();
        if !self.can.code_action_literals {
            return None;
        }
        if is_wanted(QUICK_FIX) {
            let byte = |position| self.encoding.byte(&buffer.text, position) as u32;
            for finding in folder.findings_at(&name, byte(params.range.start), byte(params.range.end)) {
                actions.extend(self.fix(folder, finding));
                actions.extend(self.ignore_line(folder, finding));
                actions.extend(self.ignore_object(folder, finding));
            }
        }
        // Without being asked for it, an editor would show it at every place.
        if only.is_some() && is_wanted(FIX_ALL) {
            actions.extend(self.fix_all(folder, id));
        }
        Some(actions)
    }

    fn fix(&self, folder: &Folder, finding: &Finding) -> Option<Value> {
        let fix = finding.fix.as_ref()?;
        let is_safe = fix.safety == Safety::Safe;
        let title = if is_safe { fix.title.clone() } else { format!("{} (unsafe: what runs may change)", fix.title) };
        let mut action = self.quick_fix(folder, finding, &title, &fix.edits);
        if is_safe {
            action["isPreferred"] = true.into();
        }
        Some(action)
    }

    fn quick_fix(&self, folder: &Folder, finding: &Finding, title: &str, edits: &[Edit]) -> Value {
        let diagnostics = [self.diagnostic(folder, finding)];
        json!({ "title": title, "kind": QUICK_FIX, "diagnostics": diagnostics, "edit": self.workspace_edit(folder, edits) })
    }

    /// Writes a comment above the finding's line.
    fn ignore_line(&self, folder: &Folder, finding: &Finding) -> Option<Value> {
        let tree = &folder.input.texts.get(finding.span.source.0 as usize)?.tree;
        let text = tree.text();
        let line_start = text[..finding.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let line = &text[line_start..];
        let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
        let newline = if line.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
        let at = line_start as u32;
        let span = Span { source: finding.span.source, start: at, end: at };
        let edit = Edit { span, text: format!("{indent}# kubeshoal: ignore[{}]{newline}", finding.rule) };
        // In a text of several lines it would be part of the text, and no line of JSON can take a comment.
        let new = yaml::parse(span.source, edit::apply(text, &[&edit]).into());
        let is_comment = new.comments().count() == tree.comments().count() + 1 && changes_only(tree, &new, &[&edit]);
        let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        (is_comment && !is_json && !text.starts_with('\u{feff}'))
            .then(|| self.quick_fix(folder, finding, &format!("Ignore {} on this line", finding.rule), &[edit]))
    }

    /// Writes an annotation on the finding's object, or adds the rule to it.
    fn ignore_object(&self, folder: &Folder, finding: &Finding) -> Option<Value> {
        let graph = lint::graph(&folder.input.texts, &folder.settings);
        let resource = graph.resource_at(finding.span)?;
        let change = if let Some(annotation) = resource.annotation(ANNOTATION) {
            let (rules, reason) =
                annotation.value_text()?.split_once(';').map_or((annotation.value_text()?, None), |(rules, reason)| (rules, Some(reason)));
            let reason = reason.map_or_else(String::new, |reason| format!(";{reason}"));
            edit::replace(annotation, &format!("{}, {}{reason}", rules.trim_end(), finding.rule))?
        } else {
            let entry = [(ANNOTATION, Written::Str(&finding.rule))];
            match resource.node().at("metadata.annotations") {
                Some(annotations) if annotations.is_mapping() => edit::insert(annotations, ANNOTATION, entry[0].1, &[])?,
                _ => {
                    edit::set(resource.node().get("metadata")?, "annotations", Written::Mapping(&entry), &["name", "namespace", "labels"])?
                }
            }
        };
        let title = format!("Ignore {} on this {}", finding.rule, resource.kind_name());
        Some(self.quick_fix(folder, finding, &title, &[change.edit]))
    }

    /// Makes all safe fixes of a file, as often as they bring about others, and replaces what differs.
    fn fix_all(&self, folder: &Folder, id: SourceId) -> Option<Value> {
        let wanted = crate::fix::Wanted { safety: Safety::Safe, only: Some(id) };
        if !folder.outcome.findings.iter().any(|finding| crate::fix::is_wanted(finding, wanted, &folder.input.texts)) {
            return None;
        }
        let old = folder.input.texts[id.0 as usize].tree.shared_text();
        let mut texts = folder.copy();
        crate::fix::fix(&mut texts, wanted, &folder.settings, |texts| lint::lint(texts, &folder.settings));
        let new = texts[id.0 as usize].tree.text();
        let edit = difference(id, &old, new)?;
        Some(json!({ "title": "Make all safe fixes", "kind": FIX_ALL, "edit": self.workspace_edit(folder, &[edit]) }))
    }

    fn workspace_edit(&self, folder: &Folder, edits: &[Edit]) -> Value {
        let mut by_path: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for edit in edits {
            let path = folder.sources.get(edit.span.source).name();
            by_path.entry(path).or_default().push(json!({ "range": self.range(folder, edit.span), "newText": edit.text }));
        }
        if !self.can.versioned_edits {
            let changes: serde_json::Map<String, Value> = by_path.into_iter().map(|(path, edits)| (self.uri(path), edits.into())).collect();
            return json!({ "changes": changes });
        }
        let change = |(path, edits): (&str, Vec<Value>)| {
            let version = self.buffers.get(path).map(|buffer| buffer.version);
            json!({ "textDocument": { "uri": self.uri(path), "version": version }, "edits": edits })
        };
        json!({ "documentChanges": by_path.into_iter().map(change).collect::<Vec<_>>() })
    }
}

/// What makes one text of another: the bytes from the first to the last that differ.
fn difference(source: SourceId, old: &str, new: &str) -> Option<Edit> {
    if old == new {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| {
        pairs.take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum::<usize>()
    };
    let start = same(&mut old.chars().zip(new.chars()));
    let behind = same(&mut old[start..].chars().rev().zip(new[start..].chars().rev()));
    let span = Span { source, start: start as u32, end: (old.len() - behind) as u32 };
    Some(Edit { span, text: new[start..new.len() - behind].to_owned() })
}
