//! Every page that can be reached by links: it works, it is safe, and it leads nowhere outside.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Write as _,
};

use axum::http::{Method, header};
use testkit::{Answer, Browser};

use crate::{
    routes::routes,
    site::{EVE, MARK, OWNER, Site, VERA},
};

/// Pages of one kind that are looked at; the next hundred transactions are like the first.
const OF_A_KIND: usize = 7;
/// Pages that anybody may see. This list may only shrink.
pub(crate) const PUBLIC: [&str; 15] = [
    "/assets/third-party-licences.txt",
    "/assets/{file}",
    "/healthz",
    "/identity/email/{token}",
    "/identity/forgot",
    "/identity/invitations/{token}",
    // Where the browser comes back from a provider of sign-ins.
    "/identity/openid/callback",
    "/identity/register",
    "/identity/register/{token}",
    "/identity/reset/{token}",
    "/identity/sign-in",
    "/metrics",
    "/problems/{code}",
    "/readyz",
    "/setup/{token}",
];

/// A page that was visited.
pub(crate) struct Visit {
    pub(crate) path: String,
    pub(crate) answer: Answer,
}

/// Follows all links from some pages on, a few of each kind.
pub(crate) async fn crawl(browser: &mut Browser, from: &[&str]) -> Vec<Visit> {
    let mut waiting: VecDeque<(String, String)> = from
        .iter()
        .map(|path| ((*path).to_owned(), "the beginning".to_owned()))
        .collect();
    let mut known: BTreeSet<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut visits = Vec::new();
    while let Some((path, referrer)) = waiting.pop_front() {
        let answer = browser.get(&path).await;
        assert!(
            answer.status.as_u16() < 400,
            "{path}, linked from {referrer}: {}",
            answer.status
        );
        // The API browser brings pages of its own.
        let is_page =
            answer.header("content-type").starts_with("text/html") && !path.starts_with("/api/");
        let mut found: Vec<String> = if is_page {
            links(&answer.body)
        } else {
            Vec::new()
        };
        if answer.status.is_redirection() {
            found.push(answer.header("location").to_owned());
        }
        for link in found {
            let link = link
                .split('#')
                .next()
                .unwrap_or_default()
                .replace("&amp;", "&");
            if link.is_empty() || link.starts_with('#') {
                continue;
            }
            assert!(
                link.starts_with('/') && !link.starts_with("//"),
                "{path} leads outside, or by a relative link: {link}"
            );
            let count = kinds.entry(kind(&link)).or_default();
            if *count < OF_A_KIND && known.insert(link.clone()) {
                *count += 1;
                waiting.push_back((link, path.clone()));
            }
        }
        visits.push(Visit { path, answer });
    }
    visits
}

/// The values of all `href` and `src` attributes, and where forms that ask lead as they stand.
fn links(page: &str) -> Vec<String> {
    let mut found: Vec<String> = page
        .split("<form")
        .skip(1)
        .filter_map(|form| asked(form.split("</form").next()?))
        .collect();
    for tag in tags(page) {
        let names = ["href", "src", "data-href"];
        found.extend(
            names
                .iter()
                .filter_map(|name| attribute(tag, name))
                .map(str::to_owned),
        );
    }
    found.retain(|link| !link.starts_with("data:"));
    found
}

/// The address that a form leads to with its hidden fields alone; `None` for one that posts.
fn asked(form: &str) -> Option<String> {
    let opening = form.split('>').next()?;
    if attribute(opening, "method") == Some("post") {
        return None;
    }
    let action = attribute(opening, "action")?;
    let fields: Vec<String> = tags(form)
        .filter(|tag| tag.starts_with("input") && attribute(tag, "type") == Some("hidden"))
        .filter_map(|tag| {
            Some(format!(
                "{}={}",
                attribute(tag, "name")?,
                encoded(attribute(tag, "value")?)
            ))
        })
        .collect();
    Some(if fields.is_empty() {
        action.to_owned()
    } else {
        format!("{action}?{}", fields.join("&"))
    })
}

/// The value of an attribute as a browser sends it in an address.
fn encoded(value: &str) -> String {
    let plain = value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let mut sent = String::new();
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            sent.push(char::from(byte));
        } else {
            write!(sent, "%{byte:02X}").expect("written");
        }
    }
    sent
}

/// The inside of every opening tag.
pub(crate) fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| {
        let tag = rest.split_once('>')?.0;
        tag.starts_with(|c: char| c.is_ascii_alphabetic())
            .then_some(tag)
    })
}

pub(crate) fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

/// An id, a day or a currency.
fn names_one(part: &str) -> bool {
    let is_day = part.len() == 10 && part.parse::<jiff::civil::Date>().is_ok();
    let is_currency = part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    part.len() >= 30 || is_day || is_currency
}

/// An address without what names one thing.
fn kind(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| if names_one(part) { "{}" } else { part })
        .collect();
    let keys: BTreeSet<&str> = query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    format!("{} {keys:?}", parts.join("/"))
}

/// A stated close, a stated spelling and what sources said in doubt, for every instrument, and something cached.
async fn doubt_the_market(site: &Site) {
    let sql = r#"
        insert into market.overrides (instrument_id, date, close, reason, stated_at)
        select id, '2026-02-25', 10, 'as printed', now() from market.instruments where not is_private;
        insert into market.quarantine
            (instrument_id, interval, at, open, high, low, close, source, findings, found_at)
        select id, '1d', '2026-02-25', 1, 1, 1, 1, 'yahoo', '[{"rule": "high_low"}]', now()
        from market.instruments where not is_private;
        insert into market.findings
            (instrument_id, want, source, rule, sentence, count, example, found_at, seen_at)
        select id, 'fundamentals', 'sec_edgar', 'future', 'It ends in the future.', 1, '2030', now(), now()
        from market.instruments where not is_private;
        insert into market.provider_symbols (provider, instrument_id, symbol)
        select 'yahoo', id, 'ACME' from market.instruments where not is_private;
        insert into market.market_data_cache (ticker, data_type, data, expires_at)
        values ('ACME', 'quote', '{}', now() + interval '1 minute');"#;
    sqlx::raw_sql(sql)
        .execute(&mut site.superuser().await)
        .await
        .expect("doubts");
}

/// Every page that is linked: for Vera with her own rows and the sample, and for the owner of the
/// instance, who changes market data and has nothing of his own.
pub(crate) async fn visit_everything() -> (Site, Vec<Visit>) {
    let (site, mut vera, seeds, _) = Site::peopled().await;
    site.open_questions(&mut vera, &seeds).await;
    doubt_the_market(&site).await;
    portfolio::demo::load(&site.app, vera.id)
        .await
        .expect("the sample");
    let waiting = format!("/portfolio/imports/{}", seeds.preview);
    let from = ["/", "/welcome", "/identity/settings", &waiting];
    let mut visits = crawl(&mut site.sign_in(VERA).await, &from).await;
    visits.extend(crawl(&mut site.sign_in(OWNER).await, &from[..3]).await);
    (site, visits)
}

#[tokio::test]
async fn every_page_that_is_linked_works_and_is_safe() {
    let (site, visits) = visit_everything().await;
    assert!(visits.len() > 60, "only {} pages", visits.len());
    for Visit { path, answer } in &visits {
        assert_secure(path, answer);
        if answer.header("content-type").starts_with("text/html") && !path.starts_with("/api/") {
            assert_well_formed(path, &answer.body);
        }
    }
    // What is routed for reading is linked from somewhere.
    let gets: Vec<String> = routes(&site.router)
        .into_iter()
        .filter(|(path, methods)| methods.contains(&Method::GET) && !path.starts_with("/api/"))
        .map(|(path, _)| path)
        .collect();
    let seen: BTreeSet<&String> = visits
        .iter()
        .filter_map(|visit| route_of(&gets, &visit.path))
        .collect();
    let unlinked: Vec<&String> = gets
        .iter()
        .filter(|path| !PUBLIC.contains(&path.as_str()) && !seen.contains(path))
        .collect();
    assert_eq!(unlinked, [""; 0], "pages that no link leads to");
}

/// The route that takes an address.
pub(crate) fn route_of<'a>(routes: &'a [String], path: &str) -> Option<&'a String> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |route: &str, may_name: bool| {
        let (parts, wanted): (Vec<&str>, Vec<&str>) =
            (path.split('/').collect(), route.split('/').collect());
        let same = |(part, wanted): (&&str, &&str)| {
            part == wanted || (may_name && wanted.starts_with('{') && !part.is_empty())
        };
        parts.len() == wanted.len() && parts.iter().zip(&wanted).all(same)
    };
    let exact = routes.iter().find(|route| fits(route, false));
    exact.or_else(|| routes.iter().find(|route| fits(route, true)))
}

fn assert_secure(path: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{path}: {policy}");
    }
    assert!(
        !policy.contains("script-src 'self' 'unsafe"),
        "{path}: {policy}"
    );
    let is_own = !path.starts_with("/api/browser");
    assert!(
        !is_own || policy.contains("style-src 'self';"),
        "{path}: {policy}"
    );
    assert!(
        answer.header("permissions-policy").contains("camera=()"),
        "{path}: no permissions policy"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{path}: {name}");
    }
    if !path.starts_with("/assets/") {
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().expect("ascii");
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite="),
            "{path}: {cookie}"
        );
        assert!(cookie.contains("; Path=/"), "{path}: {cookie}");
    }
}

/// No script or style of its own, a title, one heading, a language, and names that occur once.
fn assert_well_formed(path: &str, page: &str) {
    let mut ids = BTreeSet::new();
    for tag in tags(page) {
        let name = tag
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let is_data = attribute(tag, "type") == Some("application/json");
        assert!(
            name != "script" || attribute(tag, "src").is_some() || is_data,
            "{path}: inline script: {tag}"
        );
        assert!(name != "style", "{path}: inline style element");
        assert!(
            !tag.contains(" on") || handlers(tag).is_none(),
            "{path}: inline handler: {tag}"
        );
        assert!(!tag.contains("javascript:"), "{path}: {tag}");
        if let Some(style) = attribute(tag, "style") {
            assert!(
                is_geometry(style),
                "{path}: more than a place in a drawing: {tag}"
            );
        }
        if let Some(id) = attribute(tag, "id") {
            assert!(
                ids.insert(id.to_owned()),
                "{path}: two elements are called {id}"
            );
        }
    }
    for target in tags(page)
        .filter(|tag| tag.starts_with("label"))
        .filter_map(|tag| attribute(tag, "for"))
    {
        assert!(
            ids.contains(target),
            "{path}: a label for nothing: {target}"
        );
    }
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<html ") && page.contains(" lang=\""),
        "{path}"
    );
    assert!(
        page.contains("<title>") && !page.contains("<title></title>"),
        "{path}: no title"
    );
    assert_eq!(
        page.matches("<h1").count(),
        1,
        "{path}: one heading of the first order"
    );
}

/// Where something stands in a drawing, how large it is, and how strong its colour: numbers alone,
/// which the policy lets through as style attributes. Nothing in it could load or name anything.
fn is_geometry(style: &str) -> bool {
    const PLACES: [&str; 6] = ["left", "top", "bottom", "right", "width", "height"];
    style
        .split(';')
        .filter(|part| !part.trim().is_empty())
        .all(|part| {
            part.split_once(':').is_some_and(|(name, value)| {
                let is_known = PLACES.contains(&name.trim()) || name.trim().starts_with("--");
                let digits = value.trim().trim_end_matches('%').trim_end_matches("px");
                is_known && digits.parse::<f64>().is_ok()
            })
        })
}

/// The first attribute that is an event handler.
fn handlers(tag: &str) -> Option<&str> {
    tag.split_whitespace().find(|part| {
        part.strip_prefix("on").is_some_and(|rest| {
            rest.split_once('=')
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase()))
        })
    })
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_sign_in() {
    let (site, _, seeds, _) = Site::peopled().await;
    let mut open = BTreeSet::new();
    for (route, methods) in routes(&site.router) {
        if route.starts_with("/api/") || !methods.contains(&Method::GET) {
            continue;
        }
        let path = seeds.fill(&route);
        let mut anyone = Browser::new(&site.router);
        let answer = anyone.get(&path).await;
        assert!(
            !answer.body.contains(MARK) && !answer.body.contains(VERA),
            "{path}"
        );
        assert_secure(&path, &answer);
        let is_led =
            answer.status == 303 && answer.header("location").starts_with("/identity/sign-in");
        if !is_led {
            open.insert(route);
        }
    }
    let listed: BTreeSet<String> = PUBLIC.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(
        open, listed,
        "left the pages that are open, right those that may be"
    );
}

#[tokio::test]
async fn the_pages_of_somebody_else_are_not_there() {
    let (site, vera, seeds, _) = Site::peopled().await;
    let before = site.dump(vera.id).await;
    let mut eve = site.sign_in(EVE).await;
    for (route, methods) in routes(&site.router) {
        if route.starts_with("/api/") || PUBLIC.contains(&route.as_str()) {
            continue;
        }
        let path = seeds.fill(&route);
        // Instruments are everybody's; administrators alone change them, and manage people.
        let is_of_admins = route.starts_with("/identity/people");
        let names_a_row = route.contains('{') && !route.starts_with("/market/") && !is_of_admins;
        for method in methods {
            let answer = if method == Method::GET {
                eve.get(&path).await
            } else {
                eve.post(&path, &[("portfolio_id", &seeds.portfolio)]).await
            };
            let status = answer.status.as_u16();
            assert!(
                !answer.body.contains(MARK) && !answer.body.contains(VERA),
                "{method} {path}"
            );
            if is_of_admins {
                assert_eq!(status, 403, "{method} {path}: {}", answer.body);
            } else if names_a_row {
                assert_eq!(status, 404, "{method} {path}: {}", answer.body);
            } else {
                assert!(status < 500, "{method} {path}: {status}");
            }
            if status == 303 && answer.header("location").starts_with("/identity/sign-in") {
                eve = site.sign_in(EVE).await;
            }
        }
    }
    assert_eq!(site.dump(vera.id).await, before);
}

#[tokio::test]
async fn answers_of_every_kind_carry_the_headers() {
    let site = Site::start().await;
    site.add(VERA).await;
    let mut browser = Browser::new(&site.router);
    for path in [
        "/",
        "/nowhere",
        "/api/v1/nowhere",
        "/api/v1/identity/me",
        "/api/browser/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/assets/nothing.css",
        "/identity/sign-in",
        "/identity/reset/x",
        "/setup/x",
        "/problems/x",
    ] {
        let answer = browser.get(path).await;
        assert_secure(path, &answer);
        assert!(
            !answer.header("x-request-id").is_empty(),
            "{path}: no request id"
        );
    }
    let refused = browser.post_bare("/identity/sign-in", &[]).await;
    assert_secure("a refused form", &refused);
    browser.get("/identity/sign-in").await;
    let fields = [
        ("email", VERA),
        ("password", crate::site::PASSWORD),
        ("next", "/"),
    ];
    let signed_in = browser.post("/identity/sign-in", &fields).await;
    assert!(signed_in.headers.contains_key(header::SET_COOKIE));
    assert_secure("sign-in", &signed_in);
    browser.get("/identity/settings").await;
    let signed_out = browser.post("/identity/sign-out", &[]).await;
    assert!(signed_out.headers.contains_key(header::SET_COOKIE));
    assert_secure("sign-out", &signed_out);
}
