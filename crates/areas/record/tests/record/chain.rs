use std::{collections::BTreeMap, fmt::Write as _, io::Read as _};

use record::audit::{self, Broken, Fault, Head, Proof};
use sha2::{Digest as _, Sha256};
use sqlx::ConnectOptions as _;
use testkit::TestDb;

use crate::server::{Books, Server, texts};

async fn prove(server: &Server, vouched: &[Head]) -> Proof {
    audit::verify(&server.app.db, None, vouched, |_| {})
        .await
        .expect("proved")
}

/// The only broken row.
async fn broken(server: &Server) -> Broken {
    let proof = prove(server, &[]).await;
    assert_eq!(proof.broken.len(), 1, "{proof:?}");
    proof.broken.into_iter().next().expect("one")
}

async fn id_of(server: &Server, condition: &str) -> String {
    let sql = format!("select id::text from portfolio.transactions where {condition}");
    server
        .texts(&sql)
        .await
        .into_iter()
        .next()
        .expect("a transaction")
}

/// Five deposits, of which the second was changed and the fourth deleted: seven links.
async fn kept(server: &Server) -> Books {
    let books = server.books(server.owner, 5).await;
    let change = format!(
        "update portfolio.transactions set note = 'changed' where {}",
        books.deposit(2)
    );
    server
        .as_person(books.user, &change)
        .await
        .expect("changed");
    let delete = format!(
        "delete from portfolio.transactions where {}",
        books.deposit(4)
    );
    server
        .as_person(books.user, &delete)
        .await
        .expect("deleted");
    books
}

#[tokio::test]
async fn what_was_written_through_the_program_holds() {
    let server = Server::start().await;
    let books = kept(&server).await;
    let proof = prove(&server, &[]).await;
    assert_eq!(
        (proof.chains, proof.links, proof.broken.len()),
        (1, 7, 0),
        "{proof:?}"
    );
    assert_eq!(proof.heads[0].length, 7);
    let deeds = server
        .texts("select operation from platform.chain_entries order by seq")
        .await;
    assert_eq!(
        deeds,
        [
            "insert", "insert", "insert", "insert", "insert", "update", "delete"
        ]
    );
    // The books go with their portfolio, and the chain says so.
    server
        .as_person(books.user, "delete from portfolio.portfolios")
        .await
        .expect("deleted");
    let proof = prove(&server, &[]).await;
    assert_eq!((proof.links, proof.broken.len()), (11, 0), "{proof:?}");
}

#[tokio::test]
async fn writers_of_one_chain_take_turns() {
    let server = Server::start().await;
    let books = server.books(server.owner, 1).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..6 {
        let db = server.app.db.clone();
        let (user, statements) = (
            books.user,
            (0..5)
                .map(|n| books.deposits(100 * writer + n + 10, 100 * writer + n + 10))
                .collect::<Vec<_>>(),
        );
        writers.spawn(async move {
            for sql in statements {
                let mut tx = db.write(user).await.expect("unit of work");
                crate::server::execute(tx.conn(), &sql)
                    .await
                    .expect("booked");
                tx.commit().await.expect("committed");
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.expect("written");
    }
    let proof = prove(&server, &[]).await;
    assert_eq!((proof.links, proof.broken.len()), (31, 0), "{proof:?}");
}

#[tokio::test]
async fn a_large_import_is_one_pass_and_every_chain_is_its_persons_own() {
    let server = Server::start().await;
    server.books(server.owner, 10_000).await;
    let ann = server.add("ann@example.org").await;
    server.books(ann, 3).await;
    let mut steps = Vec::new();
    let proof = audit::verify(&server.app.db, None, &[], |step| {
        steps.push((step.links, step.of));
    })
    .await
    .expect("proved");
    assert_eq!(
        (proof.chains, proof.links, proof.broken.len()),
        (2, 10_003, 0)
    );
    assert_eq!(steps.last(), Some(&(10_003, 10_003)));
    let own = audit::verify(&server.app.db, Some(ann), &[], |_| {})
        .await
        .expect("proved");
    assert_eq!((own.chains, own.links), (1, 3));
}

#[tokio::test]
async fn a_row_that_was_changed_added_or_removed_behind_the_program_is_named() {
    let server = Server::start().await;
    let books = kept(&server).await;
    let third = id_of(&server, &books.deposit(3)).await;
    let place = format!("select seq::text from platform.chain_entries where row_id = '{third}'");
    let place: i64 = server.texts(&place).await[0].parse().expect("a figure");
    let found = |broken: Broken, seq, row: &str, fault| {
        assert_eq!(broken.table, "portfolio.transactions");
        assert_eq!(
            (broken.seq, &*broken.row_id, broken.fault),
            (seq, row, fault)
        );
    };
    let change = format!("update portfolio.transactions set amount = 3000 where id = '{third}'");
    server.tamper(&change).await;
    found(broken(&server).await, place, &third, Fault::Changed);
    server.tamper(&change.replace("3000", "3")).await;
    assert_eq!(prove(&server, &[]).await.broken, []);

    // What was empty counts as well.
    server
        .tamper(&change.replace("amount = 3000", "external_id = 'forged'"))
        .await;
    found(broken(&server).await, place, &third, Fault::Changed);
    server
        .tamper(&change.replace("amount = 3000", "external_id = null"))
        .await;

    server
        .tamper(
            "create table public.aside as select * from portfolio.transactions where amount = 3",
        )
        .await;
    server
        .tamper(&format!(
            "delete from portfolio.transactions where id = '{third}'"
        ))
        .await;
    found(broken(&server).await, place, &third, Fault::Missing);
    server
        .tamper("insert into portfolio.transactions select * from public.aside")
        .await;
    assert_eq!(prove(&server, &[]).await.broken, []);

    server.tamper(&books.deposits(77, 77)).await;
    let added = id_of(&server, &books.deposit(77)).await;
    found(broken(&server).await, 0, &added, Fault::Unchained);
}

#[tokio::test]
async fn history_that_was_changed_or_removed_is_named() {
    let server = Server::start().await;
    let books = kept(&server).await;
    let second = id_of(&server, &books.deposit(2)).await;
    let row = format!("transaction_id = '{second}'");
    server
        .tamper(&format!(
            "update portfolio.transaction_versions
             set former = jsonb_set(former, '{{amount}}', '2000') where {row}"
        ))
        .await;
    let changed = broken(&server).await;
    assert_eq!(changed.table, "portfolio.transaction_versions");
    assert_eq!(
        (changed.seq, &changed.row_id, changed.fault),
        (6, &second, Fault::Changed)
    );
    server
        .tamper(&format!(
            "delete from portfolio.transaction_versions where {row}"
        ))
        .await;
    let removed = broken(&server).await;
    assert_eq!(
        (removed.seq, &removed.row_id, removed.fault),
        (6, &second, Fault::Missing)
    );
}

#[tokio::test]
async fn a_chain_that_was_changed_swapped_torn_or_cut_is_named() {
    let link = |set: &str| format!("update platform.chain_entries set {set}");
    for (sql, seq, fault) in [
        (
            link("content = replace(content, 'Zebulon', 'Nobody') where seq = 3"),
            3,
            Fault::Content,
        ),
        (
            link("content = '{}', content_hash = sha256('{}') where seq = 3"),
            3,
            Fault::Link,
        ),
        (
            link("at = at + interval '1 day' where seq = 5"),
            5,
            Fault::Link,
        ),
        // Two rows change places.
        (
            link("seq = case seq when 2 then -4 when 4 then -2 end where seq in (2, 4)")
                + "; "
                + &link("seq = -seq where seq < 0"),
            2,
            Fault::Link,
        ),
        (
            "delete from platform.chain_entries where seq = 4".to_owned(),
            4,
            Fault::Gap,
        ),
        // The tail: the head tells where the end was.
        (
            "delete from platform.chain_entries where seq > 5".to_owned(),
            5,
            Fault::Head,
        ),
        (
            "delete from platform.chain_entries".to_owned(),
            0,
            Fault::Head,
        ),
        (
            "delete from platform.chain_heads".to_owned(),
            7,
            Fault::Head,
        ),
        (
            "update platform.chain_heads set length = 5".to_owned(),
            7,
            Fault::Head,
        ),
    ] {
        let server = Server::start().await;
        kept(&server).await;
        server.tamper(&sql).await;
        let found = broken(&server).await;
        assert_eq!((found.seq, found.fault), (seq, fault), "{sql}: {found:?}");
        if fault != Fault::Gap && seq > 0 {
            let row = server
                .texts(&format!(
                    "select row_id from platform.chain_entries where seq = {seq}"
                ))
                .await;
            assert_eq!([found.row_id], row[..], "{sql}");
        }
    }
}

/// A link without content proves its row no more, so only a closed account may have such.
#[tokio::test]
async fn emptied_links_of_the_living_are_named() {
    let server = Server::start().await;
    let books = kept(&server).await;
    let third = id_of(&server, &books.deposit(3)).await;
    server
        .tamper(&format!(
            "update platform.chain_entries set content = null where row_id = '{third}';
             update portfolio.transactions set amount = 3000 where id = '{third}'"
        ))
        .await;
    let found = broken(&server).await;
    assert_eq!((&found.row_id, found.fault), (&third, Fault::Content));

    // Of a closed account a link that is not the last of its row may be empty, the last may not.
    let server = Server::start().await;
    let ann = server.add("ann@example.org").await;
    let books = server.books(ann, 2).await;
    let closing = record::account::Closing {
        email: "ann@example.org".to_owned(),
        successor: None,
    };
    record::account::close(&server.app.db, &server.app.clock, ann, &closing)
        .await
        .expect("closed");
    let proof = prove(&server, &[]).await;
    assert_eq!((&*proof.broken, proof.erased), (&[][..], 2));
    let first = id_of(&server, &books.deposit(1)).await;
    server
        .tamper(&format!(
            "update platform.chain_entries set content = null where row_id = '{first}';
             update portfolio.transactions set amount = 1000 where id = '{first}'"
        ))
        .await;
    let found = broken(&server).await;
    assert_eq!((&found.row_id, found.fault), (&first, Fault::Changed));
}

/// What is gone with its person breaks no chain that is there; the earlier pack misses it.
#[tokio::test]
async fn a_chain_that_is_gone_altogether_is_missed() {
    let server = Server::start().await;
    kept(&server).await;
    let ann = server.add("ann@example.org").await;
    server.books(ann, 2).await;
    let vouched = prove(&server, &[]).await.heads;
    assert_eq!(vouched.len(), 2);
    server
        .tamper(&format!(
            "delete from portfolio.transactions where user_id = '{ann}';
             delete from platform.chain_entries where user_id = '{ann}';
             delete from platform.chain_heads where user_id = '{ann}';
             delete from identity.users where id = '{ann}'"
        ))
        .await;
    assert_eq!(prove(&server, &[]).await.broken, [], "by itself it holds");
    let proof = prove(&server, &vouched).await;
    let found: Vec<_> = proof
        .broken
        .iter()
        .map(|b| (b.user_id, b.seq, b.fault))
        .collect();
    assert_eq!(found, [(ann.0, 2, Fault::Missing)]);
    assert_eq!(proof.purged, 0);
    let others = audit::verify(&server.app.db, Some(server.owner), &vouched, |_| {})
        .await
        .expect("proved");
    assert_eq!(others.broken, [], "nobody else was asked about");
}

/// Whoever owns the server can make a whole chain anew; not one that goes through an earlier head.
#[tokio::test]
async fn a_chain_that_was_made_anew_does_not_stand_against_an_earlier_pack() {
    let server = Server::start().await;
    let books = kept(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let pack = folder.path().join("evidence.zip");
    audit::export(&server.app.db, None, &pack)
        .await
        .expect("exported");
    let vouched = audit::heads_of(&pack).expect("heads");
    assert_eq!(vouched, prove(&server, &[]).await.heads);

    server
        .as_person(books.user, &books.deposits(6, 9))
        .await
        .expect("booked");
    assert_eq!(
        prove(&server, &vouched).await.broken,
        [],
        "a longer chain goes through it"
    );
    server
        .tamper(
            "update portfolio.transactions set amount = 500 where amount = 5;
             delete from platform.chain_entries; delete from platform.chain_heads;
             delete from portfolio.transaction_versions;
             set timezone = 'UTC';
             select platform.extend_chain(user_id, 'ledger', 'portfolio.transactions', 'adopt',
                 array_agg(id::text order by id), array_agg(to_jsonb(t)::text order by id))
             from portfolio.transactions t group by user_id",
        )
        .await;
    assert_eq!(prove(&server, &[]).await.broken, [], "by itself it holds");
    let found = prove(&server, &vouched).await.broken;
    assert_eq!(
        found.iter().map(|b| b.fault).collect::<Vec<_>>(),
        [Fault::Rewritten]
    );
}

/// The pack is checked by its own words, with nothing of Bursar.
#[tokio::test]
async fn an_evidence_pack_proves_itself() {
    let server = Server::start().await;
    kept(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("evidence.zip");
    let pack = audit::export(&server.app.db, Some(server.owner), &path)
        .await
        .expect("exported");
    assert_eq!((pack.chains, pack.links, pack.audit_rows), (1, 7, 2));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&path).expect("there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    assert!(
        audit::export(&server.app.db, None, &path).await.is_err(),
        "nothing is overwritten"
    );
    // One that breaks off is not in the way of the next.
    let later = folder.path().join("later.zip");
    let away = db::Db::connect(server.test_db.access())
        .await
        .expect("connected");
    away.close().await;
    assert!(audit::export(&away, None, &later).await.is_err());
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a listing").count(),
        1
    );
    audit::export(&server.app.db, None, &later)
        .await
        .expect("exported");

    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).expect("open")).expect("zip");
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).expect("a file");
        let name = file.name().expect("a name").into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        files.insert(name, text);
    }
    let hash = |text: &str| {
        let bytes = Sha256::digest(text.as_bytes());
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("written");
            text
        })
    };
    for line in files["SHA256SUMS"].lines() {
        let (sum, name) = line.split_once("  ").expect("a sum");
        assert_eq!(hash(&files[name]), sum, "{name}");
    }
    assert!(files["README.txt"].contains("hash of the link before"));
    let mut before = "0".repeat(64);
    let mut rows = csv::Reader::from_reader(files["chain.csv"].as_bytes());
    let mut count = 0;
    for row in rows.records() {
        let row = row.expect("a line");
        let field = |at: usize| row.get(at).expect("a field");
        assert_eq!(hash(field(9)), field(7));
        let lines: Vec<&str> = [&*before].into_iter().chain((0..8).map(field)).collect();
        assert_eq!(hash(&lines.join("\n")), field(8));
        before = field(8).to_owned();
        count += 1;
    }
    let heads: serde_json::Value = serde_json::from_str(&files["heads.json"]).expect("json");
    assert_eq!(
        (heads[0]["length"].as_i64(), heads[0]["hash"].as_str()),
        (Some(count), Some(&*before))
    );
    assert_eq!(files["audit.jsonl"].lines().count(), 2);
}

#[tokio::test]
async fn what_was_there_before_the_chain_begins_it() {
    let test_db = TestDb::at(20_261_121_000_725).await;
    let mut superuser = test_db.owner_connection().await;
    crate::server::execute(
        &mut superuser,
        "with ann as (insert into identity.users (email, password_hash) values ('ann@example.org', '!')
                      returning id),
              savings as (insert into portfolio.portfolios (user_id, name, currency)
                          select id, 'Savings', 'EUR' from ann returning user_id, id)
         insert into portfolio.transactions (user_id, portfolio_id, type, date, amount, currency, fingerprint)
         select user_id, id, 'deposit', '2026-01-01', n, 'EUR', sha256(n::text::bytea)
         from savings, generate_series(1, 3) n",
    )
    .await
    .expect("rows");
    let applied = test_db
        .migrator()
        .migrate(test_db.access())
        .await
        .expect("migrated");
    assert!(!applied.is_empty());
    let deeds = texts(
        &mut superuser,
        "select operation from platform.chain_entries order by seq",
    )
    .await;
    assert_eq!(deeds, ["adopt"; 3]);
    let proof = audit::verify(&test_db.db(), None, &[], |_| {})
        .await
        .expect("proved");
    assert_eq!((proof.links, proof.broken.len()), (3, 0), "{proof:?}");
    // The owner of the table is confined again.
    let forced = "select relforcerowsecurity::text from pg_class where oid = 'portfolio.transactions'::regclass";
    assert_eq!(texts(&mut superuser, forced).await, ["true"]);
    // A session in another zone writes the same content.
    let mut elsewhere = test_db
        .access()
        .owner_options()
        .options([("timezone", "Asia/Tokyo")])
        .connect()
        .await
        .expect("connected");
    crate::server::execute(
        &mut elsewhere,
        "update portfolio.transactions set note = 'x' where amount = 2",
    )
    .await
    .expect("changed");
    let proof = audit::verify(&test_db.db(), None, &[], |_| {})
        .await
        .expect("proved");
    assert_eq!((proof.links, proof.broken.len()), (4, 0), "{proof:?}");
}
