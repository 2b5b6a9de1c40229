//! Mail against a server that speaks SMTP on loopback.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use identity::{
    outbox::{self, Mailer, MessageId, OutboxError, State},
    users,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::browser::{BASE_URL, Server};

/// A mail server that takes what it is sent, unless told to refuse the next ones.
struct MailServer {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
    /// Ends with the server.
    _serving: JoinSet<()>,
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::<Mutex<Vec<String>>>::default();
        let refusals = Arc::<Mutex<VecDeque<&'static str>>>::default();
        let (to, from) = (taken.clone(), refusals.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                talks.spawn(converse(stream, to.clone(), from.clone()));
            }
        });
        Self {
            port,
            taken,
            refusals,
            _serving: serving,
        }
    }

    fn mailer(&self) -> Mailer {
        let url = format!("smtp://127.0.0.1:{}", self.port);
        let from = Some("Bursar <bursar@example.org>");
        Mailer::new(BASE_URL, Some(&url), from).expect("a mailer")
    }

    fn refuse(&self, reply: &'static str) {
        self.refusals.lock().expect("lock").push_back(reply);
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("lock").clone()
    }
}

/// One connection, as RFC 5321 has it.
async fn converse(
    stream: TcpStream,
    taken: Arc<Mutex<Vec<String>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut envelope = String::new();
    let next_refusal = || refusals.lock().expect("lock").pop_front();
    writer.write_all(b"220 mail.test ESMTP\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                envelope = format!("{line}\n");
                "250 ok".to_owned()
            }
            "RCPT" => {
                if let Some(refusal) = next_refusal() {
                    refusal.to_owned()
                } else {
                    envelope.extend([line.as_str(), "\n"]);
                    "250 ok".to_owned()
                }
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut message = std::mem::take(&mut envelope);
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    message.extend([line.as_str(), "\n"]);
                }
                // Long lines come folded, as quoted-printable.
                let message = message.replace("=\n", "").replace("=3D", "=");
                taken.lock().expect("lock").push(message);
                "250 taken".to_owned()
            }
            "RSET" | "NOOP" => "250 ok".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "500 what?".to_owned(),
        };
        writer
            .write_all(format!("{reply}\r\n").as_bytes())
            .await
            .ok()?;
    }
    Some(())
}

/// Has a link for a new password put into the outbox; its path.
async fn reset(server: &Server, email: &str) -> String {
    let mut browser = server.browser();
    browser.get("/identity/forgot").await;
    browser.post("/identity/forgot", &[("email", email)]).await;
    server.link_to(email, "password_reset").await
}

/// Lets what waits for another try run at once.
async fn hurry(server: &Server) {
    let mut tx = server.system().await;
    sqlx::query!("update platform.jobs set run_at = now() where state = 'queued'")
        .execute(tx.conn())
        .await
        .expect("hurried");
    // The sweep of this period has run already.
    sqlx::query!("delete from platform.jobs where name = 'identity.sweep_outbox'")
        .execute(tx.conn())
        .await
        .expect("forgotten");
    tx.commit().await.expect("committed");
}

async fn only(server: &Server) -> outbox::Message {
    let mut all = outbox::list(server.db()).await.expect("the outbox");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn text(server: &Server, base_url: &str, id: MessageId) -> String {
    let letter = outbox::show(server.db(), &server.app.sealer, base_url, id).await;
    letter.expect("a letter").text
}

/// All that the database holds, as a copy of it would.
#[expect(clippy::disallowed_methods, reason = "reads every table there is")]
async fn copy(server: &Server) -> String {
    let mut tx = server.system().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname in ('identity', 'platform') and has_table_privilege(
             format('%I.%I', schemaname, tablename), 'select')",
    )
    .fetch_all(tx.conn())
    .await
    .expect("tables");
    assert!(tables.contains(&"identity.outbox".to_owned()), "{tables:?}");
    let mut all = String::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("select to_jsonb(t)::text from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql)
            .fetch_all(tx.conn())
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
        all.extend(rows);
    }
    all
}

#[tokio::test]
#[expect(clippy::format_collect, reason = "a short text of a test")]
async fn a_copy_of_the_database_opens_no_account() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let path = reset(&server, "ann@example.org").await;
    let secret = path.rsplit('/').next().expect("a secret");
    assert_eq!(secret.len(), 43);
    let in_bytes: String = path.bytes().map(|byte| format!("{byte:02x}")).collect();
    let copy = copy(&server).await;
    assert!(copy.contains("ann@example.org"), "the copy is one");
    assert!(!copy.contains(secret) && !copy.contains(&in_bytes));

    // Without the key the message is given up and says why; the list can still be read.
    let id = only(&server).await.id;
    let other = seal::Sealer::with_key([8; 32]);
    let closed = outbox::show(server.db(), &other, BASE_URL, id).await;
    assert!(matches!(closed, Err(OutboxError::Seal(_))), "{closed:?}");
    let mail = MailServer::start().await;
    hurry(&server).await;
    let registry = identity::jobs().provide(mail.mailer()).provide(other);
    let runner = jobs::Runner::new(server.db().clone(), server.app.clock.clone(), registry);
    runner.run_due().await.expect("jobs");
    assert_eq!(mail.taken(), [""; 0]);
    let failed = only(&server).await;
    assert_eq!(failed.state, State::Failed);
    let reason = failed.last_error.expect("a reason");
    assert!(reason.contains("identity.outbox.link"), "{reason}");
}

#[tokio::test]
async fn a_new_key_seals_the_links_that_wait() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let path = reset(&server, "ann@example.org").await;
    let id = only(&server).await.id;
    let uses = seal::key_uses(server.db()).await.expect("uses");
    assert!(
        uses.iter()
            .any(|(column, _, count)| column.table == "identity.outbox" && *count == 1),
        "what changes the key finds the column: {uses:?}"
    );
    assert!(text(&server, BASE_URL, id).await.contains(&path));
}

#[tokio::test]
async fn mail_waits_for_a_mail_server_and_is_sent_once_there_is_one() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let path = reset(&server, "ann@example.org").await;
    let waiting = only(&server).await;
    assert_eq!((waiting.state, waiting.attempts), (State::Waiting, 0));
    let shown = text(&server, "http://other.example/", waiting.id).await;
    assert!(
        shown.contains(&format!("http://other.example{path}")),
        "{shown}"
    );

    let mail = MailServer::start().await;
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    let taken = mail.taken();
    assert_eq!(taken.len(), 1);
    for part in [
        "MAIL FROM:<bursar@example.org>",
        "RCPT TO:<ann@example.org>",
        "From: Bursar <bursar@example.org>",
        "To: ann@example.org",
        "Subject: Set a new password",
        &format!("Message-ID: <{}@example.org>", waiting.id),
        &format!("{BASE_URL}{path}\n"),
    ] {
        assert!(taken[0].contains(part), "no {part} in {}", taken[0]);
    }
    let sent = only(&server).await;
    assert_eq!((sent.state, sent.attempts), (State::Sent, 1));
    assert_eq!(sent.sent_at, Some(server.app.clock.now()));
    assert!(
        !text(&server, BASE_URL, sent.id).await.contains(&path),
        "the link is forgotten"
    );
    let again = outbox::resend(server.db(), &server.app.clock, sent.id).await;
    assert!(
        matches!(again, Err(OutboxError::AlreadySent { .. })),
        "{again:?}"
    );
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    assert_eq!(mail.taken().len(), 1, "nothing is sent twice");
    assert_eq!(
        server.browser().get(&path).await.status,
        200,
        "the link itself is good"
    );
}

#[tokio::test]
async fn a_busy_server_is_tried_again_and_a_refusal_is_for_good() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let mail = MailServer::start().await;
    mail.refuse("451 come back later");
    reset(&server, "ann@example.org").await;
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    let busy = only(&server).await;
    assert_eq!((busy.state, busy.attempts), (State::Waiting, 1));
    assert!(
        busy.last_error
            .expect("a reason")
            .contains("come back later")
    );
    let mut tx = server.system().await;
    let told = sqlx::query_scalar!(
        r#"select last_error as "told!" from platform.jobs
           where name = 'identity.deliver_message' and state = 'queued'"#
    );
    let told = told.fetch_one(tx.conn()).await.expect("a job waits");
    assert!(
        told.contains("451") && !told.contains("come back"),
        "the words of the server stay beside the message: {told}"
    );
    let is_later = sqlx::query_scalar!(
        r#"select bool_and(run_at > now()) as "later!" from platform.jobs
           where name = 'identity.deliver_message' and state = 'queued'"#
    );
    assert!(is_later.fetch_one(tx.conn()).await.expect("a job waits"));
    drop(tx);

    mail.refuse("550 no such mailbox");
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    let failed = only(&server).await;
    assert_eq!((failed.state, failed.attempts), (State::Failed, 2));
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    assert_eq!(mail.taken(), [""; 0], "it was given up");

    outbox::resend(server.db(), &server.app.clock, failed.id)
        .await
        .expect("queued");
    server.run_jobs_with(mail.mailer()).await;
    assert_eq!(only(&server).await.state, State::Sent);
    assert_eq!(mail.taken().len(), 1);
}

/// A stranger who asks again and again neither fills a mailbox nor takes the link away that is in it.
#[tokio::test]
async fn asking_again_soon_sends_nothing_and_keeps_the_link() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    let path = reset(&server, "ann@example.org").await;
    let mut eve = server.browser();
    eve.get("/identity/forgot").await;
    let first = eve
        .post("/identity/forgot", &[("email", "ann@example.org")])
        .await;
    let unknown = eve
        .post("/identity/forgot", &[("email", "nobody@example.org")])
        .await;
    assert_eq!((first.status, &first.body), (unknown.status, &unknown.body));
    server.run_jobs().await;
    only(&server).await;
    assert_eq!(
        server.browser().get(&path).await.status,
        200,
        "the link is good"
    );

    server.app.clock.advance(jiff::SignedDuration::from_mins(5));
    let newer = reset(&server, "ann@example.org").await;
    assert_ne!(newer, path);
    assert_eq!(
        outbox::list(server.db()).await.expect("the outbox").len(),
        2
    );
    assert_ne!(
        server.browser().get(&path).await.status,
        200,
        "a newer one replaces it"
    );
}

#[tokio::test]
async fn the_outbox_is_cleared_and_forgets_what_has_ended() {
    let server = Server::start().await;
    server.add("ann@example.org").await;
    reset(&server, "ann@example.org").await;
    let clock = &server.app.clock;
    let kept = outbox::clear(server.db(), clock, false).await;
    assert_eq!(kept.expect("cleared"), 0, "it still waits");
    let id = only(&server).await.id;
    clock.advance(jiff::SignedDuration::from_hours(24));
    let late = outbox::resend(server.db(), clock, id).await;
    assert!(matches!(late, Err(OutboxError::Expired { .. })), "{late:?}");
    // The sweep of a server with a way to send does not send it either.
    let mail = MailServer::start().await;
    hurry(&server).await;
    server.run_jobs_with(mail.mailer()).await;
    assert_eq!(mail.taken(), [""; 0]);
    let nobody = MessageId(uuid::Uuid::nil());
    let missing = outbox::show(server.db(), &server.app.sealer, BASE_URL, nobody).await;
    assert!(
        matches!(missing, Err(OutboxError::NotFound { .. })),
        "{missing:?}"
    );

    reset(&server, "ann@example.org").await;
    let removed = outbox::clear(server.db(), clock, true).await;
    assert_eq!(removed.expect("cleared"), 1);
    assert_eq!(users::list(server.db()).await.expect("list").len(), 1);
}
