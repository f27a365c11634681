//! What can be said of an expression's types before it is evaluated, as far as the API server says it too.
//!
//! Of objects nothing is known (`dyn`), so that most expressions pass. What is told is what the API server refuses: literals and results of
//! functions where they can't stand, lists of mixed types, and patterns that don't compile.

use super::expr::{Expr, ExprKind, Literal, MacroKind, Operator};
use super::functions::{Function, ORDERED_TYPES, takes};
use super::{Environment, Fault, Wanted, regexes};
use crate::finding::did_you_mean;

/// A type by its name, `dyn` for what isn't known.
type TypeName = &'static str;

/// The fields of a request (<https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/cel/compile.go>, `BuildRequestType`).
const REQUEST: [&str; 12] = [
    "kind",
    "resource",
    "subResource",
    "requestKind",
    "requestResource",
    "requestSubResource",
    "name",
    "namespace",
    "operation",
    "userInfo",
    "dryRun",
    "options",
];

struct Check<'e> {
    environment: &'e Environment<'e>,
    variables: &'e [TypeName],
    locals: Vec<TypeName>,
    faults: Vec<Fault>,
    roots: u64,
}

/// The expression's type, and the roots it reads as bits.
pub(super) fn check(
    expr: &Expr,
    environment: &Environment<'_>,
    variables: &[TypeName],
    wanted: Wanted,
) -> Result<(TypeName, u64), Vec<Fault>> {
    let mut check = Check { environment, variables, locals: Vec::new(), faults: Vec::new(), roots: 0 };
    let found = check.of(expr);
    let (fits, what) = match wanted {
        Wanted::Any => (true, ""),
        Wanted::Bool => (matches!(found, "bool" | "dyn"), "true or false"),
        Wanted::Text => (matches!(found, "string" | "dyn"), "a string"),
        Wanted::TextOrNull => (matches!(found, "string" | "dyn" | "null_type"), "a string or null"),
    };
    if !fits {
        check.fault(expr, format!("this has to be {what}, and is of type {found}"));
    } else if wanted != Wanted::Any && found == "dyn" && is_read(expr) {
        // The API server wants the type itself, and of an object it knows none.
        let help = if wanted == Wanted::Bool { "compare it: `… == true`" } else { "make it one: `string(…)`" };
        let message = format!("this has to be {what}, and what an object holds is not known to be that");
        check.faults.push(Fault { id: expr.id, message, help: Some(help.into()), ..Fault::default() });
    }
    if check.faults.is_empty() { Ok((found, check.roots)) } else { Err(check.faults) }
}

impl Check<'_> {
    fn fault(&mut self, at: &Expr, message: String) {
        self.faults.push(Fault { id: at.id, message, ..Fault::default() });
    }

    /// Tells that a part is of another type than all that could stand there.
    fn want(&mut self, part: &Expr, found: TypeName, wanted: &str) {
        if !takes(wanted, found) {
            self.fault(part, format!("{} can't stand here, where {} is wanted", found, wanted.replace('|', " or ")));
        }
    }

    fn of(&mut self, expr: &Expr) -> TypeName {
        match &expr.kind {
            ExprKind::Literal(literal) => of_literal(literal),
            ExprKind::Type(_) => "type",
            ExprKind::Root(index) => {
                self.roots |= 1 << index;
                of_root(self.environment.roots[*index])
            }
            ExprKind::Variable(index) => self.variables.get(*index).copied().unwrap_or("dyn"),
            ExprKind::Local(slot) => self.locals.get(*slot).copied().unwrap_or("dyn"),
            ExprKind::Select { operand, is_optional, field } => {
                let found = self.of(operand);
                self.has_fields(operand, found, field);
                self.request_field(expr, operand, field);
                if *is_optional || found == "optional" { "optional" } else { "dyn" }
            }
            ExprKind::Has { operand, field } => {
                let found = self.of(operand);
                self.has_fields(operand, found, field);
                "bool"
            }
            ExprKind::Index { operand, index, is_optional } => {
                let found = self.of(operand);
                self.want(operand, found, "list|map|optional");
                let key = self.of(index);
                if found == "list" {
                    self.want(index, key, "int");
                }
                if *is_optional || found == "optional" { "optional" } else { "dyn" }
            }
            ExprKind::And(both) | ExprKind::Or(both) => {
                for operand in &**both {
                    let found = self.of(operand);
                    self.want(operand, found, "bool");
                }
                "bool"
            }
            ExprKind::Not(operand) => {
                let found = self.of(operand);
                self.want(operand, found, "bool");
                "bool"
            }
            ExprKind::Negate(operand) => {
                let found = self.of(operand);
                self.want(operand, found, "int|double|duration");
                found
            }
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let found = self.of(condition);
                self.want(condition, found, "bool");
                let (then, found) = (self.of(then), self.of(otherwise));
                if !takes(then, found) {
                    self.fault(otherwise, format!("one branch is of type {then} and the other one of type {found}"));
                }
                if then == found { then } else { "dyn" }
            }
            ExprKind::Binary(operator, operands) => self.of_binary(*operator, &operands[0], &operands[1]),
            ExprKind::List(elements) => {
                self.one_type(elements.iter().filter(|(_, is_optional)| !is_optional).map(|(element, _)| element), "items of a list");
                for (element, _) in elements.iter().filter(|(_, is_optional)| *is_optional) {
                    self.of(element);
                }
                "list"
            }
            ExprKind::Map(entries) => {
                self.one_type(entries.iter().map(|(key, ..)| key), "keys of a map");
                self.one_type(entries.iter().filter(|(.., is_optional)| !is_optional).map(|(_, value, _)| value), "values of a map");
                for (_, value, _) in entries.iter().filter(|(.., is_optional)| *is_optional) {
                    self.of(value);
                }
                "map"
            }
            ExprKind::Call(overloads, args) => self.of_call(overloads, args),
            ExprKind::Macro(called) => self.of_macro(called),
        }
    }

    fn has_fields(&mut self, operand: &Expr, found: TypeName, field: &str) {
        let is_resource_check = found == "authorizer" && field == "requestResource";
        if !is_resource_check && !takes("map|optional", found) {
            self.fault(operand, format!("a value of type {found} has no field `{field}`"));
        }
    }

    /// Of a request the API server knows which fields it has.
    fn request_field(&mut self, expr: &Expr, operand: &Expr, field: &str) {
        let is_request = matches!(operand.kind, ExprKind::Root(index) if self.environment.roots[index] == "request");
        if is_request && !REQUEST.contains(&field) {
            let message = format!("`request` has no field `{field}`");
            self.faults.push(Fault { id: expr.id, message, help: did_you_mean(field, REQUEST), ..Fault::default() });
        }
    }

    /// The API server takes literals with values of one type only; behind one whose type isn't known, anything goes.
    fn one_type<'x>(&mut self, parts: impl Iterator<Item = &'x Expr>, what: &str) {
        let mut first = None;
        for part in parts {
            let found = self.of(part);
            let wanted = *first.get_or_insert(found);
            if !takes(wanted, found) {
                let message =
                    format!("the {what} have to be of one type, and here {wanted} and {found} are mixed; `dyn(…)` makes them one");
                self.fault(part, message);
                return;
            }
            if found == "dyn" {
                first = Some("dyn");
            }
        }
    }

    fn of_binary(&mut self, operator: Operator, left: &Expr, right: &Expr) -> TypeName {
        let (one, other) = (self.of(left), self.of(right));
        let both = if one == "dyn" { other } else { one };
        let numbers = "int|uint|double";
        match operator {
            Operator::In => {
                self.want(right, other, "list|map");
                return "bool";
            }
            Operator::Equal | Operator::NotEqual => {
                let is_null = one == "null_type" || other == "null_type";
                if !is_null && !takes(one, other) {
                    self.fault(right, format!("{one} and {other} are never equal: `{}` compares values of one type", operator.symbol()));
                }
                return "bool";
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.want(left, one, ORDERED_TYPES);
                self.want(right, other, if takes(numbers, both) { numbers } else { both });
                return "bool";
            }
            Operator::Add => self.want(left, one, "int|uint|double|string|bytes|list|timestamp|duration"),
            Operator::Subtract => self.want(left, one, "int|uint|double|timestamp|duration"),
            Operator::Modulo => self.want(left, one, "int|uint"),
            Operator::Multiply | Operator::Divide => self.want(left, one, numbers),
        }
        if matches!(one, "timestamp" | "duration") || matches!(other, "timestamp" | "duration") {
            return "dyn";
        }
        self.want(right, other, if both == "dyn" { other } else { both });
        both
    }

    fn of_call(&mut self, overloads: &[Function], args: &[Expr]) -> TypeName {
        let is_format = overloads[0].name == "format";
        let found: Vec<TypeName> = args.iter().map(|arg| if is_format { self.of_arguments(arg) } else { self.of(arg) }).collect();
        let fits = |function: &&Function| function.takes.iter().zip(&found).all(|(wanted, found)| takes(wanted, found));
        let fitting: Vec<&Function> = overloads.iter().filter(fits).collect();
        let Some(first) = fitting.first() else {
            // Of several overloads the one that takes the receiver tells what is wrong with the rest.
            let likely = overloads.iter().find(|function| takes(function.takes[0], found[0])).unwrap_or(&overloads[0]);
            let wrong = likely.takes.iter().zip(&found).position(|(wanted, found)| !takes(wanted, found)).unwrap_or_default();
            let message = format!("`{}` takes {} here, and not {}", likely.name, likely.takes[wrong].replace('|', " or "), found[wrong]);
            self.fault(&args[wrong], message);
            return likely.gives;
        };
        if first.name == "matches" || first.name == "find" || first.name == "findAll" {
            self.pattern(&args[1]);
        }
        match first.name {
            "dyn" => "dyn",
            "flatten" | "slice" | "sort" | "distinct" | "reverse" => "list",
            _ if fitting.iter().all(|function| function.gives == first.gives) => first.gives,
            _ => "dyn",
        }
    }

    /// The values that `format` writes may be of any types.
    fn of_arguments(&mut self, arg: &Expr) -> TypeName {
        let ExprKind::List(elements) = &arg.kind else { return self.of(arg) };
        for (element, _) in elements {
            self.of(element);
        }
        "list"
    }

    /// A pattern that is written out has to compile.
    fn pattern(&mut self, pattern: &Expr) {
        if let ExprKind::Literal(Literal::Str(text)) = &pattern.kind
            && let Err(message) = regexes::compile(text)
        {
            self.fault(pattern, message);
        }
    }

    fn of_macro(&mut self, called: &super::expr::Macro) -> TypeName {
        let range = self.of(&called.range);
        let wanted = match called.kind {
            MacroKind::OptMap | MacroKind::OptFlatMap => "optional",
            MacroKind::SortBy => "list",
            _ => "list|map",
        };
        self.want(&called.range, range, wanted);
        let outside = self.locals.len();
        self.locals.resize(outside + 1 + usize::from(called.has_two), "dyn");
        if called.has_two && range == "list" {
            self.locals[outside] = "int";
        }
        let wants_truth = matches!(called.kind, MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne | MacroKind::Filter);
        if let Some(filter) = &called.filter {
            let found = self.of(filter);
            self.want(filter, found, "bool");
        }
        let body = self.of(&called.body);
        if wants_truth {
            self.want(&called.body, body, "bool");
        }
        self.locals.truncate(outside);
        match called.kind {
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => "bool",
            MacroKind::TransformMap | MacroKind::TransformMapEntry => "map",
            MacroKind::OptMap | MacroKind::OptFlatMap => "optional",
            _ => "list",
        }
    }
}

/// Whether an expression does nothing but read a value.
fn is_read(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Select { is_optional: false, .. } | ExprKind::Index { is_optional: false, .. } | ExprKind::Root(_))
}

fn of_root(name: &str) -> TypeName {
    match name {
        "authorizer" => "authorizer",
        "request" | "namespaceObject" => "map",
        _ => "dyn",
    }
}

fn of_literal(literal: &Literal) -> TypeName {
    match literal {
        Literal::Null => "null_type",
        Literal::Bool(_) => "bool",
        Literal::Int(_) => "int",
        Literal::Uint(_) => "uint",
        Literal::Double(_) => "double",
        Literal::Str(_) => "string",
        Literal::Bytes(_) => "bytes",
    }
}
