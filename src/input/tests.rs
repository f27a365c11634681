use std::fs;

use tempfile::TempDir;

use super::*;
use crate::config::PolicySettings;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Collects arguments that count from `folder`; names come back relative to it, with `!` behind those that stand alone.
fn names(folder: &TempDir, arguments: &[&str], exclude: &[&str]) -> Vec<String> {
    let paths: Vec<PathBuf> = arguments.iter().map(|argument| folder.path().join(argument)).collect();
    let root = fs::canonicalize(folder.path()).unwrap();
    let config = format!("exclude: [{}]", exclude.join(", "));
    let settings = crate::config::read(&shown(&root.join(".kubeshoal.yaml")), &config).expect("the config is right");
    let input = collect(Request { paths: &paths, stdin_name: "-", settings: &settings });
    assert!(input.texts.iter().enumerate().all(|(id, text)| text.tree.source() == SourceId(id as u32)));
    let prefix = format!("{}/", shown(folder.path()));
    let relative = |text: &Text| format!("{}{}", text.name.trim_start_matches(&prefix), if text.alone { "!" } else { "" });
    input.texts.iter().map(relative).collect()
}

#[test]
fn a_folder_gives_its_manifests_in_the_order_of_bytes() {
    let folder = folder(&[("b/x.yaml", ""), ("b-2.yml", ""), ("a.JSON", ""), ("notes.md", ""), (".hidden.yaml", ""), (".git/y.yaml", "")]);
    assert_eq!(names(&folder, &["."], &[]), ["a.JSON", "b-2.yml", "b/x.yaml"]);
}

#[test]
fn ignored_excluded_and_vendored_files_are_left_out() {
    let folder = folder(&[
        (".gitignore", "/out\n"),
        ("out/a.yaml", ""),
        ("node_modules/m/a.yaml", ""),
        ("gen/a.yaml", ""),
        ("deep/gen/a.yaml", ""),
        ("kept.yaml", ""),
    ]);
    assert_eq!(names(&folder, &["."], &["gen"]), ["deep/gen/a.yaml", "kept.yaml"]);
    assert_eq!(names(&folder, &["node_modules"], &[]), ["node_modules/m/a.yaml"]);
}

#[test]
fn a_named_file_is_taken_whatever_its_name_and_excludes() {
    let folder = folder(&[("gen/deployment.txt", ""), ("gen/b.yaml", "")]);
    assert_eq!(names(&folder, &["gen/deployment.txt", "gen/b.yaml"], &["gen"]), ["gen/b.yaml!", "gen/deployment.txt!"]);
}

#[test]
fn overlapping_arguments_read_a_file_once_and_not_alone() {
    let folder = folder(&[("d/a.yaml", ""), ("d/b.yaml", "")]);
    assert_eq!(names(&folder, &["d/a.yaml", "d", ".", "d/../d/b.yaml"], &[]), ["d/a.yaml", "d/b.yaml"]);
}

#[test]
fn a_missing_path_is_unreadable_and_the_rest_is_read() {
    let folder = folder(&[("a.yaml", "")]);
    let paths = [folder.path().join("a.yaml"), folder.path().join("none.yaml")];
    let input = collect(Request { paths: &paths, stdin_name: "-", settings: &Settings::default() });
    assert_eq!(input.texts.len(), 1);
    assert_eq!(input.unreadable, [Unreadable { path: shown(&paths[1]), reason: "no such file or folder".into() }]);
}

#[cfg(unix)]
#[test]
fn links_to_files_are_read_links_to_folders_are_not_and_broken_ones_are_told() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("d/a.yaml", "")]);
    symlink("d/a.yaml", folder.path().join("link.yaml")).unwrap();
    symlink("..", folder.path().join("d/circle")).unwrap();
    symlink("..", folder.path().join("d/circle.yaml")).unwrap();
    symlink("gone", folder.path().join("broken.yaml")).unwrap();
    assert_eq!(names(&folder, &["."], &[]), ["d/a.yaml", "link.yaml"]);
    let paths = [folder.path().to_owned()];
    let input = collect(Request { paths: &paths, stdin_name: "-", settings: &Settings::default() });
    assert_eq!(input.unreadable.len(), 1);
    assert_eq!(input.unreadable[0].reason, "broken link: no such file or folder");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let error = read_limited(io::repeat(b'#'), 0, 1000).expect_err("the reader never ends");
    assert_eq!(reason(&error), "larger than 256 MiB");
    assert!(read_limited(io::empty(), LARGEST + 1, LARGEST).is_err());
}

#[test]
fn the_config_is_sought_upwards_to_the_repository_root() {
    let folder = folder(&[
        (".kubeshoal.yaml", ""),
        ("repo/.git/HEAD", ""),
        ("repo/a/b/x.yaml", ""),
        ("other/.kubeshoal.yml", ""),
        ("other/x/y.yaml", ""),
    ]);
    let root = fs::canonicalize(folder.path()).unwrap();
    assert_eq!(find_config(&root.join("repo/a/b/x.yaml")), None);
    assert_eq!(find_config(&root.join("other/x")), Some(root.join("other/.kubeshoal.yml")));
    assert_eq!(find_config(&root.join("none/at/all.yaml")), Some(root.join(".kubeshoal.yaml")));
}

#[test]
fn paths_are_shown_as_the_user_would_write_them() {
    assert_eq!(shown(Path::new("./deploy/./a.yaml")), "deploy/a.yaml");
    assert_eq!(shown(Path::new("../a.yaml")), "../a.yaml");
    assert_eq!(shown(Path::new("./")), ".");
}

#[test]
fn policies_are_read_once_and_are_no_part_of_what_is_checked() {
    let folder = folder(&[("policies/a.yaml", ""), ("policies/b.yaml", ""), ("deploy/c.yaml", "")]);
    let policies = PolicySettings { folders: vec!["policies".into(), "gone".into()], ..PolicySettings::default() };
    let settings = Settings { folder: shown(folder.path()), policies, ..Settings::default() };
    let sides = |paths: &[&str]| {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        let input = collect(Request { paths: &paths, stdin_name: "-", settings: &settings });
        assert_eq!(input.unreadable, [Unreadable { path: shown(&folder.path().join("gone")), reason: "no such file or folder".into() }]);
        let side = |text: &Text| if matches!(text.side, Side::Policy { .. }) { "policy" } else { "new" };
        let names = input.texts.iter().map(|text| format!("{} {}", text.name.rsplit('/').next().unwrap_or_default(), side(text)));
        names.collect::<Vec<_>>()
    };
    assert_eq!(sides(&["deploy"]), ["c.yaml new", "a.yaml policy", "b.yaml policy"]);
    assert_eq!(sides(&["deploy", "policies/b.yaml"]), ["c.yaml new", "b.yaml new", "a.yaml policy"]);
}
