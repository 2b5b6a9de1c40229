use std::net::IpAddr;

use crate::address::Special;

/// Why an address is not connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an address that a browser would understand.
    #[error("{url} is no address; write it like https://example.org/prices.csv")]
    Unreadable {
        /// The text as given.
        url: String,
    },
    /// Another scheme than http and https.
    #[error("{scheme}: addresses are not fetched; use https://")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A name or password before the host.
    #[error(
        "an address must not carry a user name or password; leave out what stands before the @"
    )]
    Credentials,
    /// A port that is not on the list.
    #[error(
        "port {port} is not on the list of ports; the operator may add it (--outbound-ports, \
         BURSAR_OUTBOUND_PORTS)"
    )]
    Port {
        /// The port.
        port: u16,
    },
    /// The name of a service that only machines of a cloud are to ask.
    #[error("{host} is the name of a metadata service, which is not for requests of people")]
    MetadataName {
        /// The name.
        host: String,
    },
    /// The address, or one that its name resolves to, is not of the public internet.
    #[error(
        "{host} leads to {address}, which {special}; the operator may except it (--outbound-allow, \
         BURSAR_OUTBOUND_ALLOW)"
    )]
    Address {
        /// The host as named.
        host: String,
        /// Where it leads.
        address: IpAddr,
        /// What is special about that.
        special: Special,
    },
    /// From https back to http.
    #[error("{host} redirects from https to http, where anybody on the way could read along")]
    Downgrade {
        /// Where it redirects to.
        host: String,
    },
}

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address is not connected to.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More redirects than are followed.
    #[error("{host} redirects more than {most} times")]
    TooManyRedirects {
        /// Who was asked first; the rest of the address may hold a secret.
        host: String,
        /// How many are followed.
        most: usize,
    },
    /// The unpacked body is larger than allowed.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge {
        /// Who answered.
        host: String,
        /// How much is read.
        limit: usize,
    },
    /// The whole took too long.
    #[error("{host} did not answer within {seconds} seconds")]
    TooSlow {
        /// Who was asked.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// No connection, or no HTTP on it.
    #[error("{host} cannot be reached: {source}")]
    Unreachable {
        /// Who was asked.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The client or its resolver could not be set up.
    #[error("the HTTP client cannot be set up: {source}")]
    Client {
        /// What the client says.
        source: reqwest::Error,
    },
    /// The configuration of the resolver cannot be read.
    #[error(
        "the resolver of names cannot be set up: {source}; check /etc/resolv.conf, or name DNS \
             servers with --outbound-dns (BURSAR_OUTBOUND_DNS)"
    )]
    Resolver {
        /// What the resolver says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
