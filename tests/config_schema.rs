//! `kubeshoal.schema.json` says of a config what its reader says. `.ci/run` holds the files of `testdata/config` against it.
//!
//! `BLESS=1 cargo test` rewrites the schema, and the configs that documents show.
#![allow(clippy::disallowed_methods, reason = "documents and configs are files")]

use std::fs;
use std::path::{Path, PathBuf};

use kubeshoal::config;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn assert_blessed(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).expect("the file can be written");
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, actual, "{}: `BLESS=1 cargo test --test config_schema` renews it", path.display());
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect("there is such a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file can be read")
}

/// Where in the schema nothing is said.
fn gaps(schema: &Value, path: &str, gaps: &mut Vec<String>) {
    match schema {
        Value::Null => gaps.push(path.to_owned()),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| self::gaps(value, &format!("{path}/{key}"), gaps)),
        Value::Array(items) => items.iter().for_each(|item| self::gaps(item, path, gaps)),
        _ => {}
    }
}

#[test]
fn the_schema_describes_every_key_that_the_reader_knows() {
    let schema = config::schema();
    let mut found = Vec::new();
    gaps(&schema, "", &mut found);
    assert!(found.is_empty(), "src/config/schema.rs describes nothing for these, which src/config/read.rs reads: {}", found.join(", "));
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    assert_blessed(&Path::new(ROOT).join("kubeshoal.schema.json"), &text);
}

#[test]
fn the_reader_takes_what_is_right_and_refuses_what_is_wrong() {
    let (right, wrong) = (files("testdata/config/right"), files("testdata/config/wrong"));
    assert!(right.len() > 3 && wrong.len() > 10);
    for path in right {
        config::read(".kubeshoal.yaml", &read(&path)).unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
    }
    for path in wrong {
        assert!(config::read(".kubeshoal.yaml", &read(&path)).is_err(), "{} is read", path.display());
    }
}

/// The configs that a document shows: its blocks named `.kubeshoal.yaml`, and those that begin with a key of the config.
fn shown_in(document: &str) -> Vec<&str> {
    let blocks = document.split("\n```yaml").skip(1).filter_map(|block| {
        let (heading, rest) = block.split_once('\n')?;
        Some((heading.trim(), rest.split("\n```").next()?))
    });
    let schema = config::schema();
    let keys: Vec<&String> = schema["properties"].as_object().expect("it has properties").keys().collect();
    let is_config = |(heading, text): &(&str, &str)| {
        let first = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        heading.ends_with(".kubeshoal.yaml") || (heading.is_empty() && keys.iter().any(|key| first.split(':').next() == Some(key)))
    };
    blocks.filter(is_config).map(|(_, text)| text).collect()
}

#[test]
fn configs_in_documents_are_among_those_that_are_right() {
    let mut documents = files("docs");
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.push(Path::new(ROOT).join("README.md"));
    let mut number = 0;
    for document in documents {
        let name = document.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
        for (index, text) in shown_in(&read(&document)).iter().enumerate() {
            number += 1;
            // Lines of carets show findings in documents.
            assert_blessed(&Path::new(ROOT).join(format!("testdata/config/right/{name}-{}.yaml", index + 1)), &format!("{text}\n"));
        }
    }
    assert!(number >= 3, "{number} configs are shown");
}
