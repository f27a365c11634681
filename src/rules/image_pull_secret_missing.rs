use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Resource};
use crate::yaml::NodeRef;

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let of_pods = graph.workloads().filter_map(|workload| Some((*workload.resource(), workload.pod()?.field("imagePullSecrets")?)));
    let accounts = graph.of_kind(Kind::ServiceAccount);
    let of_accounts = accounts.filter_map(|account| Some((*account, account.node().get("imagePullSecrets")?)));
    for (resource, list) in of_pods.chain(of_accounts) {
        for secret in list.items().filter_map(|item| item.get("name")) {
            check_secret(graph, &resource, secret, report);
        }
    }
}

fn check_secret<'t>(graph: &Graph<'t>, resource: &Resource<'t>, secret: NodeRef<'t>, report: &mut Report) {
    let Some(name) = secret.value_text().filter(|name| !name.is_empty()) else { return };
    if graph.absence_of(resource, Kind::Secret, name).is_some() {
        let message = format!("no Secret `{name}` in these files: images of {} are pulled without it", resource.describe());
        report.at(secret, message).help("correct the name, or list the Secret under `assume` if it is made elsewhere");
    }
}
