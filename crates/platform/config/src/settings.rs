//! The settings tree: flags, environment variables, defaults.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

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

    /// Address under which people reach Bursar; with https the cookies are marked secure
    #[arg(long, env = "BURSAR_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,

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

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Pretty,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Listening for everybody before an owner exists: the first visitor could claim the instance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "refusing to listen on {listen}, which others can reach, before an owner is set up; \
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
    pub fn check_listen(&self, has_owner: bool) -> Result<(), PublicListen> {
        if self.listens_publicly() && !has_owner {
            return Err(PublicListen {
                listen: self.listen,
            });
        }
        Ok(())
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
    fn https_makes_cookies_secure() {
        assert!(!parse(&[]).has_secure_cookies());
        assert!(!parse(&["--public-url", "http://bursar.example"]).has_secure_cookies());
        assert!(parse(&["--public-url", "HTTPS://bursar.example"]).has_secure_cookies());
    }
}
