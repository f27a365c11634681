//! Any files are linted to the end, as a set and as a change, and every finding lies in the text it names. Files are parted by NUL; each
//! third one is what the file before it was.
#![no_main]

use kubeshoal::config::{PolicySettings, Settings};
use kubeshoal::lint::{Kept, Side, Text, diff, lint};
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
            side: if index % 3 == 2 { Side::Old { path: format!("{}.yaml", index - 1) } } else { Side::New },
        })
        .collect();
    let policies = PolicySettings { from_manifests: true, project_pods: true, ..PolicySettings::default() };
    let settings = Settings { policies, ..Settings::default() };
    let outcomes = [lint(&texts, &settings), diff(&texts, &settings, Kept::All)];
    for finding in outcomes.iter().flat_map(|outcome| &outcome.findings) {
        let places = finding.related.iter().map(|related| related.span).chain([finding.span]);
        for span in places {
            let text = texts[span.source.0 as usize].tree.text();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{} at {span:?} does not lie in the text", finding.rule);
        }
    }
});
