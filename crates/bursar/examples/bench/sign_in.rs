use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bursar::Instance;
use identity::{
    people::{self, Change},
    users::{self, NewUser, Password, Status},
};
use serde_json::{Map, Value, json};
use testkit::Browser;

const UNKNOWN: &str = "unknown@bursar.example";
const VERIFIED: &str = "verified@bursar.example";
const UNVERIFIED: &str = "unverified@bursar.example";
const SUSPENDED: &str = "suspended@bursar.example";
const PASSWORD: &str = "a long and quiet river";

/// One kind of request, and how it is answered.
struct Kind {
    name: &'static str,
    page: &'static str,
    email: &'static str,
    password: &'static str,
    status: u16,
}

const fn sign_in(name: &'static str, email: &'static str, password: &'static str) -> Kind {
    Kind {
        name,
        page: "/identity/sign-in",
        email,
        password,
        status: 422,
    }
}

const fn reset(name: &'static str, email: &'static str) -> Kind {
    Kind {
        name,
        page: "/identity/forgot",
        email,
        password: "",
        status: 200,
    }
}

/// The first is what the others are compared with: nobody has the address.
const SIGN_INS: [Kind; 5] = [
    sign_in("unknown", UNKNOWN, "a wrong guess"),
    sign_in("wrong_password", VERIFIED, "a wrong guess"),
    sign_in("wrong_password_unverified", UNVERIFIED, "a wrong guess"),
    sign_in("wrong_password_suspended", SUSPENDED, "a wrong guess"),
    sign_in("right_password_suspended", SUSPENDED, PASSWORD),
];
const RESETS: [Kind; 3] = [
    reset("unknown", UNKNOWN),
    reset("known", VERIFIED),
    reset("suspended", SUSPENDED),
];

/// The time of refused sign-ins and of requests for a new password, by what there is at the address, over
/// that of an address which nobody has: 1 tells nothing. Tries alternate and come from ever new
/// addresses, so that none has to wait.
pub(crate) async fn compare(instance: &Instance, tries: u16) -> anyhow::Result<Value> {
    add_people(instance).await?;
    Ok(json!({
        "tries": tries,
        "sign_in": alternate(instance, &SIGN_INS, tries).await?,
        "reset": alternate(instance, &RESETS, tries).await?,
    }))
}

async fn add_people(instance: &Instance) -> anyhow::Result<()> {
    let (db, clock) = (&instance.app.db, &instance.app.clock);
    // The first account runs the instance and cannot be suspended.
    for email in [VERIFIED, UNVERIFIED, SUSPENDED] {
        let new = NewUser {
            email: email.parse()?,
            name: String::new(),
        };
        users::add(db, clock, new, Some(Password::new(PASSWORD, email)?)).await?;
    }
    let change = Change {
        status: Some(Status::Suspended),
        ..Change::default()
    };
    let person = people::find(db, clock, SUSPENDED).await?;
    people::change(db, clock, person.id, change).await?;
    execute(
        instance,
        "update identity.users set email_verified_at = now() where email = 'verified@bursar.example'",
    )
    .await
}

async fn alternate(instance: &Instance, kinds: &[Kind], tries: u16) -> anyhow::Result<Value> {
    let checks = checks::Checks::of_database(instance.server.access());
    let router = bursar::router(&instance.app, &checks, &instance.valuations);
    let mut times: Vec<Vec<f64>> = kinds.iter().map(|_| Vec::new()).collect();
    for turn in 0..tries {
        // The account as a whole has twenty free failures.
        if turn % 8 == 0 {
            execute(instance, "delete from identity.failed_attempts").await?;
        }
        let [high, low] = turn.to_be_bytes();
        for (kind, times) in kinds.iter().zip(&mut times) {
            let mut browser = Browser::new(&router);
            browser.address = SocketAddr::from(([198, 18, high, low], 50_000));
            browser.get(kind.page).await;
            let started = Instant::now();
            let fields = [("email", kind.email), ("password", kind.password)];
            let answer = browser.post(kind.page, &fields).await;
            times.push(millis(started.elapsed()));
            let status = answer.status.as_u16();
            anyhow::ensure!(status == kind.status, "{}: {status}", kind.name);
        }
    }
    let unknown = times.first().map_or(f64::NAN, |times| crate::median(times));
    let figures = kinds.iter().zip(&times).map(|(kind, times)| {
        let figures = json!({
            "median_ms": rounded(crate::median(times)),
            "quartiles_ms": [rounded(part(times, 1, 4)), rounded(part(times, 3, 4))],
            "over_unknown_ratio": rounded(crate::median(times) / unknown),
        });
        (kind.name.to_owned(), figures)
    });
    Ok(Value::Object(figures.collect::<Map<_, _>>()))
}

/// The figure below which `of` over `all` of them lie.
fn part(figures: &[f64], of: usize, all: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = sorted.len() * of / all;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark may change what it has filled"
)]
async fn execute(instance: &Instance, sql: &'static str) -> anyhow::Result<()> {
    let mut tx = instance.app.db.system("benchmark").await?;
    sqlx::query(sql).execute(tx.conn()).await?;
    Ok(tx.commit().await?)
}

fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

fn millis(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1000.0
}
