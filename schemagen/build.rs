//! Lists the types of k8s-openapi that are kinds: Rust can't ask a crate for them, so its sources are searched.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let version =
        (33..=37).find(|version| env::var(format!("CARGO_FEATURE_V1_{version}")).is_ok()).expect("a feature v1_33 to v1_37 is on");
    let sources = sources_of("k8s-openapi").join(format!("v1_{version}"));
    let mut kinds = Vec::new();
    collect(&sources, &sources, &mut kinds);
    kinds.sort();
    let list: String = kinds.iter().map(|path| format!("kind::<k8s_openapi::{path}>(&mut generator),\n")).collect();
    let out = Path::new(&env::var("OUT_DIR").expect("cargo says where")).join("kinds.rs");
    fs::write(out, format!("vec![\n{list}]\n")).expect("the list can be written");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=KUBERNETES_MINOR={version}");
}

/// The folder `src` of a dependency.
fn sources_of(name: &str) -> PathBuf {
    let cargo = env::var("CARGO").expect("cargo says what it is");
    let output = Command::new(cargo).args(["metadata", "--format-version=1", "--locked", "--offline"]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages.iter().find(|package| package["name"] == name).expect("it is a dependency");
    let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
    Path::new(manifest).parent().expect("a manifest lies in a folder").join("src")
}

/// The paths in the crate of all types that implement `Resource`.
fn collect(root: &Path, folder: &Path, kinds: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("sources are readable") {
        let path = entry.expect("sources are readable").path();
        if path.is_dir() {
            collect(root, &path, kinds);
            continue;
        }
        let text = fs::read_to_string(&path).expect("sources are readable");
        if path.strip_prefix(root).is_ok_and(|path| path.starts_with("apimachinery")) {
            continue;
        }
        let Some(name) = text.lines().find_map(|line| line.strip_prefix("impl crate::Resource for ")?.strip_suffix(" {")) else { continue };
        let module = path.parent().and_then(|folder| folder.strip_prefix(root).ok()).expect("it lies in the crate");
        let module = module.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "::");
        kinds.push(format!("{module}::{name}"));
    }
}
