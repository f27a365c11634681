use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{AccessMode, Form, Kind, Quantity, Refusals};
use crate::yaml::{Entry, NodeRef};

/// What a volume can be made of.
const SOURCES: [&str; 22] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];
const LONGEST_DRIVER_NAME: usize = 63;

/// `ValidatePersistentVolumeSpec` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources().iter().filter(|resource| resource.kind() == Kind::PersistentVolume) {
        let Some(spec) = resource.spec().filter(|spec| spec.is_mapping()) else { continue };
        let mut refusals = Refusals::new(report, resource);
        check_modes(spec, &mut refusals);
        check_capacity(spec, &mut refusals);
        check_sources(spec, &mut refusals);
        check_affinity(spec, &mut refusals);
        check_classes(spec, &mut refusals);
    }
}

fn check_modes<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let list = spec.field("accessModes");
    let modes: Vec<_> = list.into_iter().flat_map(NodeRef::items).filter_map(|item| Some((item, item.str()?))).collect();
    let known = |text: &str| AccessMode::from_name(text);
    let is_single = |text: &str| known(text) == Some(AccessMode::ReadWriteOncePod);
    let single = modes.iter().find(|(_, text)| is_single(text));
    let other = modes.iter().find(|(_, text)| known(text).is_some() && !is_single(text));
    if let (Some((single, _)), Some((other, _))) = (single, other) {
        refusals
            .at(*single, "ReadWriteOncePod goes with no other access mode")
            .related(*other, "the other one")
            .help("keep one of the two");
    }
}

fn check_capacity<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let capacity = spec.field("capacity");
    if let Some(capacity) = capacity.filter(|capacity| capacity.is_mapping() && capacity.field("storage").is_none() && refusals.is_whole())
    {
        refusals.at(capacity, "a volume needs its capacity").help("add `storage: 10Gi`");
    }
    for entry in capacity.into_iter().flat_map(NodeRef::entries).filter(|entry| !entry.key.is_unknown()) {
        if entry.key.text() != "storage" {
            refusals.at(entry, format!("the capacity of a volume is storage, not `{}`", entry.key.text())).help("remove it");
        } else if Quantity::read(entry.value).is_some_and(|quantity| !quantity.is_positive()) {
            refusals.at(entry.value, format!("a capacity of `{}` is not more than 0", entry.value.text()));
        }
    }
}

fn check_sources<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let sources: Vec<Entry<'t>> = SOURCES.iter().filter_map(|key| spec.entry(key)).filter(|entry| !entry.value.is_null()).collect();
    if sources.is_empty() && refusals.is_whole() && spec.entries().all(|entry| !entry.key.is_unknown()) {
        let place = refusals.object().nearest("spec");
        refusals.at(place, "a volume needs a source").help("say what it is made of, such as `csi`, `nfs` or `local`");
    }
    if let [first, second, ..] = sources[..]
        && refusals.is_whole()
    {
        refusals.at(second, "a volume has one source").related(first.key, "the other one").help("make two volumes of it");
    }
    for source in sources {
        check_source(source, refusals);
    }
    let is_root = |path: &str| path.starts_with('/') && path.split('/').all(|part| matches!(part, "" | "."));
    let recycles = spec.field("persistentVolumeReclaimPolicy").filter(|policy| policy.str() == Some("Recycle"));
    if let (Some(policy), Some(path)) = (recycles, spec.at("hostPath.path"))
        && path.str().is_some_and(is_root)
    {
        let finding = refusals.at(policy, "the root of a node may not be recycled: all its files would be removed");
        finding.related(path, "the path").help("use Retain");
    }
}

fn check_source<'t>(source: Entry<'t>, refusals: &mut Refusals<'_, 't>) {
    let path = source.value.field("path").and_then(|path| Some((path, path.str()?)));
    let leaves = |text: &str| text.split('/').any(|part| part == "..");
    match (source.key.text(), path) {
        ("hostPath" | "local", Some((path, text))) if leaves(text) => {
            refusals.at(path, format!("path `{text}` goes up with `..`")).help("write the path itself");
        }
        ("nfs", Some((path, text))) if !text.is_empty() && !text.starts_with('/') => {
            refusals.at(path, format!("path `{text}` does not begin with a slash")).help("write the exported folder's path: /exports/shop");
        }
        ("csi", _) => check_driver(source.value.field("driver"), refusals),
        _ => {}
    }
}

/// `ValidateCSIDriverName`: its case doesn't count.
fn check_driver<'t>(driver: Option<NodeRef<'t>>, refusals: &mut Refusals<'_, 't>) {
    let Some((node, text)) = driver.and_then(|node| Some((node, node.str()?))) else { return };
    if text.is_empty() {
        return;
    }
    if text.len() > LONGEST_DRIVER_NAME || !(Form::DNS_SUBDOMAIN.holds)(&text.to_ascii_lowercase()) {
        let help = format!("use at most {LONGEST_DRIVER_NAME} letters, digits, inner dashes and dots");
        refusals.at(node, format!("`{text}` can't be the name of a driver")).help(help);
    }
}

fn check_affinity<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let affinity = spec.field("nodeAffinity");
    let local = spec.entry("local").filter(|entry| !entry.value.is_null());
    let names_nodes = affinity.is_some_and(|affinity| !affinity.is_mapping() || affinity.field("required").is_some());
    if names_nodes || !refusals.is_whole() {
        return;
    }
    if let Some(affinity) = affinity {
        refusals.at(affinity, "the affinity of a volume names no node").help("add a term under `required.nodeSelectorTerms`");
    } else if let Some(local) = local {
        let help = "name its node under `nodeAffinity.required`, by the label kubernetes.io/hostname";
        refusals.at(local, "a local volume needs nodeAffinity, which says on what node it is").help(help);
    }
}

fn check_classes<'t>(spec: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let class = spec.field("storageClassName").filter(|class| class.str() != Some(""));
    refusals.check_form(class, "storageClassName", &Form::DNS_SUBDOMAIN);
    let Some(attributes) = spec.field("volumeAttributesClassName") else { return };
    refusals.check_form(Some(attributes), "volumeAttributesClassName", &Form::DNS_SUBDOMAIN);
    if spec.field("csi").is_none() && refusals.is_whole() {
        refusals.at(attributes, "volumeAttributesClassName belongs to volumes of CSI drivers").help("remove it");
    }
}
