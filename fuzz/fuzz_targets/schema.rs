//! Any object is held against its schema to the end, a definition of its kind among the same text or not.
#![no_main]

use kubeshoal::graph::{File, Graph, World};
use kubeshoal::schema::{Mistake, Versions};
use kubeshoal::source::SourceId;
use kubeshoal::yaml::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let tree = parse(SourceId(0), input.into());
    let world = World { versions: Versions { oldest: 33, newest: 37 }, ..World::default() };
    let graph = Graph::new(&[File { tree: &tree, path: "a.yaml", alone: false }], &world);
    for fault in graph.faults(Mistake::WrongType) {
        assert!(!fault.message.is_empty());
    }
});
