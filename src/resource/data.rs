//! Where programs keep their data, and which volumes can no longer hold any.

use super::Mount;

/// A volume source that no code of Kubernetes itself serves any more.
#[derive(Clone, Copy, Debug)]
pub struct RemovedSource {
    /// The field of a volume: `glusterfs`.
    pub field: &'static str,
    /// Since which version: 26 for 1.26.
    pub since: u32,
    /// What takes its place.
    pub successor: Successor,
    /// The provisioner that went with it.
    pub provisioner: &'static str,
}

/// What takes the place of a volume source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Successor {
    /// Volumes are handed to this CSI driver.
    Driver(&'static str),
    /// A feature gate can switch it on again.
    Gate,
    /// Pods that use it don't start.
    Nothing,
}

/// All of them.
pub fn removed_sources() -> impl Iterator<Item = RemovedSource> {
    let lines = include_str!("data/volume-sources.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut fields = line.split_whitespace();
        let mut next = || fields.next().expect("volume_sources.txt has four columns");
        let (field, since) = (next(), next().parse().expect("a minor version"));
        let successor = match next() {
            "nothing" => Successor::Nothing,
            "gate" => Successor::Gate,
            driver => Successor::Driver(driver),
        };
        RemovedSource { field, since, successor, provisioner: next() }
    })
}

/// Whether a program keeps there, by the directory's name and its image, what must outlive its pod.
pub fn is_data_directory(mount: &Mount<'_>) -> bool {
    let Some(path) = mount.path().map(|path| path.trim_end_matches('/')) else { return false };
    let lines = include_str!("data/data-directories.txt").lines().filter(|line| !line.starts_with('#'));
    let images = lines.filter_map(|line| line.split_once(' ')).find(|(directory, _)| *directory == path).map(|(_, images)| images.trim());
    images.is_some_and(|images| images == "*" || image_name(mount).is_some_and(|name| images.split(',').any(|image| image == name)))
}

/// The last part of the name of the container's image.
fn image_name<'t>(mount: &Mount<'t>) -> Option<&'t str> {
    mount.container().image_reference()?.name.rsplit('/').next()
}
