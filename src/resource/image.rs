//! Image references.

use super::lists::part;

/// An image reference, taken apart as container runtimes do
/// (<https://github.com/distribution/reference/blob/main/reference.go>).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageReference<'a> {
    /// Registry and path, `registry.example:5000/team/app`: what kustomize calls the image's name.
    pub name: &'a str,
    /// The tag, if one is written.
    pub tag: Option<&'a str>,
    /// `sha256:…`, if written.
    pub digest: Option<&'a str>,
}

/// How far the build behind a reference moves while the reference stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Movement {
    /// No tag is written, which means `latest`.
    Untagged,
    /// From build to build.
    Anywhere,
    /// To each release of that major version.
    WithinMajor(u8),
    /// To each build for a distribution.
    WithinDistribution,
}

const TAGS: &str = include_str!("data/mutable-tags.txt");

impl<'a> ImageReference<'a> {
    /// Takes a reference apart. `None` for what no runtime would pull: capitals in the path, `<image>`, `ko://…`.
    pub fn read(text: &'a str) -> Option<Self> {
        let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        let path = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[path..].find(':') {
            Some(colon) => (&rest[..path + colon], Some(&rest[path + colon + 1..])),
            None => (rest, None),
        };
        let is_valid = is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(|digest| digest.contains(':'));
        is_valid.then_some(ImageReference { name, tag, digest })
    }

    /// How far the build behind it moves; `None` where nothing says that it does.
    pub fn movement(&self) -> Option<Movement> {
        let tag = match (self.digest, self.tag) {
            (Some(_), _) => return None,
            (None, None) => return Some(Movement::Untagged),
            (None, Some(tag)) => tag.to_ascii_lowercase(),
        };
        let (first, variant) = tag.split_once('-').unwrap_or((&tag, ""));
        let is_distribution = |word: &str| may_be_listed(word) && part(TAGS, "distributions").any(|distribution| distribution == word);
        let is_bare = variant.is_empty() || variant.split('-').all(|word| is_mutable(word) || is_distribution(word));
        if tag.split('-').any(|word| word == "latest") || (is_bare && is_mutable(first)) {
            return Some(Movement::Anywhere);
        }
        let movement = if is_distribution(first) { Some(Movement::WithinDistribution) } else { major(first).map(Movement::WithinMajor) };
        movement.filter(|_| is_bare)
    }

    /// The bytes of the tag in the text that was read.
    pub fn tag_range(&self) -> Option<std::ops::Range<usize>> {
        let start = self.name.len() + 1;
        self.tag.map(|tag| start..start + tag.len())
    }
}

/// Whether a word is one of those in the table of moving tags.
fn is_mutable(word: &str) -> bool {
    may_be_listed(word) && part(TAGS, "tags").any(|tag| tag == word)
}

/// Most tags are numbers, and no word of the table begins with a digit or has a dot.
fn may_be_listed(word: &str) -> bool {
    !word.starts_with(|first: char| first.is_ascii_digit()) && !word.contains('.')
}

/// `1`, `v2`: the number of a major version. Longer ones number builds.
fn major(word: &str) -> Option<u8> {
    let digits = word.strip_prefix('v').unwrap_or(word);
    let is_number = matches!(digits.len(), 1..=2) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn is_name(name: &str) -> bool {
    let path = match name.split_once('/') {
        Some((first, path)) if is_registry(first) => path,
        _ => name,
    };
    path.split('/').all(is_path_component)
}

/// Whether the first component is a registry and no part of the path: it has a dot, a port or a capital, or is `localhost`.
fn is_registry(first: &str) -> bool {
    let is_host = first.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
    is_host && (first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_uppercase()))
}

fn is_path_component(component: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = component.as_bytes();
    is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-'))
}

fn is_tag(tag: &str) -> bool {
    tag.len() <= 128
        && tag.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_')
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
