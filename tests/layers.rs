//! Imports point upwards in `src/lib.rs` only.
#![expect(clippy::disallowed_methods, reason = "the sources are files")]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn modules_import_only_what_stands_above_them() {
    let modules = modules();
    assert!(modules.len() > 5, "src/lib.rs lists the modules");
    let mut wrong = Vec::new();
    for (index, module) in modules.iter().enumerate() {
        for imported in imports(module) {
            let place = modules.iter().position(|module| *module == imported);
            match place {
                Some(place) if place <= index => {}
                Some(_) => wrong.push(format!("{module} imports {imported}, which stands below it")),
                None => wrong.push(format!("{module} imports {imported}, which src/lib.rs does not list")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_know_neither_each_other_nor_the_engine() {
    let forbidden = ["rules", "config", "lint", "fix", "render", "input", "server", "cli"];
    for file in files_below(&source("rules")) {
        let text = fs::read_to_string(&file).expect("sources are readable");
        for imported in paths_into(&text, "crate::") {
            assert!(!forbidden.contains(&imported.as_str()), "{} imports {imported}", file.display());
        }
        // `super` is the list of rules; tests of a rule may look at the rule itself.
        let text = text.split("mod tests").next().unwrap_or_default();
        assert!(paths_into(text, "super::").is_empty(), "{} imports another rule", file.display());
    }
}

#[test]
fn paths_are_found_in_code_and_not_in_comments() {
    let text =
        "use crate::a::B;\n//! crate::c\nlet x = crate::d::E; // crate::f\nuse crate::{g::H, i::{J, k}, l};\npub(in crate::m) fn n() {}\n";
    assert_eq!(paths_into(text, "crate::"), ["a", "d", "g", "i", "l", "m"]);
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// The modules in the order of `src/lib.rs`.
fn modules() -> Vec<String> {
    let library = fs::read_to_string(source("lib.rs")).expect("src/lib.rs is readable");
    let module = |line: &str| Some(line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))?.strip_suffix(';')?.to_owned());
    library.lines().filter_map(module).collect()
}

/// The modules of the crate that a module names anywhere in its files.
fn imports(module: &str) -> Vec<String> {
    let mut files = files_below(&source(module));
    files.push(source(&format!("{module}.rs")));
    let text = |file: &PathBuf| fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut imports: Vec<String> = files.iter().flat_map(|file| paths_into(&text(file), "crate::")).collect();
    imports.sort();
    imports.dedup();
    imports
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("folders are readable").path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    files.into_iter().filter(is_source).chain(folders.iter().flat_map(|folder| files_below(folder))).collect()
}

/// The names that follow a root such as `crate::` in code: one, or several in braces.
fn paths_into(text: &str, root: &str) -> Vec<String> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or_default()).flat_map(|line| [line, "\n"]).collect();
    code.match_indices(root).flat_map(|(at, _)| names(&code[at + root.len()..])).collect()
}

fn names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return Vec::from_iter(first_name(path)) };
    let mut depth = 0usize;
    let mut names = Vec::from_iter(first_name(list));
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(first_name(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> Option<String> {
    let name: String = path.trim_start().chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
    (!name.is_empty()).then_some(name)
}
