//! What a kustomization makes of the objects it lists.

use super::Kind;
use crate::source::SourceId;
use crate::yaml::NodeRef;

/// An image whose tag or digest a kustomization sets.
#[derive(Clone, Copy, Debug)]
pub struct ImageSetting<'t> {
    /// The image's name as workloads write it, without tag or digest.
    pub name: &'t str,
    /// The new tag, unless a digest decides.
    pub tag: Option<NodeRef<'t>>,
    /// All that is said of it.
    pub node: NodeRef<'t>,
}

/// A kustomization's document.
#[derive(Clone, Copy, Debug)]
pub struct Kustomization<'t> {
    node: NodeRef<'t>,
}

impl<'t> Kustomization<'t> {
    /// The kustomization at a node.
    pub(crate) fn new(node: NodeRef<'t>) -> Self {
        Kustomization { node }
    }

    fn items(&self, key: &str) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        self.node.get(key).into_iter().flat_map(NodeRef::items)
    }

    /// The text it stands in.
    pub fn source(&self) -> SourceId {
        self.node.tree().source()
    }

    /// The paths of all it lists, relative to its folder: files, and folders of other kustomizations.
    pub fn listed(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let paths = ["resources", "bases"].map(|key| self.items(key)).into_iter().flatten();
        paths.map(NodeRef::text).chain(self.components())
    }

    /// The folders of the components that it applies to what it lists.
    pub fn components(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.items("components").map(NodeRef::text)
    }

    /// The lists of its patches and replacements, written out or by path.
    pub fn patches(&self) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        let node = self.node;
        ["patches", "patchesStrategicMerge", "patchesJson6902", "replacements"].into_iter().filter_map(move |key| node.get(key))
    }

    /// Whether it sets the namespace of the objects it reaches.
    pub fn sets_namespace(&self) -> bool {
        self.node.field("namespace").is_some()
    }

    /// The images whose tag or digest it sets.
    pub fn images_set(&self) -> impl Iterator<Item = ImageSetting<'t>> + use<'t> {
        self.items("images").filter_map(|item| {
            let written = |key: &str| item.get(key).filter(|value| !value.is_null());
            let (tag, digest) = (written("newTag"), written("digest"));
            let is_set = tag.is_some() || digest.is_some();
            Some(ImageSetting { name: item.get("name")?.value_text()?, tag: tag.filter(|_| digest.is_none()), node: item })
                .filter(|_| is_set)
        })
    }

    /// The names of workloads whose replicas it sets, with the number.
    pub fn replicas_set(&self) -> impl Iterator<Item = (&'t str, NodeRef<'t>)> + use<'t> {
        self.items("replicas").filter_map(|item| Some((item.get("name")?.value_text()?, item.get("count")?)))
    }

    /// The labels that it adds to selectors and to the pods they select.
    pub fn selector_labels(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let includes = |item: &NodeRef<'t>| item.get("includeSelectors").and_then(NodeRef::bool) == Some(true);
        let pairs = self.items("labels").filter(includes).filter_map(|item| item.get("pairs"));
        self.node.get("commonLabels").into_iter().chain(pairs).flat_map(NodeRef::entries).map(|entry| entry.key.text())
    }

    fn generators(&self, kind: Kind) -> impl Iterator<Item = NodeRef<'t>> + use<'t> {
        let key = match kind {
            Kind::ConfigMap => "configMapGenerator",
            Kind::Secret => "secretGenerator",
            _ => "",
        };
        self.items(key)
    }

    /// The names of `ConfigMap`s or Secrets that it generates, as other objects write them.
    pub fn generated(&self, kind: Kind) -> impl Iterator<Item = &'t str> + use<'t> {
        self.generators(kind).filter_map(|generator| generator.get("name")?.value_text())
    }

    /// The names of `ConfigMap`s or Secrets that it generates with a hash of their content at the end of the name, so that each
    /// content has a name of its own.
    pub fn hashed(&self, kind: Kind) -> impl Iterator<Item = &'t str> + use<'t> {
        let is_off = |options: Option<NodeRef<'t>>| {
            options.and_then(|options| options.get("disableNameSuffixHash")).and_then(NodeRef::bool) == Some(true)
        };
        let is_off_for_all = is_off(self.node.get("generatorOptions"));
        let hashed = self.generators(kind).filter(move |generator| !is_off_for_all && !is_off(generator.get("options")));
        hashed.filter_map(|generator| generator.get("name")?.value_text())
    }
}
