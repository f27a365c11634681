//! Text to expression: the one place that knows the crate `cel`, whose parser it uses.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr as Parsed, IdedExpr, ListExpr, LiteralValue, operators};
use cel::parser::PrattParser;
use cel::parser::pratt_parser::{Lexer, TokenKind};

use super::expr::{Expr, ExprKind, Literal, Macro, MacroKind, Operator};
use super::functions::{self, Style};
use super::{Environment, Fault};
use crate::finding::did_you_mean;
use crate::policy::custom::unescaped;

/// Bytes of an expression beyond which it is refused, about cel-go's limit of 100,000 code points.
const LONGEST: usize = 100_000;
/// Levels of an expression beyond which it is refused, so that to go over it needs no more than its share of a thread's stack.
const DEEPEST: usize = 200;
/// What one expression is told to be wrong with.
const MOST_FAULTS: usize = 5;

/// Types that have a name in expressions.
const TYPES: [&str; 17] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "kubernetes.Quantity",
    "kubernetes.Semver",
    "kubernetes.URL",
    "net.CIDR",
    "net.IP",
];

/// Parses an expression and resolves its names.
pub(super) fn parse(text: &str, environment: &Environment<'_>) -> Result<Expr, Vec<Fault>> {
    let refused = |message: String| Err(vec![Fault { message, ..Fault::default() }]);
    if text.len() > LONGEST {
        return refused(format!("the expression is longer than {LONGEST} bytes"));
    }
    if text.trim().is_empty() {
        return refused("the expression is empty".into());
    }
    if depth(text) > DEEPEST {
        return refused("the expression is nested too deeply".into());
    }
    let parsed = parser().parse(text).map_err(|errors| syntax_faults(text, &errors.errors))?;
    let mut lowering = Lowering { environment, scope: Vec::new(), faults: Vec::new() };
    let expr = lowering.expr(parsed);
    let mut faults = lowering.faults;
    if faults.is_empty() {
        return Ok(expr);
    }
    faults.truncate(MOST_FAULTS);
    locate(text, &mut faults);
    Err(faults)
}

fn parser() -> PrattParser {
    PrattParser::new().enable_optional_syntax(true).enable_ident_escape_syntax(true)
}

/// Fills in where in the text faults are. The parser tells places only of what it can't read: it is given the text again with a bracket
/// too many, and counts the parts of it in the same way.
pub(super) fn locate(text: &str, faults: &mut [Fault]) {
    let Err(errors) = parser().parse(&format!("{text}\n)")) else { return };
    let Some(info) = errors.errors.into_iter().find_map(|error| error.source_info) else { return };
    for fault in faults {
        let offset = info.offset_for(fault.id).map(|(start, _)| start as usize);
        fault.offset = offset.filter(|&offset| text.is_char_boundary(offset)).map_or(0, |offset| named(text, offset));
    }
}

/// The parser's place of a field is its dot, and that of a call its bracket: the name is what one looks for.
fn named(text: &str, offset: usize) -> usize {
    let (before, rest) = text.split_at(offset);
    let is_name = |next: char| next.is_alphanumeric() || next == '_';
    match rest.as_bytes().first() {
        Some(b'.') => offset + rest.find(is_name).unwrap_or_default(),
        Some(b'(') => before.trim_end_matches(is_name).len(),
        _ => offset,
    }
}

/// An upper bound of an expression's depth, known before any parser recurses.
fn depth(text: &str) -> usize {
    let mut lexer = Lexer::new(text);
    let (mut levels, mut level, mut deepest) = (Vec::new(), Level::default(), 0);
    let mut last = TokenKind::TokEnd;
    loop {
        let token = lexer.lex().kind;
        match token {
            TokenKind::TokEnd | TokenKind::TokError => return deepest,
            TokenKind::TokLeftParen | TokenKind::TokLeftBracket | TokenKind::TokLeftBrace => {
                // A call or an index is a step; other brackets are a level and no more.
                level.steps += usize::from(is_end(last));
                let below = level.depth();
                levels.push(std::mem::replace(&mut level, Level { below, ..Level::default() }));
            }
            TokenKind::TokRightParen | TokenKind::TokRightBracket | TokenKind::TokRightBrace => level = levels.pop().unwrap_or_default(),
            TokenKind::TokComma => level = Level { below: level.below, ..Level::default() },
            // The parser balances what these two join.
            TokenKind::TokLogicalAnd | TokenKind::TokLogicalOr | TokenKind::TokColon => (level.operators, level.steps) = (0, 0),
            // An optional step or element has one too.
            TokenKind::TokQuestion if matches!(last, TokenKind::TokDot | TokenKind::TokLeftBracket | TokenKind::TokComma) => {}
            TokenKind::TokQuestion => (level.conditions, level.operators, level.steps) = (level.conditions + 1, 0, 0),
            TokenKind::TokDot | TokenKind::TokExclamation => level.steps += 1,
            token if is_operator(token) => (level.operators, level.steps) = (level.operators + 1, 0),
            _ => {}
        }
        if !matches!(token, TokenKind::TokWhitespace | TokenKind::TokComment) {
            last = token;
        }
        deepest = deepest.max(level.depth());
        if deepest > DEEPEST {
            return deepest;
        }
    }
}

/// What is open between two brackets.
#[derive(Default)]
struct Level {
    /// The depth outside the brackets.
    below: usize,
    conditions: usize,
    operators: usize,
    steps: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.below + self.conditions + self.operators + self.steps + 1
    }
}

fn syntax_faults(text: &str, errors: &[cel::ParseError]) -> Vec<Fault> {
    let fault = |error: &cel::ParseError| {
        let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg).to_owned();
        Fault { id: 0, offset: offset_of(text, error.pos), message: format!("this is no expression: {message}"), help: None }
    };
    errors.iter().take(1).map(fault).collect()
}

/// The byte at a line and column, both counted from 1.
fn offset_of(text: &str, (line, column): (isize, isize)) -> usize {
    let (line, column) = (usize::try_from(line - 1).unwrap_or_default(), usize::try_from(column - 1).unwrap_or_default());
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let offset = (start + column).min(text.len());
    if text.is_char_boundary(offset) { offset } else { start.min(text.len()) }
}

struct Lowering<'e> {
    environment: &'e Environment<'e>,
    /// The variables of iteration, by slot.
    scope: Vec<String>,
    faults: Vec<Fault>,
}

impl Lowering<'_> {
    fn fault(&mut self, id: u64, message: String, help: Option<String>) -> ExprKind {
        self.faults.push(Fault { id, offset: 0, message, help });
        ExprKind::Literal(Literal::Null)
    }

    fn boxed(&mut self, parsed: IdedExpr) -> Box<Expr> {
        Box::new(self.expr(parsed))
    }

    fn exprs<const N: usize>(&mut self, parsed: Vec<IdedExpr>) -> [Expr; N] {
        let mut parsed = parsed.into_iter();
        std::array::from_fn(|_| self.expr(parsed.next().unwrap_or_default()))
    }

    fn expr(&mut self, parsed: IdedExpr) -> Expr {
        let id = parsed.id;
        let kind = match parsed.expr {
            Parsed::Unspecified => self.fault(id, "a part of the expression is missing".into(), None),
            Parsed::Literal(literal) => ExprKind::Literal(lower_literal(literal)),
            Parsed::Ident(name) => self.name(id, &name),
            Parsed::Select(select) => match self.qualified(&select.operand, &select.field) {
                Some(kind) if !select.test => kind,
                _ if is_ident(&select.operand, "variables") && !self.is_local("variables") && self.environment.has_root("variables") => {
                    // `has(variables.x)` is true of every variable that is there.
                    let variable = self.variable(id, &select.field);
                    if select.test { ExprKind::Literal(Literal::Bool(true)) } else { variable }
                }
                _ => {
                    let (operand, field) = (self.boxed(*select.operand), self.written(select.field));
                    if select.test { ExprKind::Has { operand, field } } else { ExprKind::Select { operand, field, is_optional: false } }
                }
            },
            Parsed::List(list) => self.list(list),
            Parsed::Map(map) => {
                let entries = map.entries.into_iter().filter_map(|entry| match entry.expr {
                    EntryExpr::MapEntry(entry) => Some((self.expr(entry.key), self.expr(entry.value), entry.optional)),
                    EntryExpr::StructField(_) => None,
                });
                ExprKind::Map(entries.collect())
            }
            Parsed::Struct(made) => self.fault(id, format!("`{}` can't be made: a policy makes no objects", made.type_name), None),
            Parsed::Call(call) => self.call(id, call),
            Parsed::Comprehension(comprehension) => self.comprehension(id, *comprehension),
        };
        Expr { id, kind }
    }

    fn is_local(&self, name: &str) -> bool {
        self.scope.iter().any(|local| local == name)
    }

    fn name(&mut self, id: u64, name: &str) -> ExprKind {
        if let Some(slot) = self.scope.iter().rposition(|local| local == name) {
            return ExprKind::Local(slot);
        }
        let name = name.trim_start_matches('.');
        if let Some(root) = self.environment.roots.iter().position(|root| *root == name) {
            if name == "variables" {
                return self.fault(id, "`variables` is asked for its variables one by one, such as `variables.name`".into(), None);
            }
            return ExprKind::Root(root);
        }
        if let Some(name) = TYPES.iter().find(|known| **known == name) {
            return ExprKind::Type(name);
        }
        let known = self.environment.roots.iter().copied().chain(self.scope.iter().map(String::as_str));
        let help = did_you_mean(name, known);
        let roots: Vec<String> = self.environment.roots.iter().map(|root| format!("`{root}`")).collect();
        let help = help.unwrap_or_else(|| format!("known here: {}", roots.join(", ")));
        self.fault(id, format!("`{name}` is not known here"), Some(help))
    }

    /// A field's name as it is in objects. Rules of custom resources escape what CEL can't name.
    fn written(&self, field: String) -> Box<str> {
        if self.environment.has_root("self") { unescaped(&field).into() } else { field.into() }
    }

    /// `google.protobuf.Duration` and other types whose names have dots.
    fn qualified(&self, operand: &IdedExpr, field: &str) -> Option<ExprKind> {
        let mut path = field.to_owned();
        let mut at = operand;
        loop {
            match &at.expr {
                Parsed::Select(select) if !select.test => {
                    path = format!("{}.{path}", select.field);
                    at = &select.operand;
                }
                Parsed::Ident(root) if !self.is_local(root) => {
                    path = format!("{root}.{path}");
                    return TYPES.iter().find(|known| **known == path).map(|name| ExprKind::Type(name));
                }
                _ => return None,
            }
        }
    }

    fn variable(&mut self, id: u64, name: &str) -> ExprKind {
        let variables = self.environment.variables;
        if let Some(index) = variables.iter().position(|variable| variable == name) {
            return ExprKind::Variable(index);
        }
        let help = did_you_mean(name, variables.iter().map(String::as_str));
        let help = help.unwrap_or_else(|| "a variable sees those that are declared above it".into());
        self.fault(id, format!("there is no variable `{name}` here"), Some(help))
    }

    fn list(&mut self, list: ListExpr) -> ExprKind {
        let optional = list.optional_indices;
        let elements = list.elements.into_iter().enumerate();
        ExprKind::List(elements.map(|(index, element)| (self.expr(element), optional.contains(&index))).collect())
    }

    fn call(&mut self, id: u64, mut call: CallExpr) -> ExprKind {
        let Some(target) = call.target.take() else { return self.global_call(id, call) };
        // Functions whose name has a dot: `sets.contains`.
        if let Parsed::Ident(namespace) = &target.expr
            && !self.is_local(namespace)
            && functions::is_namespace(namespace, self.environment)
            && !self.environment.has_root(namespace)
        {
            let name = format!("{namespace}.{}", call.func_name);
            return self.function(id, &name, Style::Global, call.args);
        }
        if let Some(kind) = unexpanded(&call) {
            return self.written_macro(id, kind, *target, call.args);
        }
        let mut args = vec![*target];
        args.append(&mut call.args);
        self.function(id, &call.func_name, Style::Member, args)
    }

    fn global_call(&mut self, id: u64, call: CallExpr) -> ExprKind {
        let mut args = call.args;
        match call.func_name.as_str() {
            operators::LOGICAL_AND => ExprKind::And(Box::new(self.exprs(args))),
            operators::LOGICAL_OR => ExprKind::Or(Box::new(self.exprs(args))),
            operators::CONDITIONAL => ExprKind::Conditional(Box::new(self.exprs(args))),
            operators::LOGICAL_NOT => ExprKind::Not(self.boxed(args.pop().unwrap_or_default())),
            operators::NEGATE => ExprKind::Negate(self.boxed(args.pop().unwrap_or_default())),
            operators::INDEX | operators::OPT_INDEX => {
                let is_optional = call.func_name == operators::OPT_INDEX;
                let [operand, index] = self.exprs(args);
                ExprKind::Index { operand: Box::new(operand), index: Box::new(index), is_optional }
            }
            operators::OPT_SELECT => {
                let field = args.pop().unwrap_or_default();
                let operand = self.boxed(args.pop().unwrap_or_default());
                match lower_field(field).map(|field| self.written(field)) {
                    Some(field) => ExprKind::Select { operand, field, is_optional: true },
                    None => self.fault(id, "`.?` is followed by a field's name".into(), None),
                }
            }
            name => match operator(name) {
                Some(operator) => ExprKind::Binary(operator, Box::new(self.exprs(args))),
                None => self.function(id, name.trim_start_matches('.'), Style::Global, args),
            },
        }
    }

    fn function(&mut self, id: u64, name: &str, style: Style, args: Vec<IdedExpr>) -> ExprKind {
        let count = args.len();
        match functions::find(name, style, count, self.environment) {
            Ok(overloads) => ExprKind::Call(overloads, args.into_iter().map(|arg| self.expr(arg)).collect()),
            Err(unknown) => {
                for arg in args {
                    self.expr(arg);
                }
                self.fault(id, unknown.message, unknown.help)
            }
        }
    }

    /// Goes on with more variables in scope.
    fn within<T>(&mut self, names: Vec<String>, lower: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.scope.len();
        self.scope.extend(names);
        let lowered = lower(self);
        self.scope.truncate(outside);
        lowered
    }

    /// Takes a standard macro's expansion for what was written.
    fn comprehension(&mut self, id: u64, comprehension: ComprehensionExpr) -> ExprKind {
        let ComprehensionExpr { iter_range, iter_var, accu_init, loop_step, .. } = comprehension;
        let Parsed::Call(CallExpr { func_name, mut args, .. }) = loop_step.expr else {
            return self.fault(id, "this macro is not known".into(), None);
        };
        let is_conditional = func_name == operators::CONDITIONAL;
        let kind = match &accu_init.expr {
            Parsed::Literal(LiteralValue::Boolean(value)) if *value.inner() => MacroKind::All,
            Parsed::Literal(LiteralValue::Boolean(_)) => MacroKind::Exists,
            Parsed::Literal(_) => MacroKind::ExistsOne,
            _ => MacroKind::Map,
        };
        // all, exists: accumulator, predicate. exists_one, filter, map with a filter: predicate, step, accumulator. map: accumulator, [body].
        let step = if args.len() > 1 { args.swap_remove(1) } else { IdedExpr::default() };
        let first = args.into_iter().next().unwrap_or_default();
        let (filter, body, kind) = match kind {
            MacroKind::All | MacroKind::Exists => (None, step, kind),
            MacroKind::ExistsOne => (None, first, kind),
            _ if !is_conditional => (None, only_element(step), kind),
            _ => match only_element(last_argument(step)) {
                IdedExpr { expr: Parsed::Ident(name), .. } if name == iter_var => (None, first, MacroKind::Filter),
                body => (Some(first), body, kind),
            },
        };
        let range = self.expr(iter_range);
        let (filter, body) = self.within(vec![iter_var], |inner| (filter.map(|filter| inner.expr(filter)), inner.expr(body)));
        ExprKind::Macro(Box::new(Macro { kind, range, has_two: false, filter, body }))
    }

    /// A macro that the parser leaves as it is written.
    fn written_macro(&mut self, id: u64, written: Unexpanded, target: IdedExpr, args: Vec<IdedExpr>) -> ExprKind {
        let Unexpanded { kind, variables, since, name } = written;
        let newest = self.environment.newest_function();
        if since > newest {
            let message = functions::too_new(name, since, newest);
            return self.fault(id, message, None);
        }
        let range = self.expr(target);
        let mut args = args.into_iter();
        let mut names = Vec::new();
        for variable in args.by_ref().take(variables) {
            match variable.expr {
                Parsed::Ident(name) => names.push(name),
                _ => return self.fault(variable.id, format!("`{name}` takes a simple name here"), None),
            }
        }
        let (filter, body) = self.within(names, |inner| {
            let mut rest: Vec<Expr> = args.map(|arg| inner.expr(arg)).collect();
            let body = rest.pop().unwrap_or(Expr { id, kind: ExprKind::Literal(Literal::Null) });
            (rest.pop(), body)
        });
        ExprKind::Macro(Box::new(Macro { kind, range, has_two: variables == 2, filter, body }))
    }
}

/// A macro that is no part of the parser.
#[derive(Clone, Copy)]
struct Unexpanded {
    kind: MacroKind,
    /// How many variables it declares.
    variables: usize,
    /// The minor version of Kubernetes whose expressions may use it first.
    since: u32,
    name: &'static str,
}

/// Two-variable comprehensions, and macros on optional values and lists.
fn unexpanded(call: &CallExpr) -> Option<Unexpanded> {
    let (kind, variables, since, name) = match (call.func_name.as_str(), call.args.len()) {
        ("optMap", 2) => (MacroKind::OptMap, 1, 28, "optMap"),
        ("optFlatMap", 2) => (MacroKind::OptFlatMap, 1, 28, "optFlatMap"),
        ("sortBy", 2) => (MacroKind::SortBy, 1, 34, "sortBy"),
        ("all", 3) => (MacroKind::All, 2, 32, "all"),
        ("exists", 3) => (MacroKind::Exists, 2, 32, "exists"),
        ("existsOne" | "exists_one", 3) => (MacroKind::ExistsOne, 2, 32, "existsOne"),
        ("transformList", 3 | 4) => (MacroKind::Map, 2, 32, "transformList"),
        ("transformMap", 3 | 4) => (MacroKind::TransformMap, 2, 32, "transformMap"),
        ("transformMapEntry", 3 | 4) => (MacroKind::TransformMapEntry, 2, 32, "transformMapEntry"),
        _ => return None,
    };
    Some(Unexpanded { kind, variables, since, name })
}

fn is_ident(expr: &IdedExpr, name: &str) -> bool {
    matches!(&expr.expr, Parsed::Ident(ident) if ident == name)
}

fn only_element(list: IdedExpr) -> IdedExpr {
    match list.expr {
        Parsed::Call(call) => only_element(call.args.into_iter().next_back().unwrap_or_default()),
        Parsed::List(mut list) if list.elements.len() == 1 => list.elements.pop().unwrap_or_default(),
        _ => IdedExpr::default(),
    }
}

fn last_argument(call: IdedExpr) -> IdedExpr {
    match call.expr {
        Parsed::Call(call) => call.args.into_iter().next_back().unwrap_or_default(),
        _ => IdedExpr::default(),
    }
}

fn lower_field(field: IdedExpr) -> Option<String> {
    match field.expr {
        Parsed::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
        _ => None,
    }
}

fn lower_literal(literal: LiteralValue) -> Literal {
    match literal {
        LiteralValue::Boolean(value) => Literal::Bool(value.into_inner()),
        LiteralValue::Bytes(bytes) => Literal::Bytes(bytes.inner().into()),
        LiteralValue::Double(number) => Literal::Double(number.into_inner()),
        LiteralValue::Int(number) => Literal::Int(number.into_inner()),
        LiteralValue::Null => Literal::Null,
        LiteralValue::String(text) => Literal::Str(text.inner().into()),
        LiteralValue::UInt(number) => Literal::Uint(number.into_inner()),
    }
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        operators::EQUALS => Operator::Equal,
        operators::NOT_EQUALS => Operator::NotEqual,
        operators::LESS => Operator::Less,
        operators::LESS_EQUALS => Operator::LessOrEqual,
        operators::GREATER => Operator::Greater,
        operators::GREATER_EQUALS => Operator::GreaterOrEqual,
        operators::ADD => Operator::Add,
        operators::SUBSTRACT => Operator::Subtract,
        operators::MULTIPLY => Operator::Multiply,
        operators::DIVIDE => Operator::Divide,
        operators::MODULO => Operator::Modulo,
        operators::IN => Operator::In,
        _ => return None,
    })
}

/// Whether a token can be the end of an operand.
fn is_end(token: TokenKind) -> bool {
    use TokenKind as T;
    matches!(token, T::TokIdent | T::TokReservedWord | T::TokRightParen | T::TokRightBracket | T::TokRightBrace | T::TokString)
}

fn is_operator(token: TokenKind) -> bool {
    use TokenKind as T;
    let arithmetic = matches!(token, T::TokPlus | T::TokMinus | T::TokAsterisk | T::TokSlash | T::TokPercent);
    let comparison = matches!(token, T::TokLess | T::TokLessEqual | T::TokGreater | T::TokGreaterEqual | T::TokIn);
    arithmetic || comparison || matches!(token, T::TokEqualEqual | T::TokExclamationEqual)
}
