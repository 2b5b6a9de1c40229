//! Kraken's ledgers.csv and trades.csv. All times are UTC.

mod ledger_lines;
mod trades;

use crate::{Format, Statement};

use super::sheet::Sheet;

pub(crate) const LAYOUTS: &[&str] = &[
    "txid refid time type aclass asset amount fee balance",
    "txid ordertxid pair time type price cost fee vol",
];

pub(crate) fn read(sheet: &Sheet) -> Statement {
    sheet.learn_numbers(&["amount", "fee", "price", "cost", "vol", "balance"]);
    let mut statement = Statement::new(Format::Kraken);
    if sheet.has("pair") {
        sheet.each(&mut statement, trades::rows);
    } else {
        ledger_lines::read(sheet, &mut statement);
    }
    statement
}

/// The ticker behind Kraken's own codes: `XXBT` and `XBT.M` are BTC, `ZEUR` and `EUR.HOLD` are EUR,
/// `DOT28.S` is DOT.
fn ticker(code: &str) -> String {
    let code = code.trim().to_uppercase();
    let (base, kind) = code.split_once('.').unwrap_or((&code, ""));
    // The days for which coins are bonded stand before the point.
    let base = if kind.is_empty() {
        base
    } else {
        base.trim_end_matches(|c: char| c.is_ascii_digit())
    };
    match base {
        "XXBT" | "XBT" => "BTC",
        "XXDG" | "XDG" => "DOGE",
        "ETH2" | "XETH" => "ETH",
        "XETC" => "ETC",
        "XICN" => "ICN",
        "XLTC" => "LTC",
        "XMLN" => "MLN",
        "XNMC" => "NMC",
        "XREP" => "REP",
        "XXLM" => "XLM",
        "XXMR" => "XMR",
        "XXRP" => "XRP",
        "XXVN" => "XVN",
        "XZEC" => "ZEC",
        "ZAUD" => "AUD",
        "ZCAD" => "CAD",
        "ZEUR" => "EUR",
        "ZGBP" => "GBP",
        "ZJPY" => "JPY",
        "ZKRW" => "KRW",
        "ZUSD" => "USD",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_codes_become_tickers() {
        for (code, expected) in [
            ("XXBT", "BTC"),
            ("XBT.M", "BTC"),
            ("ZEUR", "EUR"),
            ("EUR.HOLD", "EUR"),
            ("DOT28.S", "DOT"),
            ("ETH2.S", "ETH"),
            ("ETH2", "ETH"),
            ("XTZ", "XTZ"),
            ("1INCH", "1INCH"),
            ("", ""),
        ] {
            assert_eq!(ticker(code), expected, "{code}");
        }
    }
}
