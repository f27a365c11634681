//! Points in time and durations, as `timestamp()` and `duration()` read them.

use std::fmt::Write;

const NANOS: i128 = 1_000_000_000;

/// Nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::policy) struct Time(i128);

/// Nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::policy) struct Duration(i128);

/// A point in time in the calendar.
pub(super) struct Calendar {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// From 0.
    pub(super) day_of_year: i64,
    /// Sunday is 0.
    pub(super) day_of_week: i64,
}

/// Days from 1970 to a date (<https://howardhinnant.github.io/date_algorithms.html#days_from_civil>).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The year, month and day of so many days from 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// `+02:00`, `-01:30` or `UTC`, in seconds. Names of zones are known only where there are tables of them.
pub(super) fn offset_of(zone: &str) -> Option<i64> {
    if matches!(zone, "UTC" | "Z" | "") {
        return Some(0);
    }
    let (sign, rest) = match zone.as_bytes()[0] {
        b'-' => (-1, &zone[1..]),
        b'+' => (1, &zone[1..]),
        _ => (1, zone),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl Time {
    /// Reads a time as RFC 3339 has it; years 1 to 9999.
    pub(super) fn parse(text: &str) -> Option<Time> {
        let part = |range: std::ops::Range<usize>| number(text.get(range)?);
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !text.is_ascii() || separators.iter().any(|&(at, byte)| text.as_bytes().get(at) != Some(&byte)) {
            return None;
        }
        let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
        let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
        let days = days_of(year, month, day);
        if !(1..=12).contains(&month) || date_of(days) != (year, month, day) || hour > 23 || minute > 59 || second > 59 || year < 1 {
            return None;
        }
        let rest = &text[19..];
        let digits =
            rest.strip_prefix('.').map_or(0, |rest| rest.len() - rest.trim_start_matches(|next: char| next.is_ascii_digit()).len());
        let (fraction, zone) = if rest.starts_with('.') { (rest.get(1..=digits)?, &rest[1 + digits..]) } else { ("0", rest) };
        if fraction.is_empty() || zone.is_empty() || (zone != "Z" && !zone.starts_with(['+', '-'])) {
            return None;
        }
        let fraction = i128::from(number(&format!("{fraction:0<9}")[..9])?);
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset_of(zone)?;
        Some(Time(i128::from(seconds) * NANOS + fraction))
    }

    pub(super) fn from_seconds(seconds: i64) -> Option<Time> {
        Some(Time(i128::from(seconds) * NANOS)).filter(|time| time.is_in_range())
    }

    pub(super) fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS) as i64
    }

    /// From year 1 to year 9999, as protocol buffers have it.
    fn is_in_range(self) -> bool {
        (-62_135_596_800 * NANOS..253_402_300_800 * NANOS).contains(&self.0)
    }

    pub(super) fn plus(self, duration: Duration) -> Option<Time> {
        Some(Time(self.0 + duration.0)).filter(|time| time.is_in_range())
    }

    pub(super) fn minus(self, duration: Duration) -> Option<Time> {
        Some(Time(self.0 - duration.0)).filter(|time| time.is_in_range())
    }

    pub(super) fn since(self, other: Time) -> Option<Duration> {
        Duration::of(self.0 - other.0)
    }

    /// In the calendar of a zone that is so many seconds ahead of UTC.
    pub(super) fn calendar(self, offset: i64) -> Calendar {
        let seconds = self.seconds() + offset;
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        Calendar {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanosecond: self.0.rem_euclid(NANOS) as i64,
            day_of_year: days - days_of(year, 1, 1),
            day_of_week: (days + 4).rem_euclid(7),
        }
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.calendar(0);
        write!(formatter, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at.year, at.month, at.day, at.hour, at.minute, at.second)?;
        if at.nanosecond > 0 {
            write!(formatter, ".{}", format!("{:09}", at.nanosecond).trim_end_matches('0'))?;
        }
        formatter.write_char('Z')
    }
}

impl Duration {
    /// What fits into 64 bits of nanoseconds, as Go has it.
    fn of(nanos: i128) -> Option<Duration> {
        i64::try_from(nanos).ok().map(|nanos| Duration(nanos.into()))
    }

    /// Reads a duration as Go writes it: `1h30m`, `-1.5s`, `300ms`.
    pub(super) fn parse(text: &str) -> Option<Duration> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Duration(0));
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let end = rest.find(|next: char| !next.is_ascii_digit() && next != '.')?;
            let (amount, behind) = rest.split_at(end);
            let end = behind.find(|next: char| next.is_ascii_digit() || next == '.').unwrap_or(behind.len());
            let (unit, behind) = behind.split_at(end);
            let unit: i128 = match unit {
                "ns" => 1,
                "us" | "µs" | "μs" => 1000,
                "ms" => 1_000_000,
                "s" => NANOS,
                "m" => 60 * NANOS,
                "h" => 3600 * NANOS,
                _ => return None,
            };
            let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
            if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
                return None;
            }
            let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.into() };
            let fraction = &fraction[..fraction.len().min(12)];
            let part = if fraction.is_empty() { 0 } else { fraction.parse::<i128>().ok()? * unit / 10i128.pow(fraction.len() as u32) };
            total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(part)?;
            rest = behind;
        }
        Duration::of(if negative { -total } else { total }).filter(|_| text.len() > 1)
    }

    pub(super) fn from_nanos(nanos: i64) -> Duration {
        Duration(nanos.into())
    }

    pub(super) fn plus(self, other: Duration) -> Option<Duration> {
        Duration::of(self.0 + other.0)
    }

    pub(super) fn minus(self, other: Duration) -> Option<Duration> {
        Duration::of(self.0 - other.0)
    }

    pub(super) fn negated(self) -> Option<Duration> {
        Duration::of(-self.0)
    }

    /// Whole units of so many nanoseconds.
    pub(super) fn whole(self, nanos: i64) -> i64 {
        (self.0 / i128::from(nanos)) as i64
    }

    pub(super) fn nanos(self) -> i64 {
        self.0 as i64
    }
}

impl std::fmt::Display for Duration {
    /// In seconds, as protocol buffers write it in JSON.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, nanos) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (seconds, fraction) = (nanos / NANOS.unsigned_abs(), nanos % NANOS.unsigned_abs());
        write!(formatter, "{sign}{seconds}")?;
        if fraction > 0 {
            write!(formatter, ".{}", format!("{fraction:09}").trim_end_matches('0'))?;
        }
        formatter.write_char('s')
    }
}
