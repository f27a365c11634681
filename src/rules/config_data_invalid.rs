use serde_json::{Map, Value};

use crate::finding::Report;
use crate::graph::Graph;
use crate::resource::{Kind, Refusals, Resource, is_config_key};
use crate::yaml::{Entry, NodeRef};

const MOST_BYTES: usize = 1024 * 1024;
const ACCOUNT_ANNOTATION: &str = "kubernetes.io/service-account.name";

/// `ValidateConfigMap` and `ValidateSecret` in
/// <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>.
pub(super) fn check(graph: &Graph<'_>, report: &mut Report) {
    for resource in graph.resources().iter().filter(|resource| matches!(resource.kind(), Kind::ConfigMap | Kind::Secret)) {
        let mut refusals = Refusals::new(report, resource);
        check_keys(&mut refusals);
        check_size(&mut refusals);
        if resource.kind() == Kind::Secret {
            check_secret(&mut refusals);
        } else {
            check_repeated(&mut refusals);
        }
    }
}

/// The maps of content: of each whether its values are in base64.
fn maps<'t>(resource: &Resource<'t>) -> impl Iterator<Item = (NodeRef<'t>, bool)> {
    let is_secret = resource.kind() == Kind::Secret;
    let keys = if is_secret { [("data", true), ("stringData", false)] } else { [("data", false), ("binaryData", true)] };
    let node = resource.node();
    keys.into_iter().filter_map(move |(key, is_base64)| Some((node.field(key)?, is_base64)))
}

fn check_keys(refusals: &mut Refusals<'_, '_>) {
    for (map, _) in maps(&refusals.object().clone()) {
        for entry in map.entries().filter(|entry| !entry.key.is_unknown() && !is_config_key(entry.key.text())) {
            let reason = format!("`{}` can't be a key: it could not name a file", entry.key.text());
            refusals.at(entry, reason).help("use at most 253 letters, digits, `-`, `_` and `.`, not beginning with `..`");
        }
    }
}

fn check_repeated(refusals: &mut Refusals<'_, '_>) {
    let node = refusals.object().node();
    let (Some(data), Some(binary)) = (node.field("data"), node.field("binaryData")) else { return };
    for entry in data.entries().filter(|_| refusals.is_whole()).collect::<Vec<_>>() {
        if let Some(other) = binary.entry(entry.key.text()) {
            let finding = refusals.at(entry, format!("`{}` is in data and in binaryData", entry.key.text()));
            finding.related(other, "in binaryData").help("keep one of the two");
        }
    }
}

/// How many bytes a value has; in base64 three for four letters.
fn size(entry: &Entry<'_>, is_base64: bool) -> usize {
    let text = entry.value.text();
    if !is_base64 {
        return text.len();
    }
    let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').count();
    letters * 3 / 4
}

fn check_size(refusals: &mut Refusals<'_, '_>) {
    let object = *refusals.object();
    let span = object.node().span();
    if ((span.end - span.start) as usize) < MOST_BYTES {
        return;
    }
    let sizes = maps(&object).flat_map(|(map, is_base64)| map.entries().map(move |entry| size(&entry, is_base64)));
    let total: usize = sizes.sum();
    if total > MOST_BYTES {
        refusals
            .at(object.nearest("data"), format!("its content has {total} bytes, more than the {MOST_BYTES} that fit"))
            .help("split it, or keep large files in a volume or an image");
    }
}

/// What the type of a Secret asks for.
fn check_secret(refusals: &mut Refusals<'_, '_>) {
    let object = *refusals.object();
    let Some(kind) = object.node().field("type").filter(|_| refusals.is_whole()) else { return };
    let maps: Vec<_> = maps(&object).collect();
    if maps.iter().any(|(map, _)| !map.is_mapping() || map.entries().any(|entry| entry.key.is_unknown())) {
        return;
    }
    // What stands in stringData wins.
    let find = |key: &str| maps.iter().rev().find_map(|(map, is_base64)| Some((map.entry(key)?, *is_base64)));
    let mut need = |keys: &[&str]| {
        let missing: Vec<_> = keys.iter().filter(|key| find(key).is_none()).map(|key| format!("`{key}`")).collect();
        if !missing.is_empty() {
            let reason = format!("a Secret of type {} needs {}", kind.text(), missing.join(" and "));
            refusals.at(kind, reason).help("add it, or leave the type out for any content");
        }
    };
    match kind.text() {
        "kubernetes.io/tls" => need(&["tls.crt", "tls.key"]),
        "kubernetes.io/basic-auth" if find("username").is_none() && find("password").is_none() => need(&["username", "password"]),
        "kubernetes.io/ssh-auth" => match find("ssh-privatekey") {
            None => need(&["ssh-privatekey"]),
            Some((entry, _)) if !entry.value.is_unknown() && entry.value.text().is_empty() => {
                refusals.at(entry, "`ssh-privatekey` is empty").help("add the key");
            }
            Some(_) => {}
        },
        "kubernetes.io/dockerconfigjson" => check_json(".dockerconfigjson", find(".dockerconfigjson"), kind, refusals),
        "kubernetes.io/dockercfg" => check_json(".dockercfg", find(".dockercfg"), kind, refusals),
        "kubernetes.io/service-account-token" => {
            let account = object.annotation(ACCOUNT_ANNOTATION);
            if account.is_none_or(|account| !account.is_unknown() && account.text().is_empty()) {
                let reason = format!("a token's Secret needs the annotation `{ACCOUNT_ANNOTATION}`");
                refusals.at(account.unwrap_or(kind), reason).help("name the service account whose token it is to hold");
            }
        }
        _ => {}
    }
}

/// Credentials of registries are a JSON object.
fn check_json<'t>(key: &str, found: Option<(Entry<'t>, bool)>, kind: NodeRef<'t>, refusals: &mut Refusals<'_, 't>) {
    let Some((entry, is_base64)) = found else {
        let reason = format!("a Secret of type {} needs `{key}`", kind.text());
        refusals.at(kind, reason).help("add the file that `docker login` writes");
        return;
    };
    if entry.value.is_unknown() {
        return;
    }
    let text = entry.value.text();
    // What is no base64 is told of elsewhere.
    let Some(bytes) = (if is_base64 { decode(text) } else { Some(text.as_bytes().to_vec()) }) else { return };
    let is_object = serde_json::from_slice::<Option<Map<String, Value>>>(&bytes).is_ok();
    // A placeholder may stand anywhere in the JSON.
    let is_template = bytes.windows(2).any(|pair| matches!(pair, b"${" | b"{{" | b"$("));
    if !is_object && !is_template {
        refusals.at(entry, format!("`{key}` holds no JSON object")).help("put the file that `docker login` writes there");
    }
}

/// Reads base64 as Go's `StdEncoding` does; `None` where it isn't that.
fn decode(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let content = letters.strip_suffix(b"==").or(letters.strip_suffix(b"=")).unwrap_or(&letters);
    if !letters.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
    for group in content.chunks(4) {
        let mut bits = 0u32;
        for &letter in group {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let count = group.len() * 6 / 8;
        bits <<= 6 * (4 - group.len());
        bytes.extend(&bits.to_be_bytes()[1..=count]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("e30="), Some(b"{}".to_vec()));
        assert_eq!(decode("eyJhIjoxfQ=="), Some(b"{\"a\":1}".to_vec()));
        assert_eq!(decode("YWJj\n"), Some(b"abc".to_vec()));
        assert_eq!(decode(""), Some(Vec::new()));
        assert!(decode("e30").is_none() && decode("e3 0=").is_none());
    }
}
