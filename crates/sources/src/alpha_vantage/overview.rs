//! `OVERVIEW`: one flat object of texts, `None` or `-` where there is no figure, and empty for a symbol that
//! is not known.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ID, declined, erroneous};
use crate::{Fact, FetchError, reading};

/// In what a figure is stated.
#[derive(Clone, Copy)]
enum Unit {
    Money,
    MoneyPerShare,
    Shares,
    Pure,
}

/// Figures of the last four quarters or of the last balance.
const REPORTED: [(&str, Unit); 8] = [
    ("EBITDA", Unit::Money),
    ("RevenueTTM", Unit::Money),
    ("GrossProfitTTM", Unit::Money),
    ("BookValue", Unit::MoneyPerShare),
    ("EPS", Unit::MoneyPerShare),
    ("DilutedEPSTTM", Unit::MoneyPerShare),
    ("ProfitMargin", Unit::Pure),
    ("ReturnOnEquityTTM", Unit::Pure),
];

/// Figures that change with the price: they are of the day of the answer.
const OF_TODAY: [(&str, Unit); 7] = [
    ("MarketCapitalization", Unit::Money),
    ("SharesOutstanding", Unit::Shares),
    ("PERatio", Unit::Pure),
    ("PriceToBookRatio", Unit::Pure),
    ("DividendPerShare", Unit::MoneyPerShare),
    ("DividendYield", Unit::Pure),
    ("Beta", Unit::Pure),
];

pub(super) fn read(symbol: &str, body: &[u8], today: Date) -> Result<Vec<Fact>, FetchError> {
    let stated: BTreeMap<String, String> = reading::json(ID, body)?;
    let text = |name: &str| stated.get(name).map(String::as_str);
    if let Some(said) = text("Error Message") {
        return Err(erroneous(symbol, said));
    }
    if stated.is_empty() {
        return Err(FetchError::NotFound {
            provider: ID,
            symbol: symbol.to_owned(),
        });
    }
    if let Some(said) = text("Note").or(text("Information")) {
        return Err(declined(said));
    }
    let currency =
        text("Currency").ok_or_else(|| reading::garbage(ID, "OVERVIEW", "Currency is absent"))?;
    let figure = |text: &&str| !matches!(*text, "None" | "-" | "");
    let quarter = text("LatestQuarter").filter(figure);
    let quarter = quarter
        .map(|day| reading::date(ID, "LatestQuarter", day))
        .transpose()?;
    let reported = REPORTED.iter().map(|one| (one, quarter));
    let of_today = OF_TODAY.iter().map(|one| (one, Some(today)));
    let mut facts = Vec::new();
    for ((name, unit), day) in reported.chain(of_today) {
        let (Some(text), Some(to)) = (text(name).filter(figure), day) else {
            continue;
        };
        facts.push(fact(name, *unit, currency, text, to)?);
    }
    Ok(facts)
}

fn fact(name: &str, unit: Unit, currency: &str, text: &str, to: Date) -> Result<Fact, FetchError> {
    let value = reading::number(ID, name, text)?;
    let value = money::decimal_from_f64(value)
        .ok_or_else(|| reading::garbage(ID, name, format!("{text} is beyond an amount")))?;
    Ok(Fact {
        taxonomy: "overview".to_owned(),
        concept: name.to_owned(),
        unit: match unit {
            Unit::Money => currency.to_owned(),
            Unit::MoneyPerShare => format!("{currency}/shares"),
            Unit::Shares => "shares".to_owned(),
            Unit::Pure => "pure".to_owned(),
        },
        value,
        from: None,
        to,
        fiscal_year: None,
        fiscal_period: None,
        form: "overview".to_owned(),
        filed: None,
    })
}
