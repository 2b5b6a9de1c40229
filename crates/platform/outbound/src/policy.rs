use std::{net::IpAddr, time::Duration};

use config::Settings;
use ipnet::IpNet;
use url::{Host, Url};

use crate::{Names, Refusal, address};

/// Names under which clouds serve credentials, where their addresses are not the usual ones.
const METADATA_NAMES: [&str; 6] = [
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.azure.internal",
    "metadata.goog",
    "metadata.google.internal",
];

/// What is connected to, and how much is taken from there.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Ranges that the operator excepts from the judgement of addresses.
    pub allow: Vec<IpNet>,
    /// Ports that are connected to.
    pub ports: Vec<u16>,
    /// Who resolves names.
    pub names: Names,
    /// Redirects that are followed.
    pub max_redirects: usize,
    /// Bytes of an unpacked body that are read.
    pub max_bytes: usize,
    /// How long a connection may take to be made.
    pub connect_within: Duration,
    /// How long the whole may take, redirects and body included.
    pub answer_within: Duration,
}

impl Default for Policy {
    /// No exceptions, the ports of HTTP, the machine's resolver and the usual limits.
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            ports: vec![80, 443],
            names: Names::System,
            max_redirects: 5,
            max_bytes: 10 * 1024 * 1024,
            connect_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(30),
        }
    }
}

impl Policy {
    /// The operator's exceptions, ports and resolver, with the usual limits: 5 redirects, 10 MiB,
    /// 5 seconds to connect and 30 for all.
    pub fn from_settings(settings: &Settings) -> Self {
        Self {
            allow: settings.outbound_allow.clone(),
            ports: settings.outbound_ports.clone(),
            names: if settings.outbound_dns.is_empty() {
                Names::System
            } else {
                Names::Servers(settings.outbound_dns.clone())
            },
            ..Self::default()
        }
    }

    /// Reads an address and judges what can be judged before its name is resolved. A form may say so
    /// at once, when the address is entered; [`crate::Client`] does it again.
    pub fn target(&self, text: &str) -> Result<Url, Refusal> {
        let url = Url::parse(text.trim()).map_err(|_| Refusal::Unreadable {
            url: text.to_owned(),
        })?;
        self.judge(&url)?;
        Ok(url)
    }

    pub(crate) fn judge(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme {
                scheme: url.scheme().to_owned(),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.ports.contains(&port) {
            return Err(Refusal::Port { port });
        }
        // Every spelling of a number, as 0x7f.1 or 2130706433, has become an address by now.
        match url.host() {
            None => Err(Refusal::Unreadable {
                url: url.to_string(),
            }),
            Some(Host::Ipv4(address)) => self.admit(&address.to_string(), address.into()),
            Some(Host::Ipv6(address)) => self.admit(&address.to_string(), address.into()),
            Some(Host::Domain(name)) => {
                let bare = name.trim_end_matches('.');
                if METADATA_NAMES.contains(&bare) {
                    return Err(Refusal::MetadataName {
                        host: bare.to_owned(),
                    });
                }
                Ok(())
            }
        }
    }

    /// Judges where a host leads.
    pub(crate) fn admit(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        let Some(special) = address::special(address) else {
            return Ok(());
        };
        if self.allow.iter().any(|range| range.contains(&address)) {
            return Ok(());
        }
        Err(Refusal::Address {
            host: host.to_owned(),
            address,
            special,
        })
    }
}
