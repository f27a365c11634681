//! IP addresses and networks, as `ip()` and `cidr()` read them
//! (<https://github.com/kubernetes/apiserver/tree/master/pkg/cel/library>, `ip.go` and `cidr.go`).

use std::net::{IpAddr, Ipv6Addr};

/// An IP address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) struct Address(pub(super) IpAddr);

/// An address and the length of its network's prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policy) struct Network {
    pub(super) address: Address,
    pub(super) prefix: u8,
}

impl Address {
    /// No zones, and no IPv4 address written as IPv6.
    pub(super) fn parse(text: &str) -> Option<Address> {
        let address: IpAddr = text.parse().ok()?;
        let is_mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
        (!is_mapped).then_some(Address(address))
    }

    pub(super) fn family(self) -> i64 {
        if self.0.is_ipv4() { 4 } else { 6 }
    }

    fn bits(self) -> (u128, u8) {
        match self.0 {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        }
    }

    pub(super) fn is_link_local_multicast(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
            IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
        }
    }

    pub(super) fn is_link_local_unicast(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
        }
    }

    pub(super) fn is_global_unicast(self) -> bool {
        let is_broadcast = matches!(self.0, IpAddr::V4(address) if address.is_broadcast());
        let address = self.0;
        !(address.is_unspecified() || address.is_loopback() || address.is_multicast() || is_broadcast || self.is_link_local_unicast())
    }
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = text.split_once('/')?;
        let address = Address::parse(address)?;
        let is_number =
            !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit()) && (prefix == "0" || !prefix.starts_with('0'));
        let prefix: u8 = is_number.then(|| prefix.parse().ok())??;
        (prefix <= address.bits().1).then_some(Network { address, prefix })
    }

    /// The network's first address, with its prefix.
    pub(super) fn masked(self) -> Network {
        let (bits, width) = self.address.bits();
        let below = u32::from(width - self.prefix);
        let bits = bits.checked_shr(below).and_then(|bits| bits.checked_shl(below)).unwrap_or_default();
        let address = if width == 32 { IpAddr::V4((bits as u32).into()) } else { IpAddr::V6(Ipv6Addr::from_bits(bits)) };
        Network { address: Address(address), prefix: self.prefix }
    }

    pub(super) fn contains(self, address: Address) -> bool {
        address.family() == self.address.family() && Network { address, ..self }.masked() == self.masked()
    }

    /// As the API server has it: the other network's address must be this network's first one.
    pub(super) fn contains_network(self, other: Network) -> bool {
        other.prefix >= self.prefix && self.contains(other.address)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.address.0, self.prefix)
    }
}
