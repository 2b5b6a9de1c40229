//! The published advisories of changedetection.io, a self-hosted program of the same kind: what went
//! wrong there, tried here. Each test names the advisories whose class it stands for.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use outbound::{Client, OutboundError, Policy, Refusal};
use serde_json::json;
use testkit::{Answer, Browser};

use crate::{
    document::operations,
    pages::{PUBLIC, crawl},
    routes::routes,
    site::{MARK, OWNER, PASSWORD, Person, Site, VERA},
};

/// Forms by which a stranger becomes somebody, on addresses that are no pages.
const WAYS_IN: [&str; 3] = [
    "/identity/openid",
    "/identity/sign-in/passkey",
    "/identity/sign-in/passkey/offer",
];

/// The policy of a server whose operator has set nothing.
fn policy() -> Policy {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: config::Settings,
    }
    Policy::from_settings(&<Cli as clap::Parser>::parse_from(["bursar"]).settings)
}

/// GHSA-3c45-4pj5-ch7m (CVE-2026-27696): addresses inside of the network were fetched and shown.
#[tokio::test]
async fn request_forgery_to_addresses_inside() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut policy = policy();
    policy.ports.push(port);
    let client = Client::new(policy).expect("a client");
    for host in [
        "169.254.169.254",
        "10.0.0.1",
        "127.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
    ] {
        let refused = client
            .get(&format!("http://{host}:{port}/"))
            .await
            .expect_err(host);
        assert!(
            matches!(refused, OutboundError::Refused(Refusal::Address { .. })),
            "{host}: {refused}"
        );
    }
    let connected = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(connected.is_err(), "somebody connected");
}

/// GHSA-cwgg-57xj-g77r (CVE-2024-51483) and GHSA-6jrf-rcjf-245r (CVE-2024-51998): `source:file:` and
/// `file:` without a host got past the check of the scheme.
#[test]
fn files_by_address() {
    for url in [
        "file:///etc/passwd",
        "file:/etc/passwd",
        "FILE:///etc/passwd",
        "file:etc/passwd",
        "source:file:///etc/passwd",
        "view-source:file:///etc/passwd",
        " file:///etc/passwd",
        "fi\tle:///etc/passwd",
        "jar:file:///etc/passwd!/",
    ] {
        let refused = policy().target(url).expect_err(url);
        assert!(
            matches!(refused, Refusal::Scheme { .. }),
            "{url}: {refused}"
        );
    }
}

/// GHSA-jmrh-xmgh-x9j4 (CVE-2026-35490): thirteen routes were registered inside of the check that was
/// to stand around them. Here every route there is, with every method it takes, asks who is there,
/// whatever a stranger brings: a token against forgery, headers of proxies, a made-up bearer.
#[tokio::test]
async fn routes_that_forget_to_ask_who_is_there() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    let mut asked = 0;
    for (route, methods) in routes(&site.router) {
        let is_open = PUBLIC.contains(&route.as_str()) || WAYS_IN.contains(&route.as_str());
        if route.starts_with("/api/") || is_open {
            continue;
        }
        for method in methods {
            let path = seeds.fill(&route);
            let mut stranger = Browser::new(&site.router);
            stranger.get("/identity/sign-in").await;
            let answer = if method == Method::GET {
                stranger.get(&path).await
            } else {
                stranger
                    .post(&path, &[("portfolio_id", &seeds.portfolio)])
                    .await
            };
            let led =
                answer.status == 303 && answer.header("location").starts_with("/identity/sign-in");
            assert!(
                led || answer.status == 401,
                "{method} {path}: {}",
                answer.status
            );
            assert!(!answer.body.contains(MARK), "{method} {path}");
            asked += 1;
        }
    }
    for operation in operations()
        .into_iter()
        .filter(|operation| !operation.is_public)
    {
        let path = seeds.fill(&operation.path);
        for bearer in [
            None,
            Some("Bearer x"),
            Some("Basic b3duZXI6cHc="),
            Some("Bearer "),
        ] {
            let mut request = Request::builder()
                .method(operation.method.clone())
                .uri(&path)
                .header(
                    header::CONTENT_TYPE,
                    operation.body.as_deref().unwrap_or("application/json"),
                )
                .header("x-forwarded-for", "127.0.0.1")
                .header("x-original-url", "/healthz")
                .header("x-forwarded-user", OWNER);
            if let Some(bearer) = bearer {
                request = request.header(header::AUTHORIZATION, bearer);
            }
            let request = request.body(Body::from("{}")).expect("request");
            let answer = Browser::new(&site.router).send(request).await;
            answer.refused(401, "unauthenticated");
            asked += 1;
        }
    }
    assert!(asked > 250, "only {asked}");
    assert_eq!(site.dump(vera.id).await, before);
}

/// GHSA-9jj8-v89v-xjvw (CVE-2026-25527): `/static/../flask_app.py` served the program's source.
#[tokio::test]
async fn paths_that_climb_out_of_the_served_folder() {
    let site = Site::start().await;
    site.add(OWNER).await;
    let climbs = [
        "..%2fCargo.toml",
        "%2e%2e/Cargo.toml",
        "../Cargo.toml",
        "..%5cCargo.toml",
        "..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%252e%252e%252fCargo.toml",
        "....//Cargo.toml",
        "%2fetc%2fpasswd",
        "app.css%00.html",
        "..%c0%afetc%c0%afpasswd",
    ];
    let mut browser = site.sign_in(OWNER).await;
    for folder in ["/assets/", "/api/browser/", "/problems/", "/"] {
        for climb in climbs {
            let path = format!("{folder}{climb}");
            let answer = browser.get(&path).await;
            assert!(
                matches!(answer.status.as_u16(), 303 | 400 | 404),
                "{path}: {}",
                answer.status
            );
            for inside in ["[package]", "[workspace]", "root:x:"] {
                assert!(!answer.body.contains(inside), "{path}");
            }
        }
    }
}

/// A ZIP with one entry that is stored as it is; names are not looked at when it is made.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).expect("small").to_le_bytes();
    let names = u16::try_from(name.len()).expect("short").to_le_bytes();
    let mut file = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    for size in [content.len(), content.len()] {
        file.extend(length(size));
    }
    file.extend(names);
    file.extend([0, 0]);
    file.extend(name.as_bytes());
    file.extend(content);
    file
}

/// Where a climbing name would lead to from any folder of this machine.
fn target() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("written-by-an-archive");
    let climb = format!(
        "{}{}",
        "../".repeat(30),
        path.display().to_string().trim_start_matches('/')
    );
    (folder, path, climb)
}

/// GHSA-25g8-2mcf-fcx9 (CVE-2026-29065): a name in an uploaded archive wrote outside of the folder.
/// GHSA-8757-69j2-hx56 (CVE-2026-43891): a path in an archive was read later on. No archive is
/// unpacked here, and no name that was sent is ever a path.
#[tokio::test]
async fn archives_and_names_of_files_that_climb() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let (_folder, path, climb) = target();
    let mut browser = site.sign_in(VERA).await;
    for name in [
        climb.as_str(),
        "/etc/passwd",
        "..\\..\\x",
        "C:\\x",
        "\u{202e}gpj.exe",
    ] {
        let archive = zip(name, b"date,type,currency\n");
        let url = format!(
            "/api/v1/portfolio/imports?portfolio_id={}&file_name=backup.zip",
            seeds.portfolio
        );
        let request = Request::post(&url)
            .header(header::CONTENT_TYPE, "application/zip")
            .body(Body::from(archive.clone()))
            .expect("request");
        vera.api.send(request).await.refused(422, "unreadable-file");
        let fields = [("portfolio_id", seeds.portfolio.as_str())];
        let shown = browser
            .upload(
                "/portfolio/imports/new",
                &fields,
                ("file", "backup.zip", &archive),
            )
            .await;
        assert!(shown.status.is_client_error(), "{name}: {}", shown.status);
    }
    assert!(!path.exists(), "{} was written", path.display());

    // A name of a file that climbs is a text; what is shown of the import is what was sent.
    fs::write(
        &path,
        "date,type,amount,currency\n2026-02-25,deposit,77.77,EUR\n",
    )
    .expect("written");
    let csv = "date,type,amount,currency\n2026-02-24,deposit,12.34,EUR\n";
    let taken = browser
        .upload(
            "/portfolio/imports/new",
            &[("portfolio_id", seeds.portfolio.as_str())],
            ("file", &climb, csv.as_bytes()),
        )
        .await;
    let import = taken.leads_below("/portfolio/imports/");
    let page = browser.get(&format!("/portfolio/imports/{import}")).await;
    assert_eq!(page.status, 200);
    page.shows("12.34");
    page.hides("77.77");
    let kept = fs::read_to_string(&path).expect("still there");
    assert!(kept.contains("77.77"), "it was not overwritten: {kept}");
}

/// GHSA-25g8-2mcf-fcx9 again, from the other side: a name that we send to be saved is a plain name.
#[tokio::test]
async fn names_of_downloads_are_plain() {
    let (site, ..) = Site::peopled().await;
    let mut owner = site.owner().await;
    for symbol in ["../../x", "a;b", "a b", "%2e%2e%2fx"] {
        let bars = format!("symbol,date,open,high,low,close\n{symbol},2026-02-27,10,10,10,10\n");
        // What is refused as a symbol is as good.
        owner
            .send("/api/v1/market/bars?currency=EUR", "text/csv", &bars)
            .await;
    }
    let mut downloads = 0;
    let visits = crawl(
        &mut site.sign_in(OWNER).await,
        &["/", "/market/instruments"],
    )
    .await;
    for visit in &visits {
        let disposition = visit.answer.header("content-disposition");
        if disposition.is_empty() {
            continue;
        }
        downloads += 1;
        let name = disposition
            .strip_prefix("attachment; filename=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or_else(|| panic!("{}: {disposition}", visit.path));
        let is_plain = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        assert!(
            is_plain && !name.contains("..") && !name.starts_with('.'),
            "{name}"
        );
    }
    assert!(downloads > 1, "{downloads} downloads");
}

/// GHSA-v7cp-2cx9-x793 (CVE-2026-41895): entities of a fetched XML read files of the server. Here
/// they name a file, an address, and a thousand million laughs.
#[tokio::test]
async fn entities_of_xml() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    let (_folder, path, _) = target();
    fs::write(&path, "a secret of the server").expect("written");
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../engines/statements/fixtures/flex.xml");
    let flex = fs::read_to_string(fixture).expect("the fixture");
    let laughs = (1..10).fold(String::new(), |mut all, level| {
        let inner = format!("&l{};", level - 1).repeat(10);
        write!(all, "<!ENTITY l{level} \"{inner}\">").expect("written");
        all
    });
    let declared = [
        format!("<!ENTITY x SYSTEM \"file://{}\">", path.display()),
        "<!ENTITY x SYSTEM \"http://127.0.0.1:9/\">".to_owned(),
        format!("<!ENTITY l0 \"ha\">{laughs}<!ENTITY x \"&l9;\">"),
        format!(
            "<!ENTITY % p SYSTEM \"file://{}\"> %p; <!ENTITY x \"&p;\">",
            path.display()
        ),
    ];
    let url = format!(
        "/api/v1/portfolio/imports?portfolio_id={}&preview=true",
        seeds.portfolio
    );
    for declarations in declared {
        let doctype = format!("?>\n<!DOCTYPE FlexQueryResponse [{declarations}]>");
        for place in ["description=\"&x;\"", "symbol=\"&x;\""] {
            let name = place.split('=').next().expect("a name");
            let hostile = flex.replacen("?>", &doctype, 1).replacen(
                &format!(
                    "{name}=\"{}\"",
                    if name == "symbol" {
                        "VTI"
                    } else {
                        "APPLE &amp; SONS"
                    }
                ),
                place,
                1,
            );
            assert!(
                hostile.contains("DOCTYPE") && hostile.contains("&x;"),
                "{hostile}"
            );
            let started = Instant::now();
            let answer = vera.send(&url, "application/xml", &hostile).await;
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{:?}",
                started.elapsed()
            );
            answer.refused(422, "unreadable-file");
            assert!(
                !answer.body.contains("a secret") && !answer.body.contains("haha"),
                "{}",
                answer.body
            );
        }
    }
    // An entity that nobody declared is not guessed at either.
    let unknown = flex.replacen("APPLE &amp; SONS", "&file;", 1);
    let answer = vera.send(&url, "application/xml", &unknown).await;
    assert!(
        answer.status.as_u16() < 500 && !answer.body.contains("a secret"),
        "{}",
        answer.body
    );
    assert_eq!(
        vera.send(&url, "application/xml", &flex).await.status,
        201,
        "the file itself is good"
    );
    drop(site);
}

/// What would run if a page took it for its own. Each is short enough for every field.
const SCRIPTS: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'{{7*7}}${7*7}",
    "</script><svg onload=alert(1)>",
];

/// Gives somebody things whose names are scripts, wherever a name is taken.
async fn named(site: &Site, person: &mut Person, text: &str, turn: usize) {
    let portfolio = json!({ "name": text, "currency": "EUR" });
    let portfolio = person
        .api
        .call(
            Method::POST,
            "/api/v1/portfolio/portfolios",
            Some(portfolio),
        )
        .await
        .json_of(201);
    let portfolio = portfolio["id"].as_str().expect("an id").to_owned();
    for (path, body) in [
        (
            "/api/v1/portfolio/transactions",
            json!({ "portfolio_id": portfolio, "type": "buy", "date": "2026-02-26", "symbol": format!("EVIL{turn}"), "quantity": "1", "price": "9", "note": text }),
        ),
        (
            "/api/v1/portfolio/private-assets",
            json!({ "portfolio_id": portfolio, "name": text, "kind": "property", "value": "5", "since": "2026-02-26", "note": text }),
        ),
        (
            "/api/v1/portfolio/categories",
            json!({ "category_name": text }),
        ),
    ] {
        let answer = person.api.call(Method::POST, path, Some(body)).await;
        assert!(
            matches!(answer.status.as_u16(), 201 | 422),
            "{path}: {}",
            answer.body
        );
    }
    // A program makes no tokens.
    if let Ok(token) = identity::tokens::NewToken::new(text) {
        let mut tx = site.app.db.write(person.id).await.expect("unit of work");
        let made = identity::tokens::create(&mut tx, &token, site.app.clock.now()).await;
        made.expect("a token");
        tx.commit().await.expect("committed");
    }
    let mut browser = site.sign_in(VERA).await;
    let csv = format!(
        "date,type,amount,currency,note,symbol,security_name\n2026-02-25,deposit,1{turn},EUR,\"{0}\",,\"{0}\"\n",
        text.replace('"', "\"\"")
    );
    let file = ("file", "<script>alert(1)<script>.csv", csv.as_bytes());
    let taken = browser
        .upload(
            "/portfolio/imports/new",
            &[("portfolio_id", &portfolio)],
            file,
        )
        .await;
    assert!(taken.status.as_u16() < 500, "{}", taken.body);
    browser.get("/identity/settings/security").await;
    let renamed = browser
        .post("/identity/settings/name", &[("name", text)])
        .await;
    renamed.leads_to("/identity/settings/security?saved=1");
}

/// No page holds a script as it was sent; the names stand there as text.
fn assert_harmless(path: &str, answer: &Answer) {
    let is_page = answer.header("content-type").starts_with("text/html");
    if !is_page || path.starts_with("/api/") {
        return;
    }
    for live in [
        "<script>alert",
        "<img src=x",
        "<svg onload",
        "</script><svg",
    ] {
        assert!(!answer.body.contains(live), "{path}: {live}");
    }
}

/// GHSA-hwpg-x5hw-vpv9 (CVE-2025-52558): text from outside ran as a script in the overview.
/// GHSA-4r7v-whpg-8rx3 (CVE-2024-32651): text from outside was a template that ran on the server.
/// GHSA-58r7-4wr5-hfx8 (CVE-2026-33981) and GHSA-6fmw-82m7-jq6p (CVE-2026-29039): expressions that
/// people write read the environment and files. Here texts stay texts.
#[tokio::test]
async fn scripts_and_templates_in_names() {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    for (turn, text) in SCRIPTS.iter().enumerate() {
        named(&site, &mut vera, text, turn).await;
    }
    let waiting = format!("/portfolio/imports/{}", seeds.preview);
    let from = [
        "/",
        "/welcome",
        "/identity/settings",
        "/portfolio/imports",
        &waiting,
    ];
    let visits = crawl(&mut site.sign_in(VERA).await, &from).await;
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for visit in &visits {
        assert_harmless(&visit.path, &visit.answer);
        for (text, written) in [
            ("script", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("template", "{{7*7}}${7*7}"),
            ("attribute", "&lt;img src=x onerror=alert(1)&gt;"),
        ] {
            if visit.answer.body.contains(written) {
                shown.insert(text);
            }
        }
    }
    assert_eq!(
        shown.len(),
        3,
        "the names stand on the pages as text: {shown:?}"
    );
    for expression in [
        "env",
        "$ENV",
        "unparsed-text('file:///etc/passwd')",
        "${jndi:ldap://x}",
    ] {
        let path = "/api/v1/portfolio/categories";
        let made = vera
            .api
            .call(
                Method::POST,
                path,
                Some(json!({ "category_name": expression })),
            )
            .await;
        assert_eq!(
            made.json_of(201)["category_name"],
            expression,
            "not looked into"
        );
    }
}

/// CVE-2026-29038 and CVE-2026-27645: an error page repeated what had been asked for as HTML.
#[tokio::test]
async fn scripts_in_addresses() {
    let site = Site::start().await;
    site.add(VERA).await;
    let mut signed_in = site.sign_in(VERA).await;
    let mut anyone = Browser::new(&site.router);
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        format!("/{script}"),
        format!("/problems/{script}"),
        format!("/identity/reset/{script}"),
        format!("/setup/{script}"),
        format!("/identity/sign-in?next=/%22%3E{script}"),
        format!("/portfolio/holdings?period={script}&portfolio={script}&q={script}"),
        format!("/portfolio/transactions?q={script}&type={script}&cursor={script}"),
        format!("/market/instruments?q=%22%3E{script}"),
        format!("/assets/{script}"),
    ] {
        for browser in [&mut anyone, &mut signed_in] {
            let answer = browser.get(&path).await;
            assert_harmless(&path, &answer);
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        }
    }
    let fields = [
        ("email", "\"><script>alert(1)</script>"),
        ("password", PASSWORD),
    ];
    anyone.get("/identity/sign-in").await;
    let refused = anyone.post("/identity/sign-in", &fields).await;
    assert_eq!(refused.status, 422);
    assert_harmless("/identity/sign-in", &refused);
}
