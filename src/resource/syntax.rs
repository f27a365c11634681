//! The forms that the API server asks of names, keys, ports and addresses
//! (<https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go>).

use std::net::{IpAddr, Ipv4Addr};

/// Whether a text is a DNS label as RFC 1123 has it: at most 63 lower-case letters, digits and inner dashes.
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_subdomain_part(text)
}

/// Whether a text is a DNS label as RFC 1035 has it: one that begins with a letter.
pub fn is_dns_1035_label(text: &str) -> bool {
    is_dns_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether a text is a DNS name in lower case, of at most 253 characters. For the API server its parts may have more than 63.
pub fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_subdomain_part)
}

/// Whether a text is a DNS name whose first part is `*`.
pub fn is_wildcard_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.strip_prefix("*.").is_some_and(is_dns_subdomain)
}

fn is_subdomain_part(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether a text is a name with an optional domain before it, as keys of labels are: `app`, `example.com/app`.
pub fn is_qualified_name(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, name)) if is_dns_subdomain(prefix) => name,
        Some(_) => return false,
        None => text,
    };
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_end = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    bytes.len() <= 63 && is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().copied().all(is_inner)
}

/// Whether a text can be the value of a label: as the name in a key, or empty.
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || (is_qualified_name(text) && !text.contains('/'))
}

/// Whether a text can name an environment variable. Before 1.32 fewer were allowed.
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
}

/// Whether a text can name a header of an HTTP request.
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a text can name a parameter of the kernel, its parts divided by dots or slashes.
pub fn is_sysctl_name(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_inner = |byte: &u8| is_end(Some(byte)) || matches!(byte, b'-' | b'_');
    let is_part = |part: &[u8]| is_end(part.first()) && is_end(part.last()) && part.iter().all(is_inner);
    text.len() <= 253 && text.split(['.', '/']).all(|part| is_part(part.as_bytes()))
}

/// Whether a text is a domain and a path: `example.com/controller`.
pub fn is_domain_prefixed_path(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    text.split_once('/').is_some_and(|(domain, path)| is_dns_subdomain(domain) && !path.is_empty() && path.bytes().all(is_inner))
}

/// Whether a text can be a part of an API path, as names of roles and kinds must.
pub fn is_path_segment(text: &str) -> bool {
    text != "." && text != ".." && !text.contains(['/', '%'])
}

/// Whether a text is the name of a port: at most 15 lower-case letters, digits and single inner dashes, with a letter among them.
pub fn is_port_name(text: &str) -> bool {
    text.len() <= 15 && is_subdomain_part(text) && !text.contains("--") && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a number is that of a port.
pub fn is_port_number(number: i64) -> bool {
    (1..=65535).contains(&number)
}

/// Whether a text is a key of a `ConfigMap` or Secret, so that it can name a file.
pub fn is_config_key(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=253).contains(&text.len()) && text.bytes().all(is_inner) && text != "." && !text.starts_with("..")
}

/// The IP address that a text is. Like the API server it takes leading zeros for decimal.
pub fn ip_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok().map(|address: IpAddr| address.to_canonical());
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        let digits = part.trim_start_matches('0');
        *octet = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    }
    parts.next().is_none().then_some(IpAddr::V4(Ipv4Addr::from(octets)))
}

/// Whether an address reaches no other machine, or those of one link only, so that no endpoint can have it.
pub fn is_local_address(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.is_unicast_link_local() || (address.segments()[0] & 0xff0f) == 0xff02,
    };
    address.is_unspecified() || address.is_loopback() || is_link_local
}

/// A range of IP addresses: `10.0.0.0/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpRange {
    address: IpAddr,
    length: u32,
}

impl IpRange {
    /// The range that a text is.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let written_as_v6 = address.contains(':');
        let address = ip_address(address)?;
        let most = if written_as_v6 { 128 } else { 32 };
        let is_number = !length.is_empty() && length.len() <= 3 && length.bytes().all(|byte| byte.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|length| is_number && *length <= most)?;
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let length = if written_as_v6 && address.is_ipv4() { length.checked_sub(96)? } else { length };
        Some(IpRange { address, length })
    }

    /// Whether another range lies in this one and is smaller.
    pub fn strictly_holds(&self, other: &IpRange) -> bool {
        let shift = |bits: u32| bits.saturating_sub(self.length);
        self.length < other.length
            && match (self.address, other.address) {
                (IpAddr::V4(own), IpAddr::V4(other)) => {
                    (u64::from(own.to_bits()) >> shift(32)) == (u64::from(other.to_bits()) >> shift(32))
                }
                (IpAddr::V6(own), IpAddr::V6(other)) => {
                    self.length == 0 || (own.to_bits() >> shift(128)) == (other.to_bits() >> shift(128))
                }
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_forms_that_the_api_server_asks_for() {
        let long = "a".repeat(64);
        assert!(is_dns_label("1a-b") && !is_dns_label(&long) && !is_dns_label("a.b") && !is_dns_label("A") && !is_dns_label(""));
        assert!(is_dns_1035_label("a1") && !is_dns_1035_label("1a"));
        assert!(is_dns_subdomain(&long) && is_dns_subdomain("a.b-c.1") && !is_dns_subdomain("a..b") && !is_dns_subdomain("a_b"));
        assert!(is_wildcard_subdomain("*.example.com") && !is_wildcard_subdomain("*") && !is_wildcard_subdomain("a.*.b"));
        assert!(
            is_qualified_name("App_1.x") && is_qualified_name("example.com/App") && !is_qualified_name("/a") && !is_qualified_name("a/")
        );
        assert!(!is_qualified_name("a/b/c") && !is_qualified_name("-a") && !is_qualified_name(""));
        assert!(is_domain_prefixed_path("example.com/a/b") && !is_domain_prefixed_path("example.com") && !is_domain_prefixed_path("Ex/a"));
        assert!(is_path_segment("system:auth") && !is_path_segment("a/b") && !is_path_segment(".."));
        assert!(is_port_name("http-2") && !is_port_name("8080") && !is_port_name("a--b") && !is_port_name("abcdefghijklmnop"));
        assert!(is_config_key("..a".trim_start_matches('.')) && !is_config_key("..a") && !is_config_key("a b") && is_config_key(".a"));
    }

    #[test]
    fn parts_of_pods_have_the_forms_that_the_api_server_asks_for() {
        assert!(is_label_value("") && is_label_value("A_b.c-1") && !is_label_value("a b") && !is_label_value("a/b"));
        assert!(!is_label_value("-") && !is_label_value(&"a".repeat(64)));
        assert!(is_variable_name("1A b.c-d") && !is_variable_name("") && !is_variable_name("a=b") && !is_variable_name("ä"));
        assert!(is_header_name("X-Custom") && !is_header_name("X_Custom") && !is_header_name(""));
        assert!(is_sysctl_name("net.core.somaxconn") && is_sysctl_name("net/ipv4/ip_forward") && !is_sysctl_name("a..b"));
    }

    #[test]
    fn addresses_and_ranges_are_read() {
        assert_eq!(ip_address("010.0.0.1"), ip_address("10.0.0.1"));
        assert!(ip_address("::1").is_some() && ip_address("1.2.3").is_none() && ip_address("1.2.3.256").is_none());
        let range = |text: &str| IpRange::parse(text).unwrap_or_else(|| panic!("{text} is a range"));
        assert!(range("10.0.0.0/8").strictly_holds(&range("10.1.0.0/16")));
        assert!(range("0.0.0.0/0").strictly_holds(&range("10.1.0.0/16")) && range("::/0").strictly_holds(&range("fd00::/8")));
        assert!(!range("10.0.0.0/8").strictly_holds(&range("10.0.0.0/8")) && !range("10.0.0.0/8").strictly_holds(&range("11.0.0.0/16")));
        assert!(!range("::/0").strictly_holds(&range("10.0.0.0/8")));
        assert!(IpRange::parse("10.0.0.0").is_none() && IpRange::parse("10.0.0.0/33").is_none() && IpRange::parse("10.0.0.0/+8").is_none());
    }
}
