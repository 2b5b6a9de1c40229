use identity::users::{self, Email, NewUser, PasswordHash};

use crate::browser::{PASSWORD, Server};

async fn import(server: &Server, email: &str, hash: &str) {
    let new = NewUser {
        email: email.parse::<Email>().expect("email"),
        name: String::new(),
    };
    let hash = PasswordHash::parse(hash).expect("a known hash");
    let added = users::import(server.db(), &server.app.clock, new, hash).await;
    assert!(added.expect("added").link.is_none());
}

async fn hash_of(server: &Server, email: &str) -> String {
    let mut tx = server.system().await;
    sqlx::query_scalar!(
        "select password_hash from identity.users where email = $1",
        email
    )
    .fetch_one(tx.conn())
    .await
    .expect("a hash")
}

#[tokio::test]
async fn imported_and_outdated_hashes_are_replaced_at_sign_in() {
    let server = Server::start().await;
    let of_bcrypt = bcrypt::hash(PASSWORD, 5).expect("hash");
    import(&server, "ann@example.org", &of_bcrypt).await;
    // Of the same password, by Argon2id with 8 MiB and one pass.
    let weak = {
        use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
        let params = Params::new(8_192, 1, 1, None).expect("parameters");
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = hasher.hash_password(PASSWORD.as_bytes());
        hash.expect("hash").to_string()
    };
    import(&server, "bob@example.org", &weak).await;
    for (email, before) in [("ann@example.org", of_bcrypt), ("bob@example.org", weak)] {
        let mut browser = server.browser();
        let wrong = browser.sign_in(email, "not the password", "/").await;
        assert_eq!(wrong.status, 422);
        assert_eq!(
            hash_of(&server, email).await,
            before,
            "nothing is learnt from a wrong one"
        );
        browser.sign_in(email, PASSWORD, "/").await.leads_to("/");
        let after = hash_of(&server, email).await;
        assert!(
            after.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{after}"
        );
        assert_eq!(
            browser.get("/probe").await.status,
            200,
            "the session goes on"
        );
        server.signed_in(email).await;
        assert_eq!(hash_of(&server, email).await, after, "a current hash stays");
    }
}

#[tokio::test]
async fn a_crowd_that_signs_in_does_not_hold_up_the_others() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut crowd = tokio::task::JoinSet::new();
    for number in 0..12 {
        let mut browser = server.browser();
        browser.get("/identity/sign-in").await;
        let email = format!("nobody{number}@example.org");
        crowd.spawn(async move {
            let fields = [("email", email.as_str()), ("password", PASSWORD)];
            browser.post("/identity/sign-in", &fields).await.status
        });
    }
    // With the crowd under way, ten pages are answered before it is through.
    for _ in 0..10 {
        tokio::task::yield_now().await;
        assert_eq!(ann.get("/probe").await.status, 200);
    }
    let through = std::iter::from_fn(|| crowd.try_join_next()).count();
    assert!(through < 12, "the pages waited for the whole crowd");
    while let Some(status) = crowd.join_next().await {
        assert_eq!(status.expect("answered"), 422);
    }
}

#[tokio::test]
async fn a_reset_ends_sessions_and_tokens_and_is_told() {
    let server = Server::start().await;
    let (id, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut tx = server.db().write(id).await.expect("unit of work");
    let new = identity::tokens::NewToken::new("script").expect("name");
    let token = identity::tokens::create(&mut tx, &new, server.app.clock.now()).await;
    let token = token.expect("token").secret;
    tx.commit().await.expect("committed");
    let me = || crate::browser::bearer(axum::http::Method::GET, "/api/v1/identity/me", &token);
    assert_eq!(server.browser().send(me()).await.status, 200);

    let mut stranger = server.browser();
    stranger.get("/identity/forgot").await;
    stranger
        .post("/identity/forgot", &[("email", "ann@example.org")])
        .await;
    let link = server.link_to("ann@example.org", "password_reset").await;
    stranger.get(&link).await;
    stranger
        .post(&link, &[("password", "seven quiet rivers run")])
        .await
        .leads_to("/identity/sign-in?password_set=1");
    assert_eq!(ann.get("/probe").await.status, 303);
    assert_eq!(server.browser().send(me()).await.status, 401);
    let mail = server.mail_to("ann@example.org").await;
    assert_eq!(mail.last().expect("told").0, "password_set");
}

/// How many links and requests for mail there are.
async fn asked_for(server: &Server) -> (i64, i64) {
    let mut tx = server.system().await;
    let row = sqlx::query!(
        r#"select (select count(*) from identity.links) as "links!",
                  (select count(*) from identity.mail_requests) as "requests!""#
    );
    let row = row.fetch_one(tx.conn()).await.expect("counts");
    (row.links, row.requests)
}

/// Whoever had the old password, or the session, has nothing in hand any more.
#[tokio::test]
async fn a_new_password_ends_what_was_asked_for_under_the_old_one_and_is_told() {
    let server = Server::start().await;
    let (_, mut ann) = server.add_signed_in("ann@example.org").await;
    let mut thief = server.signed_in("ann@example.org").await;
    thief.get("/identity/settings/profile").await;
    let email = |to: &'static str| [("email", to), ("current_password", PASSWORD)];
    thief
        .post("/identity/settings/email", &email("eve@example.org"))
        .await
        .leads_to("/identity/settings/profile?sent=1");
    thief
        .post("/identity/forgot", &[("email", "ann@example.org")])
        .await;
    let change = server.link_to("eve@example.org", "change_email").await;
    let reset = server.link_to("ann@example.org", "password_reset").await;
    // And some that were not answered yet.
    thief
        .post("/identity/settings/email", &email("mallory@example.org"))
        .await;
    thief
        .post("/identity/forgot", &[("email", "ann@example.org")])
        .await;
    assert_eq!(asked_for(&server).await, (2, 2));

    ann.get("/identity/settings/security").await;
    let fields = [
        ("current_password", PASSWORD),
        ("password", "seven quiet rivers run"),
    ];
    ann.post("/identity/settings/password", &fields)
        .await
        .leads_to("/identity/settings/security?saved=1");
    assert_eq!(asked_for(&server).await, (0, 0));
    let told = server.mail_to("ann@example.org").await;
    assert_eq!(told.last().expect("told").0, "password_set");
    assert!(server.mail_to("mallory@example.org").await.is_empty());
    for link in [change, reset] {
        assert_eq!(server.browser().get(&link).await.status, 404, "{link}");
    }
    assert_eq!(ann.get("/probe").await.status, 200, "this session stays");
    assert_eq!(thief.get("/probe").await.status, 303);
}
