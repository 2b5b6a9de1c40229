//! Bursar as it is served, with a database of its own and a clock that stands still.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use db::{Clock, UserId};
use identity::users::{NewUser, Password};
use jiff::{
    SignedDuration, ToSpan as _,
    civil::{Date, date},
};
use ledger::CostBasis;
use market::{
    SecurityKey,
    bars::{self, DailyBar},
    instruments,
};
use money::Currency;
use portfolio::{
    Valuations, imports,
    portfolios::{self, NewPortfolio},
};
use tempfile::TempDir;
use testkit::TestDb;
use tokio::{net::TcpListener, task::JoinSet};
use web::App;

/// A Monday.
const NOW: &str = "2026-03-02T09:30:00Z";
pub(crate) const EMAIL: &str = "ann@example.org";
pub(crate) const PASSWORD: &str = "a long and quiet river";

/// A deposit, two purchases, a dividend, a sale at a gain, and a line that nobody can read.
pub(crate) const QUARTER: &str = "\
date,type,symbol,name,quantity,price,amount,fees,currency
2026-01-05,deposit,,,,,10000,,EUR
2026-01-06,buy,SOLAR,Solar Works,50,80,,5,EUR
2026-01-20,buy,RIVER,River Freight,100,25,,5,EUR
2026-02-10,dividend,SOLAR,Solar Works,50,0.60,,,EUR
2026-02-20,sell,SOLAR,Solar Works,20,95,,5,EUR
2026-02-24,buy,SOLAR,Solar Works,ten,90,,5,EUR
";

/// Who is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Real,
    /// Everybody is the demo's person.
    Demo,
}

pub(crate) struct Site {
    pub(crate) address: String,
    pub(crate) router: Router,
    app: App,
    files: TempDir,
    // Serving ends with the site, before its database goes.
    _serving: JoinSet<std::io::Result<()>>,
    _database: TestDb,
}

impl Site {
    pub(crate) async fn start(mode: Mode) -> Self {
        let database = TestDb::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let here = listener.local_addr().expect("an address");
        let app = App {
            db: database.db(),
            clock: Clock::fixed(NOW.parse().expect("an instant")),
            csrf_key: Arc::from(*b"a key of tests, 32 bytes at best"),
            sealer: seal::Sealer::with_key([7; 32]),
            outbound: outbound::Client::new(outbound::Policy::default()).expect("a client"),
            public_origin: format!("http://localhost:{}", here.port()).into(),
            secure_cookies: false,
            cache: web::Cache::default(),
            stop: web::CancellationToken::new(),
            uploads: web::Uploads {
                folder: Arc::from(std::path::Path::new("uploads")),
                max_bytes: web::csrf::MAX_BODY_BYTES as u64,
            },
            gate: web::Gate::default(),
            demo: mode == Mode::Demo,
            nav: bursar::NAV,
        };
        let router = bursar::router(
            &app,
            &checks::Checks::of_database(database.access()),
            &Valuations::default(),
        );
        let address = format!("http://{here}");
        let served = router.clone();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let service = served.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await
        });
        let files = tempfile::tempdir().expect("a directory for files");
        Self {
            address,
            router,
            app,
            files,
            _serving: serving,
            _database: database,
        }
    }

    /// From now on people come in by the name of this machine.
    pub(crate) fn is_opened_as_localhost(&mut self) {
        self.app
            .public_origin
            .as_ref()
            .clone_into(&mut self.address);
    }

    /// What an authenticator app shows now.
    pub(crate) fn code_of_app(&self, secret: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).expect("base 32");
        let totp = totp_rs::Builder::new()
            .with_secret(secret)
            .build()
            .expect("an app");
        totp.generate(self.app.clock.now().as_second() as u64)
            .to_string()
    }

    pub(crate) fn half_a_minute_passes(&self) {
        self.app.clock.advance(SignedDuration::from_secs(30));
    }

    /// The link that the first start prints.
    pub(crate) async fn setup_link(&self) -> String {
        let link = identity::setup::issue_link(&self.app.db, &self.app.clock, &self.address).await;
        link.expect("a link").expect("nobody has set this up")
    }

    /// Ann, who has an account with a password.
    pub(crate) async fn ann(&self) -> UserId {
        let password = Password::new(PASSWORD, EMAIL).expect("password");
        self.account(EMAIL, "Ann", Some(password)).await
    }

    /// Whom the demo takes everybody for.
    pub(crate) async fn demo_person(&self) -> UserId {
        self.account("demo@bursar.example", "Demo", None).await
    }

    async fn account(&self, email: &str, name: &str, password: Option<Password>) -> UserId {
        let new = NewUser {
            email: email.parse().expect("email"),
            name: name.to_owned(),
        };
        let added = identity::users::add(&self.app.db, &self.app.clock, new, password).await;
        added.expect("an account").id
    }

    /// The simulated household, of a person.
    pub(crate) async fn load_sample(&self, user: UserId) {
        portfolio::demo::load(&self.app, user)
            .await
            .expect("the sample");
    }

    /// A day's bar from Monday to Friday, closing on a straight line between two prices in euro.
    pub(crate) async fn prices(
        &self,
        symbol: &str,
        (from, to): (Date, Date),
        (first, last): (f64, f64),
    ) {
        let key = SecurityKey {
            symbol: symbol.to_owned(),
            currency: Some(Currency::EUR),
            ..SecurityKey::default()
        };
        let mut tx = self
            .app
            .db
            .system("load prices of a test")
            .await
            .expect("a unit of work");
        let id = instruments::ensure(&mut tx, &[key])
            .await
            .expect("an instrument")[0];
        let days = f64::from((to - from).get_days());
        let series = from.series(1.day()).take_while(|day| *day <= to);
        let bars: Vec<_> = series
            .filter(|day| day.weekday().to_monday_one_offset() <= 5)
            .map(|date| {
                let passed = f64::from((date - from).get_days());
                let close = first + (last - first) * passed / days;
                (
                    id,
                    DailyBar {
                        date,
                        open: close,
                        high: close,
                        low: close,
                        close,
                        adjusted_close: None,
                        volume: None,
                    },
                )
            })
            .collect();
        bars::insert_daily(&mut tx, "test", bars)
            .await
            .expect("bars");
        tx.commit().await.expect("committed");
    }

    /// A portfolio in euro without a transaction.
    pub(crate) async fn portfolio(&self, user: UserId, name: &str) {
        let new = NewPortfolio {
            name: name.to_owned(),
            currency: Currency::EUR,
            cost_basis: CostBasis::Fifo,
            tracks_cash: true,
            is_simulated: false,
        };
        portfolios::open(&self.app, user, &new)
            .await
            .expect("a portfolio");
    }

    /// The portfolio Depot: worth €10,815.00, of which €5,415.00 in cash, 30 SOLAR and 100 RIVER.
    pub(crate) async fn small_portfolio(&self, user: UserId) {
        let winter = (date(2026, 1, 5), date(2026, 2, 27));
        self.prices("SOLAR", winter, (80.0, 100.0)).await;
        self.prices("RIVER", winter, (25.0, 24.0)).await;
        self.portfolio(user, "Depot").await;
        let wanted = imports::Wanted {
            portfolio: "Depot".to_owned(),
            currency: None,
            path: self.file("quarter.csv", QUARTER),
            format: "auto".to_owned(),
        };
        let outcome = imports::import_into_named(&self.app, user, wanted, &mut |_| {})
            .await
            .expect("imported");
        assert_eq!((outcome.imported, outcome.rejected.len()), (5, 1));
    }

    /// A file on the person's disk.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }
}
