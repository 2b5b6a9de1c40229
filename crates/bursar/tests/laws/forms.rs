//! Every form carries the token against forgery, and no form works without it.

use std::collections::BTreeSet;

use axum::http::Method;

use crate::{
    pages::{attribute, route_of, tags, visit_everything},
    routes::routes,
    site::{EVE, Site, VERA},
};

/// Forms that stand on pages which no link leads to: they come by mail or from the terminal, or before
/// anybody is signed in, or where a provider of sign-ins is set up.
const UNLINKED: [&str; 15] = [
    "/identity/confirm/openid",
    "/identity/email/{}",
    "/identity/forgot",
    "/identity/invitations/{}",
    "/identity/openid",
    "/identity/register",
    "/identity/register/{}",
    "/identity/reset/{}",
    "/identity/settings/openid",
    "/identity/sign-in",
    "/identity/sign-in/cancel",
    "/identity/sign-in/code",
    "/identity/sign-in/passkey",
    // A script asks it.
    "/identity/sign-in/passkey/offer",
    "/setup/{}",
];

/// The question of a passkey that a browser may offer: every sign-in page asks for one, and nothing can be
/// tried by it. The answer is limited.
const UNTRIED: &str = "/identity/sign-in/passkey/offer";

/// A route without the names of what it takes.
fn pattern(route: &str) -> String {
    let parts: Vec<&str> = route
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect();
    parts.join("/")
}

fn posts(site: &Site) -> Vec<String> {
    let posts: Vec<String> = routes(&site.router)
        .into_iter()
        .filter(|(path, methods)| !path.starts_with("/api/") && methods.contains(&Method::POST))
        .map(|(path, _)| path)
        .collect();
    assert!(posts.len() > 15, "{posts:?}");
    posts
}

#[tokio::test]
async fn every_form_carries_the_token_and_leads_to_a_route() {
    let (site, visits) = visit_everything().await;
    let routes = posts(&site);
    let mut actions = BTreeSet::new();
    for visit in visits
        .iter()
        .filter(|visit| visit.answer.header("content-type").starts_with("text/html"))
    {
        for form in visit.answer.body.split("<form").skip(1) {
            let form = format!("form{}", form.split_once("</form>").expect("closed").0);
            let head = tags(&format!("<{form}"))
                .next()
                .map(str::to_owned)
                .expect("a tag");
            let action =
                attribute(&head, "action").unwrap_or_else(|| panic!("{}: {head}", visit.path));
            assert!(
                action.starts_with('/') && !action.starts_with("//"),
                "{}: {action}",
                visit.path
            );
            let has_token = form.contains("name=\"_csrf\" value=\"")
                && !form.contains("name=\"_csrf\" value=\"\"");
            match attribute(&head, "method") {
                Some("post") => {
                    assert!(has_token, "{}: a form without token: {head}", visit.path);
                    let route = route_of(&routes, action);
                    actions.insert(route.map_or_else(|| action.to_owned(), |it| pattern(it)));
                }
                // The token must not get into addresses, which are logged and passed on.
                _ => assert!(
                    !has_token,
                    "{}: the token in an address: {head}",
                    visit.path
                ),
            }
        }
    }
    let routed: BTreeSet<String> = routes.iter().map(|path| pattern(path)).collect();
    let expected: BTreeSet<String> = routed
        .iter()
        .filter(|path| !UNLINKED.contains(&path.as_str()))
        .cloned()
        .collect();
    assert_eq!(
        actions, expected,
        "left the forms that were found, right the routes that take one"
    );
}

#[tokio::test]
async fn a_missing_or_wrong_token_changes_nothing_anywhere() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let mut of_vera = site.sign_in(VERA).await;
    let of_eve = site.sign_in(EVE).await;
    let foreign = of_eve.csrf.clone();
    let before = site.dump(vera.id).await;
    for route in posts(&site) {
        let path = seeds.fill(&route);
        // What would be enough to change something, were the token right.
        let fields = [
            ("name", "forged"),
            ("currency", "USD"),
            ("portfolio_id", seeds.portfolio.as_str()),
            ("type", "deposit"),
            ("date", "2026-02-01"),
            ("amount", "1"),
            ("theme", "dark"),
        ];
        for token in [None, Some(""), Some("x"), Some(foreign.as_str())] {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .copied()
                .chain(token.map(|token| ("_csrf", token)))
                .collect();
            let answer = of_vera.post_bare(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path} with {token:?}");
            answer.shows("This form is no longer valid");
        }
        let mut uploader = of_vera.clone();
        uploader.csrf = foreign.clone();
        let answer = uploader
            .upload(&path, &fields, ("file", "a.csv", b"date,type,currency\n"))
            .await;
        assert_eq!(answer.status, 403, "{path}, with a file");
        // Nor does the token help whoever comes from another site.
        let forged = axum::http::Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(axum::body::Body::from(format!("_csrf={}", of_vera.csrf)))
            .expect("request");
        assert_eq!(
            of_vera.send(forged).await.status,
            403,
            "{path}, from another site"
        );
    }
    assert_eq!(site.dump(vera.id).await, before);
}

/// A call of the API with the cookie of a browser needs the token too; a bearer token does not.
#[tokio::test]
async fn calls_with_a_cookie_need_the_token() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let mut browser = site.sign_in(VERA).await;
    let token = std::mem::take(&mut browser.csrf);
    let before = site.dump(vera.id).await;
    for operation in crate::document::operations() {
        if operation.method == Method::GET {
            continue;
        }
        let path = seeds.fill(&operation.path);
        for wrong in ["", "x"] {
            wrong.clone_into(&mut browser.csrf);
            let answer = browser
                .call(operation.method.clone(), &path, Some(serde_json::json!({})))
                .await;
            answer.refused(403, "csrf-token-invalid");
        }
    }
    assert_eq!(site.dump(vera.id).await, before);
    browser.csrf = token;
    let path = format!("/api/v1/portfolio/transactions/{}", seeds.transaction);
    assert_eq!(
        browser.call(Method::DELETE, &path, None).await.status,
        204,
        "with the token it works"
    );
}

/// Whatever somebody may send who is not signed in (a password, a link, a registration) is limited more
/// strictly than the rest, by the address.
#[tokio::test]
async fn what_strangers_may_send_is_limited_strictly() {
    let options = web::GateOptions {
        sign_ins_per_address: 1,
        ..web::GateOptions::default()
    };
    let site = Site::start_behind(web::Gate::new(options)).await;
    site.add(VERA).await;
    let pages = posts(&site)
        .into_iter()
        .filter(|path| path != UNTRIED)
        .map(|path| (Method::POST, path));
    let calls = crate::document::operations()
        .into_iter()
        .filter(|operation| operation.method != Method::GET)
        .map(|operation| (operation.method, operation.path));
    let (mut limited, mut turn) = (Vec::new(), 0_u16);
    for (method, route) in pages.chain(calls) {
        let path = route.replace(['{', '}'], "");
        let [high, low] = turn.to_be_bytes();
        turn += 1;
        let mut stranger = testkit::Browser::new(&site.router);
        stranger.address.set_ip([198, 18, high, low].into());
        stranger.get("/identity/sign-in").await;
        let mut send = async || {
            if route.starts_with("/api/") {
                let body = Some(serde_json::json!({}));
                stranger.call(method.clone(), &path, body).await
            } else {
                stranger.post(&path, &[]).await
            }
        };
        let first = send().await;
        let leads_away = first.header("location").starts_with("/identity/sign-in");
        if first.status == 401 || (first.status == 303 && leads_away) {
            continue;
        }
        let second = send().await;
        assert_eq!(
            second.status, 429,
            "{method} {path} wants `web::gate::credentials`"
        );
        assert_eq!(
            second.header("ratelimit-policy"),
            "\"credentials\";q=1;w=60",
            "{path}"
        );
        limited.push(path);
    }
    for path in ["/identity/sign-in", "/identity/reset/token", "/setup/token"] {
        assert!(
            limited.iter().any(|known| known == path),
            "{path}: {limited:?}"
        );
    }
}
