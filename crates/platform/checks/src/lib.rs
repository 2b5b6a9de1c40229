//! The one list of what is checked about an instance. `bursar doctor` prints it, the page of the
//! operator and the strip on the welcome page show it, and the server does not start while one of
//! [`UNSAFE`] is bad.
#![warn(missing_docs)]

use config::{DataDir, Settings};
use db::{Access, Clock, Db, Fact, FactState};

/// What nobody may be served with: each would let strangers in, or lose data.
pub const UNSAFE: [&str; 5] = [
    "data.secrets",
    "database.login",
    "database.migrations",
    "http.listen",
    "openid.provider",
];

/// What an instance is looked at by.
#[derive(Clone, Debug)]
pub struct Checks {
    access: Access,
    instance: Option<(Settings, DataDir)>,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
#[error("refusing to start: {}", .reasons.join("; "))]
pub struct Unsafe {
    reasons: Vec<String>,
}

/// Refuses to go on while something is unsafe.
pub fn refuse_unsafe(facts: &[Fact]) -> Result<(), Unsafe> {
    let reasons: Vec<String> = facts
        .iter()
        .filter(|fact| fact.state == FactState::Bad && UNSAFE.contains(&fact.name))
        .map(|fact| fact.text.clone())
        .collect();
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Unsafe { reasons })
}

impl Checks {
    /// Of an instance that is run with these settings.
    pub fn new(settings: &Settings, data_dir: &DataDir, access: &Access) -> Self {
        Self {
            access: access.clone(),
            instance: Some((settings.clone(), data_dir.clone())),
        }
    }

    /// Of a database alone, for what has neither settings nor files.
    pub fn of_database(access: &Access) -> Self {
        Self {
            access: access.clone(),
            instance: None,
        }
    }

    /// Looks now. A database that does not answer is a finding itself. `has_admin` says whether
    /// somebody runs the instance.
    pub async fn facts(&self, db: &Db, clock: &Clock, has_admin: bool) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some((_, data_dir)) = &self.instance {
            facts.extend(of_files(data_dir));
        }
        match db::facts(db, &self.access, clock).await {
            Ok(found) => facts.extend(found),
            Err(error) => facts.push(Fact::unreachable(&error)),
        }
        if let Some((settings, _)) = &self.instance {
            facts.extend(of_settings(settings, has_admin));
        }
        facts
    }
}

/// The data directory and the secrets in it.
pub fn of_files(data_dir: &DataDir) -> Vec<Fact> {
    let directory = data_dir.path().display().to_string();
    let secrets = match data_dir.check_secrets() {
        Ok(count) => {
            let text = format!("{count} secrets, readable by their owner alone");
            fact("data.secrets", FactState::Good, text)
        }
        Err(error) => fact("data.secrets", FactState::Bad, error.to_string()),
    };
    vec![fact("data.directory", FactState::Good, directory), secrets]
}

/// What the settings make of the instance.
pub fn of_settings(settings: &Settings, has_admin: bool) -> Vec<Fact> {
    vec![
        listen(settings, has_admin),
        proxies(settings),
        outbound(settings),
        mail(settings),
        openid(settings),
    ]
}

fn listen(settings: &Settings, has_admin: bool) -> Fact {
    let name = "http.listen";
    if let Err(refused) = settings.check_listen(has_admin) {
        return fact(name, FactState::Bad, refused.to_string());
    }
    if settings.listens_publicly() && !settings.has_secure_cookies() {
        let text = format!(
            "{} can be reached from other machines; put a proxy with TLS in front and set \
             BURSAR_PUBLIC_URL to its https address",
            settings.listen
        );
        return fact(name, FactState::Doubtful, text);
    }
    let text = if settings.listens_publicly() {
        format!(
            "{} is reached through {}",
            settings.listen,
            public(settings)
        )
    } else {
        format!("{} is reachable from this machine only", settings.listen)
    };
    fact(name, FactState::Good, text)
}

fn proxies(settings: &Settings) -> Fact {
    let name = "http.proxies";
    let trusted = &settings.trusted_proxies;
    if let Some(all) = trusted.iter().find(|range| range.prefix_len() == 0) {
        let text = format!(
            "everybody is trusted as a proxy ({all}), so anybody may claim any address; name the \
             proxy alone in BURSAR_TRUSTED_PROXIES"
        );
        return fact(name, FactState::Doubtful, text);
    }
    if trusted.is_empty() && settings.public_url.is_some() {
        let text = format!(
            "people come through {}, and no proxy is trusted: all of them seem to come from the \
             proxy and share its limits; name it in BURSAR_TRUSTED_PROXIES",
            public(settings)
        );
        return fact(name, FactState::Doubtful, text);
    }
    let text = if trusted.is_empty() {
        "nobody's word about addresses is believed".to_owned()
    } else {
        format!("the word of {} about addresses is believed", list(trusted))
    };
    fact(name, FactState::Good, text)
}

fn outbound(settings: &Settings) -> Fact {
    let name = "outbound.exceptions";
    let allow = &settings.outbound_allow;
    if allow.is_empty() {
        let text = "requests on behalf of people reach the public internet alone".to_owned();
        return fact(name, FactState::Good, text);
    }
    let policy = outbound::Policy::from_settings(settings);
    let reaches_credentials = ["169.254.169.254", "[fd00:ec2::254]", "127.0.0.1"]
        .iter()
        .find(|host| policy.target(&format!("http://{host}/")).is_ok());
    let (state, text) = if let Some(host) = reaches_credentials {
        let text = format!(
            "requests on behalf of people may reach {host} by {}; name the one machine that \
             they are to reach in BURSAR_OUTBOUND_ALLOW",
            list(allow)
        );
        (FactState::Doubtful, text)
    } else {
        let text = format!(
            "requests on behalf of people may also reach {}",
            list(allow)
        );
        (FactState::Good, text)
    };
    fact(name, state, text)
}

fn mail(settings: &Settings) -> Fact {
    let name = "mail.server";
    let (state, text) = match (
        &settings.smtp_url,
        &settings.mail_from,
        &settings.public_url,
    ) {
        (Some(_), None, _) => (
            FactState::Bad,
            "a mail server is named and no sender; set BURSAR_MAIL_FROM".to_owned(),
        ),
        (Some(_), Some(from), None) => (
            FactState::Doubtful,
            format!(
                "mail goes out from {from}, and its links lead to {}, which may mean nothing to \
                 whoever reads them; set BURSAR_PUBLIC_URL",
                settings.listen
            ),
        ),
        (Some(_), Some(from), Some(public)) => (
            FactState::Good,
            format!("mail goes out from {from}; its links lead to {public}"),
        ),
        (None, _, _) if settings.registration.as_deref() == Some("open") => (
            FactState::Doubtful,
            "everybody may register, and nobody gets the link by which to do so; set \
             BURSAR_SMTP_URL and BURSAR_MAIL_FROM"
                .to_owned(),
        ),
        (None, _, _) => (
            FactState::Good,
            "no mail server; links are printed by `bursar user` and `bursar invitation`, and mail \
             waits until BURSAR_SMTP_URL is set"
                .to_owned(),
        ),
    };
    fact(name, state, text)
}

fn openid(settings: &Settings) -> Fact {
    let name = "openid.provider";
    let (state, text) = match settings.open_id() {
        Err(refused) => (FactState::Bad, refused.to_string()),
        Ok(None) => (
            FactState::Good,
            "nobody signs in by OpenID Connect".to_owned(),
        ),
        Ok(Some(provider)) if settings.public_url.is_none() => (
            FactState::Doubtful,
            format!(
                "{} leads people back to {}, which may not be where they came from; set \
                 BURSAR_PUBLIC_URL",
                provider.issuer,
                settings.passkey_origin()
            ),
        ),
        Ok(Some(provider)) => (
            FactState::Good,
            format!(
                "{} may bring {}",
                provider.issuer,
                list(&settings.openid_allow)
            ),
        ),
    };
    fact(name, state, text)
}

fn public(settings: &Settings) -> &str {
    settings
        .public_url
        .as_deref()
        .unwrap_or("no public address")
}

fn list<T: ToString>(values: &[T]) -> String {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

fn fact(name: &'static str, state: FactState, text: String) -> Fact {
    Fact { name, state, text }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    fn states(arguments: &[&str], has_admin: bool) -> Vec<(&'static str, FactState)> {
        let settings = Cli::parse_from(std::iter::once(&"bursar").chain(arguments)).settings;
        let facts = of_settings(&settings, has_admin);
        facts.iter().map(|fact| (fact.name, fact.state)).collect()
    }

    fn state(arguments: &[&str], has_admin: bool, name: &str) -> FactState {
        let states = states(arguments, has_admin);
        states
            .iter()
            .find(|(known, _)| *known == name)
            .expect("the fact")
            .1
    }

    type Case<'a> = (&'a [&'a str], bool, &'static str, FactState);

    fn judges(cases: &[Case<'_>]) {
        for &(arguments, has_admin, name, expected) in cases {
            assert_eq!(
                state(arguments, has_admin, name),
                expected,
                "{arguments:?} {name}"
            );
        }
    }

    const HTTPS: [&str; 2] = ["--public-url", "https://bursar.example"];

    #[test]
    fn where_the_server_listens_is_judged_with_who_may_come() {
        use FactState::{Bad, Doubtful, Good};
        judges(&[
            (&["--listen", "0.0.0.0:1"], false, "http.listen", Bad),
            (&["--listen", "0.0.0.0:1"], true, "http.listen", Doubtful),
            (
                &["--listen", "0.0.0.0:1", HTTPS[0], HTTPS[1]],
                true,
                "http.listen",
                Good,
            ),
            (&[], false, "http.listen", Good),
            (&[], false, "http.proxies", Good),
            (&HTTPS, true, "http.proxies", Doubtful),
            (
                &[HTTPS[0], HTTPS[1], "--trusted-proxies", "127.0.0.1"],
                true,
                "http.proxies",
                Good,
            ),
            (
                &["--trusted-proxies", "0.0.0.0/0"],
                true,
                "http.proxies",
                Doubtful,
            ),
        ]);
    }

    #[test]
    fn ways_out_are_judged() {
        use FactState::{Bad, Doubtful, Good};
        let mail = [
            "--smtp-url",
            "smtp://mail.example",
            "--mail-from",
            "bursar@example.org",
        ];
        judges(&[
            (&[], true, "outbound.exceptions", Good),
            (
                &["--outbound-allow", "192.168.1.10"],
                true,
                "outbound.exceptions",
                Good,
            ),
            (
                &["--outbound-allow", "169.254.0.0/16"],
                true,
                "outbound.exceptions",
                Doubtful,
            ),
            (
                &["--outbound-allow", "0.0.0.0/0"],
                true,
                "outbound.exceptions",
                Doubtful,
            ),
            (&[], true, "mail.server", Good),
            (&["--registration", "open"], true, "mail.server", Doubtful),
            (
                &["--smtp-url", "smtp://mail.example"],
                true,
                "mail.server",
                Bad,
            ),
            (&mail, true, "mail.server", Doubtful),
            (
                &[mail[0], mail[1], mail[2], mail[3], HTTPS[0], HTTPS[1]],
                true,
                "mail.server",
                Good,
            ),
        ]);
    }

    #[test]
    fn a_provider_is_judged_by_whom_it_may_bring() {
        use FactState::{Bad, Doubtful, Good};
        let whole = [
            "--openid-issuer=https://id.example",
            "--openid-client-id=bursar",
            "--openid-client-secret=x",
            "--openid-allow=ann@example.org",
            HTTPS[0],
            HTTPS[1],
        ];
        judges(&[
            (&[], true, "openid.provider", Good),
            (&whole[..3], true, "openid.provider", Bad),
            (&whole[..4], true, "openid.provider", Doubtful),
            (&whole, true, "openid.provider", Good),
        ]);
        let settings = Cli::parse_from(std::iter::once(&"bursar").chain(&whole[..3])).settings;
        let refused = refuse_unsafe(&of_settings(&settings, true)).expect_err("no allow-list");
        let text = refused.to_string();
        assert!(
            text.starts_with("refusing to start: ") && text.contains("BURSAR_OPENID_ALLOW"),
            "{text}"
        );
    }

    #[test]
    fn what_is_unsafe_is_refused_with_its_remedy() {
        let bad = |name| fact(name, FactState::Bad, format!("mend {name}"));
        assert!(refuse_unsafe(&[bad("database.clock")]).is_ok());
        assert!(refuse_unsafe(&[fact("data.secrets", FactState::Doubtful, String::new())]).is_ok());
        let refused =
            refuse_unsafe(&[bad("data.secrets"), bad("http.listen")]).expect_err("unsafe");
        assert_eq!(
            refused.to_string(),
            "refusing to start: mend data.secrets; mend http.listen"
        );
    }
}
