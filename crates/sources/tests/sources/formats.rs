//! What each provider answers, in its own format: good, wrong, throttled.

#![expect(clippy::float_cmp, reason = "what was sent is read as it was")]

use jiff::Timestamp;
use money::{Currency, QuoteUnit};
use rust_decimal::Decimal;
use sources::{BarSeries, Interval, Payload, ProviderId, Request, Right};

use crate::server::{Server, day, ok, status};

fn daily(symbol: &str, from: &str, to: &str) -> Request {
    Request::DailyBars {
        symbol: symbol.to_owned(),
        from: day(from),
        to: day(to),
    }
}

fn quote(symbol: &str) -> Request {
    Request::Quote {
        symbol: symbol.to_owned(),
    }
}

async fn bars(provider: ProviderId, request: &Request, body: &str) -> (BarSeries, String) {
    let server = Server::start([ok(body)]).await;
    match server.payload(provider, request).await {
        Payload::Bars(series) => (series, server.asked()[0].clone()),
        other => panic!("{other:?}"),
    }
}

fn rows(series: &BarSeries) -> Vec<(String, [f64; 4], Option<f64>)> {
    series
        .bars
        .iter()
        .map(|bar| {
            let prices = [bar.open, bar.high, bar.low, bar.close];
            (bar.at.to_string(), prices, bar.volume)
        })
        .collect()
}

async fn code(provider: ProviderId, request: &Request, http: u16, body: &str) -> &'static str {
    let server = Server::with([status(http, body)], |options, _| options.retry.tries = 1).await;
    match server.fetch(provider, request).await {
        Err(error) => error.code(),
        Ok(fetched) => panic!("{provider} made {:?} of {body}", fetched.payload),
    }
}

const YAHOO: &str = r#"{"chart":{"result":[{"meta":{"currency":"USD","symbol":"AAPL","exchangeTimezoneName":"America/New_York",
 "regularMarketPrice":129.04,"regularMarketTime":1598904001,"regularMarketVolume":225702700,"chartPreviousClose":124.81},
 "timestamp":[1598535000,1598621400,1598880600,1598967000],
 "events":{"splits":{"1598880600":{"date":1598880600,"numerator":4.0,"denominator":1.0,"splitRatio":"4:1"}}},
 "indicators":{"quote":[{"open":[127.142502,126.012497,127.580002,null],"high":[127.485001,126.442497,131.0,null],
 "low":[123.832497,124.577499,126.0,null],"close":[125.010002,124.807503,129.039993,null],"volume":[155552400,187630000,225702700,null]}],
 "adjclose":[{"adjclose":[123.4,123.2,127.4,null]}]}}],"error":null}}"#;

/// AAPL was split 4:1 on 2020-08-31; on the 27th it closed at 500.04.
#[tokio::test]
async fn yahoo_prices_before_a_split_are_as_traded() {
    let request = daily("AAPL", "2020-08-27", "2020-08-31");
    let (series, asked) = bars(ProviderId::Yahoo, &request, YAHOO).await;
    assert!(
        asked.starts_with("/v8/finance/chart/AAPL?period1=1598400000&"),
        "{asked}"
    );
    assert!(asked.contains("interval=1d&events=split"), "{asked}");
    let rows = rows(&series);
    assert_eq!(rows.len(), 3, "a day of nulls is none: {rows:?}");
    assert_eq!(rows[0].0, "2020-08-27T00:00:00Z");
    assert!((rows[0].1[3] - 500.040_008).abs() < 1e-9);
    assert_eq!(rows[0].2, Some(38_888_100.0));
    assert_eq!(rows[2].1, [127.580_002, 131.0, 126.0, 129.039_993]);
    assert_eq!(series.splits[0].date, day("2020-08-31"));
    assert_eq!(series.splits[0].to, Decimal::from(4));
}

#[tokio::test]
async fn yahoo_tells_prices_in_pence_and_its_errors_apart() {
    let body = r#"{"chart":{"result":[{"meta":{"currency":"GBp","regularMarketPrice":250.5,"previousClose":249.0,"regularMarketTime":1763740800},"indicators":{"quote":[{}]}}],"error":null}}"#;
    let server = Server::start([ok(body)]).await;
    let Payload::Quote(found) = server.payload(ProviderId::Yahoo, &quote("VOD.L")).await else {
        panic!("a quote");
    };
    let quotation = found.quotation.unwrap();
    assert_eq!(
        (quotation.currency, quotation.unit),
        (Currency::GBP, QuoteUnit::Minor)
    );
    assert_eq!(found.previous_close, Some(249.0));

    let unknown = r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}"#;
    let empty = r#"{"chart":{"result":null,"error":{"code":"Bad Request","description":"Data doesn't exist for startDate = 1"}}}"#;
    let (id, request) = (ProviderId::Yahoo, quote("NOPE"));
    assert_eq!(code(id, &request, 200, unknown).await, "not_found");
    assert_eq!(code(id, &request, 404, unknown).await, "not_found");
    assert_eq!(code(id, &request, 400, empty).await, "not_found");
    assert_eq!(
        code(id, &request, 429, "Too Many Requests").await,
        "throttled"
    );
    assert_eq!(
        code(
            id,
            &request,
            401,
            r#"{"finance":{"error":{"code":"Unauthorized"}}}"#
        )
        .await,
        "refused"
    );
    assert_eq!(code(id, &request, 200, &YAHOO[..200]).await, "truncated");
    assert_eq!(
        code(
            id,
            &request,
            200,
            r#"{"chart":{"result":[{"meta":{"regularMarketPrice":"x"}}]}}"#
        )
        .await,
        "garbage"
    );
}

#[tokio::test]
async fn stooq_speaks_csv_even_when_it_refuses() {
    let body = "Date,Open,High,Low,Close,Volume\r\n2026-11-19,10,12,9.5,11,1000\r\n2026-11-20,11,11.5,10,10.25,900\r\n";
    let request = daily("AAPL.US", "2026-11-20", "2026-11-20");
    let (series, asked) = bars(ProviderId::Stooq, &request, body).await;
    assert!(
        asked.starts_with("/q/d/l/?s=aapl.us&d1=20261120&d2=20261120&i=d&o=1111111"),
        "{asked}"
    );
    let expected = (
        "2026-11-20T00:00:00Z".to_owned(),
        [11.0, 11.5, 10.0, 10.25],
        Some(900.0),
    );
    assert_eq!(rows(&series), [expected]);
    let id = ProviderId::Stooq;
    assert_eq!(
        code(id, &request, 200, "Exceeded the daily hits limit").await,
        "throttled"
    );
    assert_eq!(code(id, &request, 200, "No data").await, "not_found");
    assert_eq!(
        code(id, &request, 200, "<html><script>challenge</script></html>").await,
        "garbage"
    );
    assert_eq!(code(id, &request, 200, "").await, "garbage");
    assert_eq!(code(id, &request, 200, &body[..70]).await, "truncated");
    assert_eq!(
        code(id, &request, 200, &body.replace("9.5", "n/a")).await,
        "garbage"
    );
}

#[tokio::test]
async fn alpha_vantage_sums_a_company_up() {
    let body = r#"{"Symbol":"IBM","Currency":"USD","LatestQuarter":"2026-09-30","MarketCapitalization":"215000000000","EBITDA":"None","PERatio":"24.5","EPS":"9.51","SharesOutstanding":"930000000","DividendYield":"-"}"#;
    let request = Request::Fundamentals {
        symbol: "IBM".to_owned(),
    };
    let id = ProviderId::AlphaVantage;
    let server = Server::start([ok(body)]).await;
    let Payload::Facts(facts) = server.payload(id, &request).await else {
        panic!("facts")
    };
    let asked = &server.asked()[0];
    assert!(
        asked.starts_with("/query?function=OVERVIEW&symbol=IBM&apikey=k3y"),
        "{asked}"
    );
    let stated: Vec<_> = facts
        .iter()
        .map(|fact| (fact.concept.as_str(), fact.unit.as_str(), fact.to))
        .collect();
    // What follows from the price is of today.
    let (quarter, today) = (day("2026-09-30"), day("2026-11-22"));
    let expected = [
        ("EPS", "USD/shares", quarter),
        ("MarketCapitalization", "USD", today),
        ("SharesOutstanding", "shares", today),
        ("PERatio", "pure", today),
    ];
    assert_eq!(stated, expected);
    assert_eq!(facts[0].value, Decimal::new(951, 2));
    assert_eq!(facts[0].filed, None);
    assert_eq!(code(id, &request, 200, "{}").await, "not_found");
    let spread = r#"{"Information":"spread out your free API requests more sparingly"}"#;
    assert_eq!(code(id, &request, 200, spread).await, "throttled");
    assert_eq!(
        code(id, &request, 200, r#"{"Symbol":"IBM"}"#).await,
        "garbage"
    );
    let odd = r#"{"Currency":"USD","PERatio":"many"}"#;
    assert_eq!(code(id, &request, 200, odd).await, "garbage");
}

#[tokio::test]
async fn alpha_vantage_says_everything_with_status_200() {
    let body = r#"{"Meta Data":{"2. Symbol":"IBM"},"Time Series (Daily)":{
      "2026-11-20":{"1. open":"230.1","2. high":"232.0","3. low":"229.5","4. close":"231.4","5. volume":"3100000"},
      "2026-11-19":{"1. open":"228.0","2. high":"231.0","3. low":"227.0","4. close":"230.0","5. volume":"2900000"}}}"#;
    let request = daily("IBM", "2026-11-01", "2026-11-20");
    let (series, asked) = bars(ProviderId::AlphaVantage, &request, body).await;
    assert!(
        asked.starts_with(
            "/query?function=TIME_SERIES_DAILY&symbol=IBM&outputsize=compact&apikey=k3y"
        ),
        "{asked}"
    );
    assert_eq!(
        rows(&series)[0].0,
        "2026-11-19T00:00:00Z",
        "the oldest first"
    );
    assert_eq!(rows(&series)[1].2, Some(3_100_000.0));
    let id = ProviderId::AlphaVantage;
    let spread = r#"{"Information":"Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (25 requests per day)."}"#;
    assert_eq!(code(id, &request, 200, spread).await, "throttled");
    assert_eq!(
        code(
            id,
            &request,
            200,
            r#"{"Note":"Our standard API call frequency is 5 calls per minute."}"#
        )
        .await,
        "throttled"
    );
    assert_eq!(
        code(
            id,
            &request,
            200,
            r#"{"Information":"This is a premium endpoint."}"#
        )
        .await,
        "refused"
    );
    assert_eq!(
        code(
            id,
            &request,
            200,
            r#"{"Error Message":"Invalid API call."}"#
        )
        .await,
        "not_found"
    );
    assert_eq!(
        code(id, &quote("NOPE"), 200, r#"{"Global Quote":{}}"#).await,
        "not_found"
    );
    assert_eq!(code(id, &request, 200, "{}").await, "garbage");
    assert_eq!(code(id, &request, 200, &body[..150]).await, "truncated");

    let body = r#"{"Global Quote":{"01. symbol":"IBM","05. price":"231.40","06. volume":"3100000","07. latest trading day":"2026-11-20","08. previous close":"230.00"}}"#;
    let server = Server::start([ok(body)]).await;
    let Payload::Quote(found) = server.payload(id, &quote("IBM")).await else {
        panic!("a quote")
    };
    assert_eq!((found.price, found.previous_close), (231.4, Some(230.0)));
}

#[tokio::test]
async fn alpha_vantage_refuses_keys_and_what_costs_in_words_alone() {
    let id = ProviderId::AlphaVantage;
    let request = daily("IBM", "2026-11-01", "2026-11-20");
    // The key is told from the symbol, and what costs from what was too much; both praise the premium plans.
    let key = r#"{"Error Message":"the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key)."}"#;
    let facts = Request::Fundamentals {
        symbol: "IBM".to_owned(),
    };
    for request in [&request, &quote("IBM"), &facts] {
        assert_eq!(code(id, request, 200, key).await, "refused");
    }
    let gated = r#"{"Information":"Thank you for using Alpha Vantage! This function is a premium feature. You may subscribe to any of the premium plans to instantly unlock all premium features"}"#;
    assert_eq!(code(id, &request, 200, gated).await, "refused");
    for limit in [
        "We have detected your API key as k3y and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans",
        "Please consider spreading out your free API requests more sparingly. You may subscribe to any of the premium plans to lift the free key rate limit (25 requests per day) and unlock all premium endpoints",
        "Please visit https://www.alphavantage.co/premium/ if you would like to have a higher API call volume.",
    ] {
        let said = format!(r#"{{"Information":"{limit}"}}"#);
        assert_eq!(code(id, &request, 200, &said).await, "throttled", "{limit}");
    }
}

#[tokio::test]
async fn twelve_data_puts_its_errors_into_the_body() {
    let body = r#"{"meta":{"symbol":"AAPL","interval":"1min","currency":"USD","exchange_timezone":"America/New_York","type":"Common Stock"},
      "values":[{"datetime":"2026-11-20 14:31:00","open":"10.1","high":"10.4","low":"10.0","close":"10.3","volume":"700"},
                {"datetime":"2026-11-20 14:30:00","open":"10","high":"10.2","low":"9.9","close":"10.1","volume":"900"}],"status":"ok"}"#;
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let request = Request::IntradayBars {
        symbol: "AAPL".to_owned(),
        interval: Interval::Minute,
        from: at("2026-11-20T14:30:00Z"),
        to: at("2026-11-20T21:00:00Z"),
    };
    let (series, asked) = bars(ProviderId::TwelveData, &request, body).await;
    assert!(
        asked.contains("interval=1min&start_date=2026-11-20+14%3A30%3A00"),
        "{asked}"
    );
    assert!(
        asked.contains("adjust=none&timezone=UTC&apikey=k3y"),
        "{asked}"
    );
    assert_eq!(
        rows(&series)[0],
        (
            "2026-11-20T14:30:00Z".to_owned(),
            [10.0, 10.2, 9.9, 10.1],
            Some(900.0)
        )
    );
    assert_eq!(series.quotation.unwrap().currency, Currency::USD);
    let id = ProviderId::TwelveData;
    let credits = r#"{"code":429,"message":"You have run out of API credits for the current minute.","status":"error"}"#;
    for http in [200, 429] {
        assert_eq!(code(id, &request, http, credits).await, "throttled");
    }
    let unknown = r#"{"code":404,"message":"**symbol** not found: NOPE","status":"error"}"#;
    assert_eq!(code(id, &request, 200, unknown).await, "not_found");
    let key = r#"{"code":401,"message":"**apikey** parameter is incorrect","status":"error"}"#;
    assert_eq!(code(id, &request, 401, key).await, "refused");
    assert_eq!(
        code(id, &request, 200, r#"{"status":"ok"}"#).await,
        "garbage"
    );
    assert_eq!(code(id, &request, 200, &body[..180]).await, "truncated");
}

#[tokio::test]
async fn a_quote_of_twelve_data_is_of_its_last_minute_and_not_of_the_opening() {
    // Of 2026-09-18: the day's candle begins at 13:30 in UTC.
    let body = |of_minute: &str| {
        format!(
            r#"{{"symbol":"AAPL","name":"Apple Inc.","exchange":"NASDAQ","mic_code":"XNGS","currency":"USD",
            "datetime":"2026-09-18","timestamp":1789738200,{of_minute}"open":"230.10","high":"232.20","low":"229.90",
            "close":"231.40","volume":"51000000","previous_close":"229.87","change":"1.53","percent_change":"0.66559",
            "average_volume":"48000000","is_market_open":false,"fifty_two_week":{{"low":"169.21","high":"260.10"}}}}"#
        )
    };
    let read = async |body: String| {
        let server = Server::start([ok(body)]).await;
        let request = quote("AAPL@US");
        let Payload::Quote(quote) = server.payload(ProviderId::TwelveData, &request).await else {
            panic!("no quote");
        };
        assert!(server.asked()[0].contains("/quote?symbol=AAPL&country=US"));
        quote
    };
    let last = read(body(r#""last_quote_at":1789761540,"#)).await;
    assert_eq!(last.at.unwrap().to_string(), "2026-09-18T19:59:00Z");
    assert_eq!(
        (last.price, last.previous_close, last.volume),
        (231.4, Some(229.87), Some(51_000_000.0))
    );
    assert_eq!(last.quotation.unwrap().currency, Currency::USD);
    for absent in ["", r#""last_quote_at":null,"#] {
        let opening = read(body(absent)).await;
        assert_eq!(opening.at.unwrap().to_string(), "2026-09-18T13:30:00Z");
    }
}

#[tokio::test]
async fn twelve_data_is_told_the_market_or_the_country() {
    let body = r#"{"meta":{"currency":"GBp"},"values":[],"status":"ok"}"#;
    for (symbol, expected) in [
        ("VOD@XLON", "symbol=VOD&mic_code=XLON&"),
        ("AAPL@US", "symbol=AAPL&country=US&"),
        ("RY:TSX", "symbol=RY%3ATSX&interval"),
    ] {
        let request = daily(symbol, "2026-11-20", "2026-11-22");
        let (_, asked) = bars(ProviderId::TwelveData, &request, body).await;
        assert!(asked.contains(expected), "{asked}");
    }
}

#[tokio::test]
async fn kraken_leaves_out_the_bar_that_still_moves() {
    // 2026-11-20, 2026-11-21, and 2026-11-22 that has not ended.
    let body = r#"{"error":[],"result":{"XXBTZUSD":[
      [1795132800,"90000.1","91000.0","89000.0","90500.5","90100.0","12.5",900],
      [1795219200,"90500.5","92000.0","90000.0","91500.0","91000.0","10.25",800],
      [1795305600,"91500.0","91600.0","91400.0","91450.0","91500.0","0.5",20]],"last":1795219200}}"#;
    let request = daily("XBTUSD", "2026-11-20", "2026-11-22");
    let (series, asked) = bars(ProviderId::Kraken, &request, body).await;
    assert!(
        asked.starts_with("/0/public/OHLC?pair=XBTUSD&interval=1440&since=1795132799"),
        "{asked}"
    );
    let rows = rows(&series);
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[1],
        (
            "2026-11-21T00:00:00Z".to_owned(),
            [90_500.5, 92_000.0, 90_000.0, 91_500.0],
            Some(10.25)
        )
    );
    let id = ProviderId::Kraken;
    let said = |text: &str| format!(r#"{{"error":["{text}"]}}"#);
    for (text, expected) in [
        ("EQuery:Unknown asset pair", "not_found"),
        ("EAPI:Rate limit exceeded", "throttled"),
        ("EGeneral:Temporary lockout", "throttled"),
        ("EService: Throttled: 1795400000", "throttled"),
        ("EService:Unavailable", "failing"),
        ("EGeneral:Permission denied", "refused"),
    ] {
        assert_eq!(
            code(id, &request, 200, &said(text)).await,
            expected,
            "{text}"
        );
    }
    assert_eq!(
        code(id, &request, 200, r#"{"error":[],"result":{"last":1}}"#).await,
        "garbage"
    );
    assert_eq!(code(id, &request, 200, &body[..120]).await, "truncated");

    let ticker = r#"{"error":[],"result":{"XXBTZUSD":{"a":["91450.1","1","1.000"],"b":["91450.0","2","2.000"],"c":["91450.0","0.01"],"v":["3.5","20.5"],"p":["1","1"],"t":[1,2],"l":["1","1"],"h":["1","1"],"o":"91500.0"}}}"#;
    let server = Server::start([ok(ticker)]).await;
    let Payload::Quote(found) = server.payload(id, &quote("XBTUSD")).await else {
        panic!("a quote")
    };
    assert_eq!(
        (found.price, found.bid, found.ask),
        (91_450.0, Some(91_450.0), Some(91_450.1))
    );
    // Both are of the day since midnight.
    assert_eq!(
        (found.previous_close, found.volume),
        (Some(91_500.0), Some(3.5))
    );
}

#[tokio::test]
async fn coinbase_gives_candles_in_an_order_of_its_own() {
    let body = "[[1795219200,90000.0,92000.0,90500.5,91500.0,10.25],[1795132800,89000.0,91000.0,90000.1,90500.5,12.5]]";
    let request = daily("BTC-USD", "2026-11-19", "2026-11-21");
    let (series, asked) = bars(ProviderId::Coinbase, &request, body).await;
    assert!(
        asked.starts_with(
            "/products/BTC-USD/candles?granularity=86400&start=2026-11-19T00%3A00%3A00Z&end=2026-11-22"
        ),
        "{asked}"
    );
    assert_eq!(
        rows(&series)[0],
        (
            "2026-11-20T00:00:00Z".to_owned(),
            [90_000.1, 91_000.0, 89_000.0, 90_500.5],
            Some(12.5)
        )
    );
    let id = ProviderId::Coinbase;
    assert_eq!(
        code(id, &request, 404, r#"{"message":"NotFound"}"#).await,
        "not_found"
    );
    assert_eq!(
        code(
            id,
            &request,
            429,
            r#"{"message":"Public rate limit exceeded"}"#
        )
        .await,
        "throttled"
    );
    assert_eq!(
        code(id, &request, 200, r#"{"message":"?"}"#).await,
        "garbage"
    );
    assert_eq!(code(id, &request, 200, &body[..50]).await, "truncated");
}

#[tokio::test]
async fn the_central_bank_gives_rates_of_the_euro() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
 <gesmes:subject>Reference rates</gesmes:subject><Cube>
  <Cube time="2026-11-20"><Cube currency="USD" rate="1.1582"/><Cube currency="JPY" rate="180.9"/></Cube>
  <Cube time="2026-11-19"><Cube currency="USD" rate="1.1571"/></Cube>
 </Cube></gesmes:Envelope>"#;
    let (from, to) = (day("2026-11-20"), day("2026-11-22"));
    let request = Request::Rates { from, to };
    let server = Server::start([ok(body)]).await;
    let Payload::Rates(rates) = server.payload(ProviderId::Ecb, &request).await else {
        panic!("rates")
    };
    assert!(
        server.asked()[0].starts_with("/eurofxref-hist-90d.xml"),
        "{}",
        server.asked()[0]
    );
    assert_eq!(rates.len(), 2);
    assert_eq!(
        (rates[0].base, rates[0].quote, rates[0].rate),
        (Currency::EUR, Currency::USD, 1.1582)
    );
    let id = ProviderId::Ecb;
    assert_eq!(code(id, &request, 200, &body[..420]).await, "truncated");
    assert_eq!(
        code(id, &request, 200, "<html><body>maintenance</body></html>").await,
        "garbage"
    );
    assert_eq!(
        code(id, &request, 200, &body.replace("1.1582", "n/a")).await,
        "garbage"
    );
    assert_eq!(code(id, &request, 503, "").await, "failing");
}

#[tokio::test]
async fn edgar_wants_to_know_who_asks() {
    let body = r#"{"cik":320193,"entityName":"Apple Inc.","facts":{"us-gaap":{"EarningsPerShareDiluted":{"label":"EPS","description":"","units":{"USD/shares":[
      {"start":"2023-10-01","end":"2024-09-28","val":6.08,"accn":"0000320193-24-000123","fy":2024,"fp":"FY","form":"10-K","filed":"2024-11-01","frame":"CY2024"}]}},
      "Assets":{"label":null,"description":null,"units":{"USD":[{"end":"2024-09-28","val":364980000000,"accn":"x","fy":2024,"fp":"FY","form":"10-K","filed":"2024-11-01"}]}}}}}"#;
    let request = Request::Fundamentals {
        symbol: "320193".to_owned(),
    };
    let server = Server::start([ok(body)]).await;
    let Payload::Facts(facts) = server.payload(ProviderId::SecEdgar, &request).await else {
        panic!("facts")
    };
    let asked = &server.asked()[0];
    assert!(
        asked.starts_with("/api/xbrl/companyfacts/CIK0000320193.json"),
        "{asked}"
    );
    assert!(asked.contains("user-agent: bursar k3y"), "{asked}");
    assert_eq!(facts[0].value, Decimal::from(364_980_000_000_u64));
    assert_eq!(
        (facts[1].value, facts[1].unit.as_str()),
        (Decimal::new(608, 2), "USD/shares")
    );
    assert_eq!(facts[1].from, Some(day("2023-10-01")));
    assert_eq!(facts[1].filed, Some(day("2024-11-01")));
    let id = ProviderId::SecEdgar;
    assert_eq!(
        code(
            id,
            &request,
            403,
            "<html>Request Rate Threshold Exceeded</html>"
        )
        .await,
        "throttled"
    );
    assert_eq!(
        code(id, &request, 403, "<html>Undeclared Automated Tool</html>").await,
        "refused"
    );
    assert_eq!(
        code(id, &request, 404, "<Error>NoSuchKey</Error>").await,
        "not_found"
    );
    assert_eq!(code(id, &request, 200, &body[..100]).await, "truncated");
    assert_eq!(code(id, &request, 200, r#"{"cik":1}"#).await, "garbage");

    let list = r#"{"0":{"cik_str":320193,"ticker":"AAPL","title":"Apple Inc."}}"#;
    let server = Server::start([ok(list)]).await;
    let Payload::Directory(ids) = server.payload(id, &Request::Directory).await else {
        panic!("ids")
    };
    assert_eq!(
        (ids[0].symbol.as_str(), ids[0].id.as_str()),
        ("AAPL", "320193")
    );
    let server = Server::with([ok(list)], |options, _| options.contact = None).await;
    let error = server
        .ask(id, &request, &crate::server::ask(None))
        .await
        .unwrap_err();
    assert_eq!((error.code(), server.asked().len()), ("not_configured", 0));
}

#[tokio::test]
async fn fred_writes_a_dot_where_there_is_no_value() {
    let body = r#"{"observations":[{"realtime_start":"2026-11-22","realtime_end":"2026-11-22","date":"2026-11-19","value":"4.12"},{"realtime_start":"x","realtime_end":"x","date":"2026-11-20","value":"."}]}"#;
    let request = Request::Series {
        id: "DGS10".to_owned(),
        from: day("2026-11-19"),
        to: day("2026-11-20"),
    };
    let server = Server::start([ok(body)]).await;
    let Payload::Series(values) = server.payload(ProviderId::Fred, &request).await else {
        panic!("values")
    };
    assert_eq!(
        values.iter().map(|found| found.value).collect::<Vec<_>>(),
        [Some(4.12), None]
    );
    let id = ProviderId::Fred;
    let said =
        |text: &str| format!(r#"{{"error_code":400,"error_message":"Bad Request.  {text}"}}"#);
    assert_eq!(
        code(id, &request, 400, &said("The series does not exist.")).await,
        "not_found"
    );
    assert_eq!(
        code(
            id,
            &request,
            400,
            &said("The value for variable api_key is not registered.")
        )
        .await,
        "refused"
    );
    assert_eq!(code(id, &request, 429, "{}").await, "throttled");
    assert_eq!(code(id, &request, 200, &body[..80]).await, "truncated");
    assert_eq!(
        code(id, &request, 200, &body.replace("4.12", "high")).await,
        "garbage"
    );
}

#[tokio::test]
async fn cboe_gives_the_whole_chain() {
    let body = r#"{"timestamp":"2026-11-20 21:15:03","data":{"symbol":"AAPL","current_price":271.5,"options":[
      {"option":"AAPL261218P00270000","bid":5.1,"bid_size":10,"ask":5.3,"ask_size":4,"iv":0.24,"open_interest":1200,"volume":80,"delta":-0.45,"gamma":0.02,"vega":0.3,"theta":-0.1,"rho":-0.1,"theo":5.2,"last_trade_price":5.2},
      {"option":"AAPL261218C00270000","bid":6.5,"ask":6.8,"iv":0.0,"open_interest":3000,"volume":200,"delta":0.55,"gamma":0.02,"vega":0.3,"theta":-0.1,"last_trade_price":0.0},
      {"option":"AAPL270115C00280000","bid":7.0,"ask":7.2,"iv":0.25,"open_interest":1,"volume":0,"delta":0.4,"gamma":0.01,"vega":0.4,"theta":-0.1,"last_trade_price":7.1}]}}"#;
    let request = Request::Chain {
        symbol: "AAPL".to_owned(),
        expires_on: Some(day("2026-12-18")),
    };
    let server = Server::start([ok(body)]).await;
    let Payload::Chain(chain) = server.payload(ProviderId::Cboe, &request).await else {
        panic!("a chain")
    };
    assert!(
        server.asked()[0].starts_with("/options/AAPL.json"),
        "{}",
        server.asked()[0]
    );
    assert_eq!(chain.spot, Some(271.5));
    let both = [day("2026-12-18"), day("2027-01-15")];
    assert_eq!(chain.expirations, both, "whatever was asked for");
    let first = &chain.contracts[0];
    assert_eq!(chain.contracts.len(), 2);
    assert_eq!(
        (first.right, first.strike, first.last),
        (Right::Call, Decimal::from(270), None)
    );
    assert_eq!(chain.contracts[1].delta, Some(-0.45));
    let id = ProviderId::Cboe;
    assert_eq!(
        code(
            id,
            &request,
            403,
            "<Error><Code>AccessDenied</Code></Error>"
        )
        .await,
        "not_found"
    );
    assert_eq!(code(id, &request, 403, "blocked").await, "refused");
    assert_eq!(code(id, &request, 200, &body[..150]).await, "truncated");
    assert_eq!(
        code(
            id,
            &request,
            200,
            &body.replace("AAPL261218P00270000", "AAPL")
        )
        .await,
        "garbage"
    );
}

#[tokio::test]
async fn yahoo_gives_one_expiration_of_a_chain_and_the_days_of_the_others() {
    let request = Request::Chain {
        symbol: "AAPL".to_owned(),
        expires_on: Some(day("2026-12-18")),
    };
    let body = r#"{"optionChain":{"result":[{"underlyingSymbol":"AAPL","expirationDates":[1797552000,1799971200,1797552000],"quote":{"regularMarketPrice":271.5,"regularMarketTime":1795208400},
      "options":[{"expirationDate":1797552000,"calls":[{"contractSymbol":"AAPL261218C00270000","strike":270.0,"lastPrice":6.6,"bid":6.5,"ask":6.8,"volume":200,"openInterest":3000,"impliedVolatility":0.23}],"puts":[]}]}],"error":null}}"#;
    let server = Server::start([ok(body)]).await;
    let Payload::Chain(chain) = server.payload(ProviderId::Yahoo, &request).await else {
        panic!("a chain")
    };
    assert!(
        server.asked()[0].starts_with("/v7/finance/options/AAPL?date=1797552000"),
        "{}",
        server.asked()[0]
    );
    assert_eq!(chain.contracts[0].implied_volatility, Some(0.23));
    assert_eq!(chain.expirations, [day("2026-12-18"), day("2027-01-15")]);
    assert_eq!(chain.contracts.len(), 1);
    assert_eq!(
        code(
            ProviderId::Yahoo,
            &request,
            200,
            &body.replace("1799971200", "9223372036854775807")
        )
        .await,
        "garbage"
    );
    assert_eq!(
        code(ProviderId::Yahoo, &request, 401, "{}").await,
        "refused"
    );
}

#[tokio::test]
async fn the_simulator_says_the_same_every_time_and_bars_fit_together() {
    let server = Server::start([ok("")]).await;
    let id = ProviderId::Simulator;
    assert!(id.describe().is_simulated);
    let request = daily("ACME", "2026-11-16", "2026-11-22");
    let first = server.payload(id, &request).await;
    assert_eq!(first, server.payload(id, &request).await);
    let Payload::Bars(week) = first else {
        panic!("bars")
    };
    assert_eq!(week.bars.len(), 5, "Monday to Friday");
    let hours = Request::IntradayBars {
        symbol: "ACME".to_owned(),
        interval: Interval::FiveMinutes,
        from: "2026-11-20T00:00:00Z".parse().unwrap(),
        to: "2026-11-21T00:00:00Z".parse().unwrap(),
    };
    let Payload::Bars(day) = server.payload(id, &hours).await else {
        panic!("bars")
    };
    assert_eq!(day.bars.len(), 78, "six and a half hours");
    let (open, close) = (day.bars[0].open, day.bars[77].close);
    assert_eq!((open, close), (week.bars[4].open, week.bars[4].close));
    for bar in week.bars.iter().chain(&day.bars) {
        assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
    }
    let Payload::Quote(last) = server.payload(id, &quote("ACME")).await else {
        panic!("a quote")
    };
    assert_eq!(last.price, close);
    assert_eq!(last.previous_close, Some(week.bars[3].close));
    assert_eq!(server.asked().len(), 0);
}
