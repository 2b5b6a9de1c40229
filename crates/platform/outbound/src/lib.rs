//! The one client for requests to addresses that a person has named: webhooks, price files, shops.
//!
//! Whoever names an address decides where this machine connects to, from inside its network. So a
//! request is refused unless it goes to the public internet by `http` or `https`, on a port of the
//! list, without credentials in the address. Names are resolved here and every address that comes
//! back is judged before a connection is made to that very address: a name that answers differently
//! the next time gains nothing. Redirects are followed by hand and judged like the first address.
//! The operator may except ranges of addresses, for a server at home.
//!
//! Time, size and the number of redirects are limited; the size is that of the unpacked body. Proxies
//! from the environment are not used, since behind one the addresses could not be judged.
#![warn(missing_docs)]

pub mod address;
mod client;
mod error;
mod names;
mod policy;

pub use client::{Client, Request, Response};
pub use error::{OutboundError, Refusal};
pub use names::Names;
pub use policy::Policy;
