//! The way to the mail server.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use url::Url;

use super::Letter;

/// A mail server that is silent for this long is given up.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Where mail goes and what its links begin with. Given to the jobs of a server.
#[derive(Clone, Debug)]
pub struct Mailer {
    base_url: String,
    smtp: Option<Smtp>,
}

#[derive(Clone, Debug)]
struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The address of the mail server cannot be read.
    #[error(
        "the SMTP URL is not acceptable: {source}; write it like \
         smtp://user:password@mail.example.org:587?tls=required or smtps://…"
    )]
    Url {
        /// What is wrong.
        source: lettre::transport::smtp::Error,
    },
    /// A password would go over the network in the clear.
    #[error(
        "the SMTP URL carries a password but no encryption; append ?tls=required, or begin it with \
         smtps://"
    )]
    ClearPassword,
    /// There is a mail server but no sender.
    #[error(
        "say from whom mail comes with --mail-from (BURSAR_MAIL_FROM), like bursar@example.org"
    )]
    NoSender,
    /// The sender is no address.
    #[error("--mail-from {text} is no email address: write it like bursar@example.org")]
    Sender {
        /// The text as given.
        text: String,
    },
    /// A message cannot be written, such as to an address with signs that mail does not know.
    #[error("the message cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    /// The recipient is no address that mail knows.
    #[error("the recipient's address cannot be written in mail: {0}")]
    Recipient(#[from] lettre::address::AddressError),
    /// The server refused for good.
    #[error("the mail server refused the message: {0}")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// The server did not answer, or asks to come back.
    #[error("the mail server did not take the message: {0}")]
    Unavailable(#[source] lettre::transport::smtp::Error),
}

/// Why a message was not delivered, in words that name nobody.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("the mail server answered with {code}; `bursar outbox list` shows what it said")]
    Answered { code: String },
    #[error("the mail server was not reached, or broke off")]
    NoAnswer,
    #[error("the message cannot be written as mail; `bursar outbox list` shows why")]
    Unwritable,
}

impl Mailer {
    /// A mailer for links under `base_url`; without `smtp_url` mail waits in the outbox.
    pub fn new(
        base_url: &str,
        smtp_url: Option<&str>,
        from: Option<&str>,
    ) -> Result<Self, MailerError> {
        let smtp = match smtp_url {
            Some(url) => Some(Smtp::open(url, from)?),
            None => None,
        };
        Ok(Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            smtp,
        })
    }

    /// What links begin with.
    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether there is a mail server.
    pub fn can_send(&self) -> bool {
        self.smtp.is_some()
    }

    /// Hands a message to the mail server. `false` when there is none.
    pub(super) async fn send(&self, letter: &Letter) -> Result<bool, MailerError> {
        let Some(smtp) = &self.smtp else {
            return Ok(false);
        };
        let message = &letter.message;
        let host = smtp.from.email.domain();
        let mail = Mail::builder()
            .from(smtp.from.clone())
            .to(Mailbox::new(None, message.recipient.parse()?))
            .subject(message.subject)
            // The same at every try, so that a message which arrives twice is seen to be one.
            .message_id(Some(format!("<{}@{host}>", message.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())?;
        match smtp.transport.send(mail).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_permanent() => Err(MailerError::Refused(error)),
            Err(error) => Err(MailerError::Unavailable(error)),
        }
    }
}

impl MailerError {
    /// Whether another try makes sense.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// The same for records of the process, without a word of the server.
    pub(super) fn undelivered(&self) -> Undelivered {
        match self {
            Self::Refused(error) | Self::Unavailable(error) => match error.status() {
                Some(code) => Undelivered::Answered {
                    code: code.to_string(),
                },
                None => Undelivered::NoAnswer,
            },
            _ => Undelivered::Unwritable,
        }
    }
}

impl Smtp {
    fn open(url: &str, from: Option<&str>) -> Result<Self, MailerError> {
        if sends_password_in_clear(url) {
            return Err(MailerError::ClearPassword);
        }
        let from = from.ok_or(MailerError::NoSender)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|source| MailerError::Url { source })?
            .timeout(Some(TIMEOUT))
            .build();
        let from = from.parse().map_err(|_| MailerError::Sender {
            text: from.to_owned(),
        })?;
        Ok(Self { transport, from })
    }
}

/// Within this machine nobody listens. What cannot be read is refused elsewhere.
fn sends_password_in_clear(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    if url.scheme() != "smtp" || (url.username().is_empty() && url.password().is_none()) {
        return false;
    }
    let is_local = url.host_str().is_some_and(|host| {
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|local| host.eq_ignore_ascii_case(local))
    });
    let mut tls = url
        .query_pairs()
        .filter(|(name, _)| name == "tls")
        .peekable();
    let is_encrypted = tls.peek().is_some() && tls.all(|(_, value)| value == "required");
    !is_local && !is_encrypted
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Option<&str> = Some("Bursar <bursar@example.org>");

    #[tokio::test]
    async fn a_mail_server_needs_a_sender_and_keeps_passwords_secret() {
        let open = |url, from| Mailer::new("http://127.0.0.1:8420/", url, from);
        let without = open(None, None).expect("without a server");
        assert!(!without.can_send());
        assert_eq!(without.base_url(), "http://127.0.0.1:8420");
        for url in [
            "smtp://127.0.0.1:25",
            "smtp://user:secret@localhost:25",
            "smtp://user:secret@LOCALHOST",
            "smtp://user:secret@[::1]:25",
            "smtp://user:secret@mail.example.org:587?tls=required",
            "smtps://user:secret@mail.example.org",
        ] {
            assert!(open(Some(url), FROM).expect(url).can_send());
        }
        for url in [
            "smtp://user:secret@mail.example.org:25",
            "smtp://user:secret@mail.example.org?tls=opportunistic",
            "smtp://user:secret@localhost.example.org",
            "SMTP://user:secret@mail.example.org",
            "smtp://user@mail.example.org",
            "smtp://user:secret@mail.example.org/?tls=opportunistic&x=tls=required",
            "smtp://user:secret@mail.example.org?tls=required&tls=opportunistic",
            "smtp://127.0.0.1:secret@mail.example.org",
        ] {
            let refused = open(Some(url), FROM).err();
            assert!(matches!(refused, Some(MailerError::ClearPassword)), "{url}");
        }
        let refused = open(Some("http://mail.example.org"), FROM).err();
        assert!(
            matches!(refused, Some(MailerError::Url { .. })),
            "{refused:?}"
        );
        let refused = open(Some("smtp://127.0.0.1"), None).err();
        assert!(
            matches!(refused, Some(MailerError::NoSender)),
            "{refused:?}"
        );
        let refused = open(Some("smtp://127.0.0.1"), Some("bursar")).err();
        assert!(
            matches!(refused, Some(MailerError::Sender { .. })),
            "{refused:?}"
        );
    }
}
