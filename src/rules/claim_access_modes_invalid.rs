use crate::finding::{Report, did_you_mean};
use crate::graph::Graph;
use crate::resource::{AccessMode, ClaimRequest};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let modes = request.spec().and_then(|spec| spec.get("accessModes")).filter(|modes| !modes.is_null());
        if modes.is_some_and(|modes| !modes.is_sequence()) {
            continue;
        }
        let items: Vec<NodeRef<'_>> = modes.into_iter().flat_map(NodeRef::items).collect();
        let place = request.nearest("spec.accessModes");
        if items.is_empty() && !place.is_unknown() {
            let message = format!("{} has no access mode: {}", request.describe(), request.if_invalid());
            report.at(place, message).help("add one, such as `accessModes: [ReadWriteOnce]`");
        }
        check_items(&request, &items, report);
    }
}

fn check_items(request: &ClaimRequest<'_>, items: &[NodeRef<'_>], report: &mut Report) {
    let known = |item: &NodeRef<'_>| item.str().and_then(AccessMode::from_name);
    for item in items {
        let Some(written) = item.str().filter(|_| known(item).is_none()) else { continue };
        let message = format!("{} asks for `{written}`, which is no access mode: {}", request.describe(), request.if_invalid());
        let finding = report.at(*item, message);
        finding.help(
            suggestion(written).unwrap_or_else(|| format!("the access modes are {}", AccessMode::ALL.map(AccessMode::name).join(", "))),
        );
    }
    let single = items.iter().find(|item| known(item) == Some(AccessMode::ReadWriteOncePod));
    let other = items.iter().find(|item| known(item).is_some_and(|mode| mode != AccessMode::ReadWriteOncePod));
    if let (Some(single), Some(other)) = (single, other) {
        let message = format!("{} asks for ReadWriteOncePod beside another access mode: {}", request.describe(), request.if_invalid());
        report.at(*single, message).related(*other, "the other one").help("keep one of the two");
    }
}

/// The mode that was meant: `RWO` is how kubectl prints `ReadWriteOnce`.
fn suggestion(written: &str) -> Option<String> {
    let by_initials = AccessMode::ALL.into_iter().find(|mode| mode.abbreviation().eq_ignore_ascii_case(written));
    by_initials.map(|mode| format!("write {}", mode.name())).or_else(|| did_you_mean(written, AccessMode::ALL.map(AccessMode::name)))
}
