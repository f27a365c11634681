//! Evaluation of expressions, in bounded steps.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use regex::Regex;

use super::Program;
use super::Stop;
use super::expr::{Expr, ExprKind, Literal, Macro, MacroKind};
use super::functions::Function;
use super::meter::Meter;
use super::operators;
use super::regexes::Regexes;
use super::value::{self, Data, Eval, Value, compare, equal, get};
use crate::policy::Relations;

/// What expressions see: the same for all of a policy and an object.
#[derive(Debug)]
pub(in crate::policy) struct Evaluation<'t> {
    /// By the index that the environment gives them.
    pub(super) roots: Vec<Value<'t>>,
    variables: &'t [Option<Program>],
    /// The variables that were asked for so far.
    known: Vec<Option<Eval<'t>>>,
    pub(super) locals: Vec<Value<'t>>,
    pub(super) meter: Meter,
    /// What is left for all expressions.
    left: u64,
    regexes: &'t Regexes,
    /// Other objects that may be asked for.
    relations: Option<&'t Relations<'t>>,
    /// The patterns that were used so far: what they cost doesn't depend on who compiled them.
    patterns: HashMap<String, Arc<Regex>>,
}

/// What the API server grants all expressions of a policy for one object
/// (<https://github.com/kubernetes/apiserver/blob/master/pkg/apis/cel/config.go>, `RuntimeCELCostBudget`).
const ALL_EXPRESSIONS: u64 = 10_000_000;
/// What it costs to compile a pattern.
const PATTERN: u64 = 10_000;

impl<'t> Evaluation<'t> {
    /// Roots come in the order of the environment's; of a variable that doesn't compile there is no program.
    pub(in crate::policy) fn new(roots: Vec<Value<'t>>, variables: &'t [Option<Program>], regexes: &'t Regexes) -> Self {
        let known = vec![None; variables.len()];
        Evaluation {
            roots,
            variables,
            known,
            locals: Vec::new(),
            meter: Meter::new(0),
            left: ALL_EXPRESSIONS,
            regexes,
            relations: None,
            patterns: HashMap::new(),
        }
    }

    /// The same, with other objects that may be asked for.
    pub(in crate::policy) fn with_relations(self, relations: Option<&'t Relations<'t>>) -> Self {
        Evaluation { relations, ..self }
    }

    pub(in crate::policy) fn relations(&self) -> Option<&'t Relations<'t>> {
        self.relations
    }

    /// The value of an expression.
    pub(in crate::policy) fn value(&mut self, program: &'t Program) -> Eval<'t> {
        self.within_budget(|inner| inner.eval(&program.expr))
    }

    /// Does something within the budget of one expression.
    pub(in crate::policy) fn within_budget<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let granted = self.left.min(Meter::EXPRESSION);
        self.meter = Meter::new(granted);
        let done = work(self);
        self.left -= granted - self.meter.left();
        done
    }

    pub(super) fn eval(&mut self, expr: &'t Expr) -> Eval<'t> {
        self.meter.take(1)?;
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(of_literal(literal)),
            ExprKind::Type(name) => Ok(Data::Type((*name).into()).into()),
            ExprKind::Root(index) => Ok(self.roots.get(*index).cloned().unwrap_or(Value::NULL)),
            ExprKind::Variable(index) => self.variable(*index),
            ExprKind::Local(slot) => Ok(self.locals.get(*slot).cloned().unwrap_or(Value::NULL)),
            ExprKind::Select { operand, field, is_optional } => {
                let operand = self.eval(operand)?;
                self.take_lookup(&operand, field)?;
                select(&operand, field, *is_optional)
            }
            ExprKind::Has { operand, field } => {
                let operand = self.eval(operand)?;
                self.take_lookup(&operand, field)?;
                Ok(has(&operand, field)?.into())
            }
            ExprKind::Index { operand, index, is_optional } => {
                let operand = self.eval(operand)?;
                let index = self.eval(index)?;
                self.index(&operand, &index, *is_optional)
            }
            ExprKind::And(both) => self.either(both, false),
            ExprKind::Or(both) => self.either(both, true),
            ExprKind::Not(operand) => Ok((!truth(self.eval(operand))?).into()),
            ExprKind::Negate(operand) => operators::negate(&self.eval(operand)?),
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                if truth(self.eval(condition))? { self.eval(then) } else { self.eval(otherwise) }
            }
            ExprKind::Binary(operator, operands) => {
                let (left, right) = (self.eval(&operands[0])?, self.eval(&operands[1])?);
                operators::binary(*operator, &left, &right, &mut self.meter)
            }
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Call(overloads, args) => self.call(overloads, args),
            ExprKind::Macro(called) => self.expand(called),
        }
    }

    /// Keys of a mapping are gone over one by one, which counts where there are many.
    fn take_lookup(&mut self, owner: &Value<'t>, key: &str) -> Result<(), Stop> {
        self.meter.take(value::lookup_cost(owner, key))
    }

    /// The regular expression of a pattern. Each pattern costs something once.
    pub(super) fn regex(&mut self, pattern: &str) -> Result<Arc<Regex>, Stop> {
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(Arc::clone(known));
        }
        self.meter.take(PATTERN)?;
        let regex = self.regexes.get(pattern)?;
        self.patterns.insert(pattern.to_owned(), Arc::clone(&regex));
        Ok(regex)
    }

    fn variable(&mut self, index: usize) -> Eval<'t> {
        if let Some(Some(known)) = self.known.get(index) {
            return known.clone();
        }
        let Some(Some(program)) = self.variables.get(index) else {
            return Err(Stop::Undecided("a variable that it needs does not compile".into()));
        };
        let value = self.apart(|inner| inner.eval(&program.expr));
        if !matches!(value, Err(Stop::OverBudget)) {
            self.known[index] = Some(value.clone());
        }
        value
    }

    /// Does something that sees no variables of iteration.
    pub(super) fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let locals = std::mem::take(&mut self.locals);
        let done = work(self);
        self.locals = locals;
        done
    }

    pub(super) fn variable_program(&self, index: usize) -> Option<&'t Program> {
        self.variables.get(index)?.as_ref()
    }

    /// `||` where `decides` is true, `&&` where it is false: the operand that decides does so whatever the other one is.
    fn either(&mut self, both: &'t [Expr; 2], decides: bool) -> Eval<'t> {
        let mut stop = None;
        for operand in both {
            match truth(self.eval(operand)) {
                Ok(value) if value == decides => return Ok(decides.into()),
                Ok(_) => {}
                Err(Stop::OverBudget) => return Err(Stop::OverBudget),
                Err(new) => stop = Some(new.over(stop)),
            }
        }
        stop.map_or(Ok((!decides).into()), Err)
    }

    pub(super) fn index(&mut self, operand: &Value<'t>, index: &Value<'t>, is_optional: bool) -> Eval<'t> {
        if let Data::Optional(inner) = &operand.data {
            return match inner {
                Some(inner) => self.index(&Rc::clone(inner), index, true),
                None => Ok(Value::none()),
            };
        }
        let found = match (&operand.data, whole(index)) {
            (Data::Unknowable(why), _) => return Err(Stop::Undecided((*why).into())),
            (Data::List(items), Some(at)) => items.get(at).cloned(),
            (Data::Node(shadow), Some(at)) if shadow.is_list() => {
                self.meter.take(at as u64 / 4)?;
                shadow.items().nth(at).transpose()?
            }
            _ if operand.is_list() && index.int().is_none() => return Err(Stop::NoOverload),
            _ if operand.is_map() => get(operand, index, &mut self.meter)?,
            _ => None,
        };
        match found {
            Some(value) if is_optional => Ok(Value::some(value)),
            Some(value) => Ok(value),
            None if is_optional => Ok(Value::none()),
            None if operand.is_list() => Err(Stop::Error(format!("index out of bounds: {}", operators::shown(index)))),
            None => Err(Stop::Error(format!("no such key: {}", operators::shown(index)))),
        }
    }

    fn list(&mut self, elements: &'t [(Expr, bool)]) -> Eval<'t> {
        let mut items = Vec::with_capacity(elements.len());
        for (element, is_optional) in elements {
            match self.eval(element)? {
                Value { data: Data::Optional(inner), .. } if *is_optional => items.extend(inner.as_deref().cloned()),
                _ if *is_optional => return Err(Stop::NoOverload),
                value => items.push(value),
            }
        }
        Ok(items.into())
    }

    fn map(&mut self, entries: &'t [(Expr, Expr, bool)]) -> Eval<'t> {
        let mut made = Vec::with_capacity(entries.len());
        for (key, value, is_optional) in entries {
            let key = self.eval(key)?;
            match self.eval(value)? {
                Value { data: Data::Optional(None), .. } if *is_optional => {}
                Value { data: Data::Optional(Some(inner)), .. } if *is_optional => self.insert(&mut made, key, (*inner).clone())?,
                _ if *is_optional => return Err(Stop::NoOverload),
                value => self.insert(&mut made, key, value)?,
            }
        }
        Ok(Value::map(made))
    }

    fn insert(&mut self, map: &mut Vec<(Value<'t>, Value<'t>)>, key: Value<'t>, value: Value<'t>) -> Result<(), Stop> {
        if !matches!(key.data, Data::Str(_) | Data::Int(_) | Data::Uint(_) | Data::Bool(_)) {
            return Err(Stop::Error(format!("a {} can't be the key of a map", key.type_name())));
        }
        for (known, _) in map.iter() {
            if equal(known, &key, &mut self.meter)? {
                return Err(Stop::Error(format!("the key {} stands in a map twice", operators::shown(&key))));
            }
        }
        map.push((key, value));
        Ok(())
    }

    fn call(&mut self, overloads: &'static [Function], args: &'t [Expr]) -> Eval<'t> {
        match args {
            [one] => {
                let values = [self.eval(one)?];
                self.apply(overloads, &values)
            }
            [one, two] => {
                let values = [self.eval(one)?, self.eval(two)?];
                self.apply(overloads, &values)
            }
            _ => {
                let values = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                self.apply(overloads, &values)
            }
        }
    }

    fn apply(&mut self, overloads: &'static [Function], args: &[Value<'t>]) -> Eval<'t> {
        for text in args.iter().filter_map(Value::str) {
            self.meter.take_text(text.len())?;
        }
        for function in overloads {
            match (function.call)(self, args) {
                Err(Stop::NoOverload) => {}
                done => return done,
            }
        }
        if let Some(why) = args.iter().find_map(|arg| if let Data::Unknowable(why) = arg.data { Some(why) } else { None }) {
            return Err(Stop::Undecided(why.into()));
        }
        Err(Stop::NoOverload)
    }

    /// What a macro goes over: a value, or a key or index and a value.
    pub(super) fn steps(&mut self, called: &'t Macro) -> Result<Vec<(Value<'t>, Option<Value<'t>>)>, Stop> {
        let range = self.eval(&called.range)?;
        self.steps_of(&range, called.has_two)
    }

    fn steps_of(&mut self, range: &Value<'t>, has_two: bool) -> Result<Vec<(Value<'t>, Option<Value<'t>>)>, Stop> {
        self.meter.take(range.len().unwrap_or_default() as u64)?;
        if let Some(items) = range.items() {
            let items = items?;
            let with_index =
                |(index, item): (usize, &Value<'t>)| (Value { origin: item.origin, ..Value::from(index as i64) }, Some(item.clone()));
            return Ok(if has_two {
                items.iter().enumerate().map(with_index).collect()
            } else {
                items.iter().map(|item| (item.clone(), None)).collect()
            });
        }
        if let Some(entries) = range.entries() {
            let step = |(key, value): &(Value<'t>, Value<'t>)| (key.clone(), has_two.then(|| value.clone()));
            return Ok(entries?.iter().map(step).collect());
        }
        match range.data {
            Data::Unknowable(why) => Err(Stop::Undecided(why.into())),
            _ => Err(Stop::NoOverload),
        }
    }

    /// Evaluates a part of a macro with its variables set.
    pub(super) fn with(&mut self, step: &(Value<'t>, Option<Value<'t>>), part: &'t Expr) -> Eval<'t> {
        self.inside(step, |inner| inner.eval(part))
    }

    /// Does something with a macro's variables set.
    pub(super) fn inside<T>(&mut self, step: &(Value<'t>, Option<Value<'t>>), work: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.locals.len();
        self.locals.push(step.0.clone());
        self.locals.extend(step.1.clone());
        let done = work(self);
        self.locals.truncate(outside);
        done
    }

    fn expand(&mut self, called: &'t Macro) -> Eval<'t> {
        match called.kind {
            MacroKind::All => self.any(called, false),
            MacroKind::Exists => self.any(called, true),
            MacroKind::OptMap | MacroKind::OptFlatMap => self.optional(called),
            _ => {
                let steps = self.steps(called)?;
                self.transform(called, &steps)
            }
        }
    }

    /// `exists` where `decides` is true, `all` where it is false.
    fn any(&mut self, called: &'t Macro, decides: bool) -> Eval<'t> {
        let steps = self.steps(called)?;
        let mut stop = None;
        for step in &steps {
            match truth(self.with(step, &called.body)) {
                Ok(value) if value == decides => return Ok(decides.into()),
                Ok(_) => {}
                Err(Stop::OverBudget) => return Err(Stop::OverBudget),
                Err(new) => stop = Some(new.over(stop)),
            }
        }
        stop.map_or(Ok((!decides).into()), Err)
    }

    fn optional(&mut self, called: &'t Macro) -> Eval<'t> {
        let inner = match self.eval(&called.range)?.data {
            Data::Optional(Some(inner)) => inner,
            Data::Optional(None) => return Ok(Value::none()),
            _ => return Err(Stop::NoOverload),
        };
        let made = self.with(&((*inner).clone(), None), &called.body)?;
        match (called.kind, &made.data) {
            (MacroKind::OptMap, _) => Ok(Value::some(made)),
            (_, Data::Optional(_)) => Ok(made),
            _ => Err(Stop::NoOverload),
        }
    }

    fn transform(&mut self, called: &'t Macro, steps: &[(Value<'t>, Option<Value<'t>>)]) -> Eval<'t> {
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for step in steps {
            if let Some(filter) = &called.filter
                && !truth(self.with(step, filter))?
            {
                continue;
            }
            let made = self.with(step, &called.body)?;
            match called.kind {
                MacroKind::Filter | MacroKind::ExistsOne => items.extend(truth(Ok(made))?.then(|| step.0.clone())),
                MacroKind::SortBy => entries.push((made, step.0.clone())),
                MacroKind::TransformMap => entries.push((step.0.clone(), made)),
                MacroKind::TransformMapEntry => {
                    for (key, value) in made.entries().ok_or(Stop::NoOverload)??.iter() {
                        self.insert(&mut entries, key.clone(), value.clone())?;
                    }
                }
                _ => items.push(made),
            }
        }
        match called.kind {
            MacroKind::ExistsOne => Ok((items.len() == 1).into()),
            MacroKind::TransformMap | MacroKind::TransformMapEntry => Ok(Value::map(entries)),
            MacroKind::SortBy => Ok(self.sorted(entries)?.into()),
            _ => Ok(items.into()),
        }
    }

    /// The second ones in the order of the first ones.
    pub(super) fn sorted(&mut self, mut pairs: Vec<(Value<'t>, Value<'t>)>) -> Result<Vec<Value<'t>>, Stop> {
        let (mut stop, meter) = (None, &mut self.meter);
        pairs.sort_by(|(a, _), (b, _)| match compare(a, b, meter) {
            Ok(order) => order.unwrap_or(std::cmp::Ordering::Equal),
            Err(new) => {
                stop.get_or_insert(new);
                std::cmp::Ordering::Equal
            }
        });
        stop.map_or(Ok(()), Err)?;
        Ok(pairs.into_iter().map(|(_, value)| value).collect())
    }
}

fn of_literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::NULL,
        Literal::Bool(value) => (*value).into(),
        Literal::Int(value) => (*value).into(),
        Literal::Uint(value) => Data::Uint(*value).into(),
        Literal::Double(value) => (*value).into(),
        Literal::Str(text) => Value::from(&**text),
        Literal::Bytes(bytes) => Data::Bytes((**bytes).into()).into(),
    }
}

/// The boolean, if it is one.
pub(super) fn truth(value: Eval<'_>) -> Result<bool, Stop> {
    value?.truth()
}

/// An index into a list.
fn whole(index: &Value<'_>) -> Option<usize> {
    match index.data {
        Data::Int(value) => usize::try_from(value).ok(),
        Data::Uint(value) => usize::try_from(value).ok(),
        Data::Double(value) if value >= 0.0 && value.fract() == 0.0 && value < 1e15 => Some(value as usize),
        _ => None,
    }
}

fn select<'t>(operand: &Value<'t>, field: &str, is_optional: bool) -> Eval<'t> {
    if let Data::Optional(inner) = &operand.data {
        return inner.as_ref().map_or(Ok(Value::none()), |inner| select(inner, field, true));
    }
    if is_optional {
        let found = if is_selectable(operand) { operand.field(field)? } else { None };
        return Ok(found.map_or_else(Value::none, Value::some));
    }
    operand.field(field)?.ok_or_else(|| Stop::Error(format!("no such key: {field}")))
}

fn is_selectable(value: &Value<'_>) -> bool {
    value.is_map() || matches!(value.data, Data::Unknowable(_))
}

/// Whether a field is there; what is no map has none.
fn has(operand: &Value<'_>, field: &str) -> Result<bool, Stop> {
    match &operand.data {
        Data::Optional(inner) => inner.as_ref().map_or(Ok(false), |inner| has(inner, field)),
        Data::Node(shadow) if !shadow.is_list() => Ok(shadow.has(field)),
        _ if is_selectable(operand) => Ok(operand.field(field)?.is_some()),
        _ => Ok(false),
    }
}
