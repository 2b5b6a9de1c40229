use std::{path::Path, sync::Arc};

use cache::Cache;
use db::{Clock, Db};
use seal::Sealer;
use tokio_util::sync::CancellationToken;

use crate::{chrome::NavItem, gate::Gate};

/// Where uploads go that are too large for the memory.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// A directory that only this account can read; it is created when the first upload comes.
    pub folder: Arc<Path>,
    /// The largest upload that is taken.
    pub max_bytes: u64,
}

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The only way to the database.
    pub db: Db,
    /// The only way to the time.
    pub clock: Clock,
    /// Key of the CSRF tokens.
    pub csrf_key: Arc<[u8]>,
    /// Seals what is stored encrypted.
    pub sealer: Sealer,
    /// The only way to addresses that people name.
    pub outbound: outbound::Client,
    /// The origin under which people reach Bursar; passkeys belong to its host name.
    pub public_origin: Arc<str>,
    /// Whether cookies are marked `Secure` and carry the `__Host-` prefix (served behind TLS).
    pub secure_cookies: bool,
    /// Counts requests, and knows whose word about addresses is believed.
    pub gate: Gate,
    /// What is kept for a while, in process or by all nodes together.
    pub cache: Cache,
    /// Ends what would stay open for ever, like streams, when the server stops.
    pub stop: CancellationToken,
    /// The demo signs its visitors in by itself and says on every page that its data are simulated.
    pub demo: bool,
    /// Where large uploads wait, and how large they may be.
    pub uploads: Uploads,
    /// The main navigation, in order.
    pub nav: &'static [NavItem],
}

impl App {
    /// The name of a cookie: behind TLS it is bound to this host alone.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.secure_cookies {
            format!("__Host-bursar_{name}")
        } else {
            format!("bursar_{name}")
        }
    }

    /// A `Set-Cookie` value with the attributes that all our cookies share. `max_age_s` of 0 removes it.
    pub fn cookie(&self, name: &str, value: &str, max_age_s: i64) -> String {
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}",
            self.cookie_name(name)
        )
    }
}
