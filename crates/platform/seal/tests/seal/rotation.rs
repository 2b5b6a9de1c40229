use clap::Parser as _;
use config::{DataDir, Profile, Settings};
use seal::{Place, Sealed, Sealer};
use testkit::TestDb;
use uuid::Uuid;

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn settings() -> Settings {
    Settings {
        encryption_key: None,
        ..Cli::parse_from(["bursar"]).settings
    }
}

/// A database with two sealed columns in tables that no program text knows.
struct House {
    db: TestDb,
    _scratch: tempfile::TempDir,
    data_dir: DataDir,
}

impl House {
    async fn start() -> Self {
        let db = TestDb::new().await;
        let sql = "create schema scratch; grant usage on schema scratch to bursar_system;
            create table scratch.notes (
                user_id uuid, place int, note platform.sealed, primary key (user_id, place));
            create table scratch.providers (name text primary key, \"api key\" platform.sealed);
            grant select, insert, update on scratch.notes, scratch.providers to bursar_system";
        sqlx::raw_sql(sql)
            .execute(&mut db.owner_connection().await)
            .await
            .expect("tables");
        let scratch = tempfile::tempdir().expect("scratch");
        let data_dir = DataDir::open(Some(&scratch.path().join("data")), Profile::Live)
            .expect("data directory");
        let house = Self {
            db,
            _scratch: scratch,
            data_dir,
        };
        let made = seal::ensure_key(&house.db.db(), &house.sealer()).await;
        made.expect("the first key");
        house
    }

    fn sealer(&self) -> Sealer {
        Sealer::open_keys(&self.data_dir, &settings()).expect("keys")
    }

    #[expect(clippy::disallowed_methods, reason = "the tables are made by the test")]
    async fn note(&self, sealer: &Sealer, user: Uuid, place: i32, text: &str) {
        let row = [user.to_string(), place.to_string()];
        let sealed = sealer
            .seal(&Place::new("scratch.notes", "note", row), text.as_bytes())
            .expect("sealed");
        sqlx::query("insert into scratch.notes values ($1, $2, $3)")
            .bind(user)
            .bind(place)
            .bind(sealed.as_bytes())
            .execute(&mut self.db.owner_connection().await)
            .await
            .expect("a note");
    }

    #[expect(clippy::disallowed_methods, reason = "the tables are made by the test")]
    async fn read(&self, sealer: &Sealer, user: Uuid, place: i32) -> Vec<u8> {
        let stored: Vec<u8> = sqlx::query_scalar(
            "select note::bytea from scratch.notes where user_id = $1 and place = $2",
        )
        .bind(user)
        .bind(place)
        .fetch_one(&mut self.db.owner_connection().await)
        .await
        .expect("a note");
        let row = [user.to_string(), place.to_string()];
        let place = Place::new("scratch.notes", "note", row);
        sealer
            .open(&place, &Sealed::from_bytes(stored))
            .expect("opened")
    }

    #[expect(clippy::disallowed_methods, reason = "the tables are made by the test")]
    async fn run(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&mut self.db.owner_connection().await)
            .await
            .expect("done");
    }
}

#[tokio::test]
async fn everything_of_the_type_is_sealed_anew_and_the_old_key_retires() {
    let house = House::start().await;
    let sealer = house.sealer();
    let old = sealer.keys()[0].id;
    let (ann, bob) = (Uuid::now_v7(), Uuid::now_v7());
    for place in 0..450 {
        house
            .note(&sealer, ann, place, &format!("note {place}"))
            .await;
    }
    house.note(&sealer, bob, 3, "of bob").await;
    house
        .run("insert into scratch.providers values ('nobody', null)")
        .await;

    let mut steps = Vec::new();
    let rotated = seal::rotate(&house.db.db(), &sealer, |done, total| {
        steps.push((done, total));
    })
    .await
    .expect("rotated");
    assert_eq!((rotated.resealed, rotated.unreadable.len()), (451, 0));
    assert_eq!(steps, [(0, 451), (200, 451), (400, 451), (451, 451)]);
    assert_ne!(rotated.active, old);
    assert_eq!(rotated.retired, ["retired-encryption-0001"]);
    assert!(house.data_dir.join("secrets/encryption-0002").exists());
    assert!(!house.data_dir.join("secrets/encryption-0001").exists());
    assert_eq!(house.read(&sealer, ann, 449).await, b"note 449");
    assert_eq!(house.read(&house.sealer(), bob, 3).await, b"of bob");
    let uses = seal::key_uses(&house.db.db()).await.expect("counted");
    let counts: Vec<_> = uses
        .iter()
        .map(|(of, key, n)| (of.table.as_str(), *key, *n))
        .collect();
    assert_eq!(counts, [("scratch.notes", rotated.active, 451)]);
}

/// A server that runs meanwhile learns of the new key by itself, for reading and for writing.
#[tokio::test]
async fn a_running_process_goes_on_with_the_new_key() {
    let house = House::start().await;
    let (running, command) = (house.sealer(), house.sealer());
    let ann = Uuid::now_v7();
    house.note(&running, ann, 1, "before").await;
    let rotated = seal::rotate(&house.db.db(), &command, |_, _| {})
        .await
        .expect("rotated");
    assert_eq!(house.read(&running, ann, 1).await, b"before");
    let place = Place::new("t", "c", ["1"]);
    let sealed = running.seal(&place, b"after").expect("sealed");
    assert_eq!(sealed.key(), Some(rotated.active));
}

#[tokio::test]
async fn an_interrupted_rotation_is_resumed_without_another_key() {
    let house = House::start().await;
    let sealer = house.sealer();
    let ann = Uuid::now_v7();
    house.note(&sealer, ann, 1, "one").await;
    // What a rotation leaves that ended after its first batch.
    house.data_dir.secret("encryption-0002").expect("a key");
    house.note(&house.sealer(), ann, 2, "two").await;
    let rotated = seal::rotate(&house.db.db(), &sealer, |_, _| {})
        .await
        .expect("rotated");
    assert_eq!(rotated.resealed, 1);
    assert_eq!(rotated.retired, ["retired-encryption-0001"]);
    assert!(!house.data_dir.join("secrets/encryption-0003").exists());
    assert_eq!(house.read(&sealer, ann, 1).await, b"one");
    let again = seal::rotate(&house.db.db(), &sealer, |_, _| {})
        .await
        .expect("rotated");
    assert!(house.data_dir.join("secrets/encryption-0003").exists());
    assert_eq!(again.resealed, 2);
}

#[tokio::test]
async fn what_does_not_open_is_named_and_keeps_its_key() {
    let house = House::start().await;
    let sealer = house.sealer();
    let ann = Uuid::now_v7();
    house.note(&sealer, ann, 1, "good").await;
    house.note(&sealer, ann, 2, "to be moved").await;
    house
        .run("update scratch.notes set place = 7 where place = 2")
        .await;
    let rotated = seal::rotate(&house.db.db(), &sealer, |_, _| {})
        .await
        .expect("rotated");
    assert_eq!((rotated.resealed, rotated.retired.len()), (1, 0));
    let [unreadable] = rotated.unreadable.as_slice() else {
        panic!("{:?}", rotated.unreadable);
    };
    let reason = unreadable.reason.to_string();
    assert!(
        reason.contains(&format!("scratch.notes.note of {ann}, 7")),
        "{reason}"
    );
    assert!(house.data_dir.join("secrets/encryption-0001").exists());
    assert_eq!(house.read(&sealer, ann, 1).await, b"good");

    // Nor does it keep the next rotation from making a key of its own.
    let again = seal::rotate(&house.db.db(), &sealer, |_, _| {})
        .await
        .expect("rotated");
    assert_ne!(again.active, rotated.active);
    assert_eq!((again.resealed, again.unreadable.len()), (1, 1));
    assert_eq!(again.retired, ["retired-encryption-0002"]);
    assert!(house.data_dir.join("secrets/encryption-0001").exists());
    assert_eq!(house.read(&sealer, ann, 1).await, b"good");
}

#[tokio::test]
async fn a_key_that_is_missing_is_named_and_not_replaced() {
    let house = House::start().await;
    let db = house.db.db();
    let lost = house.sealer();
    house.note(&lost, Uuid::now_v7(), 1, "of before").await;
    seal::check_keys(&db, &lost).await.expect("all are here");
    let file = house.data_dir.join("secrets/encryption-0001");
    let aside = house.data_dir.join("encryption-0001");
    std::fs::rename(&file, &aside).expect("moved away");

    let sealer = house.sealer();
    assert!(sealer.keys().is_empty());
    for refused in [
        seal::ensure_key(&db, &sealer).await,
        seal::check_keys(&db, &sealer).await,
    ] {
        let refused = refused.expect_err("missing").to_string();
        let id = lost.keys()[0].id.to_string();
        assert!(
            refused.contains(&id) && refused.contains("put them back"),
            "{refused}"
        );
    }
    assert!(!file.exists(), "none is made in its place");
    let place = Place::new("t", "c", ["1"]);
    assert!(sealer.seal(&place, b"x").is_err());

    // Put back, it is taken up; given up, another one is set, and the lost one still named.
    let of_setting = Settings {
        encryption_key: Some("A".repeat(43)),
        ..settings()
    };
    let other = Sealer::open_keys(&house.data_dir, &of_setting).expect("keys");
    seal::ensure_key(&db, &other).await.expect("there is one");
    assert!(seal::check_keys(&db, &other).await.is_err());
    std::fs::rename(&aside, &file).expect("moved back");
    let sealer = house.sealer();
    seal::ensure_key(&db, &sealer).await.expect("there is one");
    seal::check_keys(&db, &sealer).await.expect("all are here");
}

/// The type refuses what is not sealed.
#[tokio::test]
async fn plain_text_does_not_fit_into_a_sealed_column() {
    let house = House::start().await;
    let sql =
        "insert into scratch.providers values ('x', 'a key in plain text, and of a good length')";
    let refused = sqlx::raw_sql(sql)
        .execute(&mut house.db.owner_connection().await)
        .await
        .expect_err("refused");
    let error = refused.as_database_error().expect("by the database");
    assert_eq!(error.constraint(), Some("sealed_check"));
}
