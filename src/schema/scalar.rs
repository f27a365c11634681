//! Whether a scalar can be read as the type that its field has, the way the API server's decoder reads it.
//!
//! Manifests are turned into JSON first, so that `1.0` is the integer 1, and what is decoded then is strict about types
//! (<https://github.com/kubernetes-sigs/json>).

use super::table::Shape;
use crate::resource::Quantity;
use crate::yaml::{NodeRef, Scalar, Style};

/// Why a value does not fit.
pub(super) struct Misfit {
    /// "is a string, an integer is needed"
    pub(super) reason: String,
    pub(super) help: Option<&'static str>,
}

impl Misfit {
    /// A value of another type than the one that is wanted.
    pub(super) fn of(node: NodeRef<'_>, wanted: &'static str) -> Self {
        let found = match node.scalar() {
            Scalar::None if node.is_sequence() => "a list",
            Scalar::None => "a mapping",
            Scalar::Bool(_) => "a boolean",
            Scalar::Int(_) => "an integer",
            Scalar::Float(_) => "a number",
            Scalar::Str(_) => "a string",
            Scalar::Null | Scalar::Unknown => "nothing",
        };
        Misfit { reason: format!("is {found}, {wanted} is needed"), help: help(node, wanted) }
    }

    fn new(reason: String, help: Option<&'static str>) -> Self {
        Misfit { reason, help }
    }
}

fn help(node: NodeRef<'_>, wanted: &str) -> Option<&'static str> {
    let is_quoted = matches!(node.style(), Style::SingleQuoted | Style::DoubleQuoted);
    let unquoted = |fits: bool| (fits && is_quoted).then_some("remove the quotes");
    match (wanted, node.scalar()) {
        ("a string", Scalar::Bool(_)) if !node.text().eq_ignore_ascii_case("true") && !node.text().eq_ignore_ascii_case("false") => {
            Some("put it in quotes: YAML reads this word as a boolean")
        }
        ("a string", Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_)) => Some("put it in quotes"),
        ("an integer", Scalar::Str(text)) => unquoted(text.parse::<i64>().is_ok()),
        ("a number", Scalar::Str(text)) => unquoted(text.parse::<f64>().is_ok()),
        ("a boolean", Scalar::Str(text)) => unquoted(text == "true" || text == "false"),
        ("a string", Scalar::None) => Some("write it as text: `|` behind the key, and the content below"),
        ("a list", _) => Some("begin each item with `- `, or put the items between `[` and `]`"),
        ("a mapping", Scalar::None) => Some("write keys and values, without `-`"),
        _ => None,
    }
}

/// Whether a text holds a variable that kustomize or a script replaces before the API server sees it. What a reader has to fill in by
/// hand (`<your port>`) is refused as it stands.
pub(super) fn is_substituted(text: &str) -> bool {
    text.contains('$')
}

/// Why a value is not what a scalar type takes; nothing where it is.
pub(super) fn misfit(node: NodeRef<'_>, shape: &Shape) -> Option<Misfit> {
    let value = node.scalar();
    if *shape != Shape::Text && node.str().is_some_and(is_substituted) {
        return None;
    }
    let wrong = |wanted: &'static str| Some(Misfit::of(node, wanted));
    match (shape, value) {
        (Shape::Text | Shape::IntOrString, Scalar::Str(_))
        | (Shape::Bool, Scalar::Bool(_))
        | (Shape::Double, Scalar::Int(_) | Scalar::Float(_)) => None,
        (Shape::Text, _) => wrong("a string"),
        (Shape::Bool, _) => wrong("a boolean"),
        (Shape::Double, _) => wrong("a number"),
        (Shape::Int32, _) | (Shape::IntOrString, Scalar::Int(_) | Scalar::Float(_)) => {
            integer(node, value, i64::from(i32::MIN)..=i64::from(i32::MAX))
        }
        (Shape::Int64, _) => integer(node, value, i64::MIN..=i64::MAX),
        (Shape::IntOrString, _) => wrong("an integer or a string"),
        (Shape::Quantity, Scalar::None) => wrong("a quantity"),
        (Shape::Quantity, _) => (!is_quantity(node)).then(|| no_quantity(node)),
        (Shape::Bytes, Scalar::Str(text)) => (!is_base64(text)).then(no_base64),
        (Shape::Bytes, Scalar::None) if node.is_sequence() => None,
        (Shape::Bytes, _) => wrong("a string in Base64"),
        (Shape::Time, Scalar::Str(text)) => {
            let help = Some("write it as in 2026-01-31T12:00:00Z");
            (!is_time(text)).then(|| Misfit::new("is no time as RFC 3339 has it".into(), help))
        }
        (Shape::Time, _) => wrong("a time"),
        _ => None,
    }
}

fn integer(node: NodeRef<'_>, value: Scalar<'_>, range: std::ops::RangeInclusive<i64>) -> Option<Misfit> {
    // Beyond these Go writes floats with an exponent, which no integer is read from.
    let whole = match value {
        Scalar::Int(number) => Some(number),
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        Scalar::Float(number) if number.fract() == 0.0 && number.abs() < 1e18 => Some(number as i64),
        Scalar::Float(number) if number.is_finite() && number.fract() == 0.0 => None,
        _ => return Some(Misfit::of(node, "an integer")),
    };
    let fits = whole.is_some_and(|number| range.contains(&number));
    (!fits).then(|| Misfit::new(format!("is {}, which is outside of {} to {}", node.text(), range.start(), range.end()), None))
}

/// The server trims, and takes a suffix without a number for 0.
fn is_quantity(node: NodeRef<'_>) -> bool {
    let text = node.text().trim();
    let is_suffix = |text: &str| !text.is_empty() && Quantity::parse(&format!("0{text}")).is_some();
    Quantity::read(node).is_some() || (node.value_text().is_some() && (Quantity::parse(text).is_some() || is_suffix(text)))
}

fn no_quantity(node: NodeRef<'_>) -> Misfit {
    let suffix = node.text().trim().trim_start_matches(|next: char| next.is_ascii_digit() || matches!(next, '.' | '+' | '-'));
    let help = match suffix.trim_start() {
        "KB" | "Kb" | "kB" | "kb" | "K" => "write Ki (1024) or k (1000)",
        "MB" | "Mb" | "mb" | "mB" | "MiB" | "Mib" | "mi" => "write Mi (1024²) or M (1000²)",
        "GB" | "Gb" | "gb" | "gB" | "GiB" | "Gib" | "gi" | "g" => "write Gi (1024³) or G (1000³)",
        "TB" | "Tb" | "tb" | "TiB" | "Tib" | "ti" | "t" => "write Ti (1024⁴) or T (1000⁴)",
        _ => "write a number with one of the suffixes m, k, M, G, T, Ki, Mi, Gi, Ti, or with none",
    };
    Misfit::new(format!("is `{}`, which is no quantity", node.text()), Some(help))
}

fn no_base64() -> Misfit {
    Misfit::new("is not in Base64".into(), Some("encode it; in a Secret, stringData takes it as it is"))
}

/// Go's `base64.StdEncoding`: padded, ends of lines ignored.
fn is_base64(text: &str) -> bool {
    let (mut letters, mut padding) = (0usize, 0usize);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => letters += 1,
            _ => return false,
        }
    }
    padding <= 2 && (letters + padding).is_multiple_of(4)
}

/// `2006-01-02T15:04:05Z`, with a fraction of seconds and an offset.
fn is_time(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>, most: u32| {
        let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|&number| number <= most)
    };
    let is_at = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    let is_date =
        number(0..4, 9999).is_some() && is_at(4, b'-') && number(5..7, 12) > Some(0) && is_at(7, b'-') && number(8..10, 31) > Some(0);
    let is_clock = is_at(10, b'T') && number(11..13, 23).is_some() && is_at(13, b':') && number(14..16, 59).is_some();
    if !is_date || !is_clock || !is_at(16, b':') || number(17..19, 59).is_none() {
        return false;
    }
    let rest = &text[19..];
    let zone = rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches(|next: char| next.is_ascii_digit()));
    let is_empty_fraction = rest.starts_with('.') && zone.len() + 1 == rest.len();
    let offset = zone.as_bytes();
    let is_offset = offset.len() == 6 && matches!(offset[0], b'+' | b'-') && offset[3] == b':';
    !is_empty_fraction && (zone == "Z" || (is_offset && offset.iter().filter(|byte| byte.is_ascii_digit()).count() == 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        for text in ["", "YQ==", "YWI=", "YWJj", "YW\nJj\n", "YQ=\r\n="] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["YQ", "YQ=", "Y===", "YQ==YQ==", "YW-_", "YW Jj", "pass!"] {
            assert!(!is_base64(text), "{text}");
        }
    }

    #[test]
    fn times_are_read_as_rfc_3339_has_them() {
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456Z", "2026-01-31T12:00:00+01:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["", "2026-01-31", "2026-01-31 12:00:00", "2026-13-31T12:00:00Z", "2026-01-31T12:00:00", "2026-01-31T12:00:00.Z", "é"]
        {
            assert!(!is_time(text), "{text}");
        }
    }
}
