//! Parts of points in time and of durations.

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::time::{self, Calendar};
use super::super::value::{Data, Eval, Value};

fn part<'t>(args: &[Value<'t>], of: impl Fn(Calendar) -> i64) -> Eval<'t> {
    let Data::Time(at) = &args[0].data else { return Err(Stop::NoOverload) };
    let zone = args.get(1).map_or(Some("UTC"), Value::str).ok_or(Stop::NoOverload)?;
    let unknown = || Stop::Undecided(format!("the time zone {zone} is known to the cluster only"));
    Ok(of(at.calendar(time::offset_of(zone).ok_or_else(unknown)?)).into())
}

fn part_or_whole<'t>(args: &[Value<'t>], of: impl Fn(Calendar) -> i64, unit_nanos: i64) -> Eval<'t> {
    match args {
        [Value { data: Data::Duration(span), .. }] => Ok(span.whole(unit_nanos).into()),
        _ => part(args, of),
    }
}

pub(super) fn full_year<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.year)
}

/// From 0.
pub(super) fn month<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.month - 1)
}

/// From 1.
pub(super) fn date<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.day)
}

/// From 0.
pub(super) fn day_of_month<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.day - 1)
}

pub(super) fn day_of_week<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.day_of_week)
}

pub(super) fn day_of_year<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part(args, |at| at.day_of_year)
}

pub(super) fn hours<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part_or_whole(args, |at| at.hour, 3_600_000_000_000)
}

pub(super) fn minutes<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part_or_whole(args, |at| at.minute, 60_000_000_000)
}

pub(super) fn seconds<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part_or_whole(args, |at| at.second, 1_000_000_000)
}

pub(super) fn milliseconds<'t>(_: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    part_or_whole(args, |at| at.nanosecond / 1_000_000, 1_000_000)
}
