//! Figures, computed by hand beside each story.

use serde_json::json;

use crate::server::{Person, Server, assert_adds_up, figures, findings, holding, near, text};

async fn start(prices: &[(&str, &str, &str)], currency: &str) -> (Server, Person, String) {
    let mut server = Server::start().await;
    if !prices.is_empty() {
        server.prices(currency, prices).await;
    }
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Old age", "EUR").await;
    (server, ann, portfolio)
}

#[tokio::test]
async fn an_empty_portfolio_has_a_report_of_nothing() {
    let (_server, mut ann, portfolio) = start(&[], "EUR").await;
    let report = ann.report(&portfolio, "").await;
    figures(
        &report,
        &[
            ("portfolio", "Old age"),
            ("currency", "EUR"),
            ("as_of", "2026-03-02"),
            ("value", "0"),
            ("net_invested", "0"),
        ],
    );
    assert_eq!(
        (&report["cash"], &report["holdings"], &report["findings"]),
        (&json!({}), &json!([]), &json!([]))
    );
    assert_eq!(report["performance"]["twr"], json!(null));
    assert!(text(&report["performance"]["not_available"]["twr"]).contains("no transactions"));
    assert_adds_up(&report);
}

/// One euro costs 1.25 dollars in January and 1.28 in June: a dollar is 0.80 and then 0.78125.
#[tokio::test]
async fn dollars_in_a_euro_portfolio_are_valued_at_the_rate_of_each_day() {
    let prices = [
        ("ACME", "2025-01-03", "101"),
        ("ACME", "2025-06-02", "120"),
        ("ACME", "2025-06-03", "125"),
    ];
    let (mut server, mut ann, portfolio) = start(&prices, "USD").await;
    server
        .rates(&[
            ("EUR", "USD", "2025-01-02", "1.25"),
            ("EUR", "USD", "2025-06-02", "1.28"),
        ])
        .await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "10000" }),
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000", "currency": "USD" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100", "fees": "5", "currency": "USD" }),
        json!({ "type": "dividend", "date": "2025-06-02", "symbol": "ACME", "amount": "10", "taxes": "1.5", "currency": "USD" }),
        json!({ "type": "sell", "date": "2025-06-03", "symbol": "ACME", "quantity": "4", "price": "125", "fees": "2", "currency": "USD" }),
    ] {
        ann.record(&portfolio, body).await;
    }

    // 1200 dollars at 0.78125, bought for 1005 at 0.80; 4003.5 dollars of cash at 0.78125.
    let report = ann.report(&portfolio, "?as_of=2025-06-02").await;
    figures(
        &report,
        &[("value", "14065.234375"), ("net_invested", "14000")],
    );
    assert_eq!(report["cash"], json!({ "EUR": "10000", "USD": "4003.5" }));
    figures(
        holding(&report, "ACME"),
        &[
            ("currency", "USD"),
            ("quantity", "10"),
            ("cost_basis", "804"),
            ("average_cost", "80.4"),
            ("local_price", "120"),
            ("price", "93.75"),
            ("local_value", "1200"),
            ("value", "937.5"),
            ("unrealized_gain", "133.5"),
            ("dividends", "7.8125"),
            ("taxes", "1.171875"),
            ("fees", "4"),
        ],
    );
    figures(
        &report["totals"],
        &[("cash", "13127.734375"), ("holdings_value", "937.5")],
    );
    assert_adds_up(&report);

    // Four tenths of 804 were sold for 498 dollars at 0.78125.
    let report = ann.report(&portfolio, "?as_of=2025-06-03").await;
    figures(
        &report,
        &[("value", "14102.734375"), ("net_invested", "14000")],
    );
    assert_eq!(report["cash"], json!({ "EUR": "10000", "USD": "4501.5" }));
    figures(
        holding(&report, "ACME"),
        &[
            ("quantity", "6"),
            ("cost_basis", "482.4"),
            ("value", "585.9375"),
            ("unrealized_gain", "103.5375"),
            ("realized_gain", "67.4625"),
            ("fees", "5.5625"),
        ],
    );
    assert_eq!(findings(&report), [""; 0]);
    assert_adds_up(&report);
}

/// The broker paid 1005 dollars with euros at 0.79, whatever the rate of the day was.
#[tokio::test]
async fn a_settlement_at_the_brokers_own_rate_moves_euros() {
    let (mut server, mut ann, portfolio) = start(&[("ACME", "2025-01-03", "100")], "USD").await;
    server.rates(&[("EUR", "USD", "2025-01-02", "1.25")]).await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "10000" }),
    )
    .await;
    let buy = json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100", "fees": "5",
                      "currency": "USD", "settlement_currency": "EUR", "fx_rate": "0.79" });
    let stored = ann.record(&portfolio, buy).await;
    figures(
        &stored,
        &[("settlement_currency", "EUR"), ("fx_rate", "0.79")],
    );
    let report = ann.report(&portfolio, "?as_of=2025-01-03").await;
    assert_eq!(report["cash"], json!({ "EUR": "9206.05" }));
    figures(
        holding(&report, "ACME"),
        &[
            ("cost_basis", "793.95"),
            ("value", "800"),
            ("unrealized_gain", "6.05"),
            ("fees", "3.95"),
        ],
    );
    assert_eq!(report["value"], "10006.05");
    assert_adds_up(&report);
}

/// Ten for 1010, ten for 2030, five sold for 1246 net. First in, first out: 505 of cost are gone.
/// On average a share cost 152: 760 are gone.
#[tokio::test]
async fn first_in_first_out_and_average_cost_differ_as_they_must() {
    let (_server, mut ann, portfolio) = start(&[("ACME", "2025-02-03", "260")], "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100", "fees": "10" }),
        json!({ "type": "buy", "date": "2025-01-06", "symbol": "ACME", "quantity": "10", "price": "200", "fees": "30" }),
        json!({ "type": "sell", "date": "2025-02-03", "symbol": "ACME", "quantity": "5", "price": "250", "fees": "4" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let rows_before = ann.api.read(crate::server::TRANSACTIONS).await;
    let fifo = ann.report(&portfolio, "?as_of=2025-02-03").await;
    assert_eq!(fifo["cost_basis_method"], "fifo");
    figures(
        holding(&fifo, "ACME"),
        &[
            ("quantity", "15"),
            ("cost_basis", "2535"),
            ("average_cost", "169"),
            ("realized_gain", "741"),
            ("unrealized_gain", "1365"),
            ("value", "3900"),
        ],
    );
    let average = ann
        .report(&portfolio, "?as_of=2025-02-03&cost_basis=average")
        .await;
    assert_eq!(average["cost_basis_method"], "average");
    figures(
        holding(&average, "ACME"),
        &[
            ("quantity", "15"),
            ("cost_basis", "2280"),
            ("average_cost", "152"),
            ("realized_gain", "486"),
            ("unrealized_gain", "1620"),
            ("value", "3900"),
        ],
    );
    for key in ["value", "cash", "net_invested", "performance"] {
        assert_eq!(fifo[key], average[key], "{key} knows no cost basis");
    }
    assert_adds_up(&fifo);
    assert_adds_up(&average);

    // The same as the portfolio's own method; no transaction is rewritten.
    let path = format!("{}/{portfolio}", crate::server::PORTFOLIOS);
    let body = json!({ "name": "Old age", "currency": "EUR", "cost_basis": "average" });
    ann.api
        .call(axum::http::Method::PUT, &path, Some(body))
        .await
        .json_of(200);
    assert_eq!(ann.report(&portfolio, "?as_of=2025-02-03").await, average);
    assert_eq!(
        ann.report(&portfolio, "?as_of=2025-02-03&cost_basis=fifo")
            .await,
        fifo
    );
    assert_eq!(ann.api.read(crate::server::TRANSACTIONS).await, rows_before);
}

#[tokio::test]
async fn a_split_multiplies_shares_and_keeps_cost_and_value() {
    let prices = [("ACME", "2025-01-06", "100"), ("ACME", "2025-02-05", "26")];
    let (_server, mut ann, portfolio) = start(&prices, "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-06", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-06", "symbol": "ACME", "quantity": "10", "price": "100" }),
        json!({ "type": "split", "date": "2025-02-03", "symbol": "ACME", "ratio": "4:1" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let at =
        async |ann: &mut Person, day: &str| ann.report(&portfolio, &format!("?as_of={day}")).await;
    let before = at(&mut ann, "2025-01-13").await;
    figures(
        holding(&before, "ACME"),
        &[
            ("quantity", "10"),
            ("local_price", "100"),
            ("value", "1000"),
        ],
    );
    // The last price is of before the split: a quarter of it is the price of a new share.
    let on = at(&mut ann, "2025-02-03").await;
    figures(
        holding(&on, "ACME"),
        &[
            ("quantity", "40"),
            ("local_price", "25"),
            ("value", "1000"),
            ("cost_basis", "1000"),
            ("average_cost", "25"),
        ],
    );
    let after = at(&mut ann, "2025-02-05").await;
    figures(
        holding(&after, "ACME"),
        &[
            ("quantity", "40"),
            ("local_price", "26"),
            ("value", "1040"),
            ("unrealized_gain", "40"),
        ],
    );
    near(&after["performance"]["twr"], 0.04);
}

/// 1000 grows to 1100 by the end of January and to 1210 by the end of February.
#[tokio::test]
async fn a_report_looks_back_to_any_day_and_measures_from_any_day() {
    let prices = [
        ("ACME", "2025-01-01", "100"),
        ("ACME", "2025-01-31", "110"),
        ("ACME", "2025-02-28", "121"),
    ];
    let (_server, mut ann, portfolio) = start(&prices, "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-01", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-01", "symbol": "ACME", "quantity": "10", "price": "100" }),
        json!({ "type": "deposit", "date": "2025-03-01", "amount": "500" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let january = ann.report(&portfolio, "?as_of=2025-01-31").await;
    figures(
        &january,
        &[
            ("value", "1100"),
            ("net_invested", "1000"),
            ("from", "2025-01-01"),
            ("as_of", "2025-01-31"),
        ],
    );
    near(&january["performance"]["twr"], 0.1);
    near(&january["performance"]["simple"], 0.1);

    let both = ann.report(&portfolio, "?as_of=2025-02-28").await;
    figures(&both, &[("value", "1210"), ("net_invested", "1000")]);
    near(&both["performance"]["twr"], 0.21);
    near(&both["performance"]["max_drawdown"], 0.0);
    // 58 days after the deposit, a year of 365 days.
    near(
        &both["performance"]["mwr"],
        1.21_f64.powf(365.0 / 58.0) - 1.0,
    );
    let february = ann
        .report(&portfolio, "?as_of=2025-02-28&from=2025-02-01")
        .await;
    assert_eq!(february["from"], "2025-02-01");
    near(&february["performance"]["twr"], 0.1);
    near(&february["performance"]["simple"], 0.1);
    figures(&february, &[("value", "1210")]);

    // The deposit of March is money, not gain.
    let march = ann.report(&portfolio, "?as_of=2025-03-01").await;
    figures(&march, &[("value", "1710"), ("net_invested", "1500")]);
    near(&march["performance"]["twr"], 0.21);
    near(&march["performance"]["simple"], 210.0 / 1500.0);

    let earlier = ann.report(&portfolio, "?as_of=2024-12-31").await;
    figures(&earlier, &[("value", "0"), ("net_invested", "0")]);
    assert_eq!(earlier["holdings"], json!([]));
    // A beginning before all or after the end is brought into the period.
    let all = ann
        .report(&portfolio, "?as_of=2025-02-28&from=1990-01-01")
        .await;
    assert_eq!(all["performance"], both["performance"]);
    let late = ann
        .report(&portfolio, "?as_of=2025-02-28&from=2030-01-01")
        .await;
    assert_eq!(late["from"], "2025-02-28");
    for query in [
        "?as_of=tomorrow",
        "?from=1.1.2025",
        "?cost_basis=cheapest",
        "?as_of=2025-02-30",
    ] {
        let path = format!("{}/{portfolio}/report{query}", crate::server::PORTFOLIOS);
        ann.api
            .call(axum::http::Method::GET, &path, None)
            .await
            .refused(422, "invalid-input");
    }
}

#[tokio::test]
async fn the_ends_of_the_calendar_are_answered() {
    let (_server, mut ann, portfolio) = start(&[("ACME", "2025-01-01", "100")], "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "1900-01-01", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-01", "symbol": "ACME", "quantity": "10", "price": "100" }),
        json!({ "type": "deposit", "date": "9999-12-31", "amount": "5" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    for day in [
        "-9999-01-01",
        "0001-01-01",
        "1900-01-01",
        "2026-03-02",
        "9999-12-31",
    ] {
        let path = format!(
            "{}/{portfolio}/report?as_of={day}",
            crate::server::PORTFOLIOS
        );
        let answer = ann.api.call(axum::http::Method::GET, &path, None).await;
        assert!(
            [200, 422].contains(&answer.status.as_u16()),
            "{day}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn cash_is_kept_per_currency_and_an_overdraft_is_told() {
    let (mut server, mut ann, portfolio) = start(&[], "EUR").await;
    server
        .rates(&[
            ("EUR", "USD", "2025-01-01", "1.25"),
            ("EUR", "JPY", "2025-01-01", "160"),
        ])
        .await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "100" }),
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "250", "currency": "USD" }),
        json!({ "type": "interest", "date": "2025-01-31", "amount": "3200", "currency": "JPY" }),
        json!({ "type": "fee", "date": "2025-02-01", "amount": "130" }),
        json!({ "type": "tax", "date": "2025-02-01", "amount": "10", "currency": "USD" }),
        json!({ "type": "withdrawal", "date": "2025-02-02", "amount": "40", "currency": "USD" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    // 200 dollars are 160 euros, 3200 yen are 20.
    let report = ann.report(&portfolio, "").await;
    assert_eq!(
        report["cash"],
        json!({ "EUR": "-30", "USD": "200", "JPY": "3200" })
    );
    figures(&report, &[("value", "150"), ("net_invested", "268")]);
    figures(
        &report["totals"],
        &[
            ("cash", "150"),
            ("interest", "20"),
            ("fees", "130"),
            ("taxes", "8"),
        ],
    );
    assert_eq!(findings(&report), ["negative_cash"]);
    assert!(
        text(&report["findings"][0]["message"]).contains("-30"),
        "{report}"
    );
    assert_adds_up(&report);
}

#[tokio::test]
async fn without_cash_every_purchase_is_a_contribution() {
    let (_server, mut ann, _) = start(&[("ACME", "2025-02-03", "60")], "EUR").await;
    let body = json!({ "name": "No cash", "currency": "EUR", "tracks_cash": false });
    let opened = ann
        .api
        .call(
            axum::http::Method::POST,
            crate::server::PORTFOLIOS,
            Some(body),
        )
        .await
        .json_of(201);
    let portfolio = text(&opened["id"]);
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "777" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "50", "fees": "1" }),
        json!({ "type": "sell", "date": "2025-02-03", "symbol": "ACME", "quantity": "4", "price": "60", "fees": "1" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    // 501 came in, 239 went out, six shares are there.
    let report = ann.report(&portfolio, "?as_of=2025-02-03").await;
    figures(&report, &[("value", "360"), ("net_invested", "262")]);
    assert_eq!(report["cash"], json!({}));
    assert_adds_up(&report);
}

#[tokio::test]
async fn what_has_no_price_or_rate_is_said_with_a_remedy_and_never_zero() {
    let (mut server, mut ann, portfolio) = start(&[], "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "1000" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "NOPR", "quantity": "2", "price": "100", "fees": "1" }),
        json!({ "type": "deposit", "date": "2025-01-06", "amount": "50", "currency": "CHF" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let report = ann.report(&portfolio, "?as_of=2025-01-06").await;
    // The holding stands at its cost of 201 beside 799 in cash; the francs count for nothing.
    figures(&report, &[("value", "1000"), ("net_invested", "1000")]);
    figures(
        holding(&report, "NOPR"),
        &[("value", "201"), ("unrealized_gain", "0")],
    );
    assert_eq!(holding(&report, "NOPR")["price"], json!(null));
    assert_eq!(report["cash"], json!({ "EUR": "799", "CHF": "50" }));
    let told: Vec<(String, String)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| (text(&finding["code"]), text(&finding["remedy"])))
        .collect();
    let of = |code: &str| -> Vec<&String> {
        told.iter()
            .filter(|(c, _)| c == code)
            .map(|(_, r)| r)
            .collect()
    };
    assert!(
        !of("missing_price").is_empty()
            && of("missing_price")
                .iter()
                .all(|r| r.contains("bursar import bars")),
        "{told:?}"
    );
    assert!(
        !of("missing_rate").is_empty()
            && of("missing_rate")
                .iter()
                .all(|r| r.contains("bursar import fx")),
        "{told:?}"
    );
    assert_adds_up(&report);

    server.prices("EUR", &[("NOPR", "2025-01-03", "110")]).await;
    server.rates(&[("EUR", "CHF", "2025-01-02", "0.8")]).await;
    // 220 and 799 and 50 francs at 1.25.
    let report = ann.report(&portfolio, "?as_of=2025-01-06").await;
    figures(&report, &[("value", "1081.5"), ("net_invested", "1062.5")]);
    assert_eq!(findings(&report), [""; 0]);
    // A price that is old is used, and its age is told.
    let later = ann.report(&portfolio, "?as_of=2025-02-06").await;
    assert_eq!(
        (findings(&later), &later["value"]),
        (vec!["stale_price"], &json!("1081.5"))
    );
}

#[tokio::test]
async fn closed_holdings_stay_while_they_have_something_to_tell() {
    let (_server, mut ann, portfolio) = start(&[("ACME", "2025-01-03", "10")], "EUR").await;
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "100" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "3", "price": "10" }),
        json!({ "type": "sell", "date": "2025-01-06", "symbol": "ACME", "quantity": "3", "price": "12" }),
    ] {
        ann.record(&portfolio, body).await;
    }
    let report = ann.report(&portfolio, "").await;
    figures(
        holding(&report, "ACME"),
        &[
            ("quantity", "0"),
            ("value", "0"),
            ("cost_basis", "0"),
            ("realized_gain", "6"),
            ("average_cost", "0"),
        ],
    );
    figures(&report, &[("value", "106")]);
    assert_eq!(findings(&report), [""; 0]);
    assert_adds_up(&report);
}

#[tokio::test]
async fn a_report_belongs_to_its_owner() {
    let (server, mut ann, portfolio) = start(&[], "EUR").await;
    ann.record(
        &portfolio,
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "100" }),
    )
    .await;
    let mut eve = server.person("eve").await;
    let path = format!("{}/{portfolio}/report", crate::server::PORTFOLIOS);
    eve.api
        .call(axum::http::Method::GET, &path, None)
        .await
        .refused(404, "not-found");
}
