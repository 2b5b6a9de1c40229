//! Style, scripts and icons, compiled into the binary. Names carry a fingerprint of the content, so
//! a browser may keep a file for ever and still sees the next release at once.

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::state::App;

struct Asset {
    name: &'static str,
    file: &'static str,
    url: &'static str,
    mime: &'static str,
    bytes: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const LICENCES: &str = include_str!(concat!(env!("OUT_DIR"), "/third-party-licences.txt"));
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Where the licences of what we serve are read.
pub const LICENCES_URL: &str = "/assets/third-party-licences.txt";

/// Serves `/assets/`.
pub fn router() -> Router<App> {
    Router::new()
        .route(LICENCES_URL, get(async || LICENCES))
        .route("/assets/{file}", get(serve))
}

/// The address of an asset by its plain name: `app.css` is at `/assets/app-<fingerprint>.css`. A
/// name that does not exist leads to an address that answers 404.
pub fn url(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/assets/unknown", |asset| asset.url)
}

/// All assets as file name and content, for a static copy of the pages.
pub fn files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ASSETS.iter().map(|asset| (asset.file, asset.bytes))
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let compressed = takes_gzip(&headers) && asset.gzip.len() < asset.bytes.len();
    let body = if compressed { asset.gzip } else { asset.bytes };
    let mut response = Bytes::from_static(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            let refused = quality
                .trim()
                .strip_prefix("q=")
                .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|quality| quality <= 0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asset_is_served_compressed_to_those_who_take_it() {
        let file = url("echarts.js").trim_start_matches("/assets/").to_owned();
        let mut headers = HeaderMap::new();
        let plain = serve(Path(file.clone()), headers.clone()).await;
        assert_eq!(plain.status(), StatusCode::OK);
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
        assert_eq!(plain.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(
            plain.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );

        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("br, gzip;q=0.8"),
        );
        let packed = serve(Path(file.clone()), headers.clone()).await;
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");

        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("gzip;q=0"),
        );
        let refused = serve(Path(file), headers).await;
        assert!(refused.headers().get(header::CONTENT_ENCODING).is_none());
    }

    #[tokio::test]
    async fn an_old_fingerprint_is_gone() {
        let response = serve(Path("app-000000000000.css".to_owned()), HeaderMap::new()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn addresses_carry_a_fingerprint() {
        for name in [
            "app.css",
            "app.js",
            "tables.js",
            "charts.js",
            "passkeys.js",
            "passkey-offer.js",
            "icons.svg",
            "favicon.svg",
            "echarts.js",
        ] {
            let address = url(name);
            let (stem, extension) = name.split_once('.').unwrap();
            assert!(
                address.starts_with(&format!("/assets/{stem}-")),
                "{address}"
            );
            assert!(address.ends_with(&format!(".{extension}")), "{address}");
        }
    }

    #[test]
    fn the_licences_of_what_is_served_are_there() {
        for part in [
            "Apache ECharts",
            "zrender",
            "d3.js",
            "TERMS AND CONDITIONS FOR USE",
        ] {
            assert!(LICENCES.contains(part), "{part}");
        }
    }
}
