//! What it costs to hold an object against a policy, on one thread.
//!
//! `KUBESHOAL_BENCH_POLICIES` names a folder with a file `cases.jsonl`, each line of which has the path of a `policy` from that folder (with
//! or without `.yaml`), an `object`, and perhaps `params` and `namespaceObject`. Without it there is nothing to measure.
//! `KUBESHOAL_BENCH_ROUNDS` says how often all cases run, by default five times, of which the fastest counts.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own, outside the layers")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kubeshoal::policy::{Operation, Params, Policy, Subject, Target, Verdict, is_policy, plural_of};
use kubeshoal::resource::Resource;
use kubeshoal::schema;
use kubeshoal::source::SourceId;
use kubeshoal::yaml::{self, NodeRef, Tree};

/// A policy's index, and what it is held against.
struct Case {
    policy: usize,
    object: Tree,
    params: Option<Tree>,
    namespace: Option<Tree>,
}

fn main() {
    let Some(folder) = std::env::var_os("KUBESHOAL_BENCH_POLICIES").map(PathBuf::from) else {
        println!("KUBESHOAL_BENCH_POLICIES names no folder of policies: nothing is measured");
        return;
    };
    let rounds = std::env::var("KUBESHOAL_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let (texts, cases) = read(&folder);
    let roots: Vec<NodeRef<'_>> = texts.iter().map(|tree| root(tree).filter(|root| is_policy(*root)).expect("it is a policy")).collect();
    let compile = fastest(rounds, || roots.iter().map(|root| Policy::read(*root, 37)).collect::<Vec<_>>());
    let policies: Vec<Policy<'_>> = roots.iter().map(|root| Policy::read(*root, 37)).collect();
    let subjects: Vec<(usize, Subject<'_>)> = cases.iter().map(|case| (case.policy, subject(case))).collect();
    let denied = subjects.iter().filter(|(policy, subject)| policies[*policy].judge(subject).verdict() == Verdict::Deny).count();
    let judge = fastest(rounds, || {
        let judged = subjects.iter().filter(|(policy, subject)| policies[*policy].matches(&subject.target) != Some(false));
        judged.map(|(policy, subject)| policies[*policy].judge(subject).failing.len()).sum::<usize>()
    });
    println!("{} policies, {} pairs of a policy and an object, {denied} of them denied and explained", policies.len(), subjects.len());
    println!("{:>8.2} µs to compile a policy", micros(compile, policies.len()));
    println!("{:>8.2} µs to hold an object against a policy", micros(judge, subjects.len()));
}

fn read(folder: &Path) -> (Vec<Tree>, Vec<Case>) {
    let lines = std::fs::read_to_string(folder.join("cases.jsonl")).expect("the cases are readable");
    let mut indices: BTreeMap<String, usize> = BTreeMap::new();
    let (mut texts, mut cases) = (Vec::new(), Vec::new());
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let part = |key: &str| case.get(key).filter(|part| !part.is_null()).map(|part| tree(&part.to_string()));
        let path = case["policy"].as_str().expect("a case names its policy").to_owned();
        let text = || {
            let found = [folder.join(&path), folder.join(format!("{path}.yaml"))].into_iter().find(|path| path.exists());
            tree(&std::fs::read_to_string(found.expect("the policy is there")).expect("it is readable"))
        };
        let policy = *indices.entry(path.clone()).or_insert_with(|| {
            texts.push(text());
            texts.len() - 1
        });
        cases.push(Case {
            policy,
            object: part("object").expect("a case has an object"),
            params: part("params"),
            namespace: part("namespaceObject"),
        });
    }
    (texts, cases)
}

fn tree(text: &str) -> Tree {
    yaml::parse(SourceId(0), text.into())
}

fn root(tree: &Tree) -> Option<NodeRef<'_>> {
    tree.documents().find_map(|document| document.root)
}

fn subject(case: &Case) -> Subject<'_> {
    let resource = root(&case.object).and_then(Resource::new).expect("it is an object");
    let kind = schema::kind(resource.api_version(), resource.kind_name());
    let target = Target {
        resource,
        plural: kind.map(|kind| plural_of(kind.kind).into()),
        operation: Operation::Create,
        namespace: case.namespace.as_ref().and_then(root),
        in_namespace: resource.metadata().and_then(|metadata| metadata.field("namespace")),
        is_cluster_scoped: kind.is_some_and(|kind| kind.is_cluster_scoped),
    };
    let params = case.params.as_ref().and_then(root).map_or(Params::None, Params::Object);
    Subject { target, old: None, params, as_served: true, relations: None }
}

fn fastest<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..rounds.max(1)).map(time).min().unwrap_or_default()
}

fn micros(time: Duration, count: usize) -> f64 {
    (time / u32::try_from(count.max(1)).unwrap_or(u32::MAX)).as_secs_f64() * 1e6
}
