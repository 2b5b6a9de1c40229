//! Sign-in by a provider that speaks OpenID Connect, as whoever runs the instance sets it up.

use std::{fs, path::Path, path::PathBuf};

use url::{Host, Url};

use crate::{DataDirError, Secret, Settings, data_dir::refuse_exposed};

/// A provider, and whom it may bring.
#[derive(Clone, Debug)]
pub struct OpenId {
    /// Names the provider; its discovery document lies below.
    pub issuer: String,
    /// By which name the provider knows this instance.
    pub client_id: String,
    /// Shows the provider that it is this instance.
    pub client_secret: Secret,
    /// Whom it may bring; never empty.
    pub allow: Vec<Allowed>,
    /// What people call the provider.
    pub label: String,
}

/// Whom the provider may bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// One address, in lower case: its person is named, and may come whoever may register.
    Address(String),
    /// Every address of a domain, in lower case, and of none below it.
    Domain(String),
}

/// Why nobody can sign in by a provider.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// Something is set, and not which provider.
    #[error(
        "sign-in by OpenID Connect is set up in part: {setting} is set and the provider is not; set \
         BURSAR_OPENID_ISSUER, or remove the rest"
    )]
    NoIssuer {
        /// What is set.
        setting: &'static str,
    },
    /// Not the address of a provider.
    #[error(
        "BURSAR_OPENID_ISSUER {text} is no address of a provider: write it like \
         https://id.example.org/realms/home, without ? and #; plain http is for a provider on this \
         machine alone"
    )]
    Issuer {
        /// The text as given.
        text: String,
    },
    /// The provider does not know who asks.
    #[error(
        "OpenID Connect needs the name by which the provider knows this instance: set \
         BURSAR_OPENID_CLIENT_ID"
    )]
    NoClientId,
    /// Neither secret nor file, or both.
    #[error(
        "OpenID Connect needs the secret of the client, once: set BURSAR_OPENID_CLIENT_SECRET_FILE or \
         BURSAR_OPENID_CLIENT_SECRET, and not both"
    )]
    NotOneSecret,
    /// The file of the secret cannot be used.
    #[error("BURSAR_OPENID_CLIENT_SECRET_FILE cannot be used: {0}")]
    SecretFile(#[source] DataDirError),
    /// The file of the secret is empty.
    #[error("{} is empty: write the secret of the OpenID Connect client into it", .path.display())]
    EmptySecret {
        /// The file.
        path: PathBuf,
    },
    /// Whoever has an account with the provider could come in.
    #[error(
        "OpenID Connect without an allow-list would let in whoever has an account with {issuer}: name \
         the addresses or domains in BURSAR_OPENID_ALLOW, like ann@example.org,example.com"
    )]
    NoAllowList {
        /// The provider.
        issuer: String,
    },
    /// Neither an address nor a domain.
    #[error(
        "BURSAR_OPENID_ALLOW: “{text}” is neither an address like ann@example.org nor a domain like \
         example.org"
    )]
    Allowed {
        /// The text as given.
        text: String,
    },
}

impl Allowed {
    fn parse(text: &str) -> Result<Self, OpenIdError> {
        let refused = || OpenIdError::Allowed {
            text: text.trim().to_owned(),
        };
        let plain = text.trim().to_lowercase();
        let (local, domain) = match plain.rsplit_once('@') {
            Some((local, domain)) => (local, domain),
            None => ("", plain.as_str()),
        };
        let is_domain = domain.contains('.')
            && matches!(Host::parse(domain), Ok(Host::Domain(read)) if read == domain)
            && domain
                .split('.')
                .all(|label| !label.is_empty() && !label.contains('*'));
        let is_local = !local
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '@' || c == '*');
        match (is_domain && is_local, local.is_empty()) {
            (true, true) => Ok(Self::Domain(domain.to_owned())),
            (true, false) => Ok(Self::Address(plain)),
            (false, _) => Err(refused()),
        }
    }
}

impl OpenId {
    /// Whether somebody with this address may come in.
    pub fn admits(&self, email: &str) -> bool {
        let email = email.to_lowercase();
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        self.allow.iter().any(|allowed| match allowed {
            Allowed::Address(address) => *address == email,
            Allowed::Domain(whole) => domain == Some(whole),
        })
    }

    /// Whether the list names this very address.
    pub fn names(&self, email: &str) -> bool {
        let email = email.to_lowercase();
        self.allow.contains(&Allowed::Address(email))
    }
}

impl Settings {
    /// The provider by which people may sign in; `None` where none is set up. What is set up in part, or
    /// lets everybody in, is refused.
    pub fn open_id(&self) -> Result<Option<OpenId>, OpenIdError> {
        // What is set to nothing, as in a file that lists all variables, is not set.
        let Some(issuer) = given(self.openid_issuer.as_deref()) else {
            return self.refuse_leftovers();
        };
        if !is_issuer(issuer) {
            return Err(OpenIdError::Issuer {
                text: issuer.to_owned(),
            });
        }
        let allow: Vec<&str> = self.allow_list().collect();
        if allow.is_empty() {
            return Err(OpenIdError::NoAllowList {
                issuer: issuer.to_owned(),
            });
        }
        let allow = allow.into_iter().map(Allowed::parse);
        let allow = allow.collect::<Result<_, _>>()?;
        let client_id = given(self.openid_client_id.as_deref()).ok_or(OpenIdError::NoClientId)?;
        Ok(Some(OpenId {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: self.openid_secret()?,
            allow,
            label: self.openid_label.trim().to_owned(),
        }))
    }

    fn refuse_leftovers(&self) -> Result<Option<OpenId>, OpenIdError> {
        let set = [
            (
                "BURSAR_OPENID_CLIENT_ID",
                given(self.openid_client_id.as_deref()).is_some(),
            ),
            (
                "BURSAR_OPENID_CLIENT_SECRET",
                given(self.openid_client_secret.as_deref()).is_some(),
            ),
            (
                "BURSAR_OPENID_CLIENT_SECRET_FILE",
                self.secret_file().is_some(),
            ),
            ("BURSAR_OPENID_ALLOW", self.allow_list().next().is_some()),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((setting, _)) => Err(OpenIdError::NoIssuer { setting }),
            None => Ok(None),
        }
    }

    fn allow_list(&self) -> impl Iterator<Item = &str> {
        self.openid_allow
            .iter()
            .filter_map(|text| given(Some(text)))
    }

    fn secret_file(&self) -> Option<&Path> {
        let path = self.openid_client_secret_file.as_deref();
        path.filter(|path| !path.as_os_str().is_empty())
    }

    fn openid_secret(&self) -> Result<Secret, OpenIdError> {
        match (
            given(self.openid_client_secret.as_deref()),
            self.secret_file(),
        ) {
            (Some(text), None) => Ok(Secret::of(text)),
            (None, Some(path)) => read(path),
            _ => Err(OpenIdError::NotOneSecret),
        }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The secret alone, in a file that nobody else can read.
fn read(path: &Path) -> Result<Secret, OpenIdError> {
    refuse_exposed(path, "600").map_err(OpenIdError::SecretFile)?;
    let text = fs::read_to_string(path).map_err(|source| {
        OpenIdError::SecretFile(DataDirError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })
    })?;
    match text.trim() {
        "" => Err(OpenIdError::EmptySecret {
            path: path.to_owned(),
        }),
        secret => Ok(Secret::of(secret)),
    }
}

fn is_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_bare = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_bare && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    const WHOLE: [&str; 4] = [
        "--openid-issuer=https://id.example.org/realms/home",
        "--openid-client-id=bursar",
        "--openid-client-secret=a secret",
        "--openid-allow=Ann@Example.org, example.com",
    ];

    fn read_settings(arguments: &[&str]) -> Result<Option<OpenId>, OpenIdError> {
        let arguments = std::iter::once(&"bursar").chain(arguments);
        Cli::parse_from(arguments).settings.open_id()
    }

    fn refusal(arguments: &[&str]) -> String {
        read_settings(arguments).expect_err("refused").to_string()
    }

    #[test]
    fn nothing_set_is_no_provider_and_a_part_is_refused() {
        assert!(read_settings(&[]).expect("nothing is fine").is_none());
        let blank = [
            "--openid-issuer=",
            "--openid-client-id= ",
            "--openid-allow=",
        ];
        assert!(read_settings(&blank).expect("nothing is fine").is_none());
        for (argument, named) in [
            (WHOLE[1], "BURSAR_OPENID_CLIENT_ID"),
            (WHOLE[2], "BURSAR_OPENID_CLIENT_SECRET"),
            (WHOLE[3], "BURSAR_OPENID_ALLOW"),
        ] {
            let text = refusal(&[argument]);
            assert!(text.contains(named) && text.contains("_ISSUER"), "{text}");
        }
        for (left_out, named) in [
            (1, "BURSAR_OPENID_CLIENT_ID"),
            (2, "BURSAR_OPENID_CLIENT_SECRET_FILE"),
            (3, "BURSAR_OPENID_ALLOW"),
        ] {
            let kept = WHOLE.iter().enumerate().filter(|(at, _)| *at != left_out);
            let text = refusal(&kept.map(|(_, argument)| *argument).collect::<Vec<_>>());
            assert!(text.contains(named), "{text}");
        }
    }

    #[test]
    fn only_addresses_and_whole_domains_of_the_list_are_admitted() {
        let provider = read_settings(&WHOLE).expect("whole").expect("a provider");
        for admitted in ["ann@example.org", "ANN@example.org", "bob@Example.com"] {
            assert!(provider.admits(admitted), "{admitted}");
        }
        for refused in [
            "bob@example.org",
            "ann@example.org.evil.example",
            "bob@sub.example.com",
            "bob@notexample.com",
            "example.com",
            "",
        ] {
            assert!(!provider.admits(refused), "{refused}");
        }
        assert!(provider.names("ann@EXAMPLE.org"));
        assert!(!provider.names("bob@example.com"), "its domain is, not it");
        assert!(!format!("{provider:?}").contains("a secret"));
    }

    #[test]
    fn what_would_admit_everybody_or_nobody_is_refused() {
        for text in [
            "*",
            "*.example.org",
            "org",
            "@",
            "ann@",
            "a b@example.org",
            "",
            "*@example.org",
        ] {
            let allow = format!("--openid-allow={text}");
            let text = refusal(&[WHOLE[0], WHOLE[1], WHOLE[2], &allow]);
            assert!(text.contains("BURSAR_OPENID_ALLOW"), "{text}");
        }
    }

    #[test]
    fn providers_are_named_by_https_except_on_this_machine() {
        let with = |issuer: &str| {
            let issuer = format!("--openid-issuer={issuer}");
            read_settings(&[&issuer, WHOLE[1], WHOLE[2], WHOLE[3]])
        };
        for issuer in [
            "https://id.example",
            "http://127.0.0.1:9000/x",
            "http://localhost",
        ] {
            assert!(with(issuer).is_ok(), "{issuer}");
        }
        for issuer in [
            "http://id.example",
            "https://id.example/?a=1",
            "https://ann:pw@id.example",
            "id.example",
            "ftp://id.example",
        ] {
            let text = with(issuer).expect_err(issuer).to_string();
            assert!(text.contains("is no address of a provider"), "{text}");
        }
    }

    #[test]
    fn the_secret_may_lie_in_a_file_that_nobody_else_reads() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("secret");
        let argument = format!("--openid-client-secret-file={}", path.display());
        let arguments = [WHOLE[0], WHOLE[1], &argument, WHOLE[3]];
        let text = refusal(&arguments);
        assert!(text.contains("_SECRET_FILE"), "{text}");
        fs::write(&path, "of the file\n").expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("chmod");
        let text = refusal(&arguments);
        assert!(text.contains("chmod 600"), "{text}");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("chmod");
        let provider = read_settings(&arguments).expect("whole").expect("there");
        assert_eq!(provider.client_secret.expose(), "of the file");
        let text = refusal(&[WHOLE[0], WHOLE[1], WHOLE[2], &argument, WHOLE[3]]);
        assert!(text.contains("not both"), "{text}");
        fs::write(&path, "\n").expect("written");
        assert!(refusal(&arguments).contains("is empty"));
    }
}
