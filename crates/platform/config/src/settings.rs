//! The settings tree: flags, environment variables, defaults.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::BoolishValueParser};
use ipnet::IpNet;

use crate::{DataDir, DataDirError, Profile};

/// What a person can set. Flattened into the command line; each doc comment is the help text.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Directory for secrets and the private database [default: /var/lib/bursar as root, otherwise
    /// `$XDG_DATA_HOME/bursar` or `~/.local/share/bursar`]
    #[arg(long, env = "BURSAR_DATA_DIR", global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Address and port to listen on; anything but a loopback address is reachable by others
    #[arg(
        long,
        env = "BURSAR_LISTEN",
        global = true,
        value_name = "ADDR:PORT",
        default_value = "127.0.0.1:8420"
    )]
    pub listen: SocketAddr,

    /// PostgreSQL server to use instead of a private one: postgres://login:password@host/database
    #[arg(
        long,
        env = "BURSAR_DATABASE_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,

    /// Login on that server which may create roles and run migrations [default: --database-url]
    #[arg(
        long,
        env = "BURSAR_DATABASE_OWNER_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_owner_url: Option<String>,

    /// Work as a superuser on a server that may hold other databases too
    #[arg(
        long,
        env = "BURSAR_ALLOW_SUPERUSER",
        global = true,
        value_parser = BoolishValueParser::new()
    )]
    pub allow_superuser: bool,

    /// Redis in which several nodes count and keep what they share: redis://:password@host:6379/0, or
    /// unix:///path/to/socket [default: each process for itself]
    #[arg(
        long,
        env = "BURSAR_REDIS_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub redis_url: Option<String>,

    /// Address under which people reach Bursar; with https the cookies are marked secure. Passkeys belong
    /// to its host name [default for them: http://localhost with the port of --listen]
    #[arg(long, env = "BURSAR_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,

    /// Proxies whose word about addresses is believed: addresses or ranges, separated by commas
    #[arg(
        long,
        env = "BURSAR_TRUSTED_PROXIES",
        global = true,
        value_name = "RANGES",
        value_delimiter = ',',
        value_parser = range
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Header in which those proxies write where a request comes from; no other is read
    #[arg(
        long,
        env = "BURSAR_PROXY_HEADER",
        global = true,
        value_name = "HEADER",
        default_value = "x-forwarded-for"
    )]
    pub proxy_header: ProxyHeader,

    /// Requests that one person may make to one route in a minute, and half of what all routes together
    /// take; a sixth of it may change something; 0 for any number
    #[arg(
        long,
        env = "BURSAR_REQUESTS_PER_USER",
        global = true,
        value_name = "NUMBER",
        default_value_t = 600
    )]
    pub requests_per_user: u32,

    /// Requests that may come from one address in a minute, whoever makes them; 0 for any number
    #[arg(
        long,
        env = "BURSAR_REQUESTS_PER_ADDRESS",
        global = true,
        value_name = "NUMBER",
        default_value_t = 1_200
    )]
    pub requests_per_address: u32,

    /// Passwords, links and registrations that may be tried from one address in a minute; 0 for any
    /// number
    #[arg(
        long,
        env = "BURSAR_SIGN_INS_PER_ADDRESS",
        global = true,
        value_name = "NUMBER",
        default_value_t = 20
    )]
    pub sign_ins_per_address: u32,

    /// Connections that are open at the same time; others wait
    #[arg(
        long,
        env = "BURSAR_MAX_CONNECTIONS",
        global = true,
        value_name = "NUMBER",
        default_value_t = 4_096,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_connections: u32,

    /// Connections that one address may hold, loopback and trusted proxies aside
    #[arg(
        long,
        env = "BURSAR_MAX_CONNECTIONS_PER_ADDRESS",
        global = true,
        value_name = "NUMBER",
        default_value_t = 128,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_connections_per_address: u32,

    /// Seconds in which the head of a request must have come
    #[arg(
        long,
        env = "BURSAR_HEAD_TIMEOUT_S",
        global = true,
        value_name = "SECONDS",
        default_value_t = 15,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub head_timeout_s: u32,

    /// Seconds in which a request must have come and been answered; files have ten times as long
    #[arg(
        long,
        env = "BURSAR_REQUEST_TIMEOUT_S",
        global = true,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub request_timeout_s: u32,

    /// Addresses or ranges inside the network that requests on behalf of people may reach (webhooks,
    /// price files), separated by commas
    #[arg(
        long,
        env = "BURSAR_OUTBOUND_ALLOW",
        global = true,
        value_name = "RANGES",
        value_delimiter = ',',
        value_parser = range
    )]
    pub outbound_allow: Vec<IpNet>,

    /// Ports that such requests may reach, separated by commas
    #[arg(
        long,
        env = "BURSAR_OUTBOUND_PORTS",
        global = true,
        value_name = "PORTS",
        value_delimiter = ',',
        default_values_t = [80, 443, 8080, 8443]
    )]
    pub outbound_ports: Vec<u16>,

    /// DNS servers for such requests, separated by commas [default: those of the system]
    #[arg(
        long,
        env = "BURSAR_OUTBOUND_DNS",
        global = true,
        value_name = "ADDR:PORT",
        value_delimiter = ','
    )]
    pub outbound_dns: Vec<SocketAddr>,

    /// The largest file, in MiB, that people may upload to be imported; it waits in the data directory
    #[arg(
        long,
        env = "BURSAR_MAX_UPLOAD_MIB",
        global = true,
        value_name = "MIB",
        default_value_t = 1024,
        value_parser = clap::value_parser!(u64).range(1..=1024 * 1024)
    )]
    pub max_upload_mib: u64,

    /// Keys that encrypt what is stored encrypted, 32 bytes in base64 each: the first for writing, further
    /// ones, behind commas, for reading [default: secrets/encryption-0001 in the data directory,
    /// generated]
    #[arg(
        long,
        env = "BURSAR_ENCRYPTION_KEY",
        global = true,
        value_name = "KEY",
        hide_env_values = true
    )]
    pub encryption_key: Option<String>,

    /// Mail server: smtps://user:password@host, or smtp://…:587?tls=required; without one, mail waits
    /// for `bursar outbox`
    #[arg(
        long,
        env = "BURSAR_SMTP_URL",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: Option<String>,

    /// From whom mail comes, like bursar@example.org; needed with --smtp-url
    #[arg(long, env = "BURSAR_MAIL_FROM", global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,

    /// Who may make an account, for as long as the server runs [default: what an administrator chose,
    /// closed at first]
    #[arg(
        long,
        env = "BURSAR_REGISTRATION",
        global = true,
        value_name = "POLICY",
        value_parser = ["open", "invitation", "closed"]
    )]
    pub registration: Option<String>,

    /// Provider by which people may sign in (OpenID Connect), like https://id.example.org/realms/home;
    /// needs --openid-client-id, its secret and --openid-allow
    #[arg(long, env = "BURSAR_OPENID_ISSUER", global = true, value_name = "URL")]
    pub openid_issuer: Option<String>,

    /// Name by which that provider knows this instance
    #[arg(
        long,
        env = "BURSAR_OPENID_CLIENT_ID",
        global = true,
        value_name = "NAME"
    )]
    pub openid_client_id: Option<String>,

    /// Secret that the provider gave to this instance
    #[arg(
        long,
        env = "BURSAR_OPENID_CLIENT_SECRET",
        global = true,
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub openid_client_secret: Option<String>,

    /// File with that secret, in place of it; nobody else may be able to read it
    #[arg(
        long,
        env = "BURSAR_OPENID_CLIENT_SECRET_FILE",
        global = true,
        value_name = "FILE"
    )]
    pub openid_client_secret_file: Option<PathBuf>,

    /// Whom that provider may bring: email addresses and whole domains, separated by commas
    #[arg(
        long,
        env = "BURSAR_OPENID_ALLOW",
        global = true,
        value_name = "LIST",
        value_delimiter = ','
    )]
    pub openid_allow: Vec<String>,

    /// What people call that provider: “Sign in with …”
    #[arg(
        long,
        env = "BURSAR_OPENID_LABEL",
        global = true,
        value_name = "NAME",
        default_value = "OpenID"
    )]
    pub openid_label: String,

    /// What to log: a level or a list of `module=level`
    #[arg(
        long,
        env = "BURSAR_LOG",
        global = true,
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,

    /// How to write log lines
    #[arg(
        long,
        env = "BURSAR_LOG_FORMAT",
        global = true,
        value_name = "FORMAT",
        default_value = "pretty"
    )]
    pub log_format: LogFormat,
}

/// A range in CIDR notation, or a single address.
fn range(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("{text} is neither an address nor a range like 192.168.1.0/24"))
}

/// Where a proxy writes the address of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProxyHeader {
    /// Nearly every proxy writes this one.
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Pretty,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Listening for everybody before an administrator exists: the first visitor could claim the instance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "refusing to listen on {listen}, which others can reach, before an administrator is set up; \
     run `bursar user add EMAIL` first, or listen on 127.0.0.1 (--listen, BURSAR_LISTEN)"
)]
pub struct PublicListen {
    /// The address that was asked for.
    pub listen: SocketAddr,
}

impl Settings {
    /// The data directory of these settings, created with safe modes when absent.
    pub fn open_data_dir(&self, profile: Profile) -> Result<DataDir, DataDirError> {
        DataDir::open(self.data_dir.as_deref(), profile)
    }

    /// Whether machines other than this one can reach the listening address.
    pub fn listens_publicly(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// Refuses a publicly reachable address as long as nobody owns the instance.
    pub fn check_listen(&self, has_admin: bool) -> Result<(), PublicListen> {
        if self.listens_publicly() && !has_admin {
            return Err(PublicListen {
                listen: self.listen,
            });
        }
        Ok(())
    }

    /// Scheme, host and port of the public address, as browsers name the origin of a request.
    pub fn public_origin(&self) -> Option<String> {
        let (scheme, rest) = self.public_url.as_deref()?.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        Some(format!("{scheme}://{authority}").to_ascii_lowercase())
    }

    /// The origin to which passkeys belong. Browsers take no IP address for one, so without a public
    /// address it is `localhost`.
    pub fn passkey_origin(&self) -> String {
        self.public_origin()
            .unwrap_or_else(|| format!("http://localhost:{}", self.listen.port()))
    }

    /// Whether cookies may be marked `Secure`: people come in through https.
    pub fn has_secure_cookies(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| {
            url.get(..8)
                .is_some_and(|s| s.eq_ignore_ascii_case("https://"))
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(arguments: &[&str]) -> Settings {
        Cli::parse_from(std::iter::once(&"bursar").chain(arguments)).settings
    }

    #[test]
    fn every_setting_has_a_flag_an_environment_variable_and_help() {
        let command = Cli::command();
        command.clone().debug_assert();
        for argument in command.get_arguments().filter(|a| a.get_id() != "help") {
            let flag = argument.get_long().expect("a long flag");
            let expected = format!("BURSAR_{}", flag.replace('-', "_").to_uppercase());
            assert_eq!(
                argument.get_env().and_then(|e| e.to_str()),
                Some(expected.as_str())
            );
            assert!(argument.get_help().is_some(), "--{flag} has no help text");
        }
    }

    #[test]
    fn public_addresses_need_an_owner() {
        for (listen, is_public) in [
            ("127.0.0.1:8420", false),
            ("[::1]:8420", false),
            ("[::ffff:127.0.0.1]:8420", false),
            ("0.0.0.0:8420", true),
            ("[::]:8420", true),
            ("192.168.1.4:8420", true),
        ] {
            let settings = parse(&["--listen", listen]);
            assert_eq!(settings.listens_publicly(), is_public, "{listen}");
            assert_eq!(settings.check_listen(false).is_err(), is_public, "{listen}");
            assert!(settings.check_listen(true).is_ok());
        }
    }

    #[test]
    fn passkeys_belong_to_the_public_origin() {
        for (arguments, origin) in [
            (&[][..], "http://localhost:8420"),
            (&["--listen", "127.0.0.1:9000"], "http://localhost:9000"),
            (
                &["--public-url", "https://bursar.example/"],
                "https://bursar.example",
            ),
            (
                &["--public-url", "https://a.example:8443/x/y"],
                "https://a.example:8443",
            ),
        ] {
            assert_eq!(parse(arguments).passkey_origin(), origin);
        }
    }

    #[test]
    fn ranges_are_read_with_and_without_a_length() {
        let settings = parse(&["--trusted-proxies", "10.0.0.0/8, ::1,192.0.2.7"]);
        let ranges: Vec<String> = settings
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(ranges, ["10.0.0.0/8", "::1/128", "192.0.2.7/32"]);
        let refused = Cli::try_parse_from(["bursar", "--outbound-allow", "nas.home"]);
        let message = refused.err().expect("refused").to_string();
        assert!(message.contains("nas.home is neither"), "{message}");
        assert_eq!(parse(&[]).outbound_ports, [80, 443, 8080, 8443]);
    }

    #[test]
    fn https_makes_cookies_secure() {
        assert!(!parse(&[]).has_secure_cookies());
        assert!(!parse(&["--public-url", "http://bursar.example"]).has_secure_cookies());
        let settings = parse(&["--public-url", "HTTPS://Bursar.example/"]);
        assert!(settings.has_secure_cookies());
        assert_eq!(
            settings.public_origin().as_deref(),
            Some("https://bursar.example")
        );
    }
}
