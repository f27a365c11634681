//! Fixes of any files are made to the end: none stops reading that could be read, and a second run has nothing left to do. Files are parted by
//! NUL.
#![no_main]

use kubeshoal::config::Settings;
use kubeshoal::finding::Safety;
use kubeshoal::fix::{Wanted, fix};
use kubeshoal::lint::{Side, Text, lint};
use kubeshoal::source::SourceId;
use kubeshoal::yaml::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let read = |(index, text): (usize, &str)| Text {
        name: format!("{index}.yaml"),
        tree: parse(SourceId(index as u32), text.into()),
        alone: false,
        side: Side::New,
    };
    let mut texts: Vec<Text> = input.split('\0').enumerate().map(read).collect();
    let settings = Settings { select: vec!["all".into()], ..Settings::default() };
    let wanted = Wanted { safety: Safety::Unsafe, only: None };
    let number_of_errors = |texts: &[Text]| texts.iter().map(|text| text.tree.errors().len()).collect::<Vec<_>>();
    let errors = number_of_errors(&texts);
    fix(&mut texts, wanted, &settings, |texts| lint(texts, &settings));
    assert_eq!(number_of_errors(&texts), errors, "a text that could be read can't be any more");
    let fixed: Vec<String> = texts.iter().map(|text| text.tree.text().to_owned()).collect();
    let again = fix(&mut texts, wanted, &settings, |texts| lint(texts, &settings));
    assert!(again.counts.is_empty(), "a second run fixes more");
    assert!(texts.iter().zip(&fixed).all(|(text, fixed)| text.tree.text() == fixed), "a second run changes something");
});
