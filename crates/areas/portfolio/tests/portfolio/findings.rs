//! Findings stand apart from each other, say whose they are, and lead to forms that mend them.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Browser};

use crate::server::{DASHBOARD, Person, Server, findings, text};

const HEALTH: &str = "/api/v1/portfolio/health";
const ACCEPTED: &str = "/api/v1/portfolio/health/accepted";
const FORM: &str = "/portfolio/transactions/new";

/// An account that states its end: shares of ACME and dollars.
fn flex(shares: &str, cash: &str) -> String {
    format!(
        r#"<FlexQueryResponse queryName="all" type="AF"><FlexStatements count="1">
<FlexStatement accountId="U1" fromDate="20240101" toDate="20240131">
<Trades>
<Trade accountId="U1" currency="USD" assetCategory="STK" symbol="ACME" tradeID="1" dateTime="20240110;100000" tradeDate="20240110" quantity="10" tradePrice="50" taxes="0" ibCommission="-1" ibCommissionCurrency="USD" buySell="BUY" openCloseIndicator="O" />
</Trades>
<CashTransactions>
<CashTransaction accountId="U1" currency="USD" type="Deposits/Withdrawals" amount="1000" dateTime="20240102" transactionID="2" description="CASH RECEIPTS" />
</CashTransactions>
<OpenPositions>
<OpenPosition accountId="U1" currency="USD" assetCategory="STK" symbol="ACME" reportDate="20240131" position="{shares}" markPrice="55" costBasisMoney="501" levelOfDetail="SUMMARY" />
</OpenPositions>
<CashReport>
<CashReportCurrency accountId="U1" currency="USD" toDate="20240131" endingCash="{cash}" />
</CashReport>
</FlexStatement>
</FlexStatements></FlexQueryResponse>"#
    )
}

fn of<'v>(health: &'v Value, code: &str) -> Vec<&'v Value> {
    let all = health["findings"].as_array().expect("findings");
    all.iter().filter(|found| found["code"] == code).collect()
}

/// What a finding is about: its symbol and its portfolio.
fn places(health: &Value, code: &str) -> Vec<(String, Option<String>)> {
    let place = |found: &&Value| {
        let portfolio = found["portfolio"].as_str().map(str::to_owned);
        (text(&found["symbol"]), portfolio)
    };
    let mut places: Vec<_> = of(health, code).iter().map(place).collect();
    places.sort();
    places
}

fn place(symbol: &str, portfolio: &str) -> (String, Option<String>) {
    (symbol.to_owned(), Some(portfolio.to_owned()))
}

async fn accept(person: &mut Person, found: &Value) {
    let body = json!({ "id": found["id"] });
    let answer = person.api.call(Method::PUT, ACCEPTED, Some(body)).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

#[tokio::test]
async fn findings_of_one_day_do_not_hide_each_other() {
    let mut server = Server::start().await;
    server.rates(&[("EUR", "USD", "2026-01-02", "1.25")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let first = ann.open("First", "EUR").await;
    let second = ann.open("Second", "EUR").await;
    for (portfolio, amount, currency) in [
        (&first, "10", "EUR"),
        (&first, "20", "USD"),
        (&second, "30", "EUR"),
    ] {
        let body = json!({ "type": "withdrawal", "date": "2026-01-05", "amount": amount, "currency": currency });
        ann.record(portfolio, body).await;
    }
    // Nobody has a rate of these, nor a price of this: that is the same for both portfolios.
    for (portfolio, currency) in [(&first, "CHF"), (&first, "GBP"), (&second, "CHF")] {
        let body =
            json!({ "type": "deposit", "date": "2026-01-06", "amount": "5", "currency": currency });
        ann.record(portfolio, body).await;
    }
    for portfolio in [&first, &second] {
        let body = json!({ "type": "transfer_in", "date": "2026-01-07", "symbol": "NOPR", "quantity": "1", "amount": "9" });
        ann.record(portfolio, body).await;
    }
    let health = ann.api.read(HEALTH).await;
    let below = [
        place("EUR", "First"),
        place("EUR", "Second"),
        place("USD", "First"),
    ];
    assert_eq!(places(&health, "negative_cash"), below);
    let without_transaction: Vec<String> = of(&health, "missing_rate")
        .iter()
        .filter(|found| found["transaction"].is_null())
        .map(|found| format!("{} {}", text(&found["symbol"]), found["portfolio"]))
        .collect();
    assert_eq!(without_transaction, ["CHF null", "GBP null"]);
    assert_eq!(
        places(&health, "missing_price"),
        [("NOPR".to_owned(), None)]
    );

    // One is accepted, and the two others stay.
    let euros = of(&health, "negative_cash")
        .into_iter()
        .find(|found| found["portfolio"] == "First" && found["symbol"] == "EUR")
        .expect("a finding");
    accept(&mut ann, euros).await;
    let health = ann.api.read(HEALTH).await;
    let open: Vec<bool> = of(&health, "negative_cash")
        .iter()
        .map(|found| found["accepted"].is_null())
        .collect();
    assert_eq!(open, [true, true, false], "{health}");
    let report = ann.report(&second, "").await;
    assert!(findings(&report).contains(&"negative_cash"), "{report}");
    let ledger = format!("/api/v1/portfolio/portfolios/{first}/cash");
    let euros = ann.api.read(&format!("{ledger}/EUR")).await;
    assert_eq!(euros["negative"][0]["is_accepted"], true);
    let dollars = ann.api.read(&format!("{ledger}/USD")).await;
    assert_eq!(dollars["negative"][0]["is_accepted"], false);
    let page = browser.get("/portfolio/health").await;
    page.shows("<strong>Second</strong>");
    browser.get("/").await.shows("<strong>Second: </strong>");
}

#[tokio::test]
async fn what_brokers_state_of_two_portfolios_are_two_findings() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    let mut ann = server.person("ann").await;
    for name in ["First", "Second"] {
        let portfolio = ann.open(name, "USD").await;
        let file = flex("8", "600");
        ann.try_import(&portfolio, "", file.as_bytes())
            .await
            .json_of(200);
    }
    let health = ann.api.read(HEALTH).await;
    for (code, symbol) in [
        ("unreconciled_cash", "USD"),
        ("unreconciled_position", "ACME"),
    ] {
        let both = [place(symbol, "First"), place(symbol, "Second")];
        assert_eq!(places(&health, code), both);
    }
}

#[tokio::test]
async fn positions_of_instruments_that_were_never_traded_are_told_by_their_symbols() {
    let mut server = Server::start().await;
    let closes = [("ACME", "2026-02-27", "60"), ("GONE", "2026-02-27", "60")];
    server.prices("USD", &closes).await;
    server.prices("USD", &[("LOST", "2026-02-27", "60")]).await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "USD").await;
    let position = |symbol: &str| {
        format!(
            r#"<OpenPosition accountId="U1" currency="USD" assetCategory="STK" symbol="{symbol}" reportDate="20240131" position="8" markPrice="55" costBasisMoney="501" levelOfDetail="SUMMARY" />"#
        )
    };
    let more = format!("{}{}</OpenPositions>", position("GONE"), position("LOST"));
    let file = flex("10", "499").replace("</OpenPositions>", &more);
    ann.try_import(&portfolio, "", file.as_bytes())
        .await
        .json_of(200);
    let health = ann.api.read(HEALTH).await;
    let both = [place("GONE", "Broker"), place("LOST", "Broker")];
    assert_eq!(places(&health, "unreconciled_position"), both);
}

/// Findings had named neither balance nor portfolio when these were accepted.
#[tokio::test]
async fn what_was_accepted_before_findings_had_a_place_goes_on_to_count_where_it_is_clear() {
    const UP: &str =
        include_str!("../../../../../migrations/20261121000621_portfolio_finding_places.up.sql");
    const DOWN: &str =
        include_str!("../../../../../migrations/20261121000621_portfolio_finding_places.down.sql");
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    server.rates(&[("EUR", "USD", "2024-01-02", "1.25")]).await;
    let mut ann = server.person("ann").await;
    let first = ann.open("First", "USD").await;
    let file = flex("8", "600");
    ann.try_import(&first, "", file.as_bytes())
        .await
        .json_of(200);
    let second = ann.open("Second", "EUR").await;
    // Of the fifth only one balance moved, of the sixth two did.
    for (portfolio, day, currency) in [
        (&second, "2024-02-05", "EUR"),
        (&second, "2024-02-05", "EUR"),
        (&second, "2024-03-06", "USD"),
        (&first, "2024-03-06", "USD"),
    ] {
        let body =
            json!({ "type": "withdrawal", "date": day, "amount": "2000", "currency": currency });
        ann.record(portfolio, body).await;
    }
    let former = [
        "negative_cash~~2024-02-05~",
        "negative_cash~~2024-03-06~",
        "unreconciled_cash~USD~2024-01-31~",
        "unreconciled_position~ACME~2024-01-31~",
    ];
    for key in former {
        let sql = format!(
            "insert into portfolio.accepted_findings (user_id, finding, note) values ('{}', '{key}', 'known')",
            ann.id
        );
        server.rewrite(&sql).await;
    }
    server.rewrite(UP).await;
    let health = ann.api.read(HEALTH).await;
    let all = health["findings"].as_array().expect("findings");
    let mut accepted: Vec<String> = all
        .iter()
        .filter(|found| !found["accepted"].is_null())
        .map(|found| format!("{} {}", text(&found["code"]), text(&found["portfolio"])))
        .collect();
    accepted.sort();
    assert_eq!(
        accepted,
        [
            "negative_cash Second",
            "unreconciled_cash First",
            "unreconciled_position First"
        ]
    );
    server.rewrite(DOWN).await;
    let kept = server.dump(&ann, "portfolio.accepted_findings").await;
    for key in former {
        assert!(kept.contains(&format!(",{key},")), "{key} in {kept}");
    }
}

/// The fields of the form on a page with their values, as a browser sends them.
fn fields(page: &Answer) -> Vec<(String, String)> {
    let (_, form) = page
        .body
        .split_once("<form class=\"card\"")
        .unwrap_or_else(|| panic!("no form in {}", page.body));
    let (form, _) = form.split_once("</form>").expect("an end");
    let attribute = |tag: &str, name: &str| -> String {
        let found = tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest);
        let value = found.and_then(|rest| rest.split_once('"'));
        value.map_or_else(String::new, |(value, _)| value.to_owned())
    };
    let tag = |text: &str| text.split('>').next().unwrap_or_default().to_owned();
    let mut fields = Vec::new();
    for part in form.split("<input").skip(1).map(tag) {
        fields.push((attribute(&part, "name"), attribute(&part, "value")));
    }
    for part in form.split("<select").skip(1) {
        let (list, _) = part.split_once("</select>").expect("an end");
        let options: Vec<String> = list.split("<option").skip(1).map(tag).collect();
        let chosen = options.iter().find(|option| option.ends_with(" selected"));
        let value = chosen
            .or(options.first())
            .map(|tag| attribute(tag, "value"));
        fields.push((attribute(&tag(part), "name"), value.unwrap_or_default()));
    }
    fields.retain(|(name, _)| name != "_csrf");
    fields
}

/// Follows a repair to its form, which must hold `filled`; adds `typed`, and sends it.
async fn mend(
    ann: &mut Person,
    browser: &mut Browser,
    (code, label): (&str, &str),
    filled: &[(&str, &str)],
    typed: &[(&str, &str)],
) {
    let health = ann.api.read(HEALTH).await;
    let found = of(&health, code);
    let [found] = found.as_slice() else {
        panic!("one {code} in {health}");
    };
    let repairs = found["repairs"].as_array().expect("repairs");
    let repair = repairs
        .iter()
        .find(|repair| repair["label"] == label)
        .unwrap_or_else(|| panic!("no “{label}” in {found}"));
    let page = browser.get(&text(&repair["href"])).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut form = fields(&page);
    for (name, value) in filled {
        let field = form.iter().find(|(field, _)| field == name);
        let there = field.map(|(_, value)| value.as_str());
        assert_eq!(there, Some(*value), "{code}: {name} in {form:?}");
    }
    for (name, value) in typed {
        let field = form.iter_mut().find(|(field, _)| field == name);
        let (_, there) = field.expect("a field");
        assert_eq!(there, "", "{code}: {name} is to be typed");
        (*value).clone_into(there);
    }
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .post(FORM, &form)
        .await
        .leads_to("/portfolio/transactions");
    let after = ann.api.read(HEALTH).await;
    assert!(of(&after, code).is_empty(), "{code} is gone from {after}");
}

#[tokio::test]
async fn repairs_of_cash_and_positions_lead_to_a_form_that_mends_them() {
    let mut server = Server::start().await;
    server.prices("USD", &[("ACME", "2026-02-27", "60")]).await;
    server.rates(&[("EUR", "USD", "2024-01-02", "1.25")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    ann.open("Another", "EUR").await;
    let portfolio = ann.open("Broker", "USD").await;
    let other = ann.open("Elsewhere", "USD").await;
    let file = flex("8", "600");
    ann.try_import(&portfolio, "", file.as_bytes())
        .await
        .json_of(200);
    let (own, day) = (("portfolio_id", portfolio.as_str()), ("date", "2024-01-31"));
    let dollars = ("currency", "USD");
    // 499 in cash where 600 are stated, ten shares where there are eight. The sale brings a hundred.
    let what = ("unreconciled_cash", "Record a deposit");
    let filled = [own, day, dollars, ("type", "deposit"), ("amount", "101")];
    mend(&mut ann, &mut browser, what, &filled, &[]).await;
    let what = ("unreconciled_position", "Record a sale");
    let filled = [
        own,
        day,
        dollars,
        ("type", "sell"),
        ("symbol", "ACME"),
        ("quantity", "2"),
    ];
    mend(&mut ann, &mut browser, what, &filled, &[("price", "50")]).await;
    let what = ("unreconciled_cash", "Record a withdrawal");
    let filled = [own, day, dollars, ("type", "withdrawal"), ("amount", "100")];
    mend(&mut ann, &mut browser, what, &filled, &[]).await;

    // More shares are stated than there are.
    let file = flex("12.5", "499");
    ann.try_import(&other, "", file.as_bytes())
        .await
        .json_of(200);
    let what = ("unreconciled_position", "Record a transfer in");
    let filled = [
        ("portfolio_id", other.as_str()),
        day,
        ("type", "transfer_in"),
        ("symbol", "ACME"),
        ("quantity", "2.5"),
    ];
    mend(&mut ann, &mut browser, what, &filled, &[("amount", "90")]).await;

    // Below zero in the second portfolio, in a currency that is not its own.
    let spent =
        json!({ "type": "withdrawal", "date": "2026-01-05", "amount": "12.34", "currency": "EUR" });
    ann.record(&portfolio, spent).await;
    let health = ann.api.read(HEALTH).await;
    let ledger = format!("/portfolio/cash/{portfolio}/EUR");
    assert_eq!(
        of(&health, "negative_cash")[0]["repairs"][1]["href"],
        ledger.as_str()
    );
    browser.get(&ledger).await.shows("Mend or accept it");
    let what = ("negative_cash", "Record a deposit");
    let filled = [
        own,
        ("date", "2026-01-05"),
        ("currency", "EUR"),
        ("type", "deposit"),
        ("amount", "12.34"),
    ];
    mend(&mut ann, &mut browser, what, &filled, &[]).await;
}

#[tokio::test]
async fn repairs_of_missing_shares_lead_to_the_purchase_that_is_missing() {
    let mut server = Server::start().await;
    server
        .prices(
            "USD",
            &[
                ("ACME", "2026-02-27", "60"),
                ("OWED", "2026-02-27", "60"),
                ("CUT", "2026-02-27", "60"),
            ],
        )
        .await;
    server.rates(&[("EUR", "USD", "2024-01-02", "1.25")]).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    ann.open("Another", "EUR").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let file = "date,type,symbol,quantity,price,amount,currency,ratio\n\
        2026-01-02,deposit,,,,10000,USD,\n\
        2026-01-02,deposit,,,,10000,EUR,\n\
        2026-01-05,buy,ACME,2,50,,USD,\n\
        2026-01-12,sell,ACME,5,50,,USD,\n\
        2026-01-13,cover,OWED,4,50,,USD,\n\
        2026-01-14,split,CUT,,,,USD,2:1\n";
    ann.import(&portfolio, file).await;
    let own = ("portfolio_id", portfolio.as_str());
    let dollars = ("currency", "USD");
    let what = ("oversell", "Record a purchase");
    let filled = [
        own,
        dollars,
        ("date", "2026-01-12"),
        ("type", "buy"),
        ("symbol", "ACME"),
        ("quantity", "3"),
    ];
    mend(&mut ann, &mut browser, what, &filled, &[("price", "49")]).await;
    let what = ("exceeds_position", "Record a short sale");
    let filled = [
        own,
        dollars,
        ("date", "2026-01-13"),
        ("type", "short"),
        ("symbol", "OWED"),
        ("quantity", "4"),
    ];
    mend(&mut ann, &mut browser, what, &filled, &[("price", "55")]).await;
    // A split comes before the trades of its day.
    let what = ("split_without_position", "Record a purchase");
    let filled = [
        own,
        dollars,
        ("date", "2026-01-13"),
        ("type", "buy"),
        ("symbol", "CUT"),
    ];
    let typed = [("quantity", "1"), ("price", "55")];
    mend(&mut ann, &mut browser, what, &filled, &typed).await;
}

#[tokio::test]
async fn accepting_keeps_the_page_that_it_was_done_on() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    ann.open("Another", "EUR").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let spent = json!({ "type": "withdrawal", "date": "2026-01-05", "amount": "5" });
    ann.record(&portfolio, spent).await;
    let page = format!("/portfolio/health?portfolio={portfolio}");
    let shown = browser.get(&page).await;
    shown.shows(&format!("name=\"portfolio\" value=\"{portfolio}\""));
    let health = ann.api.read(HEALTH).await;
    let id = text(&of(&health, "negative_cash")[0]["id"]);
    let form = [("id", id.as_str()), ("portfolio", &portfolio)];
    browser
        .post("/portfolio/health/accept", &form)
        .await
        .leads_to(&page);
    browser.get(&page).await.shows("Count it again");
    browser
        .post("/portfolio/health/reopen", &form)
        .await
        .leads_to(&page);
    browser.get(&page).await.shows("Accept it");
}

#[tokio::test]
async fn a_doubtful_value_of_something_private_leads_to_its_own_page() {
    let server = Server::start().await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Home", "EUR").await;
    let body = json!({
        "portfolio_id": portfolio, "name": "Sculpture", "kind": "property",
        "value": "1000", "since": "2026-02-20", "cost": "1000",
    });
    let path = "/api/v1/portfolio/private-assets";
    let added = ann.api.call(Method::POST, path, Some(body)).await;
    let id = text(&added.json_of(201)["instrument_id"]);
    let value = format!("{path}/{id}/appraisals/2026-02-20");
    ann.api
        .call(Method::PUT, &value, Some(json!({ "price": "50000" })))
        .await
        .json_of(200);
    // A tenth of it goes at a price that is far from that value.
    let sale = json!({ "type": "sell", "date": "2026-02-24", "symbol": "Sculpture", "quantity": "0.1", "price": "1000" });
    ann.record(&portfolio, sale).await;
    let health = ann.api.read(HEALTH).await;
    let repair = text(&of(&health, "suspicious_price")[0]["repairs"][0]["href"]);
    assert_eq!(repair, format!("/portfolio/private-assets/{id}"));
    let page = browser.get(&repair).await;
    assert_eq!(page.status, 200);
    page.shows("Sculpture");
}

#[tokio::test]
async fn a_loss_with_a_replacement_is_a_finding_for_information() {
    let mut server = Server::start().await;
    let closes = [("ACME", "2025-01-02", "100"), ("ACME", "2026-02-27", "40")];
    server.prices("EUR", &closes).await;
    let (mut ann, mut browser) = server.visitor("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let mut sale = String::new();
    for body in [
        json!({ "type": "deposit", "date": "2025-01-02", "amount": "5000" }),
        json!({ "type": "buy", "date": "2025-01-03", "symbol": "ACME", "quantity": "10", "price": "100" }),
        json!({ "type": "buy", "date": "2025-06-20", "symbol": "ACME", "quantity": "1", "price": "40" }),
        json!({ "type": "buy", "date": "2025-06-25", "symbol": "ACME", "quantity": "2", "price": "40" }),
        json!({ "type": "sell", "date": "2025-06-10", "symbol": "ACME", "quantity": "4", "price": "50" }),
    ] {
        sale = text(&ann.record(&portfolio, body).await["id"]);
    }
    let health = ann.api.read(HEALTH).await;
    let [found] = of(&health, "wash_sale")[..] else {
        panic!("one sale, one finding: {health}");
    };
    assert_eq!(
        found["message"],
        "3 ACME were sold at a loss on 2025-06-10 and bought again on 2025-06-20, 2025-06-25, within 30 days."
    );
    assert_eq!(found["severity"], "information");
    assert_eq!(
        (&found["portfolio"], &found["transaction"]),
        (&json!("Broker"), &json!(sale))
    );
    // It leads to the sale in the report of its year.
    let href = text(&found["repairs"][1]["href"]);
    let (report, anchor) = href.split_once('#').expect("an anchor");
    assert_eq!(report, "/portfolio/gains?year=2025");
    let page = browser.get(report).await;
    page.shows(&format!("id=\"{anchor}\""));
    // Nothing is wrong: it is not counted among what does not add up.
    assert_eq!(ann.api.read(DASHBOARD).await["findings"], json!([]));
    let page = browser.get("/portfolio/health").await;
    page.shows("Everything adds up");
    page.shows("Worth knowing");
    accept(&mut ann, found).await;
    let page = browser.get("/portfolio/health").await;
    page.hides("Worth knowing");
    page.shows("3 ACME were sold at a loss");
}

#[tokio::test]
async fn all_refused_lines_count_also_while_an_import_is_not_at_its_end() {
    let server = Server::start().await;
    let mut ann = server.person("ann").await;
    let portfolio = ann.open("Broker", "EUR").await;
    let file = "date,type,symbol,quantity,price,amount,currency\n\
        2026-01-02,deposit,,,,100,EUR\n2026-01-03,gift,,,,100,EUR\n";
    ann.import(&portfolio, file).await;
    let message = |health: &Value| text(&of(health, "refused_lines")[0]["message"]);
    let health = ann.api.read(HEALTH).await;
    assert!(message(&health).starts_with("One line of"), "{health}");
    assert_eq!(of(&health, "refused_lines")[0]["portfolio"], "Broker");
    // A long file keeps the first of its refused lines, and goes on another day.
    server
        .rewrite(
            "update portfolio.imports
             set rejected_count = 12345, status = 'interrupted', imported_at = null,
                 bytes_total = 1000000, content_hash = sha256('long')",
        )
        .await;
    let health = ann.api.read(HEALTH).await;
    assert!(message(&health).starts_with("12345 lines of"), "{health}");
}
