use std::collections::HashMap;

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource, StorageClass};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let mut first: HashMap<_, StorageClass<'_>> = HashMap::new();
    for class in graph.of_kind(Kind::StorageClass).filter_map(Resource::storage_class) {
        let (Some(mark), Some(unit)) = (class.default_mark(), graph.unit_number(class.resource())) else { continue };
        let earlier = *first.entry(unit).or_insert(class);
        let (own, other) = (class.resource(), earlier.resource());
        if own.is_same_object(other) || own.name().is_none() || !belong_together(graph, &class, &earlier) {
            continue;
        }
        let message = format!(
            "{} and {} are both marked as default: claims without a class get the one created last",
            other.describe(),
            own.describe()
        );
        let finding = report.at(mark, message);
        finding.help("mark one class only");
        if let Some(mark) = earlier.default_mark() {
            finding.related(mark, "the other one");
        }
    }
}

/// Whether two classes are meant for one cluster: they are applied together, or of one provisioner. Folders hold classes for several
/// clouds.
fn belong_together<'t>(graph: &Graph<'t>, a: &StorageClass<'t>, b: &StorageClass<'t>) -> bool {
    let maker = |class: &StorageClass<'t>| class.provisioner().and_then(NodeRef::str);
    graph.are_applied_together(a.resource(), b.resource()) || (maker(a).is_some() && maker(a) == maker(b))
}
