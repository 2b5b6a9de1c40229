use std::sync::Arc;

use db::{Clock, Db};

use crate::{chrome::NavItem, gate::Gate};

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The only way to the database.
    pub db: Db,
    /// The only way to the time.
    pub clock: Clock,
    /// Key of the CSRF tokens.
    pub csrf_key: Arc<[u8]>,
    /// Whether cookies are marked `Secure` and carry the `__Host-` prefix (served behind TLS).
    pub secure_cookies: bool,
    /// Counts requests, and knows whose word about addresses is believed.
    pub gate: Gate,
    /// The demo signs its visitors in by itself and says on every page that its data are simulated.
    pub demo: bool,
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
