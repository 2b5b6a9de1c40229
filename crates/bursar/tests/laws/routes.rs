//! The routes of the real router, read from its `Debug` text: axum tells them nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Router, http::Method};

/// Methods by path, as the router has them. A route that takes any method has none.
pub(crate) fn routes(router: &Router) -> BTreeMap<String, BTreeSet<Method>> {
    let text = format!("{router:?}");
    let (endpoints, rest) = text
        .split_once("node: Node { paths: {")
        .expect("a path router");
    let endpoints = endpoints.split_once("routes: {").expect("endpoints").1;
    let mut methods: BTreeMap<&str, BTreeSet<Method>> = entries(endpoints)
        .map(|(id, endpoint)| {
            (
                id,
                allowed(endpoint.split_once("allow_header: ").map_or("", |e| e.1)),
            )
        })
        .collect();
    let paths = rest.split_once("} }").expect("closed").0;
    let routes: BTreeMap<String, BTreeSet<Method>> = entries(paths)
        .map(|(id, path)| {
            let path = path.split('"').nth(1).expect("a path").to_owned();
            (
                path,
                methods
                    .remove(id)
                    .unwrap_or_else(|| panic!("route {id} in {text}")),
            )
        })
        .collect();
    assert!(
        methods.is_empty(),
        "the text of a router is not as expected: {text}"
    );
    routes
}

/// Pairs of id and what stands beside it: `RouteId(7): ..., RouteId(3): ...`.
fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("RouteId(")
        .skip(1)
        .filter_map(|entry| entry.split_once("): "))
}

/// `Bytes(b"GET,HEAD")`, or `Skip` for any method.
fn allowed(text: &str) -> BTreeSet<Method> {
    let Some(list) = text.strip_prefix("Bytes(b\"") else {
        return BTreeSet::new();
    };
    let list = list.split_once('"').expect("closed").0;
    list.split(',')
        .map(|method| method.parse::<Method>().expect("a method"))
        .filter(|method| *method != Method::HEAD)
        .collect()
}

#[tokio::test]
async fn the_text_of_the_router_tells_its_routes() {
    let site = crate::site::Site::start().await;
    let routes = routes(&site.router);
    let of = |path: &str| {
        routes
            .get(path)
            .unwrap_or_else(|| panic!("no {path} in {routes:?}"))
    };
    assert_eq!(
        of("/portfolio/portfolios/{id}/edit"),
        &BTreeSet::from([Method::GET, Method::POST])
    );
    assert_eq!(
        of("/api/v1/portfolio/portfolios/{id}"),
        &BTreeSet::from([Method::GET, Method::PUT, Method::DELETE])
    );
    assert_eq!(of("/healthz"), &BTreeSet::from([Method::GET]));
}
