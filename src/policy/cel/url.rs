//! Addresses on the web, as Go's `net/url` reads them (<https://pkg.go.dev/net/url#ParseRequestURI>).

/// A parsed URL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::policy) struct Url {
    pub(super) text: String,
    pub(super) scheme: String,
    /// With the port, IPv6 addresses in brackets.
    pub(super) host: String,
    path: String,
    query: String,
}

impl Url {
    /// An absolute URI or an absolute path.
    pub(super) fn parse(text: &str) -> Option<Url> {
        if text.is_empty() || text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return None;
        }
        let without_fragment = text.split_once('#').map_or(text, |(before, _)| before);
        let (scheme, rest) = split_scheme(without_fragment)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut url = Url { text: text.into(), scheme: scheme.to_ascii_lowercase(), query: query.into(), ..Url::default() };
        if !rest.starts_with('/') {
            // Opaque, such as `mailto:someone`.
            return (!scheme.is_empty()).then_some(url);
        }
        let path = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                url.host = host(&rest[..end])?;
                &rest[end..]
            }
            None => rest,
        };
        url.path = unescape(path, false)?;
        Some(url)
    }

    pub(super) fn hostname(&self) -> &str {
        let without_port = match self.port() {
            "" => self.host.trim_end_matches(':'),
            port => &self.host[..self.host.len() - port.len() - 1],
        };
        without_port.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(without_port)
    }

    pub(super) fn port(&self) -> &str {
        let behind_address = self.host.rfind(']').map_or(self.host.as_str(), |end| &self.host[end..]);
        behind_address.rsplit_once(':').map_or("", |(_, port)| port)
    }

    pub(super) fn escaped_path(&self) -> String {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default().to_ascii_uppercase();
        let mut escaped = String::with_capacity(self.path.len());
        for byte in self.path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!*'()".contains(&byte) {
                escaped.push(byte.into());
            } else {
                escaped.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        escaped
    }

    /// Keys and values in the order of their first use, unescaped.
    pub(super) fn query(&self) -> Vec<(String, Vec<String>)> {
        let mut query: Vec<(String, Vec<String>)> = Vec::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(key), Some(value)) = (unescape(key, true), unescape(value, true)) else { continue };
            match query.iter_mut().find(|(known, _)| *known == key) {
                Some((_, values)) => values.push(value),
                None => query.push((key, vec![value])),
            }
        }
        query
    }
}

/// The scheme, empty where there is none, and what follows.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|next: char| !next.is_ascii_alphanumeric() && !matches!(next, '+' | '-' | '.')).unwrap_or(text.len());
    match text[end..].strip_prefix(':') {
        Some(rest) if text.starts_with(|first: char| first.is_ascii_alphabetic()) => Some((&text[..end], rest)),
        Some(_) if end == 0 => None,
        _ => Some(("", text)),
    }
}

/// The host and port of `user:password@host:port`.
fn host(authority: &str) -> Option<String> {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_user = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(is_user) {
        return None;
    }
    let port = match host.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            address.split('%').next()?.parse::<std::net::Ipv6Addr>().ok()?;
            port
        }
        None => host.find(':').map_or("", |colon| &host[colon..]),
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let is_host = |byte: u8| !byte.is_ascii() || byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]<>\"%".contains(&byte);
    if !is_port || !host.bytes().all(is_host) {
        return None;
    }
    unescape(host, false)
}

/// Undoes `%20`, and `+` in queries; nothing where an escape is broken.
fn unescape(text: &str, is_query: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?].map(char::from);
                let digit = |digit: char| digit.to_digit(16);
                (digit(digits[0])? * 16 + digit(digits[1])?) as u8
            }
            b'+' if is_query => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
