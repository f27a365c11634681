//! Amounts of a resource, compared by value: `1Gi` is `1024Mi`.

use crate::yaml::{NodeRef, Scalar};

/// An amount in billionths, the finest that Kubernetes keeps; finer ones are rounded up, larger ones than fit are capped
/// (<https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go>).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Quantity(i128);

const ONE: i128 = 1_000_000_000;

impl Quantity {
    /// The amount that a scalar states, if it is one.
    pub fn read(node: NodeRef<'_>) -> Option<Self> {
        match node.scalar() {
            Scalar::Int(number) => Some(Quantity::whole(number)),
            _ => node.value_text().and_then(Quantity::parse),
        }
    }

    /// `1Gi`, `500m`, `0.5`, `1e3`.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|next: char| !next.is_ascii_digit() && !matches!(next, '.' | '+' | '-')).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (negative, digits) = match number.as_bytes().first()? {
            b'-' => (true, &number[1..]),
            b'+' => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (times, over) = scale(suffix)?;
        // Digits beyond these are below a billionth of the largest suffix, or above what fits.
        let fraction = &fraction[..fraction.len().min(18)];
        let mantissa = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
        let mantissa: i128 = if mantissa.is_empty() { 0 } else { mantissa.parse().unwrap_or(i128::MAX) };
        let over = over.checked_mul(10i128.checked_pow(fraction.len() as u32)?)?;
        let value = divide_up(mantissa.saturating_mul(times), over);
        Some(Quantity(if negative { -value } else { value }))
    }

    /// Whether it is more than nothing.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it has no fraction, of which thousandths are the finest that count.
    pub fn is_whole(self) -> bool {
        divide_up(self.0, ONE / 1000) % 1000 == 0
    }

    /// Whether it is so many times a positive other.
    pub fn is_multiple_of(self, other: Quantity) -> bool {
        self.0 % other.0 == 0
    }

    /// So many.
    pub fn whole(number: i64) -> Quantity {
        Quantity(i128::from(number) * ONE)
    }

    /// The number, if it has no fraction and fits.
    pub fn as_whole(self) -> Option<i64> {
        if self.0 % ONE == 0 { i64::try_from(self.0 / ONE).ok() } else { None }
    }

    /// The number, as near as a float comes.
    #[expect(clippy::cast_precision_loss, reason = "that is what it is for")]
    pub fn approximately(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// The difference, capped.
    #[must_use]
    pub fn minus(self, other: Quantity) -> Quantity {
        Quantity(self.0.saturating_sub(other.0))
    }

    /// Both together, capped.
    #[must_use]
    pub fn plus(self, other: Quantity) -> Quantity {
        Quantity(self.0.saturating_add(other.0))
    }
}

fn divide_up(number: i128, by: i128) -> i128 {
    number / by + i128::from(number % by > 0)
}

/// What a suffix multiplies billionths by, as a fraction.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| Some((ONE * 1024i128.pow(power), 1));
    let decimal = |power: i32| {
        let factor = 10i128.checked_pow(power.unsigned_abs())?;
        if power >= 0 { Some((ONE.checked_mul(factor)?, 1)) } else { Some((ONE, factor)) }
    };
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse::<i8>().ok()?.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_compare_by_value() {
        let value = |text: &str| Quantity::parse(text).unwrap_or_else(|| panic!("{text} is a quantity"));
        assert_eq!(value("1Gi"), value("1024Mi"));
        assert_eq!(value("1000m"), value("1"));
        assert_eq!(value("0.5"), value("500m"));
        assert_eq!(value("1e3"), value("1k"));
        assert_eq!(value("1E"), value("1e18"));
        assert_eq!(value(".5Gi"), value("512Mi"));
        assert!(value("1G") < value("1Gi"));
        assert!(!value("0").is_positive() && !value("-1Gi").is_positive());
        assert!(value("-1Gi").is_negative() && !value("0").is_negative());
        assert!(value("2").is_whole() && value("1000m").is_whole() && !value("1500m").is_whole());
        assert!(value("4Mi").is_multiple_of(value("2Mi")) && !value("3Mi").is_multiple_of(value("2Mi")));
        assert_eq!(value("1").plus(value("500m")), value("1500m"));
        assert_eq!(value("1.0000000001"), value("1000000001n"));
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "Gi", "1GB", "1 Gi", "ten", "1..2", "1e", "--1", "0x10", "1e999"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
