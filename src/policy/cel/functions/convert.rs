//! Conversions between types.

use std::borrow::Cow;

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::operators;
use super::super::time::{Duration, Time};
use super::super::value::{Data, Eval, Value};

fn one<'a, 't>(args: &'a [Value<'t>]) -> &'a Value<'t> {
    &args[0]
}

fn refused(value: &Value<'_>, wanted: &str) -> Stop {
    Stop::Error(format!("type conversion error: `{}` is no {wanted}", operators::shown(value)))
}

pub(super) fn to_bool<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Bool(value) => Ok((*value).into()),
        Data::Str(text) => match text.as_str() {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(true.into()),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(false.into()),
            _ => Err(refused(one(args), "bool")),
        },
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_bytes<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Bytes(_) => Ok(one(args).clone()),
        Data::Str(text) => {
            eval.meter.take_text(text.as_str().len())?;
            Ok(Data::Bytes(text.as_str().as_bytes().into()).into())
        }
        _ => Err(Stop::NoOverload),
    }
}

#[expect(clippy::cast_precision_loss, reason = "that is what the conversion means")]
pub(super) fn to_double<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Double(value) => Ok((*value).into()),
        Data::Int(value) => Ok((*value as f64).into()),
        Data::Uint(value) => Ok((*value as f64).into()),
        Data::Str(text) => text.as_str().parse::<f64>().map(Value::from).map_err(|_| refused(one(args), "double")),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_duration<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Duration(_) => Ok(one(args).clone()),
        Data::Str(text) => {
            Duration::parse(text.as_str()).map(|span| Data::Duration(span).into()).ok_or_else(|| refused(one(args), "duration"))
        }
        Data::Int(nanos) => Ok(Data::Duration(Duration::from_nanos(*nanos)).into()),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_dyn<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    Ok(one(args).clone())
}

pub(super) fn to_int<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Int(value) => Ok((*value).into()),
        Data::Uint(value) => i64::try_from(*value).map(Value::from).map_err(|_| Stop::Error("integer overflow".into())),
        // The bounds themselves are excluded, as in cel-go.
        Data::Double(value) if value.is_finite() && value.abs() < 9_223_372_036_854_775_807.0 => Ok((value.trunc() as i64).into()),
        Data::Double(_) => Err(Stop::Error("integer overflow".into())),
        Data::Str(text) => text.as_str().parse::<i64>().map(Value::from).map_err(|_| refused(one(args), "int")),
        Data::Time(time) => Ok(time.seconds().into()),
        Data::Duration(span) => Ok(span.nanos().into()),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_uint<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let uint = |value: u64| Ok(Data::Uint(value).into());
    let overflow = || Stop::Error("unsigned integer overflow".into());
    match &one(args).data {
        Data::Uint(value) => uint(*value),
        Data::Int(value) => u64::try_from(*value).map_err(|_| overflow()).and_then(uint),
        Data::Double(value) if (0.0..18_446_744_073_709_551_615.0).contains(value) => uint(value.trunc() as u64),
        Data::Double(_) => Err(overflow()),
        Data::Str(text) => text.as_str().parse::<u64>().map_err(|_| refused(one(args), "uint")).and_then(uint),
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_string<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let value = one(args);
    match &value.data {
        Data::Type(_) | Data::Unknowable(_) => Err(Stop::NoOverload),
        Data::Bytes(bytes) if std::str::from_utf8(bytes).is_err() => Err(Stop::Error("invalid UTF-8 in bytes".into())),
        _ => operators::text_of(value).map(|text| Value { data: Data::Str(text), origin: value.origin }).ok_or(Stop::NoOverload),
    }
}

pub(super) fn to_timestamp<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match &one(args).data {
        Data::Time(_) => Ok(one(args).clone()),
        Data::Str(text) => Time::parse(text.as_str()).map(|time| Data::Time(time).into()).ok_or_else(|| refused(one(args), "timestamp")),
        Data::Int(seconds) => {
            Time::from_seconds(*seconds).map(|time| Data::Time(time).into()).ok_or_else(|| refused(one(args), "timestamp"))
        }
        _ => Err(Stop::NoOverload),
    }
}

pub(super) fn to_type<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    match one(args).data {
        Data::Unknowable(_) => Err(Stop::NoOverload),
        _ => Ok(Data::Type(Cow::Borrowed(one(args).type_name())).into()),
    }
}
