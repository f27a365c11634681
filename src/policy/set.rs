//! The policies of a run, their bindings and parameters, and what they have against its objects.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::prelude::*;

use super::Fault;
use super::document::{Action, Policy, is_policy};
use super::judge::{Cause, Failing, Judgement, Params, Subject};
use super::matching::{self, Operation, Target, plural_of};
use super::relations::Relations;
use crate::graph::{Change, Graph};
use crate::resource::{Kind, Resource, Selector};
use crate::schema;
use crate::yaml::NodeRef;

/// Objects up to which one thread is done before others have started.
const FEW_OBJECTS: usize = 32;

/// The kind of policies.
const POLICY: &str = "ValidatingAdmissionPolicy";
/// The kind of their bindings.
const BINDING: &str = "ValidatingAdmissionPolicyBinding";

/// A policy and what binds it.
#[derive(Debug)]
struct Bound<'t> {
    policy: Policy<'t>,
    bindings: Vec<NodeRef<'t>>,
    /// Whether its expressions are evaluated, and not only read.
    is_applied: bool,
}

/// All policies of a run.
#[derive(Debug)]
pub struct Policies<'t> {
    bound: Vec<Bound<'t>>,
    /// What may be parameters or namespaces, by kind and name.
    objects: HashMap<(&'t str, &'t str), Vec<NodeRef<'t>>>,
    /// The names in paths of kinds that are defined in the run, by group and kind, and whether they belong to no namespace.
    defined: HashMap<(&'t str, &'t str), (&'t str, bool)>,
    /// Whether pod policies are held against the templates of workloads.
    project_pods: bool,
    /// What policies in short form may ask for, where one does.
    relations: Option<Relations<'t>>,
}

/// A validation that does not hold for an object.
#[derive(Clone, Debug)]
pub struct Violation<'p, 't> {
    /// Its policy.
    pub policy: &'p Policy<'t>,
    /// The object.
    pub resource: Resource<'t>,
    /// What is told of it.
    pub failing: Failing<'p>,
    /// The strongest of the actions that bindings ask for; none without a binding.
    pub action: Option<Action>,
}

/// An expression that could not be decided for some objects.
#[derive(Clone, Debug)]
pub struct Doubt<'p, 't> {
    /// Its policy.
    pub policy: &'p Policy<'t>,
    /// The expression, or the policy's name.
    pub node: NodeRef<'p>,
    /// Why, for the first of these objects.
    pub reason: String,
    /// What keeps it from being decided.
    pub cause: Cause,
    /// The first of the objects.
    pub resource: Resource<'t>,
    /// How many there are.
    pub count: i64,
}

/// What policies have against objects.
#[derive(Debug, Default)]
pub struct Found<'p, 't> {
    /// In the order of objects and policies.
    pub violations: Vec<Violation<'p, 't>>,
    /// In the order of policies.
    pub doubts: Vec<Doubt<'p, 't>>,
}

/// What a binding makes of an object.
enum Bind<'t> {
    /// The policy is evaluated with these parameters.
    With(Params<'t>),
    /// It does not apply.
    Not,
    /// That can't be known.
    Unknown(String),
}

impl<'t> Policies<'t> {
    /// Reads the policies among some nodes and the graph's objects. `is_applied` says whose expressions are evaluated; those of others are
    /// read only. `beside` are documents that are no part of the graph, but may hold bindings and parameters.
    pub fn new(
        graph: &Graph<'t>,
        beside: &[NodeRef<'t>],
        oldest: u32,
        project_pods: bool,
        is_applied: impl Fn(NodeRef<'t>) -> bool,
    ) -> Self {
        let all = || beside.iter().copied().chain(graph.resources().iter().map(Resource::node));
        // Nearly every run has no policy, and asks no more than this of its objects.
        let in_graph = graph.resources().iter().filter(|resource| resource.kind_name() == POLICY).map(Resource::node);
        let mut bound: Vec<Bound<'t>> = beside
            .iter()
            .copied()
            .chain(in_graph)
            .filter(|node| is_policy(*node))
            .map(|node| Bound { policy: Policy::read(node, oldest), bindings: Vec::new(), is_applied: is_applied(node) })
            .collect();
        let mut policies = Policies { bound: Vec::new(), objects: HashMap::new(), defined: HashMap::new(), project_pods, relations: None };
        if bound.is_empty() {
            return policies;
        }
        for node in all() {
            let text = |path: &str| node.at(path).and_then(NodeRef::value_text);
            let (Some(kind), Some(name)) = (text("kind"), text("metadata.name")) else { continue };
            if kind == BINDING {
                let policy = text("spec.policyName").unwrap_or_default();
                bound.iter_mut().filter(|bound| bound.policy.name() == policy).for_each(|bound| bound.bindings.push(node));
            }
            policies.objects.entry((kind, name)).or_default().push(node);
        }
        for definition in graph.of_kind(Kind::CustomResourceDefinition).filter_map(Resource::spec) {
            let text = |path: &str| definition.at(path).and_then(NodeRef::value_text);
            if let (Some(group), Some(kind), Some(plural)) = (text("group"), text("names.kind"), text("names.plural")) {
                policies.defined.insert((group, kind), (plural, text("scope") == Some("Cluster")));
            }
        }
        let asks_graph = bound.iter().any(|bound| bound.is_applied && bound.policy.asks_graph());
        policies.relations = asks_graph.then(|| Relations::new(graph));
        policies.bound = bound;
        policies
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty()
    }

    /// All policies, those too that are not evaluated.
    pub fn all(&self) -> impl Iterator<Item = &Policy<'t>> {
        self.bound.iter().map(|bound| &bound.policy)
    }

    /// The policies that are evaluated.
    pub fn applied(&self) -> impl Iterator<Item = &Policy<'t>> {
        self.bound.iter().filter(|bound| bound.is_applied).map(|bound| &bound.policy)
    }

    /// The mistakes in all policies, in their order.
    pub fn faults(&self) -> impl Iterator<Item = (&Policy<'t>, &Fault<'t>)> {
        self.bound.iter().flat_map(|bound| bound.policy.faults().iter().map(|fault| (&bound.policy, fault)))
    }

    /// The policies that nothing binds.
    pub fn unbound(&self) -> impl Iterator<Item = &Policy<'t>> {
        self.bound.iter().filter(|bound| bound.bindings.is_empty()).map(|bound| &bound.policy)
    }

    /// What they have against the objects of a set, each as if it were new.
    pub fn check(&self, graph: &Graph<'t>) -> Found<'_, 't> {
        let resources: Vec<&Resource<'t>> = graph.whole().collect();
        let judge = |resource: &&Resource<'t>| self.judge(**resource, None);
        let judged: Vec<Vec<_>> =
            if resources.len() <= FEW_OBJECTS { resources.iter().map(judge).collect() } else { resources.par_iter().map(judge).collect() };
        self.found(judged.into_iter().flatten())
    }

    /// What they have against the change of objects, and not against the new objects by themselves.
    pub fn check_change(&self, change: &Change<'_, 't>) -> Found<'_, 't> {
        let pairs: Vec<_> = change.changed().filter(|pair| !pair.is_partial()).collect();
        let judge = |pair: &&crate::graph::Pair<'t>| {
            let alone = self.judge(pair.new, None);
            let is_known = |new: &Judged<'_, 't>, index: usize| {
                let known = alone.iter().filter(|judged| judged.bound == new.bound && judged.target.node() == new.target.node());
                known.flat_map(|judged| &judged.judgement.failing).any(|failing| failing.index == index)
            };
            let mut changed = self.judge(pair.new, Some(pair.old));
            for judged in &mut changed {
                let known: Vec<usize> =
                    judged.judgement.failing.iter().map(|failing| failing.index).filter(|index| is_known(judged, *index)).collect();
                judged.judgement.failing.retain(|failing| !known.contains(&failing.index));
                judged.judgement.undecided.clear();
            }
            changed
        };
        let judged: Vec<Vec<_>> = pairs.par_iter().map(judge).collect();
        self.found(judged.into_iter().flatten())
    }

    fn found<'p>(&'p self, judged: impl Iterator<Item = Judged<'p, 't>>) -> Found<'p, 't> {
        let mut found = Found::default();
        let mut doubts: Vec<(usize, Doubt<'p, 't>)> = Vec::new();
        for Judged { bound, resource, judgement, action, .. } in judged {
            let policy = &self.bound[bound].policy;
            found.violations.extend(judgement.failing.into_iter().map(|failing| Violation { policy, resource, failing, action }));
            // What does not compile is told of by itself.
            let is_refused = policy.faults().iter().any(|fault| fault.is_refused);
            for undecided in judgement.undecided.into_iter().filter(|_| !is_refused) {
                // Each policy is told of once for each cause, however much it can't decide.
                match doubts.iter_mut().find(|(known, doubt)| *known == bound && doubt.cause == undecided.cause) {
                    Some((_, doubt)) => doubt.count += i64::from(!doubt.resource.is(&resource)),
                    None => doubts.push((
                        bound,
                        Doubt { policy, node: undecided.node, reason: undecided.reason, cause: undecided.cause, resource, count: 1 },
                    )),
                }
            }
        }
        doubts.sort_by_key(|(bound, _)| *bound);
        found.doubts = doubts.into_iter().map(|(_, doubt)| doubt).collect();
        found
    }

    /// Holds all policies against an object, and against the pods of its template where that is wanted.
    fn judge(&self, resource: Resource<'t>, old: Option<Resource<'t>>) -> Vec<Judged<'_, 't>> {
        // The API server keeps policies from being about themselves.
        if matches!(resource.kind_name(), POLICY | BINDING) {
            return Vec::new();
        }
        let mut judged = self.judge_as(resource, &self.target(resource, resource, old.is_some()), old.map(|old| old.node()));
        if self.project_pods
            && let Some(pod) = pod_of(&resource)
        {
            let old = old.and_then(|old| pod_of(&old));
            let target = self.target(pod, resource, old.is_some());
            judged.append(&mut self.judge_as(resource, &target, old.map(|old| old.node())));
        }
        judged
    }

    /// An object as policies match it; `of` is the one that is written.
    fn target(&self, resource: Resource<'t>, of: Resource<'t>, is_changed: bool) -> Target<'t> {
        let built_in = schema::kind(resource.api_version(), resource.kind_name());
        let defined = self.defined.get(&(resource.group(), resource.kind_name()));
        let namespace = of.namespace().and_then(|name| match self.objects.get(&("Namespace", name)).map(Vec::as_slice) {
            Some([namespace]) => Some(*namespace),
            _ => None,
        });
        Target {
            resource,
            plural: built_in.map(|kind| Cow::Owned(plural_of(kind.kind))).or(defined.map(|(plural, _)| Cow::Borrowed(*plural))),
            operation: if is_changed { Operation::Update } else { Operation::Create },
            namespace,
            in_namespace: of.metadata().and_then(|metadata| metadata.field("namespace")),
            is_cluster_scoped: built_in.map_or(defined.is_some_and(|(_, is_cluster)| *is_cluster), |kind| kind.is_cluster_scoped),
        }
    }

    fn judge_as(&self, resource: Resource<'t>, target: &Target<'t>, old: Option<NodeRef<'t>>) -> Vec<Judged<'_, 't>> {
        let mut judged = Vec::new();
        for (index, bound) in self.bound.iter().enumerate().filter(|(_, bound)| bound.is_applied) {
            let doubt = |reason: String| {
                let undecided = vec![super::Undecided { node: bound.policy.node(), reason, cause: Cause::Cluster }];
                Judgement { undecided, ..Judgement::default() }
            };
            match bound.policy.matches(target) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    let judgement = doubt("whether it is about the object depends on labels that are not known here".into());
                    judged.push(Judged { bound: index, resource, target: target.resource, judgement, action: None });
                    continue;
                }
            }
            for (bind, action) in self.bind(bound, target) {
                let judgement = match bind {
                    Bind::Not => continue,
                    Bind::Unknown(reason) => doubt(reason),
                    Bind::With(params) => bound.policy.judge(&Subject {
                        target: target.clone(),
                        old,
                        params,
                        as_served: true,
                        relations: self.relations.as_ref(),
                    }),
                };
                judged.push(Judged { bound: index, resource, target: target.resource, judgement, action });
            }
        }
        judged
    }

    /// What each binding makes of an object that the policy matches. Without any, the policy is evaluated as if one bound it to all.
    fn bind(&self, bound: &Bound<'t>, target: &Target<'t>) -> Vec<(Bind<'t>, Option<Action>)> {
        if bound.bindings.is_empty() {
            let params = if bound.policy.param_kind().is_some() { Params::Unknown } else { Params::None };
            return vec![(Bind::With(params), None)];
        }
        let mut binds = Vec::new();
        for binding in &bound.bindings {
            let action = action_of(*binding);
            match matching::matches(binding.at("spec.matchResources"), target) {
                Some(false) => {}
                None => binds.push((
                    Bind::Unknown("whether its binding is about the object depends on labels that are not known here".into()),
                    action,
                )),
                Some(true) => binds.extend(self.params(bound, *binding, target).into_iter().map(|bind| (bind, action))),
            }
        }
        binds
    }

    /// The parameters that a binding refers to.
    fn params(&self, bound: &Bound<'t>, binding: NodeRef<'t>, target: &Target<'t>) -> Vec<Bind<'t>> {
        let Some((api_version, kind)) = bound.policy.param_kind() else { return vec![Bind::With(Params::None)] };
        let Some(reference) = binding.at("spec.paramRef").filter(|reference| reference.is_mapping()) else {
            return vec![Bind::With(Params::None)];
        };
        let text = |key: &str| reference.field(key).and_then(NodeRef::value_text);
        let namespace = text("namespace").or(target.resource.namespace());
        let is_it = |node: &NodeRef<'t>| {
            let own = node.at("metadata.namespace").and_then(NodeRef::value_text);
            node.get("apiVersion").and_then(NodeRef::str) == Some(api_version) && (own == namespace || own.is_none() || namespace.is_none())
        };
        let found: Vec<NodeRef<'t>> = match (text("name"), reference.field("selector")) {
            (Some(name), _) => self.objects.get(&(kind, name)).into_iter().flatten().copied().filter(is_it).collect(),
            (None, Some(selector)) => {
                let labels = |node: &NodeRef<'t>| node.at("metadata.labels");
                let of_kind = self.objects.iter().filter(|((known, _), _)| *known == kind).flat_map(|(_, nodes)| nodes.iter().copied());
                let fits = |node: &NodeRef<'t>| is_it(node) && Selector::LabelSelector(selector).matches(labels(node)) == Some(true);
                let mut found: Vec<NodeRef<'t>> = of_kind.filter(fits).collect();
                found.sort_by_key(|node| node.span());
                found
            }
            (None, None) => Vec::new(),
        };
        if !found.is_empty() {
            return found.into_iter().map(|node| Bind::With(Params::Object(node))).collect();
        }
        // They may be elsewhere; where nobody looks for them, that changes nothing.
        if text("parameterNotFoundAction") == Some("Allow") {
            return vec![Bind::Not];
        }
        let name = text("name").map_or_else(|| "that its binding selects".into(), |name| format!("`{name}`"));
        vec![Bind::Unknown(format!("its parameters, the {kind} {name}, are not among these files"))]
    }
}

/// A judgement, and what it is about.
struct Judged<'p, 't> {
    /// Index of the policy.
    bound: usize,
    /// The object that is written.
    resource: Resource<'t>,
    /// What was judged: the object, or the pod of its template.
    target: Resource<'t>,
    judgement: Judgement<'p>,
    action: Option<Action>,
}

/// The pod that a workload's template describes.
fn pod_of<'t>(resource: &Resource<'t>) -> Option<Resource<'t>> {
    let workload = resource.workload().filter(|_| resource.kind() != Kind::Pod)?;
    let template = resource.node().at(workload.template_path()).filter(|template| template.is_mapping())?;
    Some(Resource::of_type(template, "v1", "Pod"))
}

/// The strongest action of a binding.
fn action_of(binding: NodeRef<'_>) -> Option<Action> {
    let actions = binding.at("spec.validationActions").into_iter().flat_map(NodeRef::items);
    let action = |node: NodeRef<'_>| match node.str()? {
        "Deny" => Some(Action::Deny),
        "Warn" => Some(Action::Warn),
        "Audit" => Some(Action::Audit),
        _ => None,
    };
    actions.filter_map(action).max()
}
