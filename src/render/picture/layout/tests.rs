use proptest::prelude::*;

use super::*;
use crate::picture::{Drawn, Family};

fn picture(units: &[usize], links: &[(usize, usize)]) -> Picture {
    let object =
        |unit: usize| Drawn { kind: "ConfigMap".into(), name: "a".into(), family: Family::Config, unit, place: None, hazards: Vec::new() };
    let mut units = units.to_vec();
    units.sort_unstable();
    let count = units.last().map_or(0, |last| last + 1);
    let link = |&(from, to): &(usize, usize)| Link { from: from % units.len(), to: to % units.len(), verb: "reads" };
    Picture {
        units: (0..count).map(|unit| unit.to_string()).collect(),
        links: links.iter().map(link).collect(),
        objects: units.iter().copied().map(object).collect(),
    }
}

fn overlap(a: Rectangle, b: Rectangle) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

fn contains(outer: Rectangle, inner: Rectangle) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_overlaps_and_units_hold_their_objects(
        units in prop::collection::vec(0_usize..4, 1..30),
        links in prop::collection::vec((0_usize..30, 0_usize..30), 0..40),
    ) {
        let picture = picture(&units, &links);
        let sizes: Vec<(f64, f64)> = (0..picture.objects.len() as u32).map(|index| (120.0 + f64::from(index % 5) * 40.0, 40.0 + f64::from(index % 3) * 16.0)).collect();
        let layout = place(&picture, &sizes);
        prop_assert_eq!(&layout, &place(&picture, &sizes));
        for (index, object) in layout.objects.iter().enumerate() {
            prop_assert!(contains(layout.units[picture.objects[index].unit], *object), "{:?} is outside", object);
            prop_assert!(layout.objects[..index].iter().all(|other| !overlap(*object, *other)), "{index} overlaps");
        }
        for (index, unit) in layout.units.iter().enumerate() {
            prop_assert!(layout.units[..index].iter().all(|other| !overlap(*unit, *other)));
            prop_assert!(unit.x + unit.width <= layout.width && unit.y + unit.height <= layout.height);
        }
        for curve in &layout.links {
            prop_assert!(curve.len() >= 4 && curve.len() % 3 == 1, "{:?}", curve);
            prop_assert!(curve.iter().all(|(x, y)| x.is_finite() && y.is_finite()));
        }
    }
}

#[test]
fn what_many_refer_to_is_placed_in_no_time() {
    let links: Vec<(usize, usize)> = (1..800).flat_map(|object| [(object, 0), (object, object / 7), (object, object * 31 % 800)]).collect();
    let picture = picture(&[0; 800], &links);
    let clusters = clusters(&picture);
    assert!(clusters.iter().all(|cluster| cluster.objects.len() + cluster.links.len() <= MOST_PLACED || cluster.links.is_empty()));
    assert_eq!(clusters.iter().map(|cluster| cluster.objects.len()).sum::<usize>(), 800);
}
