//! Arithmetic, comparison and membership.

use std::cmp::Ordering;
use std::fmt::Write;
use std::rc::Rc;

use super::Stop;
use super::expr::Operator;
use super::meter::Meter;
use super::value::{Data, Eval, Text, Value, compare, equal, get};

/// Applies an operator to the values of its operands.
pub(super) fn binary<'t>(operator: Operator, left: &Value<'t>, right: &Value<'t>, meter: &mut Meter) -> Eval<'t> {
    let ordered = |fits: fn(Ordering) -> bool, meter: &mut Meter| Ok(compare(left, right, meter)?.is_some_and(fits).into());
    match operator {
        Operator::Equal => Ok(equal(left, right, meter)?.into()),
        Operator::NotEqual => Ok((!equal(left, right, meter)?).into()),
        Operator::Less => ordered(Ordering::is_lt, meter),
        Operator::LessOrEqual => ordered(Ordering::is_le, meter),
        Operator::Greater => ordered(Ordering::is_gt, meter),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge, meter),
        Operator::In => Ok(contains(right, left, meter)?.into()),
        Operator::Add => add(left, right, meter),
        _ => arithmetic(operator, left, right),
    }
}

/// Whether a list has an item, or a map a key.
pub(super) fn contains<'t>(all: &Value<'t>, one: &Value<'t>, meter: &mut Meter) -> Result<bool, Stop> {
    if let Some(items) = all.items() {
        for item in items?.iter() {
            if equal(item, one, meter)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    match all.data {
        Data::Unknowable(why) => Err(Stop::Undecided(why.into())),
        _ if all.is_map() => Ok(get(all, one, meter)?.is_some()),
        _ => Err(Stop::NoOverload),
    }
}

fn overflow(type_name: &str) -> Stop {
    Stop::Error(format!("{type_name} overflow"))
}

/// `a + b`
pub(super) fn add<'t>(left: &Value<'t>, right: &Value<'t>, meter: &mut Meter) -> Eval<'t> {
    match (&left.data, &right.data) {
        (Data::Str(a), Data::Str(b)) => {
            meter.take_text(a.as_str().len() + b.as_str().len())?;
            Ok([a.as_str(), b.as_str()].concat().into())
        }
        (Data::Bytes(a), Data::Bytes(b)) => {
            meter.take_text(a.len() + b.len())?;
            Ok(Data::Bytes([&**a, &**b].concat().into()).into())
        }
        (Data::Time(time), Data::Duration(span)) | (Data::Duration(span), Data::Time(time)) => {
            time.plus(*span).map(|time| Data::Time(time).into()).ok_or_else(|| overflow("timestamp"))
        }
        (Data::Duration(a), Data::Duration(b)) => a.plus(*b).map(|sum| Data::Duration(sum).into()).ok_or_else(|| overflow("duration")),
        _ if left.is_list() && right.is_list() => {
            let (Some(left), Some(right)) = (left.items(), right.items()) else { return Err(Stop::NoOverload) };
            let (left, right) = (left?, right?);
            meter.take((left.len() + right.len()) as u64)?;
            Ok(Data::List(left.iter().chain(right.iter()).cloned().collect()).into())
        }
        _ => arithmetic(Operator::Add, left, right),
    }
}

fn arithmetic<'t>(operator: Operator, left: &Value<'t>, right: &Value<'t>) -> Eval<'t> {
    let by_zero = || Stop::Error(if operator == Operator::Modulo { "modulus by zero".into() } else { "division by zero".into() });
    match (&left.data, &right.data) {
        (Data::Int(a), Data::Int(b)) => {
            let done = match operator {
                Operator::Add => a.checked_add(*b),
                Operator::Subtract => a.checked_sub(*b),
                Operator::Multiply => a.checked_mul(*b),
                _ if *b == 0 => return Err(by_zero()),
                Operator::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            done.map(Value::from).ok_or_else(|| overflow("integer"))
        }
        (Data::Uint(a), Data::Uint(b)) => {
            let done = match operator {
                Operator::Add => a.checked_add(*b),
                Operator::Subtract => a.checked_sub(*b),
                Operator::Multiply => a.checked_mul(*b),
                _ if *b == 0 => return Err(by_zero()),
                Operator::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            done.map(|done| Data::Uint(done).into()).ok_or_else(|| overflow("unsigned integer"))
        }
        (Data::Double(a), Data::Double(b)) => match operator {
            Operator::Add => Ok((a + b).into()),
            Operator::Subtract => Ok((a - b).into()),
            Operator::Multiply => Ok((a * b).into()),
            Operator::Divide => Ok((a / b).into()),
            _ => Err(Stop::NoOverload),
        },
        (Data::Time(a), Data::Time(b)) if operator == Operator::Subtract => {
            a.since(*b).map(|span| Data::Duration(span).into()).ok_or_else(|| overflow("duration"))
        }
        (Data::Time(a), Data::Duration(b)) if operator == Operator::Subtract => {
            a.minus(*b).map(|time| Data::Time(time).into()).ok_or_else(|| overflow("timestamp"))
        }
        (Data::Duration(a), Data::Duration(b)) if operator == Operator::Subtract => {
            a.minus(*b).map(|span| Data::Duration(span).into()).ok_or_else(|| overflow("duration"))
        }
        (Data::Unknowable(why), _) | (_, Data::Unknowable(why)) => Err(Stop::Undecided((*why).into())),
        _ => Err(Stop::NoOverload),
    }
}

/// `-a`
pub(super) fn negate<'t>(value: &Value<'t>) -> Eval<'t> {
    match &value.data {
        Data::Int(value) => value.checked_neg().map(Value::from).ok_or_else(|| overflow("integer")),
        Data::Double(value) => Ok((-value).into()),
        Data::Duration(span) => span.negated().map(|span| Data::Duration(span).into()).ok_or_else(|| overflow("duration")),
        Data::Unknowable(why) => Err(Stop::Undecided((*why).into())),
        _ => Err(Stop::NoOverload),
    }
}

/// A double as Go writes it with `%g` of the shortest form (`strconv.FormatFloat(value, 'f', -1, 64)` between 1e-4 and 1e21).
pub(super) fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let size = value.abs();
    if value != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    value.to_string()
}

/// A value as `string()` gives it; nothing of what has no text.
pub(super) fn text_of<'t>(value: &Value<'t>) -> Option<Text<'t>> {
    let made = |text: String| Text::Made(text.into());
    Some(match &value.data {
        Data::Str(text) => text.clone(),
        Data::Bool(value) => made(value.to_string()),
        Data::Int(value) => made(value.to_string()),
        Data::Uint(value) => made(value.to_string()),
        Data::Double(value) => made(double_text(*value)),
        Data::Bytes(bytes) => Text::Made(std::str::from_utf8(bytes).ok()?.into()),
        Data::Time(time) => made(time.to_string()),
        Data::Duration(span) => made(span.to_string()),
        Data::Address(address) => made(address.0.to_string()),
        Data::Network(network) => made(network.to_string()),
        Data::Type(name) => made(name.to_string()),
        _ => return None,
    })
}

/// A value for a message, cut where it is long.
pub(super) fn shown(value: &Value<'_>) -> String {
    let text = match &value.data {
        Data::Null => "null".into(),
        _ => text_of(value).map_or_else(|| value.type_name().to_owned(), |text| text.as_str().to_owned()),
    };
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A value as `%s` of `format` writes it (<https://github.com/google/cel-go/blob/master/ext/formatting_v2.go>).
pub(super) fn write_value<'t>(value: &Value<'t>, out: &mut String, meter: &mut Meter) -> Result<(), Stop> {
    meter.take(1)?;
    if let Some(items) = value.items() {
        out.push('[');
        for (index, item) in items?.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            write_value(item, out, meter)?;
        }
        out.push(']');
        return Ok(());
    }
    if let Some(entries) = value.entries() {
        let mut written: Vec<(String, Value<'t>)> = Vec::new();
        for (key, value) in entries?.iter() {
            let mut text = String::new();
            write_value(key, &mut text, meter)?;
            written.push((text, value.clone()));
        }
        written.sort_by(|(a, _), (b, _)| a.cmp(b));
        out.push('{');
        for (index, (key, value)) in written.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            out.push_str(key);
            out.push_str(": ");
            write_value(value, out, meter)?;
        }
        out.push('}');
        return Ok(());
    }
    let before = out.len();
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Optional(Some(inner)) => {
            out.push_str("optional(");
            write_value(&Rc::clone(inner), out, meter)?;
            out.push(')');
        }
        Data::Optional(None) => out.push_str("optional.none()"),
        Data::Unknowable(why) => return Err(Stop::Undecided((*why).into())),
        _ => match text_of(value) {
            Some(text) => out.push_str(text.as_str()),
            None => _ = write!(out, "{}", value.type_name()),
        },
    }
    meter.take_text(out.len() - before)
}
