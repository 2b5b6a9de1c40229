//! Which addresses belong to the public internet.
//!
//! After the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890, RFC 8190), with the
//! addresses under which clouds serve credentials to their machines. Of IPv6, global unicast
//! (`2000::/3`) alone is public. Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4,
//! Teredo) are refused whatever they carry: a gateway on the way could lead anywhere.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Why an address is not of the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Special {
    /// No address at all, or “this network”.
    Unspecified,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, unique local, site-local).
    Private,
    /// The same cable.
    LinkLocal,
    /// Between a provider and its customers (carrier-grade NAT).
    Shared,
    /// Many receivers, or all.
    Multicast,
    /// For examples in documents.
    Documentation,
    /// For measuring devices.
    Benchmarking,
    /// Carries another address inside.
    Translated,
    /// Where a cloud tells its machines their credentials.
    Metadata,
    /// Set aside.
    Reserved,
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "is no address of a machine",
            Self::Loopback => "is this machine",
            Self::Private => "is in a private network",
            Self::LinkLocal => "is link-local",
            Self::Shared => "is behind a provider's address translation",
            Self::Multicast => "is a multicast address",
            Self::Documentation => "is for examples only",
            Self::Benchmarking => "is for measurements only",
            Self::Translated => "carries another address inside",
            Self::Metadata => "is a metadata service",
            Self::Reserved => "is reserved",
        })
    }
}

/// Base, length of the prefix, kind; the first that fits counts.
const V4: [(Ipv4Addr, u32, Special); 18] = [
    (Ipv4Addr::new(169, 254, 169, 254), 32, Special::Metadata),
    // Azure's, in the midst of public addresses.
    (Ipv4Addr::new(168, 63, 129, 16), 32, Special::Metadata),
    // Alibaba's and Oracle's.
    (Ipv4Addr::new(100, 100, 100, 200), 32, Special::Metadata),
    (Ipv4Addr::new(192, 0, 0, 192), 32, Special::Metadata),
    (Ipv4Addr::UNSPECIFIED, 8, Special::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Special::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Special::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Special::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Special::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Special::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Special::Reserved),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Special::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Special::Translated),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Special::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Special::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Special::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Special::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Special::Multicast),
];

const fn v6(high: [u16; 3], last: u16) -> Ipv6Addr {
    Ipv6Addr::new(high[0], high[1], high[2], 0, 0, 0, 0, last)
}

const V6: [(Ipv6Addr, u32, Special); 16] = [
    // AWS's.
    (v6([0xfd00, 0x0ec2, 0], 0x254), 128, Special::Metadata),
    (v6([0, 0, 0], 0), 128, Special::Unspecified),
    (v6([0, 0, 0], 1), 128, Special::Loopback),
    // IPv4-compatible and IPv4-mapped, and what stands between them.
    (v6([0, 0, 0], 0), 80, Special::Translated),
    (v6([0x64, 0xff9b, 0], 0), 96, Special::Translated),
    (v6([0x64, 0xff9b, 1], 0), 48, Special::Translated),
    // Teredo is the beginning of the block for protocols.
    (v6([0x2001, 0, 0], 0), 32, Special::Translated),
    (v6([0x2001, 2, 0], 0), 48, Special::Benchmarking),
    (v6([0x2001, 0, 0], 0), 23, Special::Reserved),
    (v6([0x2001, 0xdb8, 0], 0), 32, Special::Documentation),
    (v6([0x2002, 0, 0], 0), 16, Special::Translated),
    (v6([0x3fff, 0, 0], 0), 20, Special::Documentation),
    (v6([0xfc00, 0, 0], 0), 7, Special::Private),
    (v6([0xfe80, 0, 0], 0), 10, Special::LinkLocal),
    (v6([0xfec0, 0, 0], 0), 10, Special::Private),
    (v6([0xff00, 0, 0], 0), 8, Special::Multicast),
];

/// What keeps an address from being one of the public internet; `None` for those that are.
pub fn special(address: IpAddr) -> Option<Special> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<Special> {
    let bits = u32::from(address);
    let fits = |base: Ipv4Addr, length: u32| (bits ^ u32::from(base)) >> (32 - length) == 0;
    let listed = V4.iter().find(|(base, length, _)| fits(*base, *length));
    // 240.0.0.0/4, the broadcast address included.
    let is_reserved = bits >> 28 == 0xf;
    listed
        .map(|(_, _, special)| *special)
        .or(is_reserved.then_some(Special::Reserved))
}

fn special_v6(address: Ipv6Addr) -> Option<Special> {
    let bits = u128::from(address);
    let fits = |base: Ipv6Addr, length: u32| (bits ^ u128::from(base)) >> (128 - length) == 0;
    let listed = V6.iter().find(|(base, length, _)| fits(*base, *length));
    let is_global = bits >> 125 == 1;
    listed
        .map(|(_, _, special)| *special)
        .or((!is_global).then_some(Special::Reserved))
}
