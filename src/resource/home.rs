//! Where the content lives that a container sees at a path.

use std::collections::HashMap;

use super::{Mount, Volume, Workload, path_steps};
use crate::yaml::NodeRef;

/// Where the content of a mounted volume lives.
#[derive(Clone, Copy, Debug)]
pub enum Home<'t> {
    /// In a claim of that name.
    Claim(NodeRef<'t>),
    /// In the claim that a `StatefulSet` makes for each pod from the template of that name.
    Template(&'t str),
    /// In a folder of the node that is no part of the node itself.
    Node(NodeRef<'t>),
    /// In the pod, with which it goes: the volume's source.
    Pod(NodeRef<'t>),
}

impl Home<'_> {
    /// Whether both are one. Placeholders are not known.
    pub fn is(&self, other: &Home<'_>) -> Option<bool> {
        match (self, other) {
            (Home::Claim(a), Home::Claim(b)) | (Home::Node(a), Home::Node(b)) => {
                let (a, b) = (a.value_text()?, b.value_text()?);
                Some(path_steps(a).eq(path_steps(b)))
            }
            (Home::Template(a), Home::Template(b)) => Some(a == b),
            _ => Some(false),
        }
    }

    /// Whether it outlives the pod.
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Home::Pod(_))
    }

    /// "claim `data`", "`/srv/data` of the node"
    pub fn describe(&self) -> String {
        match self {
            Home::Claim(name) => format!("claim `{}`", name.text()),
            Home::Template(name) => format!("their claim from template `{name}`"),
            Home::Node(path) => format!("`{}` of the node", path.text()),
            Home::Pod(source) => format!("a volume that goes with its pod (`{}`)", source.key().map_or("", NodeRef::text)),
        }
    }
}

/// A mount, its volume, and where its content lives.
#[derive(Clone, Copy, Debug)]
pub struct Housed<'t> {
    /// The mount.
    pub mount: Mount<'t>,
    /// The volume's name.
    pub volume: &'t str,
    /// Where its content lives.
    pub home: Home<'t>,
    /// Whether the container can't write to it.
    pub is_read_only: bool,
}

impl<'t> Housed<'t> {
    /// Whether both are at the same path of the same container.
    pub fn is_in_place_of(&self, other: &Housed<'_>) -> bool {
        self.is_in_container_of(other) && is_same_path(self.mount.path(), other.mount.path())
    }

    /// Whether both are in containers of one name.
    pub fn is_in_container_of(&self, other: &Housed<'_>) -> bool {
        self.mount.container().name().is_some() && self.mount.container().name() == other.mount.container().name()
    }

    /// Whether both show the same folder of their volumes. `None` where a placeholder decides.
    pub fn shows_folder_of(&self, other: &Housed<'_>) -> Option<bool> {
        let text = |mount: &Mount<'t>| mount.sub_path().map_or(Some(""), NodeRef::value_text);
        let theirs = other.mount.sub_path().map_or(Some(""), NodeRef::value_text)?;
        Some(path_steps(text(&self.mount)?).eq(path_steps(theirs)))
    }
}

fn is_same_path(a: Option<&str>, b: Option<&str>) -> bool {
    a.zip(b).is_some_and(|(a, b)| path_steps(a).eq(path_steps(b)))
}

impl<'t> Workload<'t> {
    /// The mounts and devices of all containers whose content's home is known, in their order.
    pub fn housed_mounts(&self) -> Vec<Housed<'t>> {
        let Some(pod) = self.pod() else { return Vec::new() };
        let Some(templates) = self.claim_template_names() else { return Vec::new() };
        let volumes: HashMap<_, _> = pod.volumes().filter_map(|volume| Some((volume.name()?, volume))).collect();
        let housed = pod.mounts().filter_map(|mount| {
            let volume = mount.volume()?;
            if templates.contains(volume) {
                return Some(Housed { mount, volume, home: Home::Template(volume), is_read_only: mount.is_read_only() });
            }
            let source = volumes.get(volume)?;
            let is_read_only = mount.is_read_only() || source.is_read_only();
            Some(Housed { mount, volume, home: source.home()?, is_read_only })
        });
        housed.collect()
    }
}

impl<'t> Volume<'t> {
    fn home(&self) -> Option<Home<'t>> {
        let in_pod = || ["emptyDir", "ephemeral"].into_iter().find_map(|source| self.node().get(source));
        let claim = self.claim_name().filter(|name| name.value_text().is_some()).map(Home::Claim);
        claim.or_else(|| self.host_data().map(Home::Node)).or_else(|| in_pod().map(Home::Pod))
    }
}
