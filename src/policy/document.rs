//! A `ValidatingAdmissionPolicy` as it is written, its expressions compiled.

use super::Fault;
use super::cel::{Environment, Function, Program, Regexes, Wanted};
use super::relations;
use crate::yaml::NodeRef;

/// What happens with an object that fails: what a binding's `validationActions` ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Action {
    /// It is noted in the audit log.
    Audit,
    /// The user is warned.
    Warn,
    /// It is refused.
    Deny,
}

impl Action {
    /// As `validationActions` call it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Audit => "Audit",
            Action::Warn => "Warn",
            Action::Deny => "Deny",
        }
    }
}

/// What expressions of policies can name, in the order of [`super::judge`]'s values.
pub(super) const ROOTS: [&str; 7] = ["object", "oldObject", "request", "namespaceObject", "params", "authorizer", "variables"];
/// The annotation of a policy that was written in short form and asks for other objects.
pub(super) const ASKS_GRAPH: &str = "kubeshoal.dev/asks-graph";

/// An expression and where it is written.
#[derive(Debug)]
pub(super) struct Expression<'t> {
    pub(super) node: NodeRef<'t>,
    /// None where it does not compile.
    pub(super) program: Option<Program>,
}

/// One of `validations`.
#[derive(Debug)]
pub(super) struct Validation<'t> {
    pub(super) expression: Expression<'t>,
    pub(super) message: Option<&'t str>,
    pub(super) message_expression: Option<Expression<'t>>,
}

/// A policy.
#[derive(Debug)]
pub struct Policy<'t> {
    pub(super) node: NodeRef<'t>,
    pub(super) conditions: Vec<Expression<'t>>,
    pub(super) variables: Vec<Option<Program>>,
    pub(super) validations: Vec<Validation<'t>>,
    pub(super) regexes: Regexes,
    faults: Vec<Fault<'t>>,
    /// The roots that any of its expressions reads, as bits.
    roots: u64,
}

/// Whether a node is a policy.
pub fn is_policy(node: NodeRef<'_>) -> bool {
    let is_of_group = |text: &str| text.starts_with("admissionregistration.k8s.io/");
    node.get("apiVersion").and_then(NodeRef::str).is_some_and(is_of_group)
        && node.get("kind").and_then(NodeRef::str) == Some("ValidatingAdmissionPolicy")
}

impl<'t> Policy<'t> {
    /// Reads the policy at a node, for clusters of that minor version and later ones.
    pub fn read(node: NodeRef<'t>, oldest: u32) -> Policy<'t> {
        let asks_graph = node.at("metadata.annotations").is_some_and(|all| all.get(ASKS_GRAPH).is_some());
        let extensions: &'static [Function] = if asks_graph { &relations::FUNCTIONS } else { &[] };
        let mut reading = Reading { oldest, extensions, roots: &ROOTS, names: Vec::new(), types: Vec::new(), faults: Vec::new(), read: 0 };
        let has_params = node.at("spec.paramKind").is_some_and(NodeRef::is_mapping);
        let without_params: Vec<&'static str> = ROOTS.iter().map(|root| if *root == "params" { "" } else { root }).collect();
        if !has_params {
            reading.roots = &without_params;
        }
        let list = |key: &str| node.get("spec").and_then(|spec| spec.field(key)).into_iter().flat_map(NodeRef::items);
        let variables = list("variables").map(|variable| reading.variable(variable)).collect();
        let conditions =
            list("matchConditions").filter_map(|condition| reading.expression(condition, "expression", Wanted::Bool)).collect();
        let validations = list("validations").filter_map(|validation| reading.validation(validation)).collect();
        for annotation in list("auditAnnotations") {
            reading.expression(annotation, "valueExpression", Wanted::TextOrNull);
        }
        let (faults, roots) = (reading.faults, reading.read);
        Policy { node, conditions, variables, validations, regexes: Regexes::default(), faults, roots }
    }

    /// The whole document.
    pub fn node(&self) -> NodeRef<'t> {
        self.node
    }

    /// Its name, empty where there is none.
    pub fn name(&self) -> &'t str {
        self.node.at("metadata.name").and_then(NodeRef::value_text).unwrap_or_default()
    }

    /// What is wrong with it, in the order of the text.
    pub fn faults(&self) -> &[Fault<'t>] {
        &self.faults
    }

    /// The API version and kind of the objects that hold its parameters.
    pub fn param_kind(&self) -> Option<(&'t str, &'t str)> {
        let kind = self.node.at("spec.paramKind")?;
        Some((kind.get("apiVersion")?.str()?, kind.get("kind")?.str()?))
    }

    /// Which objects it is about.
    pub(super) fn constraints(&self) -> Option<NodeRef<'t>> {
        self.node.at("spec.matchConstraints")
    }

    /// Whether an expression that goes wrong lets the object pass.
    pub(super) fn ignores_errors(&self) -> bool {
        self.node.at("spec.failurePolicy").and_then(NodeRef::str) == Some("Ignore")
    }

    /// Whether it may ask for other objects.
    pub(super) fn asks_graph(&self) -> bool {
        self.node.at("metadata.annotations").is_some_and(|all| all.get(ASKS_GRAPH).is_some())
    }

    /// Whether any of its expressions reads the root of that index.
    pub(super) fn reads(&self, root: usize) -> bool {
        self.roots & (1 << root) != 0
    }
}

/// A policy while it is read.
struct Reading<'t, 'r> {
    oldest: u32,
    extensions: &'static [Function],
    roots: &'r [&'static str],
    /// The variables that are declared so far, and their types.
    names: Vec<String>,
    types: Vec<&'static str>,
    faults: Vec<Fault<'t>>,
    read: u64,
}

impl<'t> Reading<'t, '_> {
    fn compile(&mut self, node: NodeRef<'t>, text: &str, wanted: Wanted) -> Option<Program> {
        let environment = Environment { roots: self.roots, variables: &self.names, oldest: self.oldest, extensions: self.extensions };
        match Program::compile(text, &environment, &self.types, wanted) {
            Ok(program) => {
                let roots = 0..self.roots.len();
                self.read |= roots.filter(|&root| program.reads(root)).fold(0, |read, root| read | 1 << root);
                Some(program)
            }
            Err(faults) => {
                for fault in faults {
                    let message = fault.message;
                    self.faults.push(Fault { node, offset: Some(fault.offset), message, help: fault.help, is_refused: true });
                }
                None
            }
        }
    }

    /// The expression under a key; none where nothing is written there.
    fn expression(&mut self, holder: NodeRef<'t>, key: &str, wanted: Wanted) -> Option<Expression<'t>> {
        let node = holder.field(key)?;
        let program = match node.value_text() {
            Some(text) => self.compile(node, text, wanted),
            // A placeholder, or no text at all, which the schema tells.
            None => None,
        };
        Some(Expression { node, program })
    }

    fn variable(&mut self, variable: NodeRef<'t>) -> Option<Program> {
        let program = self.expression(variable, "expression", Wanted::Any).and_then(|expression| expression.program);
        self.names.push(variable.get("name").and_then(NodeRef::value_text).unwrap_or_default().to_owned());
        self.types.push(program.as_ref().map_or("dyn", |program| program.type_name));
        program
    }

    fn validation(&mut self, validation: NodeRef<'t>) -> Option<Validation<'t>> {
        let expression = self.expression(validation, "expression", Wanted::Bool)?;
        // The authorizer is kept from messages.
        let without_authorizer: Vec<&'static str> = self.roots.iter().map(|root| if *root == "authorizer" { "" } else { root }).collect();
        let mut inner = Reading {
            roots: &without_authorizer,
            names: std::mem::take(&mut self.names),
            types: std::mem::take(&mut self.types),
            faults: Vec::new(),
            ..*self
        };
        let message_expression = inner.expression(validation, "messageExpression", Wanted::Text);
        (self.names, self.types, self.read) = (inner.names, inner.types, inner.read);
        self.faults.append(&mut inner.faults);
        let message = validation.field("message").and_then(NodeRef::value_text);
        self.message_in_cel(validation);
        Some(Validation { expression, message, message_expression })
    }

    /// A `message` is told as it is written, whatever stands in it.
    fn message_in_cel(&mut self, validation: NodeRef<'t>) {
        let Some(node) = validation.field("message") else { return };
        let Some(text) = node.str() else { return };
        let begins_as_text = text.trim_start().starts_with(['\'', '"']);
        let joins = ["' +", "\" +", "+ '", "+ \"", "'+", "\"+", ".format("].iter().any(|part| text.contains(part));
        let reads = ["object.", "variables.", "params.", "request."].iter().any(|root| text.contains(root));
        if joins && (begins_as_text || reads) {
            self.faults.push(Fault {
                node,
                offset: None,
                message: "this message is an expression, and is told as it is written".into(),
                help: Some("call it `messageExpression`".into()),
                is_refused: false,
            });
        }
    }
}
