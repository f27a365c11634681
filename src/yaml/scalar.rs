//! Scalars as go-yaml v2 resolves them, which `sigs.k8s.io/yaml`, and so the API server and kubectl, use.

use super::{Kind, NodeRef, Style, Tag};

/// What a scalar means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar<'t> {
    /// Not a scalar.
    None,
    /// `null`, `~`, or not written.
    Null,
    /// A boolean, YAML 1.1's `yes`, `no`, `on`, `off`, `y`, `n` included.
    Bool(bool),
    /// An integer, octal (`010`), `0x`, `0b` and `_` included.
    Int(i64),
    /// A number that is no 64-bit integer.
    Float(f64),
    /// A string.
    Str(&'t str),
    /// A text with a placeholder (`${VAR}`, `{{ … }}`).
    Unknown,
}

pub(super) fn resolve(node: NodeRef<'_>) -> Scalar<'_> {
    let raw = node.node();
    if raw.kind != Kind::Scalar {
        return Scalar::None;
    }
    let text = node.text();
    if has_placeholder(text) {
        return Scalar::Unknown;
    }
    match raw.tag {
        Tag::None if raw.style == Style::Absent => Scalar::Null,
        Tag::None if raw.style == Style::Plain => resolve_plain(text),
        Tag::None | Tag::Str | Tag::Other => Scalar::Str(text),
        Tag::Null => Scalar::Null,
        Tag::Bool | Tag::Int | Tag::Float => resolve_plain(text),
    }
}

/// Whether a text still waits for substitution: `${NAME}` (envsubst) or `{{ … }}` (templates). `$(NAME)` is Kubernetes' own.
fn has_placeholder(text: &str) -> bool {
    let closes = |open: &str, close: &str| text.find(open).is_some_and(|at| text[at + open.len()..].contains(close));
    text.as_bytes().contains(&b'{') && (closes("${", "}") || closes("{{", "}}"))
}

/// Go-yaml's `resolve` for an untagged plain scalar. Timestamps stay strings, as they do for Kubernetes.
fn resolve_plain(text: &str) -> Scalar<'_> {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'+' | b'-' | b'.' | b'0'..=b'9' => number(text).unwrap_or(Scalar::Str(text)),
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => word(text),
        _ => Scalar::Str(text),
    }
}

/// Whether a plain scalar is null: nothing, or a word for it.
pub(super) fn is_null_word(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn word(text: &str) -> Scalar<'_> {
    match text {
        text if is_null_word(text) => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => Scalar::Str(text),
    }
}

fn number(text: &str) -> Option<Scalar<'_>> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Scalar::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')) {
        return None;
    }
    let plain: std::borrow::Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(integer) = integer(&plain) {
        return Some(integer);
    }
    let float = plain.parse().ok().filter(|float: &f64| is_yaml_float(&plain) && float.is_finite());
    float.map(Scalar::Float)
}

/// Go's `strconv.ParseInt(s, 0, 64)`, falling back to an unsigned integer, which is then too large for any Kubernetes field.
#[expect(clippy::cast_precision_loss, reason = "a number beyond 64 bits is a float for go-yaml too")]
fn integer(text: &str) -> Option<Scalar<'static>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| (byte as char).is_digit(radix)) {
        return None;
    }
    let Ok(value) = i128::from_str_radix(digits, radix) else { return Some(Scalar::Float(f64::INFINITY)) };
    let value = if negative { -value } else { value };
    Some(i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Int))
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let mantissa_fits = match fraction {
        None => digits(whole),
        Some(fraction) if whole.is_empty() => digits(fraction),
        Some(fraction) => digits(whole) && (fraction.is_empty() || digits(fraction)),
    };
    mantissa_fits && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}
