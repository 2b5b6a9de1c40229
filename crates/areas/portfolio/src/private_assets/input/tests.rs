use jiff::civil::date;
use market::AssetClass;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn body(value: Decimal, cost: Option<Decimal>, valued_on: Option<Date>) -> PrivateAssetBody {
    PrivateAssetBody {
        portfolio_id: Some(PortfolioId(uuid::Uuid::nil())),
        name: " Flat ".to_owned(),
        kind: Kind::Property,
        value: Some(value),
        valued_on,
        since: Some(date(2015, 6, 1)),
        cost,
        ..PrivateAssetBody::default()
    }
}

fn savings_plan() -> PrivateAssetBody {
    PrivateAssetBody {
        name: "World fund of the insurer".to_owned(),
        kind: Kind::Instrument,
        currency: Some("EUR".to_owned()),
        instrument: Some(CustomInstrument {
            symbol: " world-p ".to_owned(),
            ..CustomInstrument::empty()
        }),
        ..PrivateAssetBody::default()
    }
}

fn days(new: &NewPrivateAsset) -> Vec<(Date, Decimal)> {
    new.appraisals.iter().map(|a| (a.date, a.price)).collect()
}

fn refused(body: &PrivateAssetBody) -> Vec<String> {
    let today = date(2026, 3, 2);
    let errors = NewPrivateAsset::new(body, Some(Currency::EUR), today).expect_err("refused");
    errors.into_iter().map(|error| error.pointer).collect()
}

#[test]
fn the_cost_is_the_value_of_the_first_day() {
    let today = date(2026, 3, 2);
    let read = |body: &PrivateAssetBody| {
        NewPrivateAsset::new(body, Some(Currency::EUR), today).expect("acceptable")
    };
    let bought = read(&body(dec("350000"), Some(dec("200000")), None));
    assert_eq!(
        days(&bought),
        [(date(2015, 6, 1), dec("200000")), (today, dec("350000"))]
    );
    assert_eq!(
        bought.opening.map(|opening| opening.cost),
        Some(dec("200000"))
    );
    assert_eq!(bought.details.name, "Flat");
    let plain = read(&body(dec("350000"), None, None));
    assert_eq!(days(&plain), [(date(2015, 6, 1), dec("350000"))]);
    assert_eq!(
        plain.opening.map(|opening| opening.cost),
        Some(dec("350000"))
    );
}

#[test]
fn an_instrument_has_a_price_but_no_opening() {
    let today = date(2026, 3, 2);
    let priced = PrivateAssetBody {
        value: Some(dec("12.34")),
        ..savings_plan()
    };
    let new = NewPrivateAsset::new(&priced, None, today).expect("acceptable");
    assert_eq!(days(&new), [(today, dec("12.34"))]);
    assert!(new.opening.is_none());
    assert_eq!(new.details.word(), "WORLD-P");
    let new = NewPrivateAsset::new(&savings_plan(), None, today).expect("acceptable");
    assert_eq!(days(&new), []);
}

#[test]
fn what_cannot_be_is_refused_by_field() {
    let cases = [
        (body(dec("-1"), None, None), "value"),
        (body(dec("1000000000000"), None, None), "value"),
        (body(dec("1"), Some(dec("-1")), None), "cost"),
        (body(dec("1"), None, Some(date(2026, 3, 3))), "valued_on"),
        (body(dec("1"), None, Some(date(2015, 5, 31))), "valued_on"),
    ];
    for (body, pointer) in cases {
        assert_eq!(refused(&body), [pointer], "{body:?}");
    }
}

#[test]
fn each_kind_has_fields_of_its_own() {
    let nothing = PrivateAssetBody {
        name: "Flat".to_owned(),
        ..PrivateAssetBody::default()
    };
    assert_eq!(refused(&nothing), ["portfolio_id", "value", "since"]);
    let with_symbol = PrivateAssetBody {
        instrument: Some(CustomInstrument::empty()),
        ..body(dec("1"), None, None)
    };
    assert_eq!(refused(&with_symbol), ["instrument"]);
    let opened = PrivateAssetBody {
        kind: Kind::Instrument,
        currency: None,
        instrument: None,
        ..body(dec("1"), Some(dec("1")), None)
    };
    let pointers = ["instrument", "currency", "portfolio_id", "since", "cost"];
    assert_eq!(refused(&opened), pointers);
    let of_symbol = |instrument| PrivateAssetBody {
        instrument: Some(instrument),
        ..savings_plan()
    };
    let spaced = CustomInstrument {
        symbol: "WORLD FUND".to_owned(),
        isin: Some("LU0000000000".to_owned()),
        asset_class: AssetClass::Index,
        ..CustomInstrument::empty()
    };
    let pointers = [
        "/instrument/asset_class",
        "/instrument/symbol",
        "/instrument/isin",
    ];
    assert_eq!(refused(&of_symbol(spaced)), pointers);
}
