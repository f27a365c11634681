//! Each finding with the text around it, drawn by miette.
//!
//! miette finds its places by counting from the start of the text, for each label anew. [`Page`] answers from the line index, and shows
//! a window only of lines that are too long for any screen.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan};
use miette::{SpanContents, ThemeCharacters, ThemeStyles};

use super::{Look, is_unprintable, message, printable};
use crate::finding::{Finding, Safety, Severity};
use crate::rules::{Rule, rule};
use crate::source::{Source, SourceId, Sources, Span};

/// Bytes of a line that are shown before and behind a label when the line is longer than that.
const WINDOW: usize = 160;
/// Bytes between the first and the last label of one frame.
const FRAME: usize = 4000;

pub(super) fn write(findings: &[Finding], sources: &Sources, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let drawn_by = |note| handler(look, note);
    let (handler, other_handler) = (drawn_by("note:"), drawn_by("see:"));
    let mut pages: HashMap<SourceId, Page<'_>> = HashMap::new();
    let mut text = String::new();
    for finding in findings {
        for id in std::iter::once(finding.span.source).chain(finding.related.iter().map(|related| related.span.source)) {
            pages.entry(id).or_insert_with(|| Page::new(sources.get(id)));
        }
        let mut views = views(finding, sources, &pages).into_iter();
        text.clear();
        // Writing to a string fails only where a source can't be read, and a page reads every span.
        views.next().map_or(Ok(()), |view| handler.render_report(&mut text, &view)).map_err(io::Error::other)?;
        views.try_for_each(|view| other_handler.render_report(&mut text, &view)).map_err(io::Error::other)?;
        writeln!(out, "{}", Trimmed(&text))?;
    }
    Ok(())
}

fn handler(look: Look, note: &str) -> GraphicalReportHandler {
    let characters = if look.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let words = ThemeCharacters { error: "error:".into(), warning: "warning:".into(), advice: note.into(), ..characters };
    let styles = if look.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters: words, styles })
        .with_width(look.width.max(40))
        .with_links(look.color)
        .with_link_display_text("(explain)")
        .without_syntax_highlighting()
}

/// A text whose lines have no blanks at their end.
struct Trimmed<'a>(&'a str);

impl fmt::Display for Trimmed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.lines().try_for_each(|line| writeln!(formatter, "{}", line.trim_end()))
    }
}

/// The finding with all its places in its own text, then each of its places in other texts; what to do comes last.
fn views<'a>(finding: &'a Finding, sources: &Sources, pages: &'a HashMap<SourceId, Page<'a>>) -> Vec<View<'a>> {
    let (here, elsewhere): (Vec<_>, Vec<_>) = finding.related.iter().partition(|related| related.span.source == finding.span.source);
    let page = &pages[&finding.span.source];
    let primary = LabeledSpan::new_primary_with_span(None, page.label_range(finding.span));
    let labels = here
        .iter()
        .map(|related| LabeledSpan::new_with_span(Some(printable(&related.message).into_owned()), page.label_range(related.span)));
    let mut views = vec![View {
        severity: finding.severity,
        id: Some(&finding.rule),
        rule: rule(&finding.rule),
        message: message(finding, sources),
        help: None,
        page,
        labels: std::iter::once(primary).chain(labels).collect(),
    }];
    views.extend(elsewhere.iter().map(|related| {
        let page = &pages[&related.span.source];
        View {
            severity: Severity::Note,
            id: None,
            rule: None,
            message: printable(&related.message),
            help: None,
            page,
            labels: vec![LabeledSpan::new_primary_with_span(None, page.label_range(related.span))],
        }
    }));
    if let Some(last) = views.last_mut() {
        last.help = help(finding);
    }
    views
}

fn help(finding: &Finding) -> Option<String> {
    let fix = finding.fix.as_ref().map(|fix| {
        let options = if fix.safety == Safety::Safe { "--fix" } else { "--fix --unsafe-fixes" };
        format!("fix: {} ({options})", fix.title)
    });
    let parts: Vec<_> = finding.help.iter().chain(&fix).map(|part| printable(part)).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// One frame: a message and the labels in one text.
#[derive(Debug)]
struct View<'a> {
    severity: Severity,
    /// What found it: a rule, or something that has no page.
    id: Option<&'a str>,
    rule: Option<&'static Rule>,
    message: Cow<'a, str>,
    help: Option<String>,
    page: &'a Page<'a>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for View<'_> {}

impl Diagnostic for View<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.id.map(|id| Box::new(printable(id)) as Box<dyn fmt::Display>)
    }

    fn url<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.rule.map(|rule| Box::new(rule.url()) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_deref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.page)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// A text that miette can read from anywhere at once.
#[derive(Debug)]
struct Page<'a> {
    source: &'a Source,
    name: String,
    /// As long as the source's text, byte by byte, with nothing in it that a terminal would obey.
    text: Cow<'a, str>,
}

impl<'a> Page<'a> {
    fn new(source: &'a Source) -> Self {
        Page { source, name: printable(source.name()).into_owned(), text: harmless(source.text()) }
    }

    /// The part of a span to underline: at most the first line of it, and no more than a window shows.
    fn label_range(&self, span: Span) -> Range<usize> {
        let (start, end) = (span.start as usize, span.end as usize);
        let line_end = self.line_end(start);
        let end = end.clamp(start, line_end.max(start)).min(self.text.ceil_char_boundary(start + WINDOW));
        start..end
    }

    /// The end of the line's text, `\r\n` or `\n` left out.
    fn line_end(&self, byte: usize) -> usize {
        let (line, start) = self.source.line_at(byte as u32);
        let line = &self.text[start..self.source.line_start(line + 1)];
        start + line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line)).len()
    }

    /// The lines of a range and one more on each side; a window of them where they are too long.
    fn excerpt(&self, range: Range<usize>) -> Excerpt {
        let (first, first_start) = self.source.line_at(range.start as u32);
        let (last, _) = self.source.line_at(range.end as u32);
        let start_of = |line| self.source.line_start(line);
        let (mut start, mut end) = (first_start, start_of(last + 1));
        let mut line = first;
        if range.start - start > 2 * WINDOW {
            start = self.text.floor_char_boundary(range.start - WINDOW);
        } else if first > 0 && first_start - start_of(first - 1) <= 2 * WINDOW {
            (start, line) = (start_of(first - 1), first - 1);
        }
        if end - range.end > 2 * WINDOW {
            end = self.text.ceil_char_boundary(range.end + WINDOW);
        } else if start_of(last + 2) - end <= 2 * WINDOW {
            end = start_of(last + 2);
        }
        Excerpt { bytes: start..end, line, column: 0 }
    }

    /// Just a range, for its place.
    fn bare(&self, range: Range<usize>) -> Excerpt {
        let place = self.source.line_column(range.start as u32);
        Excerpt { bytes: range, line: place.line - 1, column: place.column - 1 }
    }
}

/// Bytes of a page, and the line and column (from 0) of the first.
struct Excerpt {
    bytes: Range<usize>,
    line: usize,
    column: usize,
}

impl SourceCode for Page<'_> {
    fn read_span<'b>(&'b self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let range = span.offset()..span.offset() + span.len();
        if range.end > self.text.len() || range.len() > FRAME {
            // Said of two labels together, this makes miette draw a frame for each.
            return Err(MietteError::OutOfBounds);
        }
        let Excerpt { bytes, line, column } = if before + after == 0 { self.bare(range) } else { self.excerpt(range) };
        let text = &self.text.as_bytes()[bytes.clone()];
        let lines = self.source.line_at(bytes.end as u32).0 - self.source.line_at(bytes.start as u32).0;
        let span = SourceSpan::new(bytes.start.into(), bytes.len());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), text, span, line, column, lines)))
    }
}

/// The text with `?` for each byte of what a terminal would obey; tabs and ends of lines stay.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmful = |at: usize, character: char| match character {
        '\n' | '\t' => false,
        '\r' => !text[at + 1..].starts_with('\n'),
        _ => is_unprintable(character),
    };
    if !text.char_indices().any(|(at, character)| is_harmful(at, character)) {
        return text.into();
    }
    let mut harmless = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if is_harmful(at, character) {
            harmless.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            harmless.push(character);
        }
    }
    harmless.into()
}
