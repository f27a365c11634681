//! Which texts of a large folder matter to what is found in one of them.

use std::collections::HashMap;

use super::navigation::names_object;
use crate::config::Settings;
use crate::lint::{self, Side, Text};
use crate::resource::Kind;
use crate::source::SourceId;
use crate::yaml::NodeRef;

/// Texts up to which all matter: they are judged as fast as a part of them is chosen.
const FEW: usize = 300;

/// Texts above which a part is none.
const MANY: usize = 600;

/// Kinds of objects that count for others which don't name them.
const AMBIENT: [Kind; 6] =
    [Kind::Namespace, Kind::LimitRange, Kind::ResourceQuota, Kind::StorageClass, Kind::PriorityClass, Kind::CustomResourceDefinition];

/// What the texts of a folder have to do with each other.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    /// By text, what is applied together with it; none for texts without objects, which kustomizations may be.
    units: Vec<Option<u32>>,
    /// By text, whether it counts everywhere.
    is_ambient: Vec<bool>,
    /// The texts that hold an object of a name, or name one.
    by_name: HashMap<Box<str>, Vec<SourceId>>,
}

impl Neighbours {
    /// Of a folder that is large enough for a part of it to be worth choosing.
    pub(super) fn of(texts: &[Text], settings: &Settings) -> Option<Self> {
        if texts.len() <= FEW {
            return None;
        }
        let graph = lint::graph(texts, settings);
        let ambient = |text: &Text| matches!(text.side, Side::Policy { .. });
        let is_ambient = texts.iter().map(ambient).collect();
        let mut neighbours = Neighbours { units: vec![None; texts.len()], is_ambient, by_name: HashMap::new() };
        for kustomization in graph.kustomizations() {
            neighbours.is_ambient[kustomization.source().0 as usize] = true;
        }
        for resource in graph.resources() {
            let source = resource.source();
            neighbours.units[source.0 as usize] = graph.unit_number(resource);
            neighbours.is_ambient[source.0 as usize] |= AMBIENT.contains(&resource.kind());
            for name in resource.name().into_iter().chain(names_in(resource.node())) {
                let known = neighbours.by_name.entry(name.into()).or_default();
                if known.last() != Some(&source) {
                    known.push(source);
                }
            }
        }
        Some(neighbours)
    }

    /// By text, whether it matters to one that has changed: it is applied together with it, counts everywhere, or holds or names an
    /// object that stands or is named there, or in a text that does. `None` where too many do.
    pub(super) fn around(&self, changed: SourceId, texts: &[Text]) -> Option<Vec<bool>> {
        let unit = *self.units.get(changed.0 as usize)?;
        unit?;
        let beside = self.units.iter().zip(&self.is_ambient).map(|(other, is_ambient)| *is_ambient || *other == unit);
        let mut matters: Vec<bool> = beside.collect();
        let mut near = vec![changed];
        for _ in 0..2 {
            let names = near.iter().flat_map(|source| texts[source.0 as usize].tree.documents()).filter_map(|document| document.root);
            let scalars = names.flat_map(NodeRef::scalars).filter_map(|scalar| self.by_name.get(scalar.text()));
            let mut next: Vec<SourceId> = scalars.filter(|found| found.len() <= FEW).flatten().copied().collect();
            next.sort_unstable();
            next.dedup();
            next.retain(|source| !std::mem::replace(&mut matters[source.0 as usize], true));
            near = next;
        }
        matters[changed.0 as usize] = true;
        (matters.iter().filter(|matters| **matters).count() <= MANY).then_some(matters)
    }
}

/// The names of other objects in an object.
fn names_in(object: NodeRef<'_>) -> impl Iterator<Item = &str> {
    object.scalars().filter(|scalar| names_object(*scalar)).filter_map(NodeRef::value_text)
}
