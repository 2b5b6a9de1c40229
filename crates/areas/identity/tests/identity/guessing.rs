//! Guessing at secrets is slowed down, whoever guesses from wherever, and keeps nobody out of the own
//! account.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::{
    browser::{Browser, PASSWORD, Server},
    factors::{enrol, first_step},
};

const ANN: &str = "ann@example.org";

/// Tries from a different address each time.
async fn guess_from_everywhere(server: &Server, email: &str, times: u16) -> Vec<u16> {
    let mut statuses = Vec::new();
    for turn in 0..times {
        let [high, low] = turn.to_be_bytes();
        let mut eve = server.browser();
        eve.address.set_ip([198, 18, high, low].into());
        statuses.push(
            eve.sign_in(email, "a wrong guess", "/")
                .await
                .status
                .as_u16(),
        );
    }
    statuses
}

#[tokio::test]
async fn guessing_from_many_addresses_holds_up_the_account_as_a_whole() {
    let server = Server::start().await;
    server.add(ANN).await;
    let known = guess_from_everywhere(&server, ANN, 22).await;
    let unknown = guess_from_everywhere(&server, "nobody@example.org", 22).await;
    let expected: Vec<u16> = std::iter::repeat_n(422, 20).chain([429, 429]).collect();
    assert_eq!(known, expected, "twenty guesses are free");
    assert_eq!(
        unknown, expected,
        "and it does not tell whether the account exists"
    );
}

#[tokio::test]
async fn guesses_of_strangers_do_not_keep_out_a_browser_that_was_here_before() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut laptop = server.signed_in(ANN).await;
    laptop.get("/identity/settings").await;
    laptop.post("/identity/sign-out", &[]).await;
    assert!(
        laptop.cookies.contains_key("bursar_device"),
        "{:?}",
        laptop.cookies
    );
    guess_from_everywhere(&server, ANN, 25).await;
    let stranger = server.browser().sign_in(ANN, PASSWORD, "/").await;
    assert_eq!(
        stranger.status, 429,
        "from a new browser even the right password waits"
    );
    laptop.sign_in(ANN, PASSWORD, "/").await.leads_to("/");

    // The cookie is no free pass: its own failures count.
    laptop.get("/identity/settings").await;
    laptop.post("/identity/sign-out", &[]).await;
    for _ in 0..3 {
        assert_eq!(laptop.sign_in(ANN, "a wrong guess", "/").await.status, 422);
    }
    assert_eq!(laptop.sign_in(ANN, PASSWORD, "/").await.status, 429);
}

#[tokio::test]
async fn a_device_cookie_is_good_for_its_account_and_cannot_be_made_up() {
    let server = Server::start().await;
    server.add(ANN).await;
    server.add("eve@example.org").await;
    let eve = server.signed_in("eve@example.org").await;
    guess_from_everywhere(&server, ANN, 25).await;
    let cookie = eve.cookies["bursar_device"].clone();
    let (nonce, proof) = cookie.split_once('.').expect("two parts");
    for made_up in [
        cookie.clone(),
        format!("{nonce}.{}", "A".repeat(proof.len())),
        format!("x{nonce}.{proof}"),
        format!("{nonce}."),
        ".".to_owned(),
    ] {
        let mut stranger = server.browser();
        stranger
            .cookies
            .insert("bursar_device".to_owned(), made_up.clone());
        let answer = stranger.sign_in(ANN, PASSWORD, "/").await;
        assert_eq!(answer.status, 429, "{made_up}");
    }
    // Nor by the token against forgery, which is a fingerprint of a cookie that visitors choose.
    let mut stranger = server.browser();
    stranger
        .cookies
        .insert("bursar_visit".to_owned(), format!("{nonce}{ANN}"));
    let page = stranger.get("/identity/sign-in").await.body;
    let (_, rest) = page.split_once("name=\"_csrf\" value=\"").expect("a form");
    let token = rest.split_once('"').expect("a token").0;
    assert_ne!(token, proof);
}

#[tokio::test]
async fn a_link_for_a_new_password_leads_past_the_guesses_of_strangers() {
    let server = Server::start().await;
    server.add(ANN).await;
    guess_from_everywhere(&server, ANN, 25).await;
    let link = identity::users::reset_password(server.db(), &server.app.clock, ANN).await;
    let link = link.expect("a link").path().to_owned();
    let mut phone = server.browser();
    phone.get(&link).await;
    phone
        .post(&link, &[("password", "another quiet river")])
        .await
        .leads_to("/identity/sign-in?password_set=1");
    phone
        .sign_in(ANN, "another quiet river", "/")
        .await
        .leads_to("/");
}

#[tokio::test]
async fn one_address_tries_its_luck_at_few_accounts() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut eve = server.browser();
    let mut statuses = Vec::new();
    for turn in 0..52 {
        let email = format!("u{turn}@example.org");
        statuses.push(
            eve.sign_in(&email, "a wrong guess", "/")
                .await
                .status
                .as_u16(),
        );
    }
    let (free, held) = statuses.split_at(50);
    assert!(free.iter().all(|status| *status == 422), "{statuses:?}");
    assert_eq!(held, [429, 429]);
    assert_eq!(eve.sign_in(ANN, PASSWORD, "/").await.status, 429);
    // A success with an account of her own buys no further guesses.
    server.add("eve@example.org").await;
    server.app.clock.advance(SignedDuration::from_secs(1));
    eve.sign_in("eve@example.org", PASSWORD, "/")
        .await
        .leads_to("/");
    server.app.clock.advance(SignedDuration::from_secs(1));
    let mut again = server.browser();
    assert_eq!(again.sign_in(ANN, "a wrong guess", "/").await.status, 422);
    assert_eq!(
        again
            .sign_in("u77@example.org", "a wrong guess", "/")
            .await
            .status,
        429
    );
}

/// The counts are rows: a program that starts anew finds them.
#[tokio::test]
async fn a_restart_forgets_nothing_and_the_sweep_only_what_rests() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut eve = server.browser();
    for _ in 0..3 {
        eve.sign_in(ANN, "a wrong guess", "/").await;
    }
    let mut tx = server.system().await;
    let rows =
        sqlx::query!("select subject, failures from identity.failed_attempts order by failures")
            .fetch_all(tx.conn())
            .await
            .expect("rows");
    drop(tx);
    let failures: Vec<i32> = rows.iter().map(|row| row.failures).collect();
    assert_eq!(failures, [3, 3, 3], "here, the account, the address");
    for row in &rows {
        let text = String::from_utf8_lossy(&row.subject).into_owned();
        assert!(
            row.subject.len() == 32 && !text.contains("ann"),
            "a fingerprint alone: {text}"
        );
    }
    let restarted = server.restarted();
    let mut eve = Browser::on(&restarted, eve.address);
    assert_eq!(eve.sign_in(ANN, PASSWORD, "/").await.status, 429);

    let left = async || {
        let mut tx = server.system().await;
        sqlx::query_scalar!(r#"select count(*) as "count!" from identity.failed_attempts"#)
            .fetch_one(tx.conn())
            .await
            .expect("count")
    };
    server.app.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, 3, "they do not rest yet");
    server.app.clock.advance(SignedDuration::from_mins(31));
    assert_eq!(server.sweep().await, 1);
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn the_current_password_is_not_guessed_at_an_open_session() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    ann.get("/identity/settings/security").await;
    let path = "/identity/settings/password";
    let fields = |current: &'static str| {
        [
            ("current_password", current),
            ("password", "another quiet river"),
        ]
    };
    for _ in 0..3 {
        let wrong = ann.post(path, &fields("a wrong guess")).await;
        assert_eq!(wrong.status, 422);
        wrong.shows("This is not your current password.");
    }
    let held = ann.post(path, &fields(PASSWORD)).await;
    assert_eq!(
        (held.status.as_u16(), held.header("retry-after")),
        (429, "1")
    );
    // The sign-in is counted apart: whoever sits at the session cannot lock its owner out.
    server
        .browser()
        .sign_in(ANN, PASSWORD, "/")
        .await
        .leads_to("/");
    server.app.clock.advance(SignedDuration::from_secs(1));
    ann.post(path, &fields(PASSWORD))
        .await
        .leads_to("/identity/settings/security?saved=1");
}

/// An unknown account costs what a known one costs. Rounds alternate, medians are compared, and the
/// bounds are wide: a hash takes tens of milliseconds, so leaving it out would show tenfold. A machine
/// that stalls gets three tries.
#[tokio::test]
async fn an_unknown_account_takes_the_time_of_a_known_one() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut ratios = Vec::new();
    for round in 0..3_u8 {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for turn in 0..8_u8 {
            for (email, times) in [(ANN, &mut known), ("nobody@example.org", &mut unknown)] {
                let mut browser = server.browser();
                browser.address.set_ip([203, round, turn, 1].into());
                browser.get("/identity/sign-in").await;
                let fields = [("email", email), ("password", "a wrong guess")];
                let started = Instant::now();
                let answer = browser.post("/identity/sign-in", &fields).await;
                times.push(started.elapsed());
                assert_eq!(answer.status, 422, "{}", answer.body);
            }
        }
        // Guesses are forgiven before the next round.
        server.app.clock.advance(SignedDuration::from_mins(61));
        let ratio = median(known).as_secs_f64() / median(unknown).as_secs_f64();
        ratios.push(ratio);
        if (0.5..2.0).contains(&ratio) {
            return;
        }
    }
    panic!("known accounts over unknown ones: {ratios:?}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The way to a session over a second step makes a browser known as well.
#[tokio::test]
async fn a_browser_that_gave_a_code_is_not_kept_out_either() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in(ANN).await;
    let (app, _) = enrol(&server, &mut ann).await;
    let mut laptop = first_step(&server, ANN, "/").await;
    assert!(!laptop.cookies.contains_key("bursar_device"), "not yet");
    let code = app.code(&server);
    let fields = [("code", code.as_str()), ("next", "/probe")];
    laptop
        .post("/identity/sign-in/code", &fields)
        .await
        .leads_to("/probe");
    laptop.get("/identity/settings").await;
    laptop.post("/identity/sign-out", &[]).await;
    guess_from_everywhere(&server, ANN, 25).await;
    assert_eq!(
        server.browser().sign_in(ANN, PASSWORD, "/").await.status,
        429
    );
    laptop
        .sign_in(ANN, PASSWORD, "/")
        .await
        .leads_to("/identity/sign-in?next=/");
}

/// Whoever has an IPv6 address has a network of them.
#[tokio::test]
async fn addresses_of_one_ipv6_network_are_one_address() {
    let server = Server::start().await;
    server.add(ANN).await;
    let guess = async |address: &str| {
        let mut eve = server.browser();
        eve.address.set_ip(address.parse().expect("an address"));
        eve.sign_in(ANN, "a wrong guess", "/").await.status.as_u16()
    };
    for address in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3::4"] {
        assert_eq!(guess(address).await, 422, "{address}");
    }
    assert_eq!(guess("2001:db8:1:2:ffff::5").await, 429);
    assert_eq!(guess("2001:db8:1:3::1").await, 422, "another network");
}

/// An address at which people sign in rightly is forgiven its failures like any other.
#[tokio::test]
async fn a_success_does_not_keep_the_failures_of_others_alive() {
    let server = Server::start().await;
    server.add(ANN).await;
    let mut eve = server.browser();
    for turn in 0..50 {
        let email = format!("u{turn}@example.org");
        eve.sign_in(&email, "a wrong guess", "/").await;
    }
    for _ in 0..2 {
        server.app.clock.advance(SignedDuration::from_mins(20));
        server
            .browser()
            .sign_in(ANN, PASSWORD, "/")
            .await
            .leads_to("/");
    }
    server.app.clock.advance(SignedDuration::from_mins(20));
    for turn in 0..4 {
        let email = format!("v{turn}@example.org");
        let answer = eve.sign_in(&email, "a wrong guess", "/").await;
        assert_eq!(answer.status, 422, "an hour after the last failure: {turn}");
    }
}
