//! Other objects that policies in short form may ask for: `graph.claims(object)` and so on. No cluster knows these functions.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::cel::{Call, Data, Evaluation, Function, Shadow, Stop, Value, member_of_graph};
use crate::graph::{Governing, Graph, Reference};
use crate::resource::{Kind, Resource};
use crate::yaml::NodeRef;

/// What an object may be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Asked {
    Claims,
    Services,
    Autoscalers,
    Budgets,
    Configs,
    Workloads,
}

/// The functions, whose argument is the object that is judged.
pub(super) static FUNCTIONS: [Function; 6] = [
    member_of_graph("graph.claims", claims as Call),
    member_of_graph("graph.services", services as Call),
    member_of_graph("graph.autoscalers", autoscalers as Call),
    member_of_graph("graph.budgets", budgets as Call),
    member_of_graph("graph.configs", configs as Call),
    member_of_graph("graph.workloads", workloads as Call),
];

/// The other objects of a set that each object has to do with.
#[derive(Debug, Default)]
pub struct Relations<'t> {
    by_object: HashMap<(u32, u32), HashMap<Asked, Vec<NodeRef<'t>>>>,
}

fn key(node: NodeRef<'_>) -> (u32, u32) {
    let span = node.span();
    (span.source.0, span.start)
}

impl<'t> Relations<'t> {
    /// Those of a graph.
    pub(super) fn new(graph: &Graph<'t>) -> Self {
        let mut relations = Relations::default();
        for claim_use in graph.claim_uses() {
            if let Some(claim) = &claim_use.claim {
                relations.both(claim_use.workload.resource(), Asked::Claims, claim.resource());
            }
        }
        for workload in graph.workloads() {
            let resource = workload.resource();
            let selecting: Vec<_> = graph.services_selecting(&workload).collect();
            for service in &selecting {
                relations.both(resource, Asked::Services, service.resource());
            }
            if let Governing::Found { service, .. } = graph.governing_service(&workload) {
                relations.both(resource, Asked::Services, service.resource());
            }
        }
        for autoscaler in graph.all_autoscalers() {
            if let Reference::Found(workload) = graph.target(&autoscaler) {
                relations.both(&workload, Asked::Autoscalers, autoscaler.resource());
            }
        }
        for protection in graph.protections() {
            for workload in &protection.workloads {
                relations.both(workload.resource(), Asked::Budgets, protection.budget.resource());
            }
        }
        for (workload, _, config) in [Kind::ConfigMap, Kind::Secret].into_iter().flat_map(|kind| graph.configs_needed(kind)) {
            relations.both(workload.resource(), Asked::Configs, &config);
        }
        relations.without_repetition()
    }

    /// A workload has to do with another object, and so that with the workload.
    fn both(&mut self, workload: &Resource<'t>, asked: Asked, other: &Resource<'t>) {
        self.by_object.entry(key(workload.node())).or_default().entry(asked).or_default().push(other.node());
        self.by_object.entry(key(other.node())).or_default().entry(Asked::Workloads).or_default().push(workload.node());
    }

    fn without_repetition(mut self) -> Self {
        for nodes in self.by_object.values_mut().flat_map(HashMap::values_mut) {
            let mut seen = HashSet::new();
            nodes.retain(|node| seen.insert(key(*node)));
        }
        self
    }

    fn of(&self, node: NodeRef<'_>, asked: Asked) -> &[NodeRef<'t>] {
        self.by_object.get(&key(node)).and_then(|by| by.get(&asked)).map_or(&[], Vec::as_slice)
    }
}

fn ask<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>], asked: Asked) -> Result<Value<'t>, Stop> {
    let Some(relations) = evaluation.relations() else {
        return Err(Stop::Undecided("the other objects are not known here".into()));
    };
    let [Value { origin: Some(node), .. }] = arguments else { return Err(Stop::NoOverload) };
    let nodes = relations.of(*node, asked);
    let values = nodes.iter().map(|node| Shadow::of_manifest(*node, None).to_value()).collect::<Result<Vec<_>, Stop>>()?;
    Ok(Value { data: Data::List(Rc::from(values)), origin: None })
}

fn claims<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Claims)
}

fn services<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Services)
}

fn autoscalers<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Autoscalers)
}

fn budgets<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Budgets)
}

fn configs<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Configs)
}

fn workloads<'t>(evaluation: &mut Evaluation<'t>, arguments: &[Value<'t>]) -> Result<Value<'t>, Stop> {
    ask(evaluation, arguments, Asked::Workloads)
}
