//! Accounts that ask for a second step: rows in the tables of factors, and the step itself.

use db::UserId;
use seal::Place;
use testkit::Browser;

use crate::site::{MARK, Site, texts};

/// Of a software key that nobody has any more; what the pages show of it is its name.
const CREDENTIAL: &str = r#"{"cred":{"attestation":{"data":"None","metadata":"None"},"attestation_format":"none","backup_eligible":false,"backup_state":false,"counter":0,"cred":{"key":{"EC_EC2":{"curve":"SECP256R1","x":"b_A7lJJBzh2t1DUZ5pYOCoW0GmmgXDKBA6orzhWUyhY","y":"PE91OlW_AdxT9sCwx-7ni0DG_30lqW4igrmJzvccFEo"}},"type_":"ES256"},"cred_id":"AQEBAQEBAQEBAQEBAQEBAQ","extensions":{"appid":"NotRequested","cred_props":"Ignored","cred_protect":"Ignored","hmac_create_secret":"NotRequested"},"registration_policy":"required","transports":null,"user_verified":true}}"#;

/// The n-th recovery code of everybody here, as it is typed.
fn recovery_code(number: usize) -> String {
    format!("{number:016}")
}

impl Site {
    /// The owner has an authenticator app; Vera is setting one up, and has a passkey and a sign-in that
    /// waits. Both have recovery codes. Returns the id of the passkey.
    #[expect(
        clippy::disallowed_methods,
        reason = "rows that only a device could cause"
    )]
    pub(crate) async fn guard(&self, owner: UserId, vera: UserId) -> String {
        let mut connection = self.superuser().await;
        for (person, confirmed_at) in [(owner, Some("2026-03-01")), (vera, None)] {
            let place = Place::new("identity.totp", "secret", [person]);
            let secret = self.app.sealer.seal(&place, &[7; 20]).expect("sealed");
            sqlx::query(
                "insert into identity.totp (user_id, secret, confirmed_at, created_at)
                 values ($1, $2, $3::timestamptz, '2026-03-01')",
            )
            .bind(person.0)
            .bind(secret.as_bytes())
            .bind(confirmed_at)
            .execute(&mut connection)
            .await
            .expect("an app");
            for number in 0..10 {
                sqlx::query(
                    "insert into identity.recovery_codes (user_id, id, code_hash, created_at)
                     values ($1, gen_random_uuid(), sha256($2::bytea), '2026-03-01')",
                )
                .bind(person.0)
                .bind(recovery_code(number).as_bytes())
                .execute(&mut connection)
                .await
                .expect("a code");
            }
        }
        for sql in [
            "insert into identity.pending_sign_ins (token_hash, user_id, password_hash, expires_at)
             values ('\\x01', $1, '!', '2026-03-03')",
            "insert into identity.ceremonies (token_hash, purpose, user_id, state, expires_at)
             values ('\\x01', 'confirm', $1, '{}', '2026-03-03')",
            "insert into identity.openid_flows
                 (token_hash, purpose, user_id, next, began_at, expires_at)
             values ('\\x01', 'link', $1, '/', '2026-03-02', '2026-03-03')",
            "insert into identity.openid_identities
                 (user_id, id, issuer, subject, email, created_at)
             values ($1, '01900000-0000-7000-8000-000000000002', 'https://id.example.org', 'vera',
                     'vera@id.example.org', '2026-03-01')",
        ] {
            sqlx::query(sql)
                .bind(vera.0)
                .execute(&mut connection)
                .await
                .expect("a sign-in that waits");
        }
        sqlx::query_scalar::<_, uuid::Uuid>(
            "insert into identity.passkeys (user_id, id, name, credential_id, credential, created_at)
             values ($1, gen_random_uuid(), $2, '\\x01', $3::jsonb, '2026-03-01') returning id",
        )
        .bind(vera.0)
        .bind(MARK)
        .bind(CREDENTIAL)
        .fetch_one(&mut connection)
        .await
        .expect("a passkey")
        .to_string()
    }

    /// The second step of an account that asks for one: the next recovery code.
    pub(crate) async fn second_step(&self, browser: &mut Browser, email: &str) {
        self.second_step_to(browser, email, "/").await;
    }

    /// The same, for somebody who begins on another page.
    pub(crate) async fn second_step_to(&self, browser: &mut Browser, email: &str, start: &str) {
        let used = format!(
            "select count(*)::text from identity.recovery_codes c
             join identity.users u on u.id = c.user_id
             where u.email = '{email}' and c.used_at is not null"
        );
        let used = texts(&mut self.superuser().await, &used).await.concat();
        let code = recovery_code(used.parse().expect("a count"));
        browser.get("/identity/sign-in").await.shows("Second step");
        let fields = [("code", code.as_str()), ("next", "/")];
        browser
            .post("/identity/sign-in/code", &fields)
            .await
            .leads_to(start);
    }
}
