//! Where objects and links are drawn.
//!
//! `layout-rs` places the objects that hang together and leads links between them; what it placed is then packed in rows into the boxes of
//! units, and these into the picture.

use layout::core::base::Orientation;
use layout::core::color::Color;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::{Point, Position};
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use crate::picture::{Link, Picture};

/// Objects and links that hang together up to which they are placed as one. The library's time grows steeply with them: more are taken
/// apart at the objects with the most links, whose links are then drawn straight.
const MOST_PLACED: usize = 150;
/// Those up to which it also looks for the order with the fewest crossings.
const MOST_OPTIMISED: usize = 90;
/// Room between objects, across and along the page.
const GAP: (f64, f64) = (72.0, 18.0);
/// Room inside the box of a unit, and above for its name.
const MARGIN: f64 = 18.0;
const HEADING: f64 = 26.0;

/// A rectangle: the upper left corner, width and height.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Points of a curve: start, and for each piece two points to bend towards and its end.
pub(super) type Curve = Vec<(f64, f64)>;

/// Where everything is.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// By unit.
    pub(super) units: Vec<Rectangle>,
    /// By object.
    pub(super) objects: Vec<Rectangle>,
    /// By link.
    pub(super) links: Vec<Curve>,
}

/// Places a picture whose objects have these widths and heights.
pub(super) fn place(picture: &Picture, sizes: &[(f64, f64)]) -> Layout {
    let mut layout = Layout {
        objects: sizes.iter().map(|&(width, height)| Rectangle { width, height, ..Rectangle::default() }).collect(),
        links: vec![Curve::new(); picture.links.len()],
        ..Layout::default()
    };
    let mut boxes = Vec::new();
    let clusters = clusters(picture);
    for unit in 0..picture.units.len() {
        boxes.push(place_unit(picture, &clusters, unit, &mut layout));
    }
    let (origins, width, height) = pack(&boxes.iter().map(|it| (it.width, it.height)).collect::<Vec<_>>(), 24.0);
    (layout.width, layout.height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    for (unit, (x, y)) in origins.into_iter().enumerate() {
        let (dx, dy) = (x + MARGIN, y + MARGIN);
        boxes[unit] = Rectangle { x: dx, y: dy, ..boxes[unit] };
        let members = (0..picture.objects.len()).filter(|&object| picture.objects[object].unit == unit);
        layout.shift(members, picture, (dx, dy));
    }
    layout.units = boxes;
    for (index, link) in picture.links.iter().enumerate() {
        if layout.links[index].is_empty() {
            layout.links[index] = straight(layout.objects[link.from], layout.objects[link.to]);
        }
    }
    layout
}

impl Layout {
    /// Moves objects and the links between them.
    fn shift(&mut self, objects: impl Iterator<Item = usize>, picture: &Picture, (dx, dy): (f64, f64)) {
        let mut is_moved = vec![false; self.objects.len()];
        for object in objects {
            is_moved[object] = true;
            self.objects[object].x += dx;
            self.objects[object].y += dy;
        }
        for (curve, link) in self.links.iter_mut().zip(&picture.links) {
            if is_moved[link.from] && is_moved[link.to] {
                for (x, y) in curve {
                    (*x, *y) = (*x + dx, *y + dy);
                }
            }
        }
    }
}

/// A link that nothing was led around, as one curve between the sides of the objects that face each other.
fn straight(from: Rectangle, to: Rectangle) -> Curve {
    let middle = |it: Rectangle| (it.x + it.width / 2.0, it.y + it.height / 2.0);
    let (one, other) = (middle(from), middle(to));
    let is_beside = from.x + from.width <= to.x || to.x + to.width <= from.x;
    if is_beside {
        let (start, end) = if one.0 < other.0 { (from.x + from.width, to.x) } else { (from.x, to.x + to.width) };
        let bend = f64::midpoint(start, end);
        return vec![(start, one.1), (bend, one.1), (bend, other.1), (end, other.1)];
    }
    let (start, end) = if one.1 < other.1 { (from.y + from.height, to.y) } else { (from.y, to.y + to.height) };
    let bend = f64::midpoint(start, end);
    vec![(one.0, start), (one.0, bend), (other.0, bend), (other.0, end)]
}

/// Objects that hang together, and the links between them that are led around things.
#[derive(Clone, Debug, Default)]
struct Cluster {
    unit: usize,
    objects: Vec<usize>,
    links: Vec<usize>,
}

/// The objects of each unit in groups that hang together and are not too large to be placed.
fn clusters(picture: &Picture) -> Vec<Cluster> {
    let in_unit = |link: &Link| picture.objects[link.from].unit == picture.objects[link.to].unit && link.from != link.to;
    let links: Vec<usize> = (0..picture.links.len()).filter(|&index| in_unit(&picture.links[index])).collect();
    let mut ahead = connected(picture, (0..picture.objects.len()).collect(), links);
    let mut clusters = Vec::new();
    while let Some(mut cluster) = ahead.pop() {
        if cluster.objects.len() + cluster.links.len() <= MOST_PLACED || cluster.links.is_empty() {
            clusters.push(cluster);
            continue;
        }
        let hub = hub(picture, &cluster);
        cluster.links.retain(|&index| picture.links[index].from != hub && picture.links[index].to != hub);
        ahead.extend(connected(picture, cluster.objects, cluster.links));
    }
    clusters.sort_by_key(|cluster| (cluster.unit, cluster.objects.first().copied()));
    clusters
}

/// The object with the most links, the first of several.
fn hub(picture: &Picture, cluster: &Cluster) -> usize {
    let mut degrees = std::collections::BTreeMap::new();
    for &index in &cluster.links {
        let Link { from, to, .. } = picture.links[index];
        *degrees.entry(from).or_insert(0_usize) += 1;
        *degrees.entry(to).or_insert(0_usize) += 1;
    }
    let most = degrees.iter().max_by_key(|(object, degree)| (**degree, std::cmp::Reverse(**object)));
    most.map_or(0, |(object, _)| *object)
}

/// The groups in which objects of one unit are connected by links.
fn connected(picture: &Picture, objects: Vec<usize>, links: Vec<usize>) -> Vec<Cluster> {
    let mut roots: Vec<usize> = (0..picture.objects.len()).collect();
    for &index in &links {
        let Link { from, to, .. } = picture.links[index];
        let (one, other) = (root(&mut roots, from), root(&mut roots, to));
        roots[one.max(other)] = one.min(other);
    }
    let mut clusters = std::collections::BTreeMap::<usize, Cluster>::new();
    for object in objects {
        let cluster = clusters.entry(root(&mut roots, object)).or_default();
        cluster.unit = picture.objects[object].unit;
        cluster.objects.push(object);
    }
    for index in links {
        clusters.entry(root(&mut roots, picture.links[index].from)).or_default().links.push(index);
    }
    clusters.into_values().collect()
}

fn root(roots: &mut [usize], mut object: usize) -> usize {
    while roots[object] != object {
        roots[object] = roots[roots[object]];
        object = roots[object];
    }
    object
}

/// Places the objects of a unit from its upper left corner on; the size of its box.
fn place_unit(picture: &Picture, clusters: &[Cluster], unit: usize, layout: &mut Layout) -> Rectangle {
    let members: Vec<&Cluster> = clusters.iter().filter(|cluster| cluster.unit == unit).collect();
    let mut sizes = Vec::new();
    for cluster in &members {
        sizes.push(place_cluster(picture, cluster, layout));
    }
    let (origins, width, height) = pack(&sizes, 20.0);
    for (cluster, (x, y)) in members.iter().zip(origins) {
        layout.shift(cluster.objects.iter().copied(), picture, (x + MARGIN, y + HEADING + MARGIN / 2.0));
    }
    let heading = super::characters(&picture.units[unit]) * 8.0;
    Rectangle { x: 0.0, y: 0.0, width: width.max(heading) + 2.0 * MARGIN, height: height + HEADING + 1.5 * MARGIN }
}

/// Places a cluster from the origin on; its width and height.
fn place_cluster(picture: &Picture, cluster: &Cluster, layout: &mut Layout) -> (f64, f64) {
    let style = StyleAttr::new(Color::transparent(), 1, None, 0, 12);
    let mut graph = VisualGraph::new(Orientation::LeftToRight);
    let mut handles = std::collections::HashMap::new();
    for &object in &cluster.objects {
        let Rectangle { width, height, .. } = layout.objects[object];
        let size = Point::new(width, height);
        let (shape, name) = (ShapeKind::new_box(""), object.to_string());
        let mut element = Element::create_with_properties(shape, style.clone(), Orientation::LeftToRight, size, name);
        element.pos = Position::new(Point::zero(), size, Point::zero(), Point::new(GAP.0, GAP.1));
        handles.insert(object, graph.add_node(element));
    }
    for &index in &cluster.links {
        let Link { from, to, .. } = picture.links[index];
        graph.add_edge(Arrow::simple_with_properties("", index.to_string()), handles[&from], handles[&to]);
    }
    let is_small = cluster.objects.len() + cluster.links.len() <= MOST_OPTIMISED;
    let mut canvas = Canvas { layout, reversed: Vec::new() };
    graph.do_it(false, !is_small, false, &mut canvas);
    let reversed = canvas.reversed;
    for index in reversed {
        layout.links[index].reverse();
    }
    let corner = |pick: fn(&Rectangle) -> f64, fold: fn(f64, f64) -> f64, start: f64| {
        cluster.objects.iter().map(|&object| pick(&layout.objects[object])).fold(start, fold)
    };
    let (left, top) = (corner(|it| it.x, f64::min, f64::MAX), corner(|it| it.y, f64::min, f64::MAX));
    let (right, bottom) = (corner(|it| it.x + it.width, f64::max, f64::MIN), corner(|it| it.y + it.height, f64::max, f64::MIN));
    layout.shift(cluster.objects.iter().copied(), picture, (-left, -top));
    (right - left, bottom - top)
}

/// Takes what the library draws.
struct Canvas<'l> {
    layout: &'l mut Layout,
    /// Links that the library turned around, so that there are no cycles.
    reversed: Vec<usize>,
}

impl RenderBackend for Canvas<'_> {
    fn draw_rect(&mut self, corner: Point, size: Point, _: &StyleAttr, name: Option<String>, _: Option<ClipHandle>) {
        if let Some(object) = name.and_then(|name| name.parse::<usize>().ok()) {
            self.layout.objects[object] = Rectangle { x: corner.x, y: corner.y, width: size.x, height: size.y };
        }
    }

    fn draw_arrow(&mut self, path: &[(Point, Point)], _: bool, head: (bool, bool), _: &StyleAttr, name: Option<String>, _: &str) {
        let Some(index) = name.and_then(|name| name.parse::<usize>().ok()) else { return };
        self.layout.links[index] = curve(path);
        if head.0 {
            self.reversed.push(index);
        }
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_text(&mut self, _: Point, _: &str, _: &StyleAttr) {}

    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}

/// The library's curve: the start with a point to bend towards, then for each piece the point from which it comes in and its end. Pieces
/// leave each point in the direction in which they came.
fn curve(path: &[(Point, Point)]) -> Curve {
    let [(start, leave), pieces @ ..] = path else { return Curve::new() };
    let mut leave = *leave;
    let mut curve = vec![(start.x, start.y)];
    for (enter, end) in pieces {
        curve.extend([(leave.x, leave.y), (enter.x, enter.y), (end.x, end.y)]);
        leave = Point::new(2.0 * end.x - enter.x, 2.0 * end.y - enter.y);
    }
    curve
}

/// Packs rectangles in rows, the highest first, so that the whole is about half as wide again as it is high: their corners, and the width
/// and height of all.
fn pack(sizes: &[(f64, f64)], gap: f64) -> (Vec<(f64, f64)>, f64, f64) {
    let area: f64 = sizes.iter().map(|(width, height)| (width + gap) * (height + gap)).sum();
    let widest = sizes.iter().map(|(width, _)| *width).fold((area * 1.6).sqrt(), f64::max);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[b].1.total_cmp(&sizes[a].1));
    let mut corners = vec![(0.0, 0.0); sizes.len()];
    let (mut x, mut y, mut row, mut width) = (0.0, 0.0, 0.0_f64, 0.0_f64);
    for index in order {
        if x > 0.0 && x + sizes[index].0 > widest {
            (x, y, row) = (0.0, y + row + gap, 0.0);
        }
        corners[index] = (x, y);
        width = width.max(x + sizes[index].0);
        row = row.max(sizes[index].1);
        x += sizes[index].0 + gap;
    }
    (corners, width, y + row)
}

#[cfg(test)]
mod tests;
