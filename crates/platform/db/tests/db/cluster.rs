//! The private cluster: started, shared, joined, killed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::Duration;

use config::{DataDir, Profile};
use db::{Cluster, ClusterError, ClusterOptions, Db, Server, UserId, roles};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::scratch::{Holder, Scratch, StartingHolder, eventually, execute, is_alive};

async fn open(scratch: &Scratch) -> Cluster {
    Cluster::open(&scratch.data_dir, ClusterOptions::default())
        .await
        .expect("the cluster opens")
}

async fn refused(scratch: &Scratch) -> ClusterError {
    let opened = Cluster::open(&scratch.data_dir, ClusterOptions::default()).await;
    opened.expect_err("the cluster must not open")
}

async fn administrator(cluster: &Cluster) -> PgConnection {
    let options = cluster.access().owner_options().database("postgres");
    options.connect().await.expect("the administrator connects")
}

async fn setting(connection: &mut PgConnection, name: &str) -> String {
    sqlx::query_scalar("select current_setting($1)")
        .bind(name)
        .fetch_one(connection)
        .await
        .expect("a setting")
}

async fn count(cluster: &Cluster) -> i64 {
    let mut connection = administrator(cluster).await;
    sqlx::query_scalar("select count(*) from kept")
        .fetch_one(&mut connection)
        .await
        .expect("rows")
}

async fn sleepers(cluster: &Cluster) -> i64 {
    let sql = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    let mut connection = administrator(cluster).await;
    sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .expect("a number")
}

fn pid(cluster: &Cluster) -> Pid {
    Pid::from_raw(cluster.server_pid().expect("a server").cast_signed())
}

#[tokio::test]
async fn starts_on_a_socket_only_and_stops_with_its_last_user() {
    let scratch = Scratch::new();
    let cluster = open(&scratch).await;
    let server = pid(&cluster);
    let mut connection = administrator(&cluster).await;
    for (name, value) in [
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "64MB"),
        ("max_connections", "60"),
        ("max_locks_per_transaction", "256"),
        ("wal_compression", "pglz"),
        ("fsync", "on"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(setting(&mut connection, name).await, value, "{name}");
    }
    execute(
        &mut connection,
        "create table kept as select generate_series(1, 100)",
    )
    .await
    .expect("rows");

    let data_dir = &scratch.data_dir;
    let owner = fs::metadata(format!("/proc/{server}"))
        .expect("a process")
        .uid();
    assert_ne!(owner, 0, "the server must not run as root");
    assert_eq!(
        fs::metadata(data_dir.join("postgres")).expect("data").uid(),
        owner
    );
    assert_eq!(
        fs::metadata(data_dir.join("secrets"))
            .expect("secrets")
            .uid(),
        geteuid().as_raw()
    );
    for private in ["postgres", "run", "secrets", "locks"] {
        let mode = fs::metadata(data_dir.join(private))
            .expect(private)
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{private}");
    }
    assert!(!data_dir.join("run/initdb-password").exists());

    cluster.close().await.expect("it stops");
    assert!(!is_alive(server));
    assert!(
        !data_dir.join("postgres/postmaster.pid").exists(),
        "a clean shutdown"
    );
    let again = open(&scratch).await;
    assert_eq!(count(&again).await, 100);
    drop(again);
    assert!(
        !data_dir.join("postgres/postmaster.pid").exists(),
        "dropping stops it too"
    );
}

#[tokio::test]
async fn a_deep_directory_gets_a_short_socket() {
    let scratch = Scratch::below(&format!("{}, and spaces", "deep/".repeat(25)));
    let cluster = open(&scratch).await;
    let mut connection = administrator(&cluster).await;
    let socket_dir = setting(&mut connection, "unix_socket_directories").await;
    assert!(
        socket_dir.len() < 100 && !socket_dir.contains("deep"),
        "{socket_dir}"
    );
    cluster.close().await.expect("it stops");
    fs::remove_dir_all(socket_dir).expect("its directory");
}

#[tokio::test]
async fn users_share_the_server_in_any_order() {
    let scratch = Scratch::new();
    let first = open(&scratch).await;
    let server = pid(&first);
    let second = Holder::start(&scratch.data_dir);
    assert_eq!(second.server, server);
    let third = open(&scratch).await;
    assert_eq!(pid(&third), server);

    first.close().await.expect("the first leaves");
    assert!(is_alive(server), "two others still use it");
    third.close().await.expect("the third leaves");
    assert!(is_alive(server), "another process still uses it");
    second.close();
    assert!(!is_alive(server), "the last one stops it");
}

#[tokio::test]
async fn processes_that_start_together_get_one_server() {
    let scratch = Scratch::new();
    let starting: Vec<_> = (0..4).map(|_| Holder::spawn(&scratch.data_dir)).collect();
    let holders: Vec<Holder> = starting.into_iter().map(StartingHolder::ready).collect();
    let server = holders[0].server;
    assert!(holders.iter().all(|holder| holder.server == server));
    for holder in holders {
        assert!(is_alive(server));
        holder.close();
    }
    assert!(!is_alive(server));
}

#[tokio::test]
async fn a_server_that_outlived_its_owner_is_joined() {
    let scratch = Scratch::new();
    let owner = Holder::start(&scratch.data_dir);
    let server = owner.server;
    owner.kill();
    assert!(is_alive(server), "it runs in a process group of its own");
    let cluster = open(&scratch).await;
    assert_eq!(pid(&cluster), server);
    cluster.close().await.expect("it stops");
    assert!(
        !is_alive(server),
        "the last user stops it, whoever started it"
    );
}

#[tokio::test]
async fn killing_everything_loses_no_row() {
    let scratch = Scratch::new();
    let owner = Holder::start(&scratch.data_dir);
    let server = owner.server;
    let cluster = open(&scratch).await;
    let mut connection = administrator(&cluster).await;
    execute(&mut connection, "create table kept (n int)")
        .await
        .expect("a table");
    for _ in 0..20 {
        execute(
            &mut connection,
            "insert into kept select generate_series(1, 50)",
        )
        .await
        .expect("rows");
    }
    // The backend of this connection is busy and becomes an orphan.
    let mut busy = tokio::task::JoinSet::new();
    busy.spawn(async move {
        execute(&mut connection, "select pg_sleep(60)")
            .await
            .expect_err("killed");
    });
    eventually("the backend is busy", async || {
        sleepers(&cluster).await == 1
    })
    .await;
    cluster.detach();
    kill(server, Signal::SIGKILL).expect("kill -9 of the server");
    owner.kill();
    let again = open(&scratch).await;
    assert_ne!(pid(&again), server);
    assert_eq!(count(&again).await, 1000);
    busy.join_all().await;
    again.close().await.expect("it stops");
}

#[tokio::test]
async fn a_server_that_dies_is_restarted_and_the_pool_recovers() {
    let scratch = Scratch::new();
    let cluster = open(&scratch).await;
    roles::ensure(&cluster.access()).await.expect("roles");
    let db = Db::connect(&cluster.access()).await.expect("a pool");
    let user = UserId(Uuid::new_v4());
    db.write(user)
        .await
        .expect("a unit of work")
        .commit()
        .await
        .expect("commit");
    let server = pid(&cluster);

    let cancel = tokio::sync::Notify::new();
    let work = async {
        kill(server, Signal::SIGKILL).expect("kill -9 of the server");
        let took = eventually("the server is back", async || {
            cluster
                .server_pid()
                .is_some_and(|pid| pid != server.as_raw().unsigned_abs())
        })
        .await;
        assert!(took < Duration::from_secs(5), "took {took:?}");
        eventually("units of work go on", async || db.write(user).await.is_ok()).await;
        cancel.notify_one();
    };
    tokio::join!(cluster.supervise(cancel.notified()), work);
    db.close().await;
    cluster.close().await.expect("it stops");
}

#[tokio::test]
async fn a_pid_file_whose_number_was_given_away_is_no_obstacle() {
    let scratch = Scratch::new();
    open(&scratch)
        .await
        .close()
        .await
        .expect("made and stopped");
    // After a power failure in a container the numbers start again: here it is ours.
    let stale = scratch.data_dir.join("postgres/postmaster.pid");
    let text = format!(
        "{}\n{}\n",
        std::process::id(),
        scratch.data_dir.join("postgres").display()
    );
    fs::write(&stale, text).expect("pid file");
    fs::write(scratch.data_dir.join("run/.s.PGSQL.5432.lock"), "1\n").expect("socket lock");
    let cluster = open(&scratch).await;
    cluster.close().await.expect("it stops");
}

#[tokio::test]
async fn the_cluster_of_another_major_version_is_refused() {
    let scratch = Scratch::new();
    open(&scratch)
        .await
        .close()
        .await
        .expect("made and stopped");
    fs::write(scratch.data_dir.join("postgres/PG_VERSION"), "12\n").expect("version");
    let error = refused(&scratch).await;
    assert!(
        matches!(error, ClusterError::OtherMajor { written_by: 12, .. }),
        "{error}"
    );
    let message = error.to_string();
    assert!(
        message.contains("was written by PostgreSQL 12"),
        "{message}"
    );
    assert!(message.contains("pg_upgrade"), "{message}");
}

#[tokio::test]
async fn something_else_in_its_place_is_refused() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.data_dir.join("postgres")).expect("directory");
    fs::write(scratch.data_dir.join("postgres/letter.txt"), "mine").expect("file");
    let error = refused(&scratch).await;
    assert!(matches!(error, ClusterError::NoCluster { .. }), "{error}");
    assert!(scratch.data_dir.join("postgres/letter.txt").exists());
}

#[tokio::test]
async fn another_secret_than_that_of_the_cluster_is_named() {
    let scratch = Scratch::new();
    let cluster = open(&scratch).await;
    let secret = scratch.data_dir.join("secrets/database-owner");
    let kept = fs::read(&secret).expect("secret");
    fs::remove_file(&secret).expect("removed");
    let error = refused(&scratch).await;
    assert!(
        error.to_string().contains(&secret.display().to_string()),
        "{error}"
    );
    fs::write(&secret, kept).expect("restored");
    cluster.close().await.expect("it stops");
}

#[tokio::test]
async fn a_closed_parent_directory_is_named_with_the_remedy() {
    let scratch = Scratch::below("closed/data");
    let closed = scratch.path().join("closed");
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).expect("chmod");
    let opened = Cluster::open(&scratch.data_dir, ClusterOptions::default()).await;
    if geteuid().is_root() {
        let message = opened
            .expect_err("the server's account cannot pass")
            .to_string();
        assert!(
            message.contains(&format!("chmod o+x {}", closed.display())),
            "{message}"
        );
        assert!(message.contains("--data-dir /var/lib/bursar"), "{message}");
    } else {
        opened
            .expect("it runs as ourselves")
            .close()
            .await
            .expect("it stops");
    }
}

#[tokio::test]
async fn one_call_leads_from_settings_to_a_migrated_database() {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: config::Settings,
    }
    let scratch = Scratch::new();
    let path = scratch.data_dir.path().display().to_string();
    let cli = <Cli as clap::Parser>::parse_from(["bursar", "--data-dir", &path]);
    let data_dir: DataDir = cli
        .settings
        .open_data_dir(Profile::Live)
        .expect("data directory");
    let server = Server::open(&cli.settings, &data_dir)
        .await
        .expect("a server");
    let applied = server.prepare().await.expect("prepared");
    assert_eq!(
        applied.len(),
        db::migrations::Migrator::embedded().migrations().len()
    );
    assert!(server.prepare().await.expect("prepared again").is_empty());
    let db = server.connect().await.expect("a pool");
    db.read(UserId(Uuid::new_v4()))
        .await
        .expect("a unit of work");
    db.close().await;
    server.close().await.expect("it stops");
}
