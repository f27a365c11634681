//! Any files are linted to the end, and every finding lies in the text it names. Files are parted by NUL.
#![no_main]

use kubeshoal::config::Settings;
use kubeshoal::lint::{Side, Text, lint};
use kubeshoal::source::SourceId;
use kubeshoal::yaml::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let texts: Vec<Text> = input
        .split('\0')
        .enumerate()
        .map(|(index, text)| Text {
            name: format!("{index}.yaml"),
            tree: parse(SourceId(index as u32), text.into()),
            alone: index % 2 == 1,
            side: Side::New,
        })
        .collect();
    let outcome = lint(&texts, &Settings::default());
    for finding in &outcome.findings {
        let places = finding.related.iter().map(|related| related.span).chain([finding.span]);
        for span in places {
            let text = texts[span.source.0 as usize].tree.text();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{} at {span:?} does not lie in the text", finding.rule);
        }
    }
});
