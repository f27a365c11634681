//! Functions on optional values, quantities and versions, and the authorizer's.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::operators::shown;
use super::super::semver::Version;
use super::super::value::{Data, Eval, Value};
use crate::resource::Quantity;

pub(super) fn none<'t>(_: &mut Evaluation<'t>, _: &[Value<'t>]) -> Eval<'t> {
    Ok(Value::none())
}

pub(super) fn of<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Value::some(args[0].clone()))
}

pub(super) fn of_non_zero<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let is_zero = match &args[0].data {
        Data::Null => true,
        Data::Bool(value) => !value,
        Data::Int(value) => *value == 0,
        Data::Uint(value) => *value == 0,
        Data::Double(value) => *value == 0.0,
        Data::Str(text) => text.as_str().is_empty(),
        Data::Bytes(bytes) => bytes.is_empty(),
        Data::Duration(span) => span.nanos() == 0,
        Data::Optional(inner) => inner.is_none(),
        _ => args[0].len() == Some(0),
    };
    Ok(if is_zero { Value::none() } else { Value::some(args[0].clone()) })
}

fn optional<'a, 't>(value: &'a Value<'t>) -> Result<&'a Option<Rc<Value<'t>>>, Stop> {
    match &value.data {
        Data::Optional(inner) => Ok(inner),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn has_value<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(optional(&args[0])?.is_some().into())
}

pub(super) fn value<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let inner = optional(&args[0])?.as_deref().cloned();
    inner.ok_or_else(|| Stop::Error("optional.none() dereference".into()))
}

pub(super) fn or<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    optional(&args[1])?;
    Ok(if optional(&args[0])?.is_some() { args[0].clone() } else { args[1].clone() })
}

pub(super) fn or_value<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(optional(&args[0])?.as_deref().unwrap_or(&args[1]).clone())
}

fn as_quantity(value: &Value<'_>) -> Result<Quantity, Stop> {
    match value.data {
        Data::Quantity(quantity) => Ok(quantity),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn quantity<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = args[0].str().ok_or(Stop::NoOverload)?;
    let refused = || Stop::Error(format!("`{}` is no quantity", shown(&args[0])));
    Ok(Value { data: Data::Quantity(Quantity::parse(text).ok_or_else(refused)?), origin: args[0].origin })
}

pub(super) fn is_quantity<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(Quantity::parse(args[0].str().ok_or(Stop::NoOverload)?).is_some().into())
}

pub(super) fn sign<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let quantity = as_quantity(&args[0])?;
    Ok((i64::from(quantity.is_positive()) - i64::from(quantity.is_negative())).into())
}

pub(super) fn is_integer<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(as_quantity(&args[0])?.as_whole().is_some().into())
}

pub(super) fn as_integer<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let whole = as_quantity(&args[0])?.as_whole();
    whole.map(Value::from).ok_or_else(|| Stop::Error("cannot convert value to integer".into()))
}

pub(super) fn as_float<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(as_quantity(&args[0])?.approximately().into())
}

fn with<'t>(args: &[Value<'t>], apply: fn(Quantity, Quantity) -> Quantity) -> Eval<'t> {
    let quantity = as_quantity(&args[0])?;
    let other = match args[1].data {
        Data::Int(number) => Quantity::whole(number),
        _ => as_quantity(&args[1])?,
    };
    Ok(Data::Quantity(apply(quantity, other)).into())
}

pub(super) fn add<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    with(args, Quantity::plus)
}

pub(super) fn sub<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    with(args, Quantity::minus)
}

fn order(args: &[Value<'_>]) -> Result<Ordering, Stop> {
    match (&args[0].data, &args[1].data) {
        (Data::Quantity(one), Data::Quantity(other)) => Ok(one.cmp(other)),
        (Data::Version(one), Data::Version(other)) => Ok(one.cmp_precedence(other)),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn is_greater<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(order(args)?.is_gt().into())
}

pub(super) fn is_less<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(order(args)?.is_lt().into())
}

pub(super) fn compare_to<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok((order(args)? as i64).into())
}

fn read_version(args: &[Value<'_>]) -> Result<Option<Version>, Stop> {
    let text = args[0].str().ok_or(Stop::NoOverload)?;
    let is_tolerant = args.get(1).map_or(Some(false), Value::bool).ok_or(Stop::NoOverload)?;
    Ok(if is_tolerant { Version::parse_tolerant(text) } else { Version::parse(text) })
}

pub(super) fn semver<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let version = read_version(args)?.ok_or_else(|| Stop::Error(format!("`{}` is no semantic version", shown(&args[0]))))?;
    Ok(Value { data: Data::Version(Rc::new(version)), origin: args[0].origin })
}

pub(super) fn is_semver<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(read_version(args)?.is_some().into())
}

fn number<'t>(args: &[Value<'t>], of: fn(&Version) -> u64) -> Eval<'t> {
    match &args[0].data {
        Data::Version(version) => Ok(i64::try_from(of(version)).unwrap_or(i64::MAX).into()),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn major<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    number(args, |version| version.major)
}

pub(super) fn minor<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    number(args, |version| version.minor)
}

pub(super) fn patch<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    number(args, |version| version.patch)
}

/// Whatever is asked of the authorizer, the cluster alone can answer.
pub(super) fn asks_cluster<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match args[0].data {
        Data::Unknowable(why) => Err(Stop::Undecided(why.into())),
        _ => Err(Stop::NoOverload),
    }
}
