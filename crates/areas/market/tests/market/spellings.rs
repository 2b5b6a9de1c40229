//! What sources call instruments: never the name of another company, and what the operator states.

use axum::http::{Method, StatusCode};
use market::{InstrumentId, bars::Interval, feeds::Want};
use serde_json::{Value, json};
use sources::ProviderId::{AlphaVantage, Cboe, Stooq, Yahoo};

use crate::{
    outside::{Outside, ok, yahoo_nothing},
    site::Site,
};

const NOW: &str = "2024-06-03T22:30:00Z";

fn path(id: InstrumentId) -> String {
    format!("/api/v1/market/instruments/{id}/spellings")
}

/// What each source is asked for, with a star for the ticker.
async fn asked_for(site: &Site, id: InstrumentId, ticker: &str) -> Vec<(String, String)> {
    let answer = site.get(&path(id), &site.owner).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let all = answer.json();
    let one = |of: &Value| {
        let symbol = of["symbol"].as_str().unwrap_or("-");
        let symbol = symbol.replace(ticker, "*");
        let symbol = symbol.replace(&ticker.to_lowercase(), "*");
        (of["source"].as_str().unwrap().to_owned(), symbol)
    };
    all.as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn every_exchange_is_written_alike_by_its_market_and_by_its_code() {
    let site = Site::new().await;
    let exchanges = site
        .texts(
            "select mic || ' ' || code || ' ' || country || ' ' || currency
             from market.exchanges order by mic",
        )
        .await;
    assert!(exchanges.len() > 60, "{}", exchanges.len());
    for (number, exchange) in exchanges.iter().enumerate() {
        let words: Vec<&str> = exchange.split(' ').collect();
        let [mic, code, country, currency] = words[..] else {
            panic!("{exchange}")
        };
        // London quotes in pence.
        let currency = if mic == "XLON" { "GBX" } else { currency };
        let mut both = Vec::new();
        for (letter, word) in [("T", mic), ("U", code)] {
            let ticker = format!("{letter}{number:03}X");
            let more = json!({ "exchange": mic, "currency": currency });
            let id = site.add(&ticker, more).await;
            // As a file may write it, also where a form takes letters and digits alone.
            site.change(&format!(
                "update market.instruments set exchange = '{word}' where id = '{id}'"
            ))
            .await;
            both.push(asked_for(&site, id, &ticker).await);
        }
        assert_eq!(both[0], both[1], "{mic} is {code}");
        let of = |source: &str| {
            let found = both[0].iter().find(|(name, _)| name == source);
            found.unwrap().1.as_str()
        };
        if country != "US" {
            // Whatever means the United States, or Warsaw, is another company.
            assert!(
                !["*.us", "*"].contains(&of("stooq")) || mic == "XWAR",
                "{exchange}"
            );
            for source in ["yahoo", "alpha_vantage", "twelve_data", "cboe"] {
                assert!(!["*", "*@US"].contains(&of(source)), "{exchange}: {source}");
            }
        }
        let expected = match mic {
            "XNAS" => ["*", "*.us", "*", "*@US", "*"],
            "XLON" => ["*.L", "*.uk", "*.LON", "*@XLON", "-"],
            "XTSE" => ["*.TO", "-", "*.TRT", "*@XTSE", "-"],
            "XPAR" => ["*.PA", "-", "-", "*@XPAR", "-"],
            "XETR" => ["*.DE", "*.de", "*.DEX", "*@XETR", "-"],
            "XSTU" => ["*.SG", "-", "-", "*@XSTU", "-"],
            "XWAR" => ["*.WA", "*", "-", "*@XWAR", "-"],
            "XBOM" => ["*.BO", "-", "*.BSE", "*@XBOM", "-"],
            "XCME" | "TGAT" => ["-"; 5],
            _ => continue,
        };
        let found = ["yahoo", "stooq", "alpha_vantage", "twelve_data", "cboe"].map(of);
        assert_eq!(found, expected, "{exchange}");
    }
}

#[tokio::test]
async fn telus_on_toronto_is_not_asked_for_as_a_company_in_new_york() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site
        .add("T", json!({ "exchange": "TSX", "currency": "CAD" }))
        .await;
    site.switch_on(&[Yahoo, Stooq, AlphaVantage, Cboe]).await;
    outside.reply("/v8/finance/chart/T.TO", yahoo_nothing());
    let unknown = json!({ "Error Message": "Invalid API call." });
    outside.reply("symbol=T.TRT", ok(unknown.to_string()));
    let want = Want::Bars(Interval::Day);
    let done = outside.refresh(&site, NOW, id, want).await;
    assert_eq!((done.provider, done.stored), (None, 0));
    let asked =
        ["/chart/T.TO", "symbol=T.TRT", "/q/d/l", "/chart/T?"].map(|part| outside.asked(part));
    assert_eq!(asked, [1, 1, 0, 0]);
    let attempts = site.attempts(Stooq).await;
    assert_eq!(
        (attempts[0].0.as_str(), attempts[0].1.as_str()),
        ("skipped", "no_symbol")
    );
    assert!(
        attempts[0].2.contains("How sources write it"),
        "{attempts:?}"
    );
    outside.refresh(&site, NOW, id, Want::OptionChain).await;
    assert_eq!(outside.asked("/options/T.json"), 0);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn what_the_operator_states_counts_in_place_of_what_follows() {
    let (site, outside) = (Site::new().await, Outside::start().await);
    let id = site
        .add("OR", json!({ "exchange": "XPAR", "currency": "EUR" }))
        .await;
    site.switch_on(&[Stooq]).await;
    let stooq = format!("{}/stooq", path(id));
    let state = |token: &str, symbol: &str| {
        let call = site.call(Method::PUT, &stooq, token);
        call.json(json!({ "symbol": symbol }))
    };
    for (token, symbol, status) in [
        (site.ann.as_str(), "or.fr", StatusCode::FORBIDDEN),
        (&site.owner, " ", StatusCode::UNPROCESSABLE_ENTITY),
        (
            &site.owner,
            &"x".repeat(51),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (&site.owner, "or.fr", StatusCode::NO_CONTENT),
    ] {
        let answer = state(token, symbol).await;
        assert_eq!(answer.status, status, "{symbol}: {}", answer.text);
    }
    for wrong in [
        format!("{}/bloomberg", path(id)),
        format!("{}/stooq", path(InstrumentId(uuid::Uuid::nil()))),
    ] {
        let call = site.call(Method::PUT, &wrong, &site.owner);
        let answer = call.json(json!({ "symbol": "or.fr" })).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let all = site.get(&path(id), &site.owner).await.json();
    let found = all
        .as_array()
        .unwrap()
        .iter()
        .find(|of| of["source"] == "stooq");
    assert_eq!(
        found.unwrap(),
        &json!({ "source": "stooq", "symbol": "or.fr", "is_stated": true })
    );

    outside.reply(
        "s=or.fr",
        ok("Date,Open,High,Low,Close,Volume\n2024-06-03,440,445,439,441.5,100\n"),
    );
    let want = Want::Bars(Interval::Day);
    let done = outside.refresh(&site, NOW, id, want).await;
    assert_eq!((done.provider.as_deref(), done.stored), (Some("stooq"), 1));
    assert_eq!(site.closes(id).await, [("2024-06-03".to_owned(), 441.5)]);

    let page = format!("/market/instruments/{id}/spellings");
    let shown = site.get(&page, &site.owner).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    for text in [
        "or.fr",
        "It is stated.",
        "OR.PA",
        "does not follow for certain",
    ] {
        assert!(shown.text.contains(text), "{text}: {}", shown.text);
    }
    assert_eq!(
        site.get(&page, &site.ann).await.status,
        StatusCode::FORBIDDEN
    );
    let form = |path: String, body: &'static str| {
        let call = site.call(Method::POST, &path, &site.owner);
        call.header("content-type", "application/x-www-form-urlencoded")
            .send(body)
    };
    let refused = form(page.clone(), "source=yahoo&symbol=").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("such as VOD.L"), "{}", refused.text);
    let stated = form(page.clone(), "source=yahoo&symbol=OR2.PA").await;
    assert_eq!(stated.status, StatusCode::SEE_OTHER, "{}", stated.text);
    let withdrawn = form(format!("{page}/stooq/withdraw"), "").await;
    assert_eq!(
        withdrawn.status,
        StatusCode::SEE_OTHER,
        "{}",
        withdrawn.text
    );
    let stated = site
        .texts("select provider || ' ' || symbol from market.provider_symbols")
        .await;
    assert_eq!(stated, ["yahoo OR2.PA"]);
    let gone = site
        .call(Method::DELETE, &stooq, &site.owner)
        .send("")
        .await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
