//! When a `CronJob` runs: its schedule, read as the API server and the controller read it.
//!
//! That is `ParseStandard` of <https://github.com/robfig/cron/blob/v3.0.1/parser.go>: five fields (minute, hour, day of month, month,
//! day of week), or one of `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`, `@hourly` and `@every 1h30m`. A field is
//! a list of `*`, `?`, `5`, `5-10`, and any of these with a step, `*/15`; months and weekdays have names (`jan`, `MON`), Sunday is 0 and
//! never 7. A `TZ=` or `CRON_TZ=` in front is read over, whatever zone it names: that one may not be there is for a rule to say.

/// When a `CronJob` runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// At certain minutes of certain days.
    Times(Times),
    /// So many seconds after the run before.
    Every(i64),
}

/// Minutes of hours of days, each a set of bits by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

/// Set in a field in which a `*` or `?` stands without a step. Of days and weekdays both have to fit if one of them has it, else one has to.
const STAR: u64 = 1 << 63;

const MINUTES_OF_DAY: i64 = 24 * 60;

/// The most days of each month.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// What one of the five fields may hold.
struct Bounds {
    name: &'static str,
    least: u32,
    most: u32,
    /// The names of its values from the least on.
    names: &'static [&'static str],
}

const MINUTE: Bounds = Bounds { name: "minute", least: 0, most: 59, names: &[] };
const HOUR: Bounds = Bounds { name: "hour", least: 0, most: 23, names: &[] };
const DAY: Bounds = Bounds { name: "day of the month", least: 1, most: 31, names: &[] };
const MONTH: Bounds = Bounds {
    name: "month",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Bounds = Bounds { name: "day of the week", least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Schedule {
    /// Reads a schedule; an error says what is wrong with it, in words for a message.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let text = without_zone(text)?;
        if let Some(name) = text.strip_prefix('@') {
            return named(name);
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(format!("it has {} fields, and needs minute, hour, day of month, month and day of week", fields.len()));
        };
        Ok(Schedule::Times(Times {
            minutes: MINUTE.read(minutes)?,
            hours: HOUR.read(hours)?,
            days: DAY.read(days)?,
            months: MONTH.read(months)?,
            weekdays: WEEKDAY.read(weekdays)?,
        }))
    }

    /// Whether no date fits it, such as the 30th of February.
    pub fn never_comes(&self) -> bool {
        match self {
            Schedule::Times(times) => times.never_come(),
            Schedule::Every(_) => false,
        }
    }

    /// The least number of seconds from one run to the next. They may lie further apart, never closer.
    pub fn shortest_interval(&self) -> i64 {
        match self {
            Schedule::Times(times) => times.shortest_interval(),
            Schedule::Every(seconds) => *seconds,
        }
    }
}

/// A schedule without the time zone before it.
fn without_zone(text: &str) -> Result<&str, String> {
    if !text.starts_with("TZ=") && !text.starts_with("CRON_TZ=") {
        return Ok(text);
    }
    text.split_once(' ').map(|(_, rest)| rest.trim()).ok_or_else(|| "nothing follows the time zone".to_owned())
}

fn named(name: &str) -> Result<Schedule, String> {
    let first = |bounds: &Bounds| 1 << bounds.least;
    let monthly = Times { minutes: first(&MINUTE), hours: first(&HOUR), days: first(&DAY), months: MONTH.all(), weekdays: WEEKDAY.all() };
    let daily = Times { days: DAY.all(), ..monthly };
    let times = match name {
        "yearly" | "annually" => Times { months: first(&MONTH), ..monthly },
        "monthly" => monthly,
        "weekly" => Times { weekdays: first(&WEEKDAY), ..daily },
        "daily" | "midnight" => daily,
        "hourly" => Times { hours: HOUR.all(), ..daily },
        _ => {
            let duration = name.strip_prefix("every ").ok_or_else(|| format!("there is no `@{name}`"))?;
            // What is shorter than a second is a second, and parts of one are cut off.
            let seconds = seconds(duration).ok_or_else(|| format!("`{duration}` is no duration such as 1h30m"))?;
            return Ok(Schedule::Every((seconds as i64).max(1)));
        }
    };
    Ok(Schedule::Times(times))
}

/// The seconds of a duration as Go writes it: `1h30m`, `1.5h`, `-2s`, `0`.
fn seconds(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if unsigned == "0" {
        return Some(0.0);
    }
    let (mut rest, mut sum) = (unsigned, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum += number * unit;
        rest = &rest[end..];
    }
    (!unsigned.is_empty()).then_some(sign * sum)
}

impl Bounds {
    fn all(&self) -> u64 {
        bits(self.least, self.most, 1) | STAR
    }

    /// A list of ranges. Empty items of the list are read over.
    fn read(&self, field: &str) -> Result<u64, String> {
        field.split(',').filter(|item| !item.is_empty()).try_fold(0, |bits, item| Ok(bits | self.range(item)?))
    }

    fn range(&self, item: &str) -> Result<u64, String> {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let (low, high) = range.split_once('-').map_or((range, None), |(low, high)| (low, Some(high)));
        let is_star = matches!(low, "*" | "?");
        let start = if is_star { self.least } else { self.value(low)? };
        let end = match high {
            _ if is_star => self.most,
            Some(high) => self.value(high)?,
            None if step.is_some() => self.most,
            None => start,
        };
        let step = step.map_or(Ok(1), number)?;
        if step == 0 {
            return Err(format!("the step of `{item}` is 0"));
        }
        if start < self.least || end > self.most {
            let value = if start < self.least { start } else { end };
            return Err(format!("{value} is no {}, which goes from {} to {}", self.name, self.least, self.most));
        }
        if start > end {
            return Err(format!("`{item}` ends before it begins"));
        }
        let star = if is_star && step == 1 { STAR } else { 0 };
        Ok(bits(start, end, step) | star)
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.map_or_else(|| number(text), |index| Ok(self.least + index as u32))
    }
}

/// A number as Go's `Atoi` reads it, but not a negative one.
fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn bits(start: u32, end: u32, step: u32) -> u64 {
    (start..=end).step_by(step as usize).fold(0, |bits, value| bits | 1 << value)
}

/// The numbers of the set bits, in order.
fn numbers(bits: u64) -> impl Iterator<Item = u32> + Clone {
    (0..63).filter(move |number| bits & (1 << number) != 0)
}

impl Times {
    /// Whether day and weekday must both fit; else one of them suffices.
    fn needs_both_days(&self) -> bool {
        (self.days | self.weekdays) & STAR != 0
    }

    fn never_come(&self) -> bool {
        let is_dated = || numbers(self.months).any(|month| numbers(self.days).any(|day| day <= DAYS[month as usize - 1]));
        let has_weekday = numbers(self.weekdays).next().is_some();
        let has_day = if self.needs_both_days() { has_weekday && is_dated() } else { has_weekday || is_dated() };
        !has_day || [self.minutes, self.hours, self.months].into_iter().any(|field| numbers(field).next().is_none())
    }

    fn shortest_interval(&self) -> i64 {
        let of_day: Vec<i64> =
            numbers(self.hours).flat_map(|hour| numbers(self.minutes).map(move |minute| i64::from(hour * 60 + minute))).collect();
        let within_day = of_day.windows(2).map(|pair| pair[1] - pair[0]).min();
        let overnight = match of_day[..] {
            [first, .., last] => first - last,
            _ => 0,
        };
        let overnight = self.shortest_days() * MINUTES_OF_DAY + overnight;
        within_day.map_or(overnight, |within| within.min(overnight)) * 60
    }

    /// The least number of days from one day with runs to the next.
    fn shortest_days(&self) -> i64 {
        if !self.needs_both_days() {
            return 1;
        }
        // The days of a month from one to the next, the first of the month after it among them.
        let gap = |days: u64, length: u32| {
            let days = numbers(days).filter(|day| *day <= length);
            let again = days.clone().next().map(|first| first + length);
            days.clone().zip(days.skip(1).chain(again)).map(|(day, next)| next - day).min()
        };
        let of_month = (28..=31).filter_map(|length| gap(self.days, length)).min();
        of_month.unwrap_or(1).max(gap(self.weekdays, 7).unwrap_or(1)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        Schedule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn what_the_parser_takes_is_read() {
        for text in [
            "* * * * *",
            "  0  0 1 1 0 ",
            "*/5 0-23/2 1,15 jan-DEC SUN-6",
            "? ? ? ? ?",
            "5/10 * * * *",
            "*-7 * * * *",
            "+5 005 * * *",
            ",5, * * * *",
            "@hourly",
            "@every 1h30m",
            "@every 1.5h",
            "@every 0",
            "@every -3s",
            "TZ=Europe/Paris 0 5 * * *",
            "CRON_TZ=UTC @daily",
        ] {
            schedule(text);
        }
    }

    #[test]
    fn what_the_parser_refuses_is_named() {
        for (text, error) in [
            ("", "it is empty"),
            ("* * * *", "it has 4 fields, and needs minute, hour, day of month, month and day of week"),
            ("0 * * * * *", "it has 6 fields, and needs minute, hour, day of month, month and day of week"),
            ("60 * * * *", "60 is no minute, which goes from 0 to 59"),
            ("* 24 * * *", "24 is no hour, which goes from 0 to 23"),
            ("* * 0 * *", "0 is no day of the month, which goes from 1 to 31"),
            ("* * * 0-3 *", "0 is no month, which goes from 1 to 12"),
            ("* * * * 7", "7 is no day of the week, which goes from 0 to 6"),
            ("* * * * mo", "`mo` is no number"),
            ("* * L * *", "`L` is no number"),
            ("-5 * * * *", "`` is no number"),
            ("1-2-3 * * * *", "`2-3` is no number"),
            ("1/2/3 * * * *", "`2/3` is no number"),
            ("*/0 * * * *", "the step of `*/0` is 0"),
            ("30-10 * * * *", "`30-10` ends before it begins"),
            ("@Daily", "there is no `@Daily`"),
            ("@reboot", "there is no `@reboot`"),
            ("@every 5", "`5` is no duration such as 1h30m"),
            ("@every day", "`day` is no duration such as 1h30m"),
            ("@every ", "`` is no duration such as 1h30m"),
            ("TZ=UTC", "nothing follows the time zone"),
        ] {
            assert_eq!(Schedule::parse(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn dates_that_no_year_has_never_come() {
        for text in ["0 0 30 2 *", "0 0 31 2,4,jun,9,11 *", "0 0 30-31 feb ?", ", 0 * * *", "0 0 1 , *", "0 0 31 4 */1"] {
            assert!(schedule(text).never_comes(), "{text}");
        }
        // Where neither has a star, a weekday that fits suffices.
        for text in ["0 0 29 2 *", "0 0 31 * *", "0 0 30 2 1", "0 0 30 2 */2", "0 0 31 4,5 *", "@yearly", "@every 1s"] {
            assert!(!schedule(text).never_comes(), "{text}");
        }
    }

    #[test]
    fn intervals_are_never_longer_than_the_shortest_between_two_runs() {
        const DAY: i64 = 24 * 3600;
        for (text, seconds) in [
            ("* * * * *", 60),
            ("*/7 * * * *", 240),
            ("0 0,23 * * *", 3600),
            ("30 4 * * *", DAY),
            ("0 0 * * 0", 7 * DAY),
            ("0 0 * * 1-5", DAY),
            ("0 0 * * sun,wed", 3 * DAY),
            ("0 12 1 * *", 28 * DAY),
            ("0 0,12 1 * *", 12 * 3600),
            ("0 0 1,28 * *", DAY),
            ("0 0 1,30 * *", DAY),
            ("0 0 30 * *", 30 * DAY),
            ("0 0 1 * 1", DAY),
            ("@weekly", 7 * DAY),
            ("@every 90m", 5400),
            ("@every 10ms", 1),
        ] {
            assert_eq!(schedule(text).shortest_interval(), seconds, "{text}");
        }
    }
}
