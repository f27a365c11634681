//! A policy on one object.

use super::cel::{Data, Evaluation, Program, Shadow, Stop, Value};
use super::document::{Expression, Policy, ROOTS, Validation};
use super::matching::{self, Target};
use super::relations::Relations;
use crate::schema;
use crate::yaml::NodeRef;

pub use super::cel::Place;

/// Bytes of a computed message beyond which the written one is told
/// (<https://github.com/kubernetes/apiserver/blob/master/pkg/cel/limits.go>, `MaxEvaluatedMessageExpressionSizeBytes`).
const LONGEST_MESSAGE: usize = 5 * 1024;

/// What `params` stands for.
#[derive(Clone, Copy, Debug)]
pub enum Params<'t> {
    /// There are none, and `params` is null.
    None,
    /// An object.
    Object(NodeRef<'t>),
    /// They are not known.
    Unknown,
}

/// An object to be judged, and what stands around it.
#[derive(Clone, Debug)]
pub struct Subject<'t> {
    /// The object and what is done to it.
    pub target: Target<'t>,
    /// What it was before, where it is changed.
    pub old: Option<NodeRef<'t>>,
    /// The policy's parameters.
    pub params: Params<'t>,
    /// Whether the object is seen as the API server makes it: with defaults, and strings with placeholders as unknown.
    pub as_served: bool,
    /// Other objects that policies in short form may ask for.
    pub relations: Option<&'t Relations<'t>>,
}

/// A validation that does not hold.
#[derive(Clone, Debug)]
pub struct Failing<'t> {
    /// Its index in `validations`.
    pub index: usize,
    /// What the API server would answer.
    pub message: String,
    /// The parts of the object that decided, each reason for itself. Empty where none can be named.
    pub reasons: Vec<Vec<Place<'t>>>,
}

/// An expression that can't be decided here.
#[derive(Clone, Debug)]
pub struct Undecided<'t> {
    /// The expression.
    pub node: NodeRef<'t>,
    /// Why.
    pub reason: String,
    /// What keeps it from being decided.
    pub cause: Cause,
}

/// What keeps an expression from being decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// It asks for what only a cluster knows.
    Cluster,
    /// It goes wrong, and the API server refuses the object.
    Error,
    /// It costs more than the API server grants.
    Cost,
}

/// What comes of a judgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All expressions hold.
    Allow,
    /// One does not.
    Deny,
    /// None is known not to hold, and one can't be decided here.
    Undecided,
}

impl Verdict {
    /// `allow`, `deny` or `undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Deny => "deny",
            Verdict::Undecided => "undecided",
        }
    }
}

/// What a policy has against an object.
#[derive(Clone, Default, Debug)]
pub struct Judgement<'t> {
    /// The validations that don't hold.
    pub failing: Vec<Failing<'t>>,
    /// The expressions that can't be decided here.
    pub undecided: Vec<Undecided<'t>>,
    /// Whether the policy is about the object at all.
    pub applies: bool,
}

impl Judgement<'_> {
    /// What comes of it.
    pub fn verdict(&self) -> Verdict {
        match (self.failing.is_empty(), self.undecided.is_empty()) {
            (false, _) => Verdict::Deny,
            (true, false) => Verdict::Undecided,
            (true, true) => Verdict::Allow,
        }
    }
}

impl<'t> Policy<'t> {
    /// Whether it is about an object, by its `matchConstraints`; none where that can't be known.
    pub fn matches(&self, target: &Target<'_>) -> Option<bool> {
        matching::matches(self.constraints(), target)
    }

    /// Evaluates its expressions on an object that it matches.
    pub fn judge<'s>(&'s self, subject: &Subject<'s>) -> Judgement<'s>
    where
        't: 's,
    {
        let evaluation = Evaluation::new(self.roots(subject), &self.variables, &self.regexes).with_relations(subject.relations);
        let object = subject.target.resource.node();
        let mut judging = Judging {
            policy: self,
            evaluation,
            object,
            namespace: subject.target.namespace,
            in_namespace: subject.target.in_namespace,
            judgement: Judgement::default(),
        };
        if judging.conditions_hold() {
            judging.judgement.applies = true;
            for (index, validation) in self.validations.iter().enumerate() {
                judging.validate(index, validation);
            }
        }
        judging.judgement
    }

    /// The values of what expressions can name; nothing is made that none of them reads.
    fn roots<'s>(&'s self, subject: &Subject<'s>) -> Vec<Value<'s>>
    where
        't: 's,
    {
        let unknown = |why: &'static str| Value::from(Data::Unknowable(why));
        let served = |node: NodeRef<'s>| {
            let resource = &subject.target.resource;
            let of = schema::kind(resource.api_version(), resource.kind_name()).map(schema::ApiKind::schema);
            let shadow = if subject.as_served { Shadow::of_manifest(node, of) } else { Shadow::as_written(node) };
            if node.get("kind").is_some() {
                return shadow.to_value().unwrap_or(Value::NULL);
            }
            // A pod that is made from a template does not write what it is.
            let kind = [("apiVersion", resource.api_version()), ("kind", resource.kind_name())];
            let kind = kind.map(|(key, value)| (Value::from(key), Value::from(value)));
            Value::map(kind.into_iter().chain(shadow.entries().flatten()).collect())
        };
        let value = |(index, root): (usize, &&str)| match *root {
            _ if !self.reads(index) => Value::NULL,
            "object" => served(subject.target.resource.node()),
            "oldObject" => subject.old.map_or(Value::NULL, served),
            "request" => request(subject),
            "namespaceObject" => match subject.target.namespace {
                Some(namespace) => Shadow::as_written(namespace).to_value().unwrap_or(Value::NULL),
                None if subject.target.is_cluster_scoped => Value::NULL,
                None => assumed_namespace(subject),
            },
            "params" => match subject.params {
                Params::None => Value::NULL,
                Params::Object(node) => Shadow::as_written(node).to_value().unwrap_or(Value::NULL),
                Params::Unknown => unknown("the policy's parameters are not known here"),
            },
            "authorizer" => unknown("only a cluster's authorizer can answer"),
            _ => Value::NULL,
        };
        ROOTS.iter().enumerate().map(value).collect()
    }
}

/// A policy and an object while the one is held against the other.
struct Judging<'s, 't> {
    policy: &'s Policy<'t>,
    evaluation: Evaluation<'s>,
    object: NodeRef<'s>,
    namespace: Option<NodeRef<'s>>,
    in_namespace: Option<NodeRef<'s>>,
    judgement: Judgement<'s>,
}

impl<'s, 't: 's> Judging<'s, 't> {
    /// Any condition that is false decides, even where another one goes wrong.
    fn conditions_hold(&mut self) -> bool {
        let mut unsure = Vec::new();
        for condition in &self.policy.conditions {
            match self.truth(condition) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(stop) => unsure.push((condition, stop)),
            }
        }
        let holds = unsure.is_empty();
        for (condition, stop) in unsure {
            self.undecided(condition, &stop);
        }
        holds
    }

    fn program(expression: &'s Expression<'t>) -> Result<&'s Program, Stop> {
        expression.program.as_ref().ok_or_else(|| Stop::Undecided("the expression does not compile".into()))
    }

    fn truth(&mut self, expression: &'s Expression<'t>) -> Result<bool, Stop> {
        self.evaluation.value(Self::program(expression)?)?.truth()
    }

    /// An error lets the object pass where the policy says so.
    fn undecided(&mut self, expression: &'s Expression<'t>, stop: &Stop) {
        if self.policy.ignores_errors() && matches!(stop, Stop::Error(_) | Stop::NoOverload) {
            return;
        }
        let cause = match stop {
            Stop::Undecided(_) => Cause::Cluster,
            Stop::Error(_) | Stop::NoOverload => Cause::Error,
            Stop::OverBudget => Cause::Cost,
        };
        self.judgement.undecided.push(Undecided { node: expression.node, reason: stop.to_string(), cause });
    }

    fn validate(&mut self, index: usize, validation: &'s Validation<'t>) {
        match self.truth(&validation.expression) {
            Ok(true) => {}
            Ok(false) => {
                let message = self.message(validation);
                let reasons = self.reasons(validation);
                self.judgement.failing.push(Failing { index, message, reasons });
            }
            Err(stop) => self.undecided(&validation.expression, &stop),
        }
    }

    /// The parts of the object that decided: those that the expression read, or else its message, or else the conditions.
    fn reasons(&mut self, validation: &'s Validation<'t>) -> Vec<Vec<Place<'s>>> {
        let message = validation.message_expression.iter().filter_map(|expression| expression.program.as_ref());
        let conditions = self.policy.conditions.iter().filter_map(|condition| condition.program.as_ref());
        for program in validation.expression.program.iter().chain(message).chain(conditions) {
            let reasons = self.evaluation.reasons(program);
            let own: Vec<Vec<Place<'s>>> =
                reasons.into_iter().map(|reason| reason.into_iter().filter_map(|place| self.in_object(place)).collect()).collect();
            let own: Vec<Vec<Place<'s>>> = own.into_iter().filter(|reason: &Vec<_>| !reason.is_empty()).collect();
            if !own.is_empty() {
                return own;
            }
        }
        Vec::new()
    }

    /// The place in the object: what was read of its namespace is told where the object names that.
    fn in_object(&self, place: Place<'s>) -> Option<Place<'s>> {
        let is_within = |holder: NodeRef<'s>| std::ptr::eq(place.node.tree(), holder.tree()) && holder.span().contains(place.node.span());
        if is_within(self.object) {
            return (place.node != self.object || place.missing.is_some()).then_some(place);
        }
        if self.in_namespace == Some(place.node) {
            return Some(place);
        }
        if !self.namespace.is_some_and(is_within) {
            return None;
        }
        let named = |node| Place { node, missing: None };
        let unnamed = |node| Place { node, missing: Some("namespace".to_owned()) };
        self.in_namespace.map(named).or_else(|| self.object.get("metadata").map(unnamed))
    }

    /// The computed message if it is one line of text, else the written one, else the expression.
    fn message(&mut self, validation: &'s Validation<'t>) -> String {
        let computed = validation.message_expression.as_ref().and_then(|expression| expression.program.as_ref());
        let computed = computed
            .and_then(|program| self.evaluation.value(program).ok())
            .and_then(|value| value.str().map(|text| text.trim().to_owned()));
        let is_told = |text: &String| !text.is_empty() && text.len() <= LONGEST_MESSAGE && !text.contains('\n');
        let written = || validation.message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let expression = || format!("failed expression: {}", validation.expression.node.text().trim());
        computed.filter(is_told).or_else(written).unwrap_or_else(expression)
    }
}

/// A namespace of which no more than the name is known.
fn assumed_namespace<'s>(subject: &Subject<'s>) -> Value<'s> {
    let unknown = || Value::from(Data::Unknowable("the namespace's object is not known here"));
    let Some((node, name)) = subject.target.in_namespace.and_then(|node| Some((node, node.str()?))) else { return unknown() };
    let name = Value { origin: Some(node), ..name.into() };
    let map = |entries: Vec<(&'s str, Value<'s>)>| Value::map(entries.into_iter().map(|(key, value)| (Value::from(key), value)).collect());
    let metadata = map(vec![("name", name), ("labels", unknown()), ("annotations", unknown())]);
    map(vec![("metadata", metadata), ("spec", unknown()), ("status", unknown())])
}

/// What the API server tells of a request; who makes it is not known, but that they are logged in.
fn request<'s>(subject: &Subject<'s>) -> Value<'s> {
    let target = &subject.target;
    let resource = target.resource;
    let map = |entries: Vec<(&'s str, Value<'s>)>| Value::map(entries.into_iter().map(|(key, value)| (Value::from(key), value)).collect());
    let unknown = || Value::from(Data::Unknowable("who makes the request is not known here"));
    let kind =
        || map(vec![("group", resource.group().into()), ("version", resource.version().into()), ("kind", resource.kind_name().into())]);
    let plural = || Value::from(target.plural().into_owned());
    let of_resource = || map(vec![("group", resource.group().into()), ("version", resource.version().into()), ("resource", plural())]);
    let user = map(vec![
        ("username", unknown()),
        ("uid", unknown()),
        ("groups", vec![Value::from("system:authenticated")].into()),
        ("extra", unknown()),
    ]);
    let mut entries = vec![
        ("kind", kind()),
        ("resource", of_resource()),
        ("subResource", "".into()),
        ("requestKind", kind()),
        ("requestResource", of_resource()),
        ("requestSubResource", "".into()),
        ("operation", target.operation.name().into()),
        ("userInfo", user),
        ("dryRun", false.into()),
        ("options", unknown()),
    ];
    entries.extend(resource.name().map(|name| ("name", name.into())));
    if !target.is_cluster_scoped {
        entries.push((
            "namespace",
            target.namespace_name().map_or_else(|| Data::Unknowable("its namespace is not written").into(), Value::from),
        ));
    }
    map(entries)
}
