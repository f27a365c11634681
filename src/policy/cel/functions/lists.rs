//! Functions on lists and sets.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::Stop;
use super::super::eval::Evaluation;
use super::super::operators;
use super::super::value::{Data, Eval, Value, compare, equal};

type Items<'t> = Rc<[Value<'t>]>;

/// The items of an argument, each of which is gone over.
fn items<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>], index: usize) -> Result<Items<'t>, Stop> {
    let items = args.get(index).and_then(Value::items).ok_or(Stop::NoOverload)??;
    eval.meter.take(items.len() as u64)?;
    Ok(items)
}

pub(super) fn size<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let size = match &args[0].data {
        Data::Str(text) => {
            eval.meter.take_text(text.as_str().len())?;
            text.as_str().chars().count()
        }
        Data::Bytes(bytes) => bytes.len(),
        _ => args[0].len().ok_or(Stop::NoOverload)?,
    };
    eval.meter.take(size as u64 / 16)?;
    Ok((size as i64).into())
}

fn position<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>], last: bool) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    let mut found = -1;
    for (index, item) in items.iter().enumerate() {
        if equal(item, &args[1], &mut eval.meter)? {
            found = index as i64;
            if !last {
                break;
            }
        }
    }
    Ok(found.into())
}

pub(super) fn index_of<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    position(eval, args, false)
}

pub(super) fn last_index_of<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    position(eval, args, true)
}

pub(super) fn is_sorted<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    for pair in items.windows(2) {
        if compare(&pair[0], &pair[1], &mut eval.meter)? == Some(Ordering::Greater) {
            return Ok(false.into());
        }
    }
    Ok(true.into())
}

pub(super) fn sum<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    let Some((first, rest)) = items.split_first() else { return Ok(0.into()) };
    if !matches!(first.data, Data::Int(_) | Data::Uint(_) | Data::Double(_) | Data::Duration(_)) {
        return Err(Stop::NoOverload);
    }
    rest.iter().try_fold(first.clone(), |sum, item| operators::add(&sum, item, &mut eval.meter))
}

fn extreme<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>], name: &str, wanted: Ordering) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    let Some((first, rest)) = items.split_first() else { return Err(Stop::Error(format!("{name} called on empty list"))) };
    let mut extreme = first;
    for item in rest {
        if compare(item, extreme, &mut eval.meter)? == Some(wanted) {
            extreme = item;
        }
    }
    Ok(extreme.clone())
}

pub(super) fn min<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    extreme(eval, args, "min", Ordering::Less)
}

pub(super) fn max<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    extreme(eval, args, "max", Ordering::Greater)
}

pub(super) fn includes<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    if args[0].is_list() {
        return Ok(operators::contains(&args[0], &args[1], &mut eval.meter)?.into());
    }
    Ok(equal(&args[0], &args[1], &mut eval.meter)?.into())
}

pub(super) fn slice<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    let (Some(start), Some(end)) = (args[1].int(), args[2].int()) else { return Err(Stop::NoOverload) };
    let refused = || Stop::Error(format!("cannot slice({start}, {end}) of a list of length {}", items.len()));
    let range = usize::try_from(start).map_err(|_| refused())?..usize::try_from(end).map_err(|_| refused())?;
    Ok(items.get(range).ok_or_else(refused)?.to_vec().into())
}

pub(super) fn flatten<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let depth = if args.len() > 1 { args[1].int().ok_or(Stop::NoOverload)? } else { 1 };
    if depth < 0 {
        return Err(Stop::Error("level must be non-negative".into()));
    }
    let mut flat = Vec::new();
    let items = items(eval, args, 0)?;
    flatten_into(eval, &items, depth, &mut flat)?;
    Ok(flat.into())
}

fn flatten_into<'t>(eval: &mut Evaluation<'t>, items: &[Value<'t>], depth: i64, flat: &mut Vec<Value<'t>>) -> Result<(), Stop> {
    for item in items {
        eval.meter.take(1)?;
        match item.items() {
            Some(inner) if depth > 0 => flatten_into(eval, &inner?, depth - 1, flat)?,
            _ => flat.push(item.clone()),
        }
    }
    Ok(())
}

pub(super) fn sort<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    let pairs = items.iter().map(|item| (item.clone(), item.clone())).collect();
    Ok(eval.sorted(pairs)?.into())
}

pub(super) fn distinct<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let mut kept: Vec<Value<'t>> = Vec::new();
    'items: for item in items(eval, args, 0)?.iter() {
        for known in &kept {
            if equal(known, item, &mut eval.meter)? {
                continue 'items;
            }
        }
        kept.push(item.clone());
    }
    Ok(kept.into())
}

pub(super) fn reverse<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let items = items(eval, args, 0)?;
    Ok(items.iter().rev().cloned().collect::<Vec<_>>().into())
}

pub(super) fn range<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let end = args[0].int().ok_or(Stop::NoOverload)?;
    let count = u64::try_from(end).map_err(|_| Stop::Error(format!("lists.range: size must be non-negative, got {end}")))?;
    eval.meter.take(count)?;
    Ok((0..end).map(Value::from).collect::<Vec<_>>().into())
}

/// Whether the first list has all items of the second one.
fn covers<'t>(eval: &mut Evaluation<'t>, all: &Items<'t>, some: &Items<'t>) -> Result<bool, Stop> {
    for one in some.iter() {
        if !has(eval, all, one)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has<'t>(eval: &mut Evaluation<'t>, all: &Items<'t>, one: &Value<'t>) -> Result<bool, Stop> {
    for item in all.iter() {
        if equal(item, one, &mut eval.meter)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn two<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Result<(Items<'t>, Items<'t>), Stop> {
    Ok((items(eval, args, 0)?, items(eval, args, 1)?))
}

pub(super) fn set_contains<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (all, some) = two(eval, args)?;
    Ok(covers(eval, &all, &some)?.into())
}

pub(super) fn set_equivalent<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (one, other) = two(eval, args)?;
    Ok((covers(eval, &one, &other)? && covers(eval, &other, &one)?).into())
}

pub(super) fn set_intersects<'t>(eval: &mut Evaluation<'t>, args: &[Value<'t>]) -> Eval<'t> {
    let (all, some) = two(eval, args)?;
    for one in some.iter() {
        if has(eval, &all, one)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}
