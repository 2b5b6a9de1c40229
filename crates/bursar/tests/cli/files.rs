use serde_json::{Value, json};

use crate::house::House;

const PRICES: &str = "\
Date,Open,High,Low,Close,Adj Close,Volume
2025-01-03,100,102,99,101,50,1000
2025-06-02,119,121,118,120,60,1000
2025-06-03,121,126,121,125,62,1000
";
/// A dollar is 0.80 euros in January and 0.78125 in June.
const RATES: &str = "Date,USD,JPY,\n2025-06-02,1.28,N/A,\n2025-01-02,1.25,160,\n";
const TRADES: &str = "\
date,type,symbol,quantity,price,amount,fees,taxes,currency
2025-01-02,deposit,,,,10000,,,EUR
2025-01-02,deposit,,,,5000,,,USD
2025-01-03,buy,ACME,10,100,,5,,USD
2025-06-02,dividend,ACME,,,10,,1.5,USD
2025-06-03,sell,ACME,4,125,,2,,USD
";

/// The object that every import prints: what became of the file, and nothing else. Of transactions it
/// says also how many lines were refused, and which were left out.
fn outcome(value: &Value) -> (u64, u64, Vec<(u64, String)>) {
    let mut keys: Vec<&str> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    let mut expected = vec!["batch_id", "duplicates", "imported", "rejected"];
    if value.get("refused").is_some() {
        expected.extend(["left_out", "refused", "skipped"]);
    }
    // Bars of a file can take the place of others.
    if value.get("corrected").is_some() {
        expected.push("corrected");
    }
    // And they are looked over.
    if value.get("doubted").is_some() {
        expected.push("doubted");
    }
    expected.sort_unstable();
    assert_eq!(keys, expected, "{value}");
    let is_id = value["batch_id"].as_str().is_some_and(|id| id.len() == 36);
    let is_nothing = value["imported"] == 0 && value["duplicates"] == 0;
    assert!(
        is_id || (is_nothing && value["batch_id"].is_null()),
        "{value}"
    );
    let count = |key: &str| value[key].as_u64().expect("a count");
    let rejected = value["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|refusal| {
            assert!(!refusal["message"].as_str().expect("a message").is_empty());
            let code = refusal["code"].as_str().expect("a code").to_owned();
            (refusal["line"].as_u64().expect("a line"), code)
        });
    (count("imported"), count("duplicates"), rejected.collect())
}

#[test]
fn prices_rates_and_trades_give_the_figures_of_the_report() {
    let house = House::with_owner();
    let (prices, rates) = (house.file("acme.csv", PRICES), house.file("ecb.csv", RATES));
    let trades = house.file("trades.csv", TRADES);
    let bars = [
        "import",
        "bars",
        &prices,
        "--symbol",
        "ACME",
        "--currency",
        "USD",
        "--json",
    ];
    let fx = ["import", "fx", &rates, "--json"];
    let transactions = [
        "import",
        "transactions",
        &trades,
        "--portfolio",
        "Old age",
        "--currency",
        "EUR",
        "--json",
    ];
    for (command, rows) in [(&bars[..], 3), (&fx, 3), (&transactions, 5)] {
        assert_eq!(
            outcome(&house.run(command).json(0)),
            (rows, 0, vec![]),
            "{command:?}"
        );
        assert_eq!(
            outcome(&house.run(command).json(0)),
            (0, rows, vec![]),
            "{command:?} again"
        );
    }

    let report = [
        "report",
        "portfolio",
        "old AGE",
        "--as-of",
        "2025-06-03",
        "--json",
    ];
    let report = house.run(&report).json(0);
    assert_eq!(
        (&report["portfolio"], &report["currency"], &report["as_of"]),
        (&json!("Old age"), &json!("EUR"), &json!("2025-06-03"))
    );
    assert_eq!(
        (&report["value"], &report["net_invested"]),
        (&json!("14102.734375"), &json!("14000"))
    );
    assert_eq!(report["cash"], json!({ "EUR": "10000", "USD": "4501.5" }));
    assert_eq!(report["findings"], json!([]));
    let holding = &report["holdings"][0];
    for (key, figure) in [
        ("symbol", "ACME"),
        ("quantity", "6"),
        ("average_cost", "80.4"),
        ("cost_basis", "482.4"),
        ("price", "97.65625"),
        ("value", "585.9375"),
        ("unrealized_gain", "103.5375"),
        ("realized_gain", "67.4625"),
        ("dividends", "7.8125"),
        ("fees", "5.5625"),
    ] {
        assert_eq!(holding[key], figure, "{key}");
    }
    for (key, figure) in [
        ("value", "14102.734375"),
        ("cost_basis", "482.4"),
        ("realized_gain", "67.4625"),
        ("unrealized_gain", "103.5375"),
        ("dividends", "7.8125"),
        ("fees", "5.5625"),
    ] {
        assert_eq!(report["totals"][key], figure, "total {key}");
    }
    for ratio in ["twr", "mwr", "simple", "max_drawdown", "volatility"] {
        assert!(
            report["performance"][ratio].is_number(),
            "{ratio}: {}",
            report["performance"]
        );
    }
    // The last day alone: 37.50 on 14065.234375.
    let day = house
        .run(&[
            "report",
            "portfolio",
            "Old age",
            "--as-of",
            "2025-06-03",
            "--from",
            "2025-06-03",
            "--json",
        ])
        .json(0);
    let twr = day["performance"]["twr"].as_f64().expect("a number");
    assert!((twr - 37.5 / 14_065.234_375).abs() < 1e-12, "{twr}");
    // The average is that of the one purchase.
    let average = house
        .run(&[
            "report",
            "portfolio",
            "Old age",
            "--as-of",
            "2025-06-03",
            "--cost-basis",
            "average",
            "--json",
        ])
        .json(0);
    assert_eq!(
        (&average["cost_basis_method"], &average["holdings"]),
        (&json!("average"), &report["holdings"])
    );
    house
        .run(&["report", "portfolio", "Old age", "--as-of", "2025-06-03"])
        .says(&[
            "Old age on 2025-06-03, in EUR",
            "14102.73",
            "4501.50 USD",
            "ACME",
            "482.40",
            "total",
        ]);
}

#[test]
fn what_is_refused_decides_the_exit_code() {
    let house = House::with_owner();
    let partly = house.file(
        "partly.csv",
        "date,type,amount,currency\n2025-01-02,deposit,5,EUR\n2025-01-03,gift,5,EUR\n",
    );
    let import = |file: &str, json: bool| {
        let mut arguments = vec!["import", "transactions", file, "--portfolio", "Old age"];
        arguments.extend(json.then_some("--json"));
        house.run(&arguments)
    };
    assert_eq!(
        outcome(&import(&partly, true).json(3)),
        (1, 0, vec![(3, "unknown_type".to_owned())])
    );
    let text = import(&partly, false);
    assert_eq!(text.code, 3);
    assert!(
        text.stdout
            .contains("0 transactions imported, 1 duplicates, 1 refused"),
        "{text:?}"
    );
    assert!(
        text.stdout.contains("line 3:") && text.stdout.contains("[unknown_type]"),
        "{text:?}"
    );
    let nothing = house.file(
        "nothing.csv",
        "date,type,amount,currency\nnever,deposit,5,EUR\n",
    );
    let answer = import(&nothing, true).json(1);
    assert_eq!(outcome(&answer).2.len(), 1);
    assert!(answer["batch_id"].is_null(), "no batch is kept: {answer}");

    let prices = house.file(
        "prices.csv",
        "date,open,high,low,close,symbol\n2025-01-02,1,2,1,2,ACME\n2025-01-03,1,1,2,1,ACME\n",
    );
    assert_eq!(
        outcome(&house.run(&["import", "bars", &prices, "--json"]).json(3)),
        (1, 0, vec![(3, "high_below_low".to_owned())])
    );
    let other = house.file(
        "other.csv",
        "date,open,high,low,close,symbol\n2025-01-02,1,3,1,3,ACME\n",
    );
    assert_eq!(
        outcome(&house.run(&["import", "bars", &other, "--json"]).json(1)).2,
        [(2, "conflicting_bar".to_owned())]
    );
    let rates = house.file(
        "rates.csv",
        "date,base,quote,rate\n2025-01-02,EUR,USD,1.25\n2025-01-03,EUR,USD,0\n",
    );
    assert_eq!(
        outcome(&house.run(&["import", "fx", &rates, "--json"]).json(3)),
        (1, 0, vec![(3, "non_positive_price".to_owned())])
    );
    assert!(!house.database_runs());
}

#[test]
fn what_cannot_be_read_changes_nothing_and_says_why() {
    let house = House::with_owner();
    let import = |file: &str, more: &[&str]| {
        house.run(
            &[
                &["import", "transactions", file, "--portfolio", "New"],
                more,
            ]
            .concat(),
        )
    };
    import("nowhere.csv", &[]).failed(&["cannot read nowhere.csv"]);
    import(&house.file("empty.csv", ""), &[]).failed(&["the file is empty"]);
    import(&house.file("picture.png", "\u{89}PNG\r\n\0\0\0"), &[]).failed(&["not text"]);
    let foreign = house.file("foreign.csv", "Tag;Was;Wieviel\n2025-01-02;Geld;5\n");
    import(&foreign, &[]).failed(&["layout of its own", "import assistant"]);
    import(&foreign, &["--format", "my bank"]).failed(&[
        "no format or saved mapping",
        "my bank",
        "ibkr_flex",
    ]);
    import(&foreign, &["--format", "bursar"]).failed(&["column"]);
    let trades = house.file("trades.csv", TRADES);
    import(&trades, &["--user", "eve@example.org"]).failed(&["no user eve@example.org"]);
    import(&trades, &["--currency", "?"]).failed(&["currency"]);
    house
        .run(&["import", "bars", &house.file("bars.csv", PRICES)])
        .failed(&["--symbol"]);
    house.run(&["import", "bars", &foreign]).failed(&["column"]);
    house.run(&["import", "fx", &foreign]).failed(&["column"]);
    house
        .run(&["report", "portfolio", "New"])
        .failed(&["there is no portfolio \"New\"", "bursar portfolio add"]);
    assert_eq!(
        house.run(&["portfolio", "list", "--json"]).json(0),
        json!([]),
        "no portfolio is opened for nothing"
    );
}

#[test]
fn a_portfolio_is_opened_in_the_currency_of_the_file() {
    let house = House::with_owner();
    let trades = house.file("trades.csv", TRADES);
    house
        .run(&["import", "transactions", &trades, "--portfolio", "Dollars"])
        .says(&["5 transactions imported"]);
    let listed = house.run(&["portfolio", "list", "--json"]).json(0);
    assert_eq!(
        (&listed[0]["name"], &listed[0]["currency"]),
        (&json!("Dollars"), &json!("USD"))
    );
    // Without rates and prices the report says so instead of inventing figures.
    let report = house
        .run(&["report", "portfolio", "Dollars", "--json"])
        .json(0);
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["code"].as_str().expect("a code"))
        .collect();
    assert!(
        codes.contains(&"missing_rate") && codes.contains(&"missing_price"),
        "{codes:?}"
    );
    house.run(&["report", "portfolio", "Dollars"]).says(&[
        "! There is no exchange rate from EUR to USD",
        "bursar import fx",
    ]);
}
