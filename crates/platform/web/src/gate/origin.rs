//! Where a request comes from: the other end of the connection, or what a trusted proxy says.
//!
//! Every proxy appends the address it saw. Read from the right, each entry was written by the machine
//! to the right of it; so entries are believed as long as those machines are trusted, and the first
//! one that is not is the client. Whatever stands further left the client may have made up.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

/// In which header a proxy writes where a request comes from. Only this one is read: the other comes
/// from the client as it likes, because the proxy knows nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, as nearly every proxy writes it.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

pub(super) fn is_in(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}

/// The first address from the right that no trusted proxy has. An entry that cannot be read ends the
/// search: the proxy that wrote it is the last whose word is understood.
pub(super) fn client(
    proxies: &[IpNet],
    header: ProxyHeader,
    peer: IpAddr,
    headers: &HeaderMap,
) -> IpAddr {
    let mut client = peer;
    if !is_in(proxies, client) {
        return client;
    }
    for entry in named(header, headers).iter().rev() {
        let Some(address) = read(entry) else {
            return client;
        };
        client = address;
        if !is_in(proxies, client) {
            return client;
        }
    }
    client
}

/// The entries of the header, from left to right.
fn named(header: ProxyHeader, headers: &HeaderMap) -> Vec<String> {
    let list = |name: &HeaderName| -> Vec<String> {
        headers
            .get_all(name)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(|entry| entry.trim().to_owned())
            .collect()
    };
    if header == ProxyHeader::XForwardedFor {
        return list(&HeaderName::from_static("x-forwarded-for"));
    }
    list(&header::FORWARDED)
        .iter()
        .map(|element| {
            element
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
                .map_or_else(String::new, |(_, value)| value.trim().to_owned())
        })
        .collect()
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`, quoted or not.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches('"');
    let bare = if let Some(rest) = entry.strip_prefix('[') {
        rest.split_once(']')?.0
    } else if entry.matches(':').count() == 1 {
        entry.split_once(':')?.0
    } else {
        entry
    };
    bare.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        seen_in(ProxyHeader::XForwardedFor, peer, headers)
    }

    fn seen_in(
        header: ProxyHeader,
        peer: &str,
        headers: &[(&'static str, &'static str)],
    ) -> String {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "2001:db8:9::/48"]
            .iter()
            .map(|range| range.parse().expect("range"))
            .collect();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        client(&proxies, header, peer.parse().expect("address"), &map).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let headers = [
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=198.51.100.7"),
        ];
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            assert_eq!(seen_in(header, "192.0.2.1", &headers), "192.0.2.1");
        }
    }

    #[test]
    fn the_first_from_the_right_that_is_no_proxy_counts() {
        let xff = |value| seen("10.0.0.1", &[("x-forwarded-for", value)]);
        assert_eq!(xff("198.51.100.7"), "198.51.100.7");
        assert_eq!(xff("198.51.100.7, 10.0.0.2"), "198.51.100.7");
        assert_eq!(
            xff("1.1.1.1, 127.0.0.1, 198.51.100.7, 10.2.3.4"),
            "198.51.100.7",
            "made up to the left"
        );
        assert_eq!(xff("2001:db8::5"), "2001:db8::5");
        assert_eq!(xff("[2001:db8::5]:4711, 2001:db8:9::1"), "2001:db8::5");
        assert_eq!(xff("198.51.100.7:1234"), "198.51.100.7");
        assert_eq!(xff("::ffff:198.51.100.7"), "198.51.100.7");
        let twice = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(
            seen("10.0.0.1", &twice),
            "198.51.100.7",
            "the last line is the proxy's"
        );
    }

    #[test]
    fn what_cannot_be_read_names_the_last_that_can() {
        let xff = |value| seen("10.0.0.1", &[("x-forwarded-for", value)]);
        for made_up in ["", "unknown", "198.51.100.7, _hidden", "999.1.1.1", "a,b,,"] {
            assert_eq!(xff(made_up), "10.0.0.1", "{made_up}");
        }
        assert_eq!(xff("junk, 198.51.100.7"), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(xff("10.0.0.3"), "10.0.0.3", "all are proxies: the furthest");
    }

    #[test]
    fn only_the_header_that_the_proxy_writes_is_read() {
        let both = [
            ("forwarded", "for=1.1.1.1"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(
            seen("10.0.0.1", &both),
            "198.51.100.7",
            "the other is made up"
        );
        assert_eq!(
            seen_in(ProxyHeader::Forwarded, "10.0.0.1", &both),
            "1.1.1.1"
        );
        assert_eq!(seen("10.0.0.1", &both[..1]), "10.0.0.1");
        let forwarded = |value| {
            seen_in(
                ProxyHeader::Forwarded,
                "10.0.0.1",
                &[("forwarded", value), ("x-forwarded-for", "1.1.1.1")],
            )
        };
        assert_eq!(
            forwarded("for=198.51.100.7;proto=https;by=10.0.0.1"),
            "198.51.100.7"
        );
        assert_eq!(
            forwarded("for=1.2.3.4, For=\"[2001:db8::5]:4711\""),
            "2001:db8::5"
        );
        assert_eq!(forwarded("for=1.2.3.4, for=unknown"), "10.0.0.1");
        assert_eq!(forwarded("proto=https"), "10.0.0.1");
    }
}
