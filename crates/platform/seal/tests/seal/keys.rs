use std::{fs, os::unix::fs::PermissionsExt as _};

use config::{DataDir, Profile, Settings};
use seal::{KeyOrigin, Place, SealError, Sealer};
use testkit::TestDb;

use crate::rotation::settings;

fn scratch() -> (tempfile::TempDir, DataDir) {
    let scratch = tempfile::tempdir().expect("scratch");
    let data_dir = DataDir::open(Some(&scratch.path().join("data")), Profile::Live);
    (scratch, data_dir.expect("data directory"))
}

fn with_keys(keys: &str) -> Settings {
    Settings {
        encryption_key: Some(keys.to_owned()),
        ..settings()
    }
}

/// The keys after a first start.
async fn started(data_dir: &DataDir) -> Sealer {
    let sealer = Sealer::open_keys(data_dir, &settings()).expect("keys");
    let db = TestDb::new().await;
    seal::ensure_key(&db.db(), &sealer).await.expect("made");
    sealer
}

#[tokio::test]
async fn the_first_start_makes_a_key_for_its_owner_alone() {
    let (_scratch, data_dir) = scratch();
    let sealer = started(&data_dir).await;
    let path = data_dir.join("secrets/encryption-0001");
    let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let keys = sealer.keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(
        keys[0].origin,
        KeyOrigin::File("encryption-0001".to_owned())
    );
    let again = Sealer::open_keys(&data_dir, &settings()).expect("keys");
    assert_eq!(again.keys(), keys, "and keeps it");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    let (_scratch, data_dir) = scratch();
    started(&data_dir).await;
    let path = data_dir.join("secrets/encryption-0001");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
    let refused = Sealer::open_keys(&data_dir, &settings()).expect_err("exposed");
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[tokio::test]
async fn a_key_of_the_setting_writes_and_the_others_read() {
    let (_scratch, data_dir) = scratch();
    let place = Place::new("t", "c", ["1"]);
    let of_file = started(&data_dir).await;
    let old = of_file.seal(&place, b"old").expect("sealed");
    let (one, two) = ("A".repeat(42) + "A", "B".repeat(42) + "A");
    let sealer = Sealer::open_keys(&data_dir, &with_keys(&one)).expect("keys");
    assert_eq!(sealer.open(&place, &old).expect("by the file"), b"old");
    let new = sealer.seal(&place, b"new").expect("sealed");
    assert_eq!(new.key(), Some(sealer.keys()[0].id));
    assert_eq!(sealer.keys()[0].origin, KeyOrigin::Setting);
    let turned = Sealer::open_keys(&data_dir, &with_keys(&format!("{two},{one}"))).expect("keys");
    assert_eq!(turned.open(&place, &new).expect("by the second"), b"new");
    assert_ne!(turned.keys()[0].id, sealer.keys()[0].id);
    let refused = of_file
        .open(&place, &new)
        .expect_err("the key of the setting is gone");
    assert!(matches!(refused, SealError::UnknownKey { .. }), "{refused}");
    let refused = Sealer::open_keys(&data_dir, &with_keys("not a key")).expect_err("malformed");
    assert!(
        refused.to_string().contains("BURSAR_ENCRYPTION_KEY"),
        "{refused}"
    );
    assert!(!refused.to_string().contains("not a key"), "{refused}");
}
