//! Writes the tables of `src/schema/` from the schemas of k8s-openapi.
//!
//! k8s-openapi holds one version of Kubernetes a build, so `schemagen/run` builds this program once for each: `schemagen dump` prints
//! the schemas of its version as JSON, and `schemagen merge TABLES DUMP…` makes one table of all of them, or with `--check` compares
//! it with the one that is there.

mod merge;
mod shape;

use std::process::ExitCode;
use std::{env, fs};

use k8s_openapi::schemars::generate::SchemaSettings;
use k8s_openapi::schemars::{JsonSchema, SchemaGenerator};
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource, SubResourceScope};
use serde_json::{Value, json};

/// The version of Kubernetes that this build of k8s-openapi holds.
const MINOR: &str = env!("KUBERNETES_MINOR");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["dump"] => println!("{}", dump()),
        ["merge", "--check", folder, dumps @ ..] if !dumps.is_empty() => return check(folder, &merged(dumps)),
        ["merge", folder, dumps @ ..] if !dumps.is_empty() => write(folder, &merged(dumps)),
        _ => {
            eprintln!("usage: schemagen dump | schemagen merge [--check] TABLES DUMP…; see schemagen/run");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// How objects of a kind are named.
trait Scope {
    const NAME: &str;
}

impl Scope for NamespaceResourceScope {
    const NAME: &str = "namespaced";
}

impl Scope for ClusterResourceScope {
    const NAME: &str = "cluster";
}

impl Scope for SubResourceScope {
    const NAME: &str = "subresource";
}

/// All kinds and the types they are made of, as JSON.
fn dump() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let kinds: Vec<Value> = include!(concat!(env!("OUT_DIR"), "/kinds.rs"));
    json!({"minor": MINOR, "kinds": kinds, "types": generator.definitions()})
}

fn kind<T: Resource<Scope: Scope> + JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>();
    json!({"apiVersion": T::API_VERSION, "kind": T::KIND, "type": T::schema_name(), "scope": <T::Scope as Scope>::NAME})
}

/// The tables' files by name.
fn merged(dumps: &[&str]) -> Vec<(&'static str, String)> {
    let mut table = merge::Table::default();
    for dump in dumps {
        let text = fs::read_to_string(dump).unwrap_or_else(|error| panic!("{dump}: {error}"));
        table.add(&serde_json::from_str(&text).unwrap_or_else(|error| panic!("{dump}: {error}")));
    }
    vec![("kinds.txt", table.kinds()), ("types.txt", table.types()), ("descriptions.txt", table.descriptions())]
}

fn write(folder: &str, files: &[(&str, String)]) {
    for (name, text) in files {
        fs::write(format!("{folder}/{name}"), text).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"));
    }
}

/// Compares the tables with those of the folder and names the first line that differs.
fn check(folder: &str, files: &[(&str, String)]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (name, text) in files {
        let there = fs::read_to_string(format!("{folder}/{name}")).unwrap_or_default();
        if there == *text {
            continue;
        }
        let line = there.lines().zip(text.lines()).take_while(|(there, wanted)| there == wanted).count();
        let show = |text: &str| text.lines().nth(line).unwrap_or("nothing").to_owned();
        eprintln!("{folder}/{name}:{}: there is `{}`, k8s-openapi says `{}`", line + 1, show(&there), show(text));
        code = ExitCode::FAILURE;
    }
    code
}
