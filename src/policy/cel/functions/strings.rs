//! Functions on strings. Positions count characters.

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::operators;
use super::super::value::{Data, Eval, Value};

fn text<'a>(args: &'a [Value<'_>], index: usize) -> Result<&'a str, Stop> {
    args.get(index).and_then(Value::str).ok_or(Stop::NoOverload)
}

fn int(args: &[Value<'_>], index: usize) -> Result<i64, Stop> {
    args.get(index).and_then(Value::int).ok_or(Stop::NoOverload)
}

/// Two strings, of which the first is gone over.
fn two<'a>(eval: &mut Evaluation<'_>, args: &'a [Value<'_>]) -> Result<(&'a str, &'a str), Stop> {
    let both = (text(args, 0)?, text(args, 1)?);
    eval.meter.take_text(both.0.len())?;
    Ok(both)
}

/// A string that was made of another one; its origin is the other's.
fn made<'t>(eval: &mut Evaluation<'t>, of: &Value<'t>, text: String) -> Eval<'t> {
    eval.meter.take_text(text.len())?;
    Ok(Value { origin: of.origin, ..text.into() })
}

pub(super) fn contains<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, part) = two(eval, args)?;
    Ok(text.contains(part).into())
}

pub(super) fn starts_with<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, part) = two(eval, args)?;
    Ok(text.starts_with(part).into())
}

pub(super) fn ends_with<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, part) = two(eval, args)?;
    Ok(text.ends_with(part).into())
}

/// Matching costs more the longer the pattern is.
fn take_regex(eval: &mut Evaluation<'_>, text: &str, pattern: &str) -> Result<(), Stop> {
    eval.meter.take(((text.len() + 1) as u64 / 10 + 1).saturating_mul(pattern.len() as u64 / 4 + 1))
}

pub(super) fn matches<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, pattern) = (text(args, 0)?, text(args, 1)?);
    take_regex(eval, text, pattern)?;
    Ok(eval.regex(pattern)?.is_match(text).into())
}

pub(super) fn find<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, pattern) = (text(args, 0)?, text(args, 1)?);
    take_regex(eval, text, pattern)?;
    let found = eval.regex(pattern)?.find(text).map_or(String::new(), |found| found.as_str().to_owned());
    made(eval, &args[0], found)
}

pub(super) fn find_all<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, pattern) = (text(args, 0)?, text(args, 1)?);
    take_regex(eval, text, pattern)?;
    let most = if args.len() > 2 { int(args, 2)? } else { -1 };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let regex = eval.regex(pattern)?;
    let mut all = Vec::new();
    for found in regex.find_iter(text).take(most) {
        all.push(made(eval, &args[0], found.as_str().to_owned())?);
    }
    eval.meter.take(all.len() as u64)?;
    Ok(all.into())
}

/// The byte at which a character stands; the end of the text for the one behind the last.
fn byte_at(text: &str, position: i64) -> Result<usize, Stop> {
    let refused = || Stop::Error(format!("index out of range: {position}"));
    let position = usize::try_from(position).map_err(|_| refused())?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(position).ok_or_else(refused)
}

fn position(text: &str, byte: usize) -> i64 {
    text[..byte].chars().count() as i64
}

pub(super) fn char_at<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?;
    let at = byte_at(text, int(args, 1)?)?;
    let next = text[at..].chars().next().map_or(String::new(), String::from);
    made(eval, &args[0], next)
}

pub(super) fn index_of<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, part) = two(eval, args)?;
    let from = if args.len() > 2 { byte_at(text, int(args, 2)?)? } else { 0 };
    Ok(text[from..].find(part).map_or(-1, |at| position(text, from + at)).into())
}

pub(super) fn last_index_of<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, part) = two(eval, args)?;
    let last = if args.len() > 2 { byte_at(text, int(args, 2)?)? } else { text.len() };
    // The last one that begins there or before.
    let found = text.char_indices().map(|(at, _)| at).chain([text.len()]).rfind(|&at| at <= last && text[at..].starts_with(part));
    Ok(found.map_or(-1, |at| position(text, at)).into())
}

pub(super) fn join<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let separator = if args.len() > 1 { text(args, 1)? } else { "" };
    let items = args[0].items().ok_or(Stop::NoOverload)??;
    let texts = items.iter().map(|item| item.str().ok_or(Stop::NoOverload)).collect::<Result<Vec<_>, _>>()?;
    let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
    eval.meter.take_text(length)?;
    Ok(texts.join(separator).into())
}

pub(super) fn lower_ascii<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?.to_ascii_lowercase();
    made(eval, &args[0], text)
}

pub(super) fn upper_ascii<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?.to_ascii_uppercase();
    made(eval, &args[0], text)
}

pub(super) fn trim<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?.trim().to_owned();
    made(eval, &args[0], text)
}

pub(super) fn replace<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, from, to) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let most = if args.len() > 3 { int(args, 3)? } else { -1 };
    // An empty text is replaced before each character and at the end.
    let places = if from.is_empty() { text.len() + 1 } else { text.len() / from.len() };
    eval.meter.take_text(text.len() + places.saturating_mul(to.len()))?;
    let replaced = match usize::try_from(most) {
        Ok(most) => text.replacen(from, to, most),
        Err(_) => text.replace(from, to),
    };
    made(eval, &args[0], replaced)
}

pub(super) fn split<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (text, separator) = two(eval, args)?;
    let most = if args.len() > 2 { int(args, 2)? } else { -1 };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<&str> = if separator.is_empty() { characters(text, most) } else { text.splitn(most, separator).collect() };
    eval.meter.take(parts.len() as u64)?;
    Ok(parts.into_iter().map(|part| Value { origin: args[0].origin, ..part.to_owned().into() }).collect::<Vec<_>>().into())
}

/// The characters one by one, the last of so many with all that follow.
fn characters(text: &str, most: usize) -> Vec<&str> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(most).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| &text[start..end]).collect()
}

pub(super) fn substring<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let text = text(args, 0)?;
    let start = byte_at(text, int(args, 1)?)?;
    let end = if args.len() > 2 { byte_at(text, int(args, 2)?)? } else { text.len() };
    let part = text.get(start..end).ok_or_else(|| Stop::Error("invalid substring range: it ends before it begins".into()))?.to_owned();
    made(eval, &args[0], part)
}

pub(super) fn quote<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let mut quoted = String::from("\"");
    for next in text(args, 0)?.chars() {
        match next {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            _ => quoted.push(next),
        }
    }
    quoted.push('"');
    made(eval, &args[0], quoted)
}

/// `'%s has %d'.format([name, count])`
pub(super) fn format<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let pattern = text(args, 0)?;
    let values = args[1].items().ok_or(Stop::NoOverload)??;
    let (mut out, mut rest, mut next) = (String::new(), pattern, 0);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|next: char| next.is_ascii_alphabetic() || next == '%')
            .ok_or_else(|| Stop::Error("unexpected end of format string".into()))?;
        let (precision, verb) = (&rest[..end], &rest[end..=end]);
        rest = &rest[end + 1..];
        if verb == "%" {
            out.push('%');
            continue;
        }
        let value = values.get(next).ok_or_else(|| Stop::Error(format!("index {next} out of range")))?;
        next += 1;
        let precision = match precision.strip_prefix('.') {
            Some(digits) => Some(digits.parse::<u8>().map_err(|_| Stop::Error("invalid precision in format string".into()))?.into()),
            None if precision.is_empty() => None,
            None => return Err(Stop::Error(format!("could not parse formatting clause: unrecognized formatting clause \"{precision}\""))),
        };
        let before = out.len();
        write_clause(eval, value, verb, precision, &mut out)?;
        eval.meter.take_text(out.len() - before)?;
    }
    out.push_str(rest);
    made(eval, &Value::NULL, out)
}

fn write_clause<'t>(
    eval: &mut Evaluation<'t>,
    value: &Value<'t>,
    verb: &str,
    precision: Option<usize>,
    out: &mut String,
) -> Result<(), Stop> {
    let refused = || Stop::Error(format!("`%{verb}` takes no {}", value.type_name()));
    let text = match (verb, &value.data) {
        ("s", _) => return operators::write_value(value, out, &mut eval.meter),
        ("d", Data::Int(value)) => value.to_string(),
        ("d", Data::Uint(value)) => value.to_string(),
        ("d" | "f" | "e", Data::Double(value)) if !value.is_finite() => infinite(*value).into(),
        ("f", _) => format!("{:.*}", precision.unwrap_or(6), as_double(value).ok_or_else(refused)?),
        ("e", _) => exponential(as_double(value).ok_or_else(refused)?, precision.unwrap_or(6)),
        ("b", Data::Bool(value)) => u8::from(*value).to_string(),
        ("b", Data::Int(value)) => signed(*value, format!("{:b}", value.unsigned_abs())),
        ("b", Data::Uint(value)) => format!("{value:b}"),
        ("o", Data::Int(value)) => signed(*value, format!("{:o}", value.unsigned_abs())),
        ("o", Data::Uint(value)) => format!("{value:o}"),
        ("x", Data::Int(value)) => signed(*value, format!("{:x}", value.unsigned_abs())),
        ("X", Data::Int(value)) => signed(*value, format!("{:X}", value.unsigned_abs())),
        ("x", Data::Uint(value)) => format!("{value:x}"),
        ("X", Data::Uint(value)) => format!("{value:X}"),
        ("x", Data::Str(text)) => hex(text.as_str().as_bytes()),
        ("X", Data::Str(text)) => hex(text.as_str().as_bytes()).to_uppercase(),
        ("x", Data::Bytes(bytes)) => hex(bytes),
        ("X", Data::Bytes(bytes)) => hex(bytes).to_uppercase(),
        ("d" | "b" | "o" | "x" | "X", _) => return Err(refused()),
        _ => return Err(Stop::Error(format!("could not parse formatting clause: unrecognized formatting clause \"{verb}\""))),
    };
    out.push_str(&text);
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn infinite(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

fn signed(value: i64, digits: String) -> String {
    if value < 0 { format!("-{digits}") } else { digits }
}

#[expect(clippy::cast_precision_loss, reason = "a text of a few digits is wanted")]
fn as_double(value: &Value<'_>) -> Option<f64> {
    match value.data {
        Data::Double(value) => Some(value),
        Data::Int(value) => Some(value as f64),
        Data::Uint(value) => Some(value as f64),
        _ => None,
    }
}

/// `1.5e+00`, with two digits of the exponent at least.
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}
