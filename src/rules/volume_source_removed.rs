use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, RemovedSource, Resource, Successor, removed_sources};
use crate::yaml::{Entry, NodeRef};

pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    let sources: Vec<_> = removed_sources().collect();
    for volume in graph.all_workloads().filter_map(|workload| workload.pod()).flat_map(|pod| pod.volumes()) {
        check_fields(volume.node(), &sources, report);
    }
    for spec in graph.of_kind(Kind::PersistentVolume).filter_map(Resource::spec) {
        check_fields(spec, &sources, report);
    }
    for class in graph.of_kind(Kind::StorageClass).filter_map(Resource::storage_class) {
        check_provisioner(class.provisioner(), &sources, report);
    }
}

fn check_fields(volume: NodeRef<'_>, sources: &[RemovedSource], report: &mut Report) {
    for entry in volume.entries().filter(|entry| entry.value.is_mapping()) {
        if let Some(source) = sources.iter().find(|source| entry.key.is_text(source.field)) {
            check_source(entry, source, report);
        }
    }
}

fn check_source(entry: Entry<'_>, source: &RemovedSource, report: &mut Report) {
    let (field, since) = (source.field, source.since);
    match source.successor {
        Successor::Nothing => report
            .at(entry, format!("Kubernetes has no driver for {field} since 1.{since}: pods that use it never start"))
            .help("use a volume of a CSI driver"),
        Successor::Gate => report
            .at(entry, format!("the driver for {field} is switched off since 1.{since}: pods that use it don't start"))
            .help("fetch the content in an init container into an emptyDir"),
        Successor::Driver(driver) => report
            .at(entry, format!("{field} is left to the CSI driver {driver} since 1.{since}: it works only where that is installed"))
            .note()
            .help(format!("write the volume as `csi` with driver {driver}")),
    };
}

fn check_provisioner(provisioner: Option<NodeRef<'_>>, sources: &[RemovedSource], report: &mut Report) {
    let Some((node, name)) = provisioner.and_then(|node| Some((node, node.str()?))) else { return };
    let gone = sources.iter().find(|source| source.provisioner == name && source.successor == Successor::Nothing);
    if let Some(source) = gone {
        let message = format!("Kubernetes has no provisioner {name} since 1.{}: claims of this class stay Pending", source.since);
        report.at(node, message).help("use the provisioner of a CSI driver");
    }
}
