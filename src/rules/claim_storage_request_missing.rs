use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::Quantity;

const PATH: &str = "spec.resources.requests.storage";

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for request in graph.claim_requests() {
        let place = request.nearest(PATH);
        let written = request.spec().and_then(|spec| spec.at("resources.requests.storage")).filter(|storage| !storage.is_null());
        if let Some(storage) = written {
            if Quantity::read(storage).is_some_and(|quantity| !quantity.is_positive()) {
                let message =
                    format!("{} requests `{}` of storage, not more than 0: {}", request.describe(), storage.text(), request.if_invalid());
                report.at(storage, message).help("request more than 0");
            }
            continue;
        }
        if place.is_unknown() {
            continue;
        }
        let limit = request.spec().and_then(|spec| spec.at("resources.limits.storage")).filter(|limit| !limit.is_null());
        let message = format!("{} requests no storage: {}", request.describe(), request.if_invalid());
        let finding = report.at(limit.unwrap_or(place), message);
        finding.help(if limit.is_some() {
            "write it under resources.requests: a limit is no request"
        } else {
            "set spec.resources.requests.storage"
        });
    }
}
