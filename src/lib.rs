//! kubeshoal finds the hazards beneath the surface of Kubernetes workload manifests.
//!
//! The modules stand in the order of a run, lowest layer first. A module imports from the ones above it in this list only;
//! `tests/layers.rs` holds that.

/// The texts of a run, byte spans in them, and where a byte is in lines and columns.
pub mod source;

/// A text as a tree of nodes that know their place; scalars as the API server resolves them.
pub mod yaml;

/// What a rule reports: a place, a message, a remedy.
pub mod finding;

/// One Kubernetes object, seen through borrowed views with the API server's defaults applied.
pub mod resource;

/// The types of the Kubernetes API in each version, and what they have against an object.
pub mod schema;

/// All objects of a run, the units they are applied in, and the references between them.
pub mod graph;

/// What a controller does with its pods when their template changes, and what undo makes of it.
pub mod rollout;

/// The user's own policies in CEL, and what they have against an object.
pub mod policy;

/// The rules: a document with meaning, metadata and examples, and a check.
pub mod rules;

/// What the user decides: `.kubeshoal.yaml` and the command line, as settings.
pub mod config;

/// The engine: texts and settings to findings, with those taken out that the user has judged already.
pub mod lint;

/// What findings offer to change, done: edits to new texts, which are read again and judged.
pub mod fix;

/// The objects of a run and what they have to do with each other, to be drawn.
pub mod picture;

/// The document of a rule: what it says and examples that show it, each of which is run.
pub mod document;

/// What was found, as text for people and programs.
pub mod render;

/// Arguments to texts: which files a run reads, and how they are named.
pub mod input;

/// An editor's texts to diagnostics, fixes and explanations: the language server.
pub mod server;

/// Arguments to actions: the commands, their options and exit codes.
pub mod cli;
