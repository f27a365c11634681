//! Which parts of an object decided an expression.
//!
//! An expression that came out false is gone over once more, and only where that matters: the conjuncts of `&&` that are false, all
//! disjuncts of `||`, the branch that was taken, the elements that `all` stumbled over. What is left are the values that comparisons and
//! functions were given, and those know the nodes that they were read from. A field that is missing is told by the nearest node that is
//! there.

use super::Program;
use super::eval::{Evaluation, truth};
use super::expr::{Expr, ExprKind, Literal, Macro, MacroKind, Operator};
use super::value::{Data, Value};
use crate::yaml::NodeRef;

/// A part of an object that decided, or the place where it would stand.
#[derive(Clone, PartialEq, Debug)]
pub struct Place<'t> {
    /// The nearest node that is there.
    pub node: NodeRef<'t>,
    /// The fields below the node that aren't there: `resources.limits`.
    pub missing: Option<String>,
}

impl<'t> Place<'t> {
    /// The path below an object: `spec.template.spec.hostNetwork`, whether it is there or not.
    pub fn path_from(&self, object: NodeRef<'t>) -> String {
        let path = self.node.path_from(object);
        match &self.missing {
            Some(missing) if path.is_empty() => missing.clone(),
            Some(missing) => format!("{path}.{missing}"),
            None => path,
        }
    }
}

/// Parts that decided together.
type Reason<'t> = Vec<Place<'t>>;

/// Elements of which each is told.
const MOST_REASONS: usize = 20;

impl<'t> Evaluation<'t> {
    /// What made an expression come out as it did: reasons that each stand for themselves.
    pub(in crate::policy) fn reasons(&mut self, program: &'t Program) -> Vec<Reason<'t>> {
        let mut reasons = self.within_budget(|inner| inner.explain(&program.expr));
        for reason in &mut reasons {
            let mut seen: Vec<Place<'t>> = Vec::new();
            reason.retain(|place| {
                let is_new = !seen.contains(place);
                seen.push(place.clone());
                is_new
            });
        }
        reasons.retain(|reason| !reason.is_empty());
        reasons.truncate(MOST_REASONS);
        reasons
    }

    fn is(&mut self, expr: &'t Expr) -> Option<bool> {
        truth(self.eval(expr)).ok()
    }

    fn explain(&mut self, expr: &'t Expr) -> Vec<Reason<'t>> {
        match &expr.kind {
            ExprKind::And(both) => self.explain_either(both, false),
            ExprKind::Or(both) => self.explain_either(both, true),
            ExprKind::Not(operand) => self.explain(operand),
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let Some(holds) = self.is(condition) else { return Vec::new() };
                let reasons = self.explain(if holds { then } else { otherwise });
                // A branch that reads nothing was decided by the condition.
                if reasons.is_empty() { self.explain(condition) } else { reasons }
            }
            ExprKind::Macro(called) => self.explain_macro(called),
            ExprKind::Variable(index) => self.explain_variable(*index),
            _ => {
                let places = self.places(expr);
                if places.is_empty() { Vec::new() } else { vec![places] }
            }
        }
    }

    /// The operands that decided, each for itself, or all of them together where none did alone.
    fn explain_either(&mut self, both: &'t [Expr; 2], decides: bool) -> Vec<Reason<'t>> {
        let (deciding, other): (Vec<&'t Expr>, Vec<&'t Expr>) = both.iter().partition(|operand| self.is(operand) == Some(decides));
        if !deciding.is_empty() {
            return deciding.into_iter().flat_map(|operand| self.explain(operand)).collect();
        }
        // What every operand says counts, and the last one most: those before it mostly say when it matters.
        let reasons: Vec<(bool, Reason<'t>)> =
            other.into_iter().rev().map(|operand| (is_guard(operand), self.explain(operand).into_iter().flatten().collect())).collect();
        let has_more = reasons.iter().any(|(is_guard, reason)| !is_guard && !reason.is_empty());
        let together: Reason<'t> =
            reasons.into_iter().filter(|(is_guard, _)| !(*is_guard && has_more)).flat_map(|(_, reason)| reason).collect();
        if together.is_empty() { Vec::new() } else { vec![together] }
    }

    fn explain_variable(&mut self, index: usize) -> Vec<Reason<'t>> {
        let Some(program) = self.variable_program(index) else { return Vec::new() };
        self.apart(|inner| inner.explain(&program.expr))
    }

    fn explain_macro(&mut self, called: &'t Macro) -> Vec<Reason<'t>> {
        let decides = match called.kind {
            MacroKind::All => Some(false),
            MacroKind::Exists | MacroKind::ExistsOne => Some(true),
            _ => None,
        };
        let Ok(steps) = self.steps(called) else { return self.explain(&called.range) };
        let mut reasons = Vec::new();
        if let Some(decides) = decides {
            for step in &steps {
                if self.with(step, &called.body).ok().and_then(|value| value.bool()) != Some(decides) {
                    continue;
                }
                let inner = self.inside(step, |inner| inner.explain(&called.body));
                let element = || step.1.as_ref().unwrap_or(&step.0).origin.map(|node| vec![Place { node, missing: None }]);
                if inner.is_empty() {
                    reasons.extend(element());
                } else {
                    reasons.extend(inner);
                }
                if reasons.len() > MOST_REASONS {
                    return reasons;
                }
            }
        }
        if !reasons.is_empty() {
            return reasons;
        }
        // Where no element decided alone the list did, unless it is none of the object's: then what its elements were held against.
        let mut places = if decides.is_some() { self.places(&called.range) } else { self.places_of_macro(called) };
        if decides.is_some() && !places.iter().any(|place| self.is_in_object(place.node)) {
            for step in steps.iter().take(MOST_REASONS) {
                places.extend(self.inside(step, |inner| inner.explain(&called.body)).into_iter().flatten());
            }
        }
        if places.is_empty() { Vec::new() } else { vec![places] }
    }

    /// Whether a node is a part of the first root, which is the object.
    fn is_in_object(&self, node: NodeRef<'t>) -> bool {
        let holds = |holder: NodeRef<'t>| std::ptr::eq(holder.tree(), node.tree()) && holder.span().contains(node.span());
        match self.roots.first().map(|object| &object.data) {
            Some(Data::Node(shadow)) => holds(shadow.node),
            Some(Data::Map(entries)) => entries.iter().filter_map(|(_, value)| value.origin).any(holds),
            _ => false,
        }
    }

    /// The nodes that a value was read from.
    fn places(&mut self, expr: &'t Expr) -> Reason<'t> {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Type(_) => Vec::new(),
            ExprKind::Root(_) | ExprKind::Local(_) => self.origin(expr),
            ExprKind::Select { operand, field, .. } | ExprKind::Has { operand, field } => self.places_of_field(expr, operand, field),
            ExprKind::Index { operand, index, .. } => {
                if let Some(key) = self.eval(index).ok().and_then(|index| index.str().map(str::to_owned)) {
                    return self.places_of_field(expr, operand, &key);
                }
                let own = self.origin(expr);
                if own.is_empty() { self.places(operand) } else { own }
            }
            ExprKind::Variable(index) => {
                let own = self.origin(expr);
                match self.variable_program(*index) {
                    Some(program) if own.is_empty() => self.apart(|inner| inner.places(&program.expr)),
                    _ => own,
                }
            }
            ExprKind::Not(operand) | ExprKind::Negate(operand) => self.places(operand),
            ExprKind::And(_) | ExprKind::Or(_) => self.explain(expr).into_iter().flatten().collect(),
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let Some(holds) = self.is(condition) else { return Vec::new() };
                let places = self.places(if holds { then } else { otherwise });
                if places.is_empty() { self.places(condition) } else { places }
            }
            ExprKind::Binary(Operator::In, operands) => self.places_of_membership(operands),
            ExprKind::Binary(_, operands) => operands.iter().flat_map(|operand| self.places(operand)).collect(),
            ExprKind::List(elements) => elements.iter().flat_map(|(element, _)| self.places(element)).collect(),
            ExprKind::Map(entries) => entries.iter().flat_map(|(_, value, _)| self.places(value)).collect(),
            ExprKind::Call(overloads, args) => {
                // Some functions give a part of what they are given: an item of a list, a part of a string.
                let own = self.origin(expr);
                if !own.is_empty() {
                    return own;
                }
                let receiver = args.first().map(|arg| self.places(arg)).unwrap_or_default();
                let is_fallback = overloads.first().is_some_and(|function| matches!(function.name, "orValue" | "or"));
                if is_fallback && !receiver.is_empty() {
                    return receiver;
                }
                let rest = args.iter().skip(1).flat_map(|arg| self.places(arg)).collect::<Vec<_>>();
                [receiver, rest].concat()
            }
            ExprKind::Macro(called) => match called.kind {
                MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => self.explain(expr).into_iter().flatten().collect(),
                _ => self.places_of_macro(called),
            },
        }
    }

    fn origin(&mut self, expr: &'t Expr) -> Reason<'t> {
        let value = self.eval(expr).ok();
        value.map(|value| origins(&value)).unwrap_or_default()
    }

    /// The field, or the nearest node above it and the fields that are missing there.
    fn places_of_field(&mut self, expr: &'t Expr, operand: &'t Expr, field: &str) -> Reason<'t> {
        if let ExprKind::Has { operand, field } = &expr.kind {
            if let Ok(owner) = self.eval(operand)
                && let Ok(Some(value)) = inner(&owner).field(field)
                && let Some(node) = value.origin
            {
                return vec![Place { node, missing: None }];
            }
        } else {
            let own = self.origin(expr);
            if !own.is_empty() {
                return own;
            }
        }
        if let Ok(owner) = self.eval(operand)
            && let Data::Node(shadow) = &inner(&owner).data
        {
            return vec![Place { node: shadow.node, missing: Some(field.to_owned()) }];
        }
        let mut above = self.places(operand);
        for place in &mut above {
            if let Some(missing) = &mut place.missing {
                missing.push('.');
                missing.push_str(field);
            }
        }
        above
    }

    /// `in`: what is sought, or the item that is it.
    fn places_of_membership(&mut self, operands: &'t [Expr; 2]) -> Reason<'t> {
        let [one, all] = operands;
        let sought = self.places(one);
        if !sought.is_empty() {
            return sought;
        }
        let (Ok(one), Ok(list)) = (self.eval(one), self.eval(all)) else { return Vec::new() };
        if let Some(Ok(items)) = list.items() {
            let is_it = |item: &&Value<'t>| super::value::equal(item, &one, &mut self.meter) == Ok(true);
            let found: Vec<Place<'t>> =
                items.iter().filter(is_it).filter_map(|item| item.origin).map(|node| Place { node, missing: None }).collect();
            if !found.is_empty() {
                return found;
            }
        }
        if let (Data::Node(shadow), Some(key)) = (&list.data, one.str())
            && !shadow.is_list()
        {
            let missing = shadow.node.get(key).is_none().then(|| key.to_owned());
            return vec![Place { node: shadow.node.get(key).unwrap_or(shadow.node), missing }];
        }
        self.places(all)
    }

    /// The elements that are left, and why they are.
    fn places_of_macro(&mut self, called: &'t Macro) -> Reason<'t> {
        let Ok(steps) = self.steps(called) else { return self.places(&called.range) };
        let mut places = Vec::new();
        for step in steps.iter().take(MOST_REASONS) {
            let is_left = |part: &'t Expr, inner: &mut Self| inner.with(step, part).ok().and_then(|value| value.bool()) == Some(true);
            let condition = if called.kind == MacroKind::Filter { Some(&called.body) } else { called.filter.as_ref() };
            if condition.is_some_and(|condition| !is_left(condition, self)) {
                continue;
            }
            let found = match called.kind {
                MacroKind::Filter => self.inside(step, |inner| inner.explain(&called.body)).into_iter().flatten().collect(),
                _ => self.inside(step, |inner| inner.places(&called.body)),
            };
            places.extend(found);
        }
        if places.is_empty() { self.places(&called.range) } else { places }
    }
}

/// Whether an expression only says when the others matter: that a field may be missing, or an object of another kind.
fn is_guard(expr: &Expr) -> bool {
    let is_null_or_kind = |operand: &Expr| match &operand.kind {
        ExprKind::Literal(Literal::Null) => true,
        ExprKind::Select { operand, field, .. } => **field == *"kind" && matches!(operand.kind, ExprKind::Root(_)),
        _ => false,
    };
    match &expr.kind {
        ExprKind::Not(operand) => matches!(operand.kind, ExprKind::Has { .. }),
        ExprKind::Binary(Operator::Equal | Operator::NotEqual, operands) => operands.iter().any(is_null_or_kind),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().all(is_guard),
        ExprKind::Macro(called) => is_guard(&called.body),
        _ => false,
    }
}

/// What an optional value holds.
fn inner<'a, 't>(value: &'a Value<'t>) -> &'a Value<'t> {
    match &value.data {
        Data::Optional(Some(inner)) => inner,
        _ => value,
    }
}

/// The node of a value, or those of a list's items.
fn origins<'t>(value: &Value<'t>) -> Reason<'t> {
    let place = |node: NodeRef<'t>| Place { node, missing: None };
    match (&value.data, value.origin) {
        (_, Some(node)) => vec![place(node)],
        (Data::List(items), None) => items.iter().filter_map(|item| item.origin).take(MOST_REASONS).map(place).collect(),
        _ => Vec::new(),
    }
}
