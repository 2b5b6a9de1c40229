//! Names become addresses here, and nowhere between here and the connection again.

use std::{net::SocketAddr, sync::Arc};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{OutboundError, Policy};

/// Who resolves names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// The servers of `/etc/resolv.conf`, and `/etc/hosts`.
    System,
    /// These servers, by UDP and TCP.
    Servers(Vec<SocketAddr>),
}

/// Hands out only addresses that the policy admits. One that it does not refuses the name as a whole:
/// an answer that mixes inside and outside is an attempt.
pub(crate) struct Guard {
    resolver: TokioResolver,
    policy: Arc<Policy>,
}

impl Guard {
    pub(crate) fn new(policy: Arc<Policy>) -> Result<Self, OutboundError> {
        let builder = match &policy.names {
            Names::System => TokioResolver::builder_tokio().map_err(failed)?,
            Names::Servers(servers) => {
                TokioResolver::builder_with_config(config(servers), TokioRuntimeProvider::default())
            }
        };
        let resolver = builder.build().map_err(failed)?;
        Ok(Self { resolver, policy })
    }
}

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> OutboundError {
    OutboundError::Resolver {
        source: Box::new(source),
    }
}

fn config(servers: &[SocketAddr]) -> ResolverConfig {
    let servers = servers
        .iter()
        .map(|server| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut way| {
                way.port = server.port();
                way
            });
            NameServerConfig::new(server.ip(), true, connections.into())
        })
        .collect();
    ResolverConfig::from_parts(None, Vec::new(), servers)
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.resolver.clone();
        let policy = self.policy.clone();
        Box::pin(async move {
            let host = name.as_str();
            // With the dot no search domain is tried.
            let found = resolver
                .lookup_ip(format!("{}.", host.trim_end_matches('.')))
                .await?;
            let mut addresses = Vec::new();
            for address in found.iter() {
                policy.admit(host, address)?;
                // The port is put in by the connector.
                addresses.push(SocketAddr::new(address, 0));
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
