//! Volumes, where their content comes from, and where they are mounted.

use crate::finding::Place;
use crate::graph::PodReview;
use crate::resource::{Container, Form, Mount, Quantity, Volume, looks_replaced, number, repeated, text};
use crate::yaml::NodeRef;

/// All sources of volumes that there are.
const SOURCES: &str = include_str!("../../resource/data/volume-kinds.txt");
/// `0777`
const MOST_MODE: i64 = 0o777;
const LEAST_TOKEN_SECONDS: i64 = 600;
const MOST_TOKEN_SECONDS: i64 = 1 << 32;

pub(super) fn check<'t>(review: &mut PodReview<'_, 't>, volumes: NodeRef<'t>) {
    check_names(review, volumes);
    for volume in volumes.items() {
        check_number_of_sources(review, volume);
        check_source(review, volume);
    }
}

fn check_names<'t>(review: &mut PodReview<'_, 't>, volumes: NodeRef<'t>) {
    let names = || volumes.items().filter_map(|volume| text(volume, "name")).filter(|(_, name)| !name.is_empty());
    for (node, name) in names().filter(|(_, name)| !looks_replaced(name)) {
        if let Some(fault) = Form::DNS_LABEL.fault(name) {
            review.refuse(node, format!("the volume name `{name}` {fault}")).help(Form::DNS_LABEL.help);
        }
    }
    if review.is_whole {
        for (second, first) in repeated(names().map(|(node, name)| (name, node))) {
            let reason = format!("two volumes are named `{}`", second.text());
            review.refuse(second, reason).help("give each its own name").related(first, "the first");
        }
    }
}

/// A volume without any source is an emptyDir.
fn check_number_of_sources<'t>(review: &mut PodReview<'_, 't>, volume: NodeRef<'t>) {
    // Nearly all volumes have a name and a source, and nothing else.
    if !review.is_whole || volume.entries().count() < 3 {
        return;
    }
    let is_source = |key: &str| SOURCES.lines().any(|source| source == key);
    let mut sources = volume.entries().filter(|entry| !entry.value.is_null() && is_source(entry.key.text()));
    if let (Some(first), Some(second)) = (sources.next(), sources.next()) {
        let reason = format!("the volume has two sources, {} and {}", first.key.text(), second.key.text());
        review.refuse(second, reason).help("make two volumes of it").related(first, "the first");
    }
}

fn check_source<'t>(review: &mut PodReview<'_, 't>, volume: NodeRef<'t>) {
    for entry in volume.entries().filter(|entry| entry.value.is_mapping()) {
        let source = entry.value;
        match entry.key.text() {
            "secret" => {
                check_modes(review, source);
                check_name(review, source, "secret", "secretName");
                check_items(review, source);
            }
            "configMap" => {
                check_modes(review, source);
                check_name(review, source, "configMap", "name");
                check_items(review, source);
            }
            "downwardAPI" => {
                check_modes(review, source);
                check_items(review, source);
            }
            "projected" => check_projected(review, source),
            "emptyDir" => check_size(review, source),
            "hostPath" => check_no_steps_up(review, source, "path"),
            "gitRepo" => check_local(review, source, "directory"),
            "nfs" => check_absolute(review, source),
            "gcePersistentDisk" | "awsElasticBlockStore" => check_range(review, source, "partition", 255),
            "iscsi" => check_range(review, source, "lun", 255),
            _ => {}
        }
    }
}

fn check_range<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>, key: &str, most: i64) {
    if let Some((node, value)) = number(source, key).filter(|(_, value)| !(0..=most).contains(value)) {
        review.refuse(node, format!("{key} is {value}")).help(format!("use 0 to {most}"));
    }
}

/// Modes of files: `644` without a zero before it is a decimal number, and no mode.
fn check_mode<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>, key: &str) {
    if let Some((node, mode)) = number(node, key).filter(|(_, mode)| !(0..=MOST_MODE).contains(mode)) {
        let digits = node.text();
        let is_octal = !digits.starts_with('0') && digits.bytes().all(|digit| (b'0'..b'8').contains(&digit)) && digits.len() <= 3;
        let help = if is_octal { format!("write 0{digits}, which is octal") } else { "use 0 to 0777, octal".to_owned() };
        review.refuse(node, format!("{key} {mode} is no mode of a file")).help(help);
    }
}

fn check_modes<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>) {
    check_mode(review, source, "defaultMode");
    for item in source.get("items").into_iter().flat_map(NodeRef::items) {
        check_mode(review, item, "mode");
    }
}

fn check_items<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>) {
    for item in source.get("items").into_iter().flat_map(NodeRef::items) {
        check_local(review, item, "path");
    }
}

/// The object behind a volume must be named. What is named by a wrong key is told by unknown-field.
fn check_name<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>, kind: &str, key: &str) {
    let known = ["items", "defaultMode", "optional", key];
    let is_known = source.entries().all(|entry| known.contains(&entry.key.text()));
    let name = source.field(key);
    if review.is_whole && is_known && name.is_none_or(|name| name.str() == Some("")) {
        review.refuse(name.unwrap_or(source), format!("a volume of type {kind} has no {key}")).help("name the object");
    }
}

fn check_projected<'t>(review: &mut PodReview<'_, 't>, projected: NodeRef<'t>) {
    check_mode(review, projected, "defaultMode");
    let sources = || projected.get("sources").into_iter().flat_map(NodeRef::items);
    for source in sources() {
        let kinds: Vec<_> = source.entries().filter(|entry| !entry.value.is_null()).collect();
        if let ([first, second, ..], true) = (&kinds[..], review.is_whole) {
            let reason = format!("one projected source is {} and {}", first.key.text(), second.key.text());
            review.refuse(*second, reason).help("write two items");
        }
        for entry in kinds {
            match entry.key.text() {
                kind @ ("secret" | "configMap") => {
                    check_name(review, entry.value, kind, "name");
                    check_modes(review, entry.value);
                    check_items(review, entry.value);
                }
                "downwardAPI" => {
                    check_modes(review, entry.value);
                    check_items(review, entry.value);
                }
                "serviceAccountToken" => check_token(review, entry.value),
                "clusterTrustBundle" => check_local(review, entry.value, "path"),
                _ => {}
            }
        }
    }
    let files = ["secret", "configMap", "downwardAPI"]
        .into_iter()
        .flat_map(|kind| sources().filter_map(move |source| source.get(kind)?.get("items")));
    let paths = files.flat_map(NodeRef::items).filter_map(|item| text(item, "path")).filter(|(_, path)| !path.is_empty());
    for (second, first) in repeated(paths.map(|(node, path)| (path, node))) {
        let reason = format!("two files of the volume have the path `{}`", second.text());
        review.refuse(second, reason).help("give each its own path").related(first, "the first");
    }
}

fn check_token<'t>(review: &mut PodReview<'_, 't>, token: NodeRef<'t>) {
    check_local(review, token, "path");
    let seconds = number(token, "expirationSeconds").filter(|(_, seconds)| !(LEAST_TOKEN_SECONDS..=MOST_TOKEN_SECONDS).contains(seconds));
    if let Some((node, seconds)) = seconds {
        review
            .refuse(node, format!("a token lives {seconds} seconds, {LEAST_TOKEN_SECONDS} are the least"))
            .help("use 600 or more; the default is an hour");
    }
}

fn check_size<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>) {
    let Some(limit) = source.field("sizeLimit") else { return };
    if Quantity::read(limit).is_some_and(Quantity::is_negative) {
        review.refuse(limit, "sizeLimit is negative").help("leave it out for no limit");
    }
}

fn check_absolute<'t>(review: &mut PodReview<'_, 't>, source: NodeRef<'t>) {
    if let Some((node, path)) = text(source, "path").filter(|(_, path)| !path.is_empty() && !path.starts_with('/') && !looks_replaced(path))
    {
        review.refuse(node, format!("the exported path `{path}` is relative")).help("begin it with `/`");
    }
}

fn has_step_up(path: &str) -> bool {
    path.split('/').any(|step| step == "..")
}

fn check_no_steps_up<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>, key: &str) {
    if let Some((node, _)) = text(node, key).filter(|(_, path)| has_step_up(path)) {
        review.refuse(node, format!("the {key} has a step `..`")).help("write the path without it");
    }
}

/// A path inside a volume: neither absolute nor one that leaves it.
fn check_local<'t>(review: &mut PodReview<'_, 't>, node: NodeRef<'t>, key: &str) {
    let Some((place, path)) = text(node, key) else { return };
    if path.starts_with('/') {
        review.refuse(place, format!("the {key} `{path}` is absolute")).help("write it relative to the volume");
    } else if has_step_up(path) || (path.starts_with("..") && !matches!(key, "subPath" | "subPathExpr" | "directory")) {
        review.refuse(place, format!("the {key} `{path}` leaves the volume")).help("write the path without `..`");
    }
}

/// Mounts or devices of a container. The paths of both are compared with each other once.
pub(super) fn check_mounts<'t>(review: &mut PodReview<'_, 't>, container: &Container<'t>, are_devices: bool) {
    for mount in container.mounts().filter(|mount| mount.is_device() == are_devices) {
        if are_devices {
            check_no_steps_up(review, mount.node(), "devicePath");
        } else if mount.node().entries().any(|entry| !matches!(entry.key.text(), "name" | "mountPath" | "readOnly")) {
            check_local(review, mount.node(), "subPath");
            check_local(review, mount.node(), "subPathExpr");
            if review.is_whole {
                check_combination(review, container, mount);
            }
        }
        if are_devices && review.is_whole {
            check_device(review, mount);
        }
    }
    if review.is_whole && (are_devices || container.field("volumeDevices").is_none()) {
        let path = |mount: Mount<'t>| text(mount.node(), if mount.is_device() { "devicePath" } else { "mountPath" });
        let paths = container.mounts().filter_map(path).filter(|(_, path)| !path.is_empty());
        for (second, first) in repeated(paths.map(|(node, path)| (path, node))) {
            let reason = format!("two volumes are mounted at `{}`", second.text());
            review.refuse(second, reason).help("mount one of them elsewhere").related(first, "the first");
        }
    }
}

fn check_combination<'t>(review: &mut PodReview<'_, 't>, container: &Container<'t>, mount: Mount<'t>) {
    let node = mount.node();
    let non_empty = |key| text(node, key).filter(|(_, value)| !value.is_empty());
    if let (Some(_), Some((expression, _))) = (non_empty("subPath"), non_empty("subPathExpr")) {
        review.refuse(expression, "a mount has both subPath and subPathExpr").help("keep one of them");
    }
    let privileged = || container.field("securityContext").and_then(|context| context.field("privileged"));
    let propagation = text(node, "mountPropagation");
    if let Some((place, "Bidirectional")) = propagation
        && privileged().is_none_or(|privileged| privileged.bool() == Some(false))
    {
        review
            .refuse(place, "mountPropagation Bidirectional in a container that is not privileged")
            .help("use HostToContainer, or make the container privileged");
    }
    if let Some((place, mode @ ("Enabled" | "IfPossible"))) = text(node, "recursiveReadOnly") {
        let is_writable = node.field("readOnly").is_none_or(|read_only| read_only.bool() == Some(false));
        if is_writable {
            review.refuse(place, format!("recursiveReadOnly {mode} without readOnly true")).help("set readOnly to true");
        } else if propagation.is_some_and(|(_, propagation)| propagation != "None") {
            review.refuse(place, format!("recursiveReadOnly {mode} with mountPropagation")).help("remove mountPropagation");
        }
    }
}

/// Only claims can be block devices.
fn check_device<'t>(review: &mut PodReview<'_, 't>, mount: Mount<'t>) {
    let Some((place, name)) = text(mount.node(), "name") else { return };
    let volume = review.pod.volumes().find(|volume| volume.name() == Some(name));
    let is_claim = |volume: Volume<'t>| ["persistentVolumeClaim", "ephemeral"].into_iter().any(|key| volume.field(key).is_some());
    if let Some(volume) = volume.filter(|volume| !is_claim(*volume)) {
        review
            .refuse(place, format!("the volume `{name}` is given as a device, but is no claim"))
            .help("mount it under volumeMounts")
            .related(Place::from(volume.node()), "the volume");
    }
}
