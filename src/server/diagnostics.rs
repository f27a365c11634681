//! Findings as diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, NumberOrString, Position,
    Range, Uri,
};

use super::Server;
use super::folder::Folder;
use crate::config::ConfigError;
use crate::finding::{Finding, Severity};
use crate::rules::rule;
use crate::source::{SourceId, Span};

/// Rules whose findings say that something has no effect and can go.
const UNNECESSARY: [&str; 4] = ["unused-ignore", "volume-unused", "claim-unused", "legacy-master-toleration-unused"];

impl Server<'_> {
    /// What there is to say of a folder's files, by path.
    pub(super) fn diagnostics(&self, folder: &Folder) -> BTreeMap<String, Vec<Diagnostic>> {
        let mut by_path: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for finding in &folder.outcome.findings {
            let path = folder.sources.get(finding.span.source).name();
            by_path.entry(path.to_owned()).or_default().push(self.diagnostic(folder, finding));
        }
        if let Some((path, text)) = &folder.config {
            let mistakes = folder.mistakes.iter().map(|mistake| self.mistake(text, mistake, DiagnosticSeverity::ERROR));
            let expired = folder.outcome.expired.iter().map(|mistake| self.mistake(text, mistake, DiagnosticSeverity::WARNING));
            let all: Vec<Diagnostic> = mistakes.chain(expired).collect();
            if !all.is_empty() {
                by_path.entry(path.clone()).or_default().extend(all);
            }
        }
        for unreadable in &folder.input.unreadable {
            // A file that the editor has open and has not saved yet can't be read, and need not be.
            if !self.buffers.contains_key(&unreadable.path) && Path::new(&unreadable.path) != folder.path {
                let message = format!("cannot be read: {}", unreadable.reason);
                by_path.entry(unreadable.path.clone()).or_default().push(plain(Range::default(), DiagnosticSeverity::ERROR, message));
            }
        }
        by_path
    }

    /// What there is to say of one text of a folder.
    pub(super) fn diagnostics_of(&self, folder: &Folder, id: SourceId) -> Vec<Diagnostic> {
        let here = folder.outcome.findings.iter().filter(|finding| finding.span.source == id);
        here.map(|finding| self.diagnostic(folder, finding)).collect()
    }

    pub(super) fn diagnostic(&self, folder: &Folder, finding: &Finding) -> Diagnostic {
        let severity = match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        };
        let tag = match &*finding.rule {
            "api-version-deprecated" => Some(DiagnosticTag::DEPRECATED),
            id if UNNECESSARY.contains(&id) => Some(DiagnosticTag::UNNECESSARY),
            _ => None,
        };
        let related = finding.related.iter().filter(|_| self.can.related_information).filter_map(|related| {
            let location = self.location(folder, related.span)?;
            Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
        });
        let related: Vec<_> = related.collect();
        let page = rule(&finding.rule).and_then(|rule| rule.url().parse().ok());
        Diagnostic {
            code: Some(NumberOrString::String(finding.rule.to_string())),
            code_description: page.map(|href: Uri| CodeDescription { href }),
            related_information: (!related.is_empty()).then_some(related),
            tags: tag.map(|tag| vec![tag]),
            ..plain(self.range(folder, finding.span), severity, with_help(&finding.message, finding.help.as_deref()))
        }
    }

    /// The place of a span in its file.
    pub(super) fn location(&self, folder: &Folder, span: Span) -> Option<Location> {
        let uri = self.uri(folder.sources.get(span.source).name()).parse().ok()?;
        Some(Location { uri, range: self.range(folder, span) })
    }

    pub(super) fn range(&self, folder: &Folder, span: Span) -> Range {
        let source = folder.sources.get(span.source);
        self.encoding.range(source, span, self.buffers.contains_key(source.name()))
    }

    fn mistake(&self, text: &str, mistake: &ConfigError, severity: DiagnosticSeverity) -> Diagnostic {
        let line = text.lines().nth(mistake.line.saturating_sub(1)).unwrap_or_default();
        let before: String = line.chars().take(mistake.column.saturating_sub(1)).collect();
        let place = |units: usize| Position { line: mistake.line.saturating_sub(1) as u32, character: units as u32 };
        let range = Range { start: place(self.encoding.units(&before)), end: place(self.encoding.units(line)) };
        plain(range, severity, with_help(&mistake.message, mistake.help.as_deref()))
    }
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\nhelp: {help}"))
}

fn plain(range: Range, severity: DiagnosticSeverity, message: String) -> Diagnostic {
    Diagnostic { range, severity: Some(severity), source: Some(env!("CARGO_PKG_NAME").to_owned()), message, ..Diagnostic::default() }
}

impl Folder {
    /// The findings at a byte, or that meet a range of them, in a file.
    pub(super) fn findings_at(&self, path: &str, start: u32, end: u32) -> impl Iterator<Item = &Finding> {
        let is_here = move |finding: &&Finding| self.sources.get(finding.span.source).name() == path;
        self.outcome.findings.iter().filter(is_here).filter(move |finding| finding.span.start <= end && start <= finding.span.end)
    }
}
