//! Command lines for kubectl, to be read and run by people.

use std::borrow::Cow;

use super::Resource;

impl Resource<'_> {
    /// `kubectl delete statefulset counter --namespace prod --cascade=orphan`
    pub fn kubectl(&self, verb: &str, flags: &str) -> String {
        let name = self.object_name().name.unwrap_or_default();
        self.kubectl_on(verb, &self.kubectl_type(), &name, flags)
    }

    /// The same for another object in its namespace.
    pub fn kubectl_on(&self, verb: &str, kind: &str, name: &str, flags: &str) -> String {
        let namespace = self.in_namespace();
        let flags = if flags.is_empty() { String::new() } else { format!(" {flags}") };
        format!("kubectl {verb} {kind} {}{namespace}{flags}", quoted(name))
    }

    /// `kubectl rollout status deployment counter --namespace prod`
    pub fn kubectl_status(&self) -> String {
        self.kubectl("rollout status", "")
    }

    /// `kubectl get pods --selector app=web --namespace prod`
    pub fn kubectl_list(&self, kinds: &str, selector: &str) -> String {
        format!("kubectl get {kinds} --selector {}{}", quoted(selector), self.in_namespace())
    }

    fn in_namespace(&self) -> String {
        self.namespace().map_or(String::new(), |namespace| format!(" --namespace {}", quoted(namespace)))
    }

    /// The kind as kubectl understands it: with its group where others may have a kind of that name.
    fn kubectl_type(&self) -> String {
        let kind = quoted(self.kind_name()).to_lowercase();
        let group = self.home_group();
        if group.is_empty() || group == "apps" || group == "batch" || group.ends_with(".k8s.io") { kind } else { format!("{kind}.{group}") }
    }
}

/// A text as a shell takes it for one word.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b':' | b'=' | b',');
    if !word.is_empty() && word.bytes().all(is_plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")).into() }
}
