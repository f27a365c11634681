//! An expression, ready to be evaluated: names are resolved, macros are known, calls have their function.

use super::functions::Function;

/// Index of a variable of iteration among those that are in scope.
pub(in crate::policy) type Slot = usize;

/// A literal.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::policy) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Str(Box<str>),
    Bytes(Box<[u8]>),
}

/// An operator of two operands that evaluates both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    In,
}

impl Operator {
    /// `==`
    pub(in crate::policy) fn symbol(self) -> &'static str {
        match self {
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
            Operator::In => "in",
        }
    }
}

/// What a macro makes of the elements it goes over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) enum MacroKind {
    All,
    Exists,
    ExistsOne,
    /// `map` and `transformList`
    Map,
    Filter,
    /// `transformMap`
    TransformMap,
    /// `transformMapEntry`
    TransformMapEntry,
    SortBy,
    OptMap,
    OptFlatMap,
}

/// A macro's call.
#[derive(Debug)]
pub(in crate::policy) struct Macro {
    pub(in crate::policy) kind: MacroKind,
    pub(in crate::policy) range: Expr,
    /// Whether it has two variables, for the key or index and the value; both stand behind those that are in scope outside.
    pub(in crate::policy) has_two: bool,
    /// Which elements `map` and its like take.
    pub(in crate::policy) filter: Option<Expr>,
    pub(in crate::policy) body: Expr,
}

/// An expression, or a part of one.
#[derive(Debug)]
pub(in crate::policy) struct Expr {
    /// The parser's number for it, by which it is found in the text.
    pub(in crate::policy) id: u64,
    pub(in crate::policy) kind: ExprKind,
}

#[derive(Debug)]
pub(in crate::policy) enum ExprKind {
    Literal(Literal),
    /// A type's name, as in `type(x) == int`.
    Type(&'static str),
    /// Index of one of the environment's roots: `object`, `params` …
    Root(usize),
    /// Index of one of `variables`.
    Variable(usize),
    Local(Slot),
    Select {
        operand: Box<Expr>,
        field: Box<str>,
        is_optional: bool,
    },
    /// `has(a.b)`
    Has {
        operand: Box<Expr>,
        field: Box<str>,
    },
    Index {
        operand: Box<Expr>,
        index: Box<Expr>,
        is_optional: bool,
    },
    And(Box<[Expr; 2]>),
    Or(Box<[Expr; 2]>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Conditional(Box<[Expr; 3]>),
    Binary(Operator, Box<[Expr; 2]>),
    /// Elements, and whether each is optional.
    List(Vec<(Expr, bool)>),
    /// Keys and values, and whether each is optional.
    Map(Vec<(Expr, Expr, bool)>),
    /// The overloads that fit its arity; the receiver is the first argument.
    Call(&'static [Function], Vec<Expr>),
    Macro(Box<Macro>),
}
