//! XML as `JUnit` has it: a suite for each file, a failed case for each finding.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::place::{Region, Whereabouts};
use super::shown_message;
use crate::finding::{Finding, Severity};
use crate::lint::Outcome;
use crate::source::Sources;

pub(super) fn write(outcome: &Outcome, sources: &Sources, whereabouts: &Whereabouts, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new(env!("CARGO_PKG_NAME"));
    let files = outcome.findings.chunk_by(|a, b| a.span.source == b.span.source);
    for findings in files {
        let path = findings.first().map(|finding| whereabouts.path(sources.get(finding.span.source)));
        let mut suite = TestSuite::new(path.unwrap_or_default());
        suite.add_test_cases(findings.iter().map(|finding| case(finding, sources)));
        report.add_test_suite(suite);
    }
    if outcome.findings.is_empty() {
        let mut suite = TestSuite::new(env!("CARGO_PKG_NAME"));
        suite.add_test_case(TestCase::new("no findings", TestCaseStatus::success()));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(io::Error::other)?;
    writeln!(out, "{}", text.trim_end())
}

fn case(finding: &Finding, sources: &Sources) -> TestCase {
    let Region { line, column, .. } = Region::of(finding.span, sources);
    let kind = if finding.severity == Severity::Error { NonSuccessKind::Error } else { NonSuccessKind::Failure };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(shown_message(finding, sources)).set_type(finding.severity.name());
    if let Some(help) = &finding.help {
        status.set_description(help.as_str());
    }
    TestCase::new(format!("{} ({line}:{column})", finding.rule), status)
}
