//! Where the time of a run goes, stage by stage, on one thread.
//!
//! `KUBESHOAL_BENCH` names a folder of manifests, by default `examples`; `KUBESHOAL_BENCH_ROUNDS` how often each stage runs, by default
//! five times, of which the fastest counts. `KUBESHOAL_BENCH_RULES=20` adds the twenty rules that take longest.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own, outside the layers")]

use std::hint::black_box;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use granit_parser::{Event, Parser};
use kubeshoal::config::Settings;
use kubeshoal::finding::{Report, Severity};
use kubeshoal::graph::{File, Graph};
use kubeshoal::input::{self, Request};
use kubeshoal::lint::{self, Outcome, Text};
use kubeshoal::render::{self, Format, Look, Whereabouts};
use kubeshoal::rules::{Check, RULES, Rule};
use kubeshoal::schema::Mistake;
use kubeshoal::yaml;

fn main() {
    let folder = std::env::var("KUBESHOAL_BENCH").unwrap_or_else(|_| "examples".into());
    let rounds = std::env::var("KUBESHOAL_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let paths = [PathBuf::from(&folder)];
    let settings = Settings::default();

    // First of all, so that nothing but a check is in the peak.
    let outcome = check(&paths, &settings);
    let memory = peak_memory();
    let all_threads = fastest(rounds, || check(&paths, &settings));

    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
    one_thread.install(|| {
        let texts = input::collect(request(&paths, &settings)).texts;
        let stages = Stages::measure(rounds, &paths, &texts, &settings);
        let whole = fastest(rounds, || check(&paths, &settings));
        println!("{folder}: {}; the fastest of {rounds} rounds, on one thread\n", describe(&texts, &outcome));
        stages.print();
        println!();
        print_slowest_rules(rounds, &texts, &settings);
        for (name, time) in [("whole check", whole), ("with all threads", all_threads)] {
            let speed = f64::from(kilobytes(&texts)) / milliseconds(time);
            println!("{name:<22} {:>9.2} ms {:>6.2} times the bare parse, {speed:.1} MB/s", milliseconds(time), ratio(time, stages.parse));
        }
        println!("peak memory            {:>9}", memory.unwrap_or_else(|| "unknown".into()));
    });
}

/// A whole run, as `kubeshoal check` does it.
fn check(paths: &[PathBuf], settings: &Settings) -> Outcome {
    let texts = input::collect(request(paths, settings)).texts;
    let outcome = lint::lint(&texts, settings);
    write_findings(&texts, &outcome);
    outcome
}

fn request<'a>(paths: &'a [PathBuf], settings: &'a Settings) -> Request<'a> {
    Request { paths, stdin_name: "-", settings }
}

fn write_findings(texts: &[Text], outcome: &Outcome) {
    render::render(
        Format::Concise,
        outcome,
        &lint::sources(texts, &Settings::default()),
        Look::PLAIN,
        &Whereabouts::default(),
        &mut io::sink(),
    )
    .expect("a sink takes everything");
}

/// The time that each stage adds to those before it.
struct Stages {
    read: Duration,
    /// The parser's events, and nothing made of them.
    parse: Duration,
    tree: Duration,
    model: Duration,
    /// The walk along the objects' schemas, which the first rule of it sets off.
    schema: Duration,
    rules: Duration,
    render: Duration,
}

impl Stages {
    fn measure(rounds: u32, paths: &[PathBuf], texts: &[Text], settings: &Settings) -> Self {
        let input = fastest(rounds, || input::collect(request(paths, settings)));
        let parse = fastest(rounds, || texts.iter().map(|text| events(text.tree.text())).sum::<usize>());
        let tree = fastest(rounds, || {
            for text in texts {
                black_box(yaml::parse(text.tree.source(), text.tree.shared_text()));
            }
        });
        let files = readable(texts);
        let model = fastest(rounds, || Graph::new(&files, &settings.world).resources().len());
        let schema = fastest(rounds, || {
            let graph = Graph::new(&files, &settings.world);
            graph.faults(Mistake::UnknownField).count()
        });
        let lint = fastest(rounds, || lint::lint(texts, settings));
        let outcome = lint::lint(texts, settings);
        let render = fastest(rounds, || write_findings(texts, &outcome));
        let (read, tree, rules) = (input.saturating_sub(tree), tree.saturating_sub(parse), lint.saturating_sub(schema));
        let schema = schema.saturating_sub(model);
        Stages { read, parse, tree, model, schema, rules, render }
    }

    fn print(&self) {
        let rows = [
            ("walk and read", self.read),
            ("parse (bare events)", self.parse),
            ("tree", self.tree),
            ("model", self.model),
            ("schema walk", self.schema),
            ("rules", self.rules),
            ("render", self.render),
        ];
        let sum: Duration = rows.iter().map(|&(_, time)| time).sum();
        for (name, time) in rows.into_iter().chain([("sum", sum)]) {
            println!("{name:<22} {:>9.2} ms {:>6.1} %", milliseconds(time), 100.0 * ratio(time, sum));
        }
    }
}

/// The time that each rule takes when the graph's indices are there, of as many rules as the environment asks for.
fn print_slowest_rules(rounds: u32, texts: &[Text], settings: &Settings) {
    let Some(most) = std::env::var("KUBESHOAL_BENCH_RULES").ok().and_then(|most| most.parse().ok()) else { return };
    let files = readable(texts);
    let graph = Graph::new(&files, &settings.world);
    let time = |rule: &'static Rule| {
        let run = || {
            let mut report = Report::new(rule.id, Severity::Note);
            match rule.check {
                Check::Text(check) => files.iter().for_each(|file| check(file.tree, &mut report)),
                Check::Set(check) => check(&graph, &mut report),
                Check::Change(_) | Check::Engine => {}
            }
            report.into_findings().len()
        };
        run();
        (fastest(rounds, run), rule.id)
    };
    let mut times: Vec<_> = RULES.iter().map(time).collect();
    times.sort();
    println!("{:<22} {:>9.2} ms", "all rules by themselves", milliseconds(times.iter().map(|&(time, _)| time).sum()));
    for (time, id) in times.into_iter().rev().take(most) {
        println!("  {:>9.3} ms  {id}", milliseconds(time));
    }
    println!();
}

fn readable(texts: &[Text]) -> Vec<File<'_>> {
    let readable = texts.iter().filter(|text| !text.tree.is_templated());
    readable.map(|text| File { tree: &text.tree, path: &text.name, alone: text.alone }).collect()
}

/// Has the parser read a text, broken documents and all, and counts its events.
fn events(text: &str) -> usize {
    let options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: 1_000_000,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut count = 0;
    loop {
        match parser.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => return count,
            Some(Ok(event)) => {
                black_box(&event);
                count += 1;
            }
            Some(Err(_)) => match parser.proceed_next_document() {
                Ok(true) => {}
                Ok(false) | Err(_) => return count,
            },
        }
    }
}

fn fastest<T>(rounds: u32, run: impl Fn() -> T) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..rounds.max(1)).map(time).min().expect("there is a round")
}

fn describe(texts: &[Text], outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let (files, documents, findings) = (texts.len(), summary.documents, outcome.findings.len());
    format!("{files} files, {} kB, {documents} documents, {} objects, {findings} findings", kilobytes(texts), summary.objects)
}

fn kilobytes(texts: &[Text]) -> u32 {
    let bytes: usize = texts.iter().map(|text| text.tree.text().len()).sum();
    (bytes / 1000) as u32
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ratio(time: Duration, whole: Duration) -> f64 {
    time.as_secs_f64() / whole.as_secs_f64()
}

/// The largest part of memory that this process has held, where the system tells.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes: u32 = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.1} MB", f64::from(kilobytes) / 1024.0))
}
