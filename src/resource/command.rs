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
        let namespace = self.namespace().map_or(String::new(), |namespace| format!(" --namespace {}", quoted(namespace)));
        let flags = if flags.is_empty() { String::new() } else { format!(" {flags}") };
        format!("kubectl {verb} {kind} {}{namespace}{flags}", quoted(name))
    }

    /// The kind as kubectl understands it: with its group where others may have a kind of that name.
    fn kubectl_type(&self) -> String {
        let kind = quoted(self.kind_name()).to_lowercase();
        let group = self.home_group();
        if group.is_empty() || group == "apps" || group == "batch" || group.ends_with(".k8s.io") { kind } else { format!("{kind}.{group}") }
    }
}

/// A word that a shell takes for one word.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b':' | b'=');
    if !word.is_empty() && word.bytes().all(is_plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")).into() }
}
