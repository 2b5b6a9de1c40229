//! Which addresses are of the public internet, and which spellings lead there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use outbound::{
    Policy, Refusal,
    address::{Special, special},
};
use proptest::prelude::*;

use crate::servers::policy;

fn judged(text: &str) -> Option<Special> {
    special(text.parse().unwrap_or_else(|_| panic!("{text}")))
}

#[test]
fn every_special_range_is_known_by_its_ends() {
    use Special::{
        Benchmarking, Documentation, LinkLocal, Loopback, Metadata, Multicast, Private, Reserved,
        Shared, Translated, Unspecified,
    };
    for (first, last, expected) in [
        ("0.0.0.0", "0.255.255.255", Unspecified),
        ("10.0.0.0", "10.255.255.255", Private),
        ("100.64.0.0", "100.127.255.255", Shared),
        ("127.0.0.0", "127.255.255.255", Loopback),
        ("169.254.0.0", "169.254.255.255", LinkLocal),
        ("169.254.169.254", "169.254.169.254", Metadata),
        ("168.63.129.16", "168.63.129.16", Metadata),
        ("100.100.100.200", "100.100.100.200", Metadata),
        ("172.16.0.0", "172.31.255.255", Private),
        ("192.0.0.0", "192.0.0.255", Reserved),
        ("192.0.2.0", "192.0.2.255", Documentation),
        ("192.88.99.0", "192.88.99.255", Translated),
        ("192.168.0.0", "192.168.255.255", Private),
        ("198.18.0.0", "198.19.255.255", Benchmarking),
        ("198.51.100.0", "198.51.100.255", Documentation),
        ("203.0.113.0", "203.0.113.255", Documentation),
        ("224.0.0.0", "239.255.255.255", Multicast),
        ("240.0.0.0", "255.255.255.255", Reserved),
        ("::", "::", Unspecified),
        ("::1", "::1", Loopback),
        ("::2", "::ffff:ffff", Translated),
        ("::ffff:8.8.8.8", "::ffff:127.0.0.1", Translated),
        ("64:ff9b::808:808", "64:ff9b::7f00:1", Translated),
        (
            "64:ff9b:1::",
            "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            Translated,
        ),
        ("100::", "100::ffff:ffff:ffff:ffff", Reserved),
        ("2001::", "2001:0:ffff::", Translated),
        ("2001:2::", "2001:2::1", Benchmarking),
        ("2001:10::", "2001:1ff::", Reserved),
        ("2001:db8::", "2001:db8:ffff::", Documentation),
        ("2002:7f00:1::", "2002:808:808::", Translated),
        ("3fff::", "3fff:fff::", Documentation),
        ("5f00::", "5f00::1", Reserved),
        ("fc00::", "fdff:ffff::", Private),
        ("fd00:ec2::254", "fd00:ec2::254", Metadata),
        ("fe80::", "febf:ffff::", LinkLocal),
        ("fec0::", "feff::", Private),
        ("ff00::", "ffff::", Multicast),
    ] {
        assert_eq!(judged(first), Some(expected), "{first}");
        assert_eq!(judged(last), Some(expected), "{last}");
    }
    for public in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "2001:4860:4860::8888",
    ] {
        assert_eq!(judged(public), None, "{public}");
    }
}

proptest! {
    /// The standard library knows some of the ranges too; none that it knows may pass.
    #[test]
    fn nothing_that_the_standard_library_calls_special_is_public(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        let is_known = address.is_loopback() || address.is_private() || address.is_link_local()
            || address.is_multicast() || address.is_broadcast() || address.is_documentation()
            || address.is_unspecified();
        prop_assert!(!is_known || special(address.into()).is_some(), "{}", address);
    }

    /// Whatever is carried inside: a translated address is never public.
    #[test]
    fn no_translated_address_is_public(bits in any::<u32>(), low in any::<u16>()) {
        let [a, b, c, d] = bits.to_be_bytes().map(u16::from);
        let (high, tail) = (a << 8 | b, c << 8 | d);
        for address in [
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, tail),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, tail),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, tail),
            Ipv6Addr::new(0x64, 0xff9b, 1, low, 0, 0, high, tail),
            Ipv6Addr::new(0x2002, high, tail, low, 0, 0, 0, low),
            Ipv6Addr::new(0x2001, 0, high, tail, low, low, !high, !tail),
        ] {
            prop_assert!(special(address.into()).is_some(), "{}", address);
        }
    }

    /// Public IPv6 is global unicast, and nothing else.
    #[test]
    fn public_ipv6_lies_in_global_unicast(bits in any::<u128>()) {
        let address = Ipv6Addr::from(bits);
        if special(address.into()).is_none() {
            prop_assert_eq!(bits >> 125, 1);
            prop_assert!(!address.is_unique_local() && !address.is_unicast_link_local());
        }
    }

    /// However a number is spelt, it is judged as the address it means.
    #[test]
    fn every_spelling_of_an_address_is_judged_alike(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        let [a, b, c, d] = address.octets();
        let expected = special(IpAddr::V4(address)).is_none();
        let rest = u32::from(b) << 16 | u32::from(c) << 8 | u32::from(d);
        for host in [
            address.to_string(),
            format!("{bits}"),
            format!("{bits:#x}"),
            format!("0{bits:o}"),
            format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
            format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            format!("{a}.{rest}"),
            format!("{a:#X}.{b}.{}", u32::from(c) << 8 | u32::from(d)),
            format!("{address}."),
            address.to_string().replace('.', "\u{3002}"),
        ] {
            let judged = policy().target(&format!("http://{host}/"));
            prop_assert_eq!(judged.is_ok(), expected, "{}: {:?}", host, judged);
        }
    }
}

#[test]
fn addresses_are_refused_for_what_is_wrong_with_them() {
    let policy = policy();
    let refusal = |url: &str| policy.target(url).expect_err(url);
    for url in [
        "",
        "prices.csv",
        "http://",
        "//example.org",
        "http://exa mple.org",
    ] {
        assert!(matches!(refusal(url), Refusal::Unreadable { .. }), "{url}");
    }
    for url in [
        "file:///etc/passwd",
        "source:file:///etc/passwd",
        "file:/etc/passwd",
        "FILE:/etc",
        "ftp://example.org/",
        "gopher://127.0.0.1:6379/_x",
        "data:text/plain,x",
        "javascript:alert(1)",
    ] {
        assert!(matches!(refusal(url), Refusal::Scheme { .. }), "{url}");
    }
    for url in [
        "http://ann@example.org/",
        "http://ann:pw@example.org/",
        "http://example.org@10.0.0.1/",
    ] {
        assert_eq!(refusal(url), Refusal::Credentials, "{url}");
    }
    for (url, port) in [
        ("http://example.org:22/", 22),
        ("https://example.org:6379/", 6379),
    ] {
        assert_eq!(refusal(url), Refusal::Port { port });
    }
    for url in [
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://METADATA.google.internal./",
        "http://metadata/",
        "http://instance-data/latest/meta-data/",
    ] {
        assert!(
            matches!(refusal(url), Refusal::MetadataName { .. }),
            "{url}"
        );
    }
    for url in [
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00:ec2::254]/latest",
        "http://169.254.169.254/latest/meta-data/",
        "http://0/",
        "http://127.1/",
        "http://[::]/",
    ] {
        assert!(matches!(refusal(url), Refusal::Address { .. }), "{url}");
    }
    assert!(
        policy
            .target(" https://example.org/prices.csv?x=1 ")
            .is_ok()
    );
}

#[test]
fn the_operator_excepts_a_range_and_no_more() {
    let policy = Policy {
        allow: vec!["192.168.1.10/32".parse().expect("a range")],
        ..policy()
    };
    assert!(policy.target("http://192.168.1.10/prices.csv").is_ok());
    assert!(policy.target("http://192.168.1.11/prices.csv").is_err());
    assert!(
        policy
            .target("http://[::ffff:192.168.1.10]/prices.csv")
            .is_err()
    );
    assert!(
        policy.target("http://192.168.1.10:22/").is_err(),
        "ports are judged all the same"
    );
    let message = policy
        .target("http://192.168.1.11/")
        .expect_err("refused")
        .to_string();
    assert!(
        message.contains("private network") && message.contains("BURSAR_OUTBOUND_ALLOW"),
        "{message}"
    );
}

#[test]
fn settings_become_a_policy() {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: config::Settings,
    }
    let arguments = [
        "bursar",
        "--outbound-allow",
        "10.1.2.3,fd00::/8",
        "--outbound-ports",
        "443",
        "--outbound-dns",
        "127.0.0.1:5353",
    ];
    let settings = <Cli as clap::Parser>::parse_from(arguments).settings;
    let policy = Policy::from_settings(&settings);
    assert!(policy.target("https://10.1.2.3/").is_ok());
    assert!(
        policy.target("http://10.1.2.3/").is_err(),
        "port 80 is not on the list"
    );
    assert_eq!(
        policy.names,
        outbound::Names::Servers(vec!["127.0.0.1:5353".parse().expect("an address")])
    );
}
