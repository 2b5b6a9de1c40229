//! trades.csv: one execution a line, with its pair in one word.

use crate::{Row, code, model::Refusal, text::shown};

use super::{
    super::{
        coins::{Leg, Swap},
        sheet::{Line, not_supported},
    },
    ticker,
};

pub(super) fn rows(line: &Line<'_>) -> Result<Vec<Row>, Refusal> {
    if !line.number_or_zero("margin")?.is_zero() {
        return Err(not_supported(
            "a trade on margin is not supported yet: enter its result by hand",
        ));
    }
    let (base, quote) = pair(line.text("pair"))?;
    let base = Leg {
        asset: base,
        quantity: line.needed("vol")?,
        fee: rust_decimal::Decimal::ZERO,
    };
    // The fee of a trade is stated in the currency of its price.
    let quote = Leg {
        asset: quote,
        quantity: line.needed("cost")?,
        fee: line.number_or_zero("fee")?,
    };
    let word = line.text("type");
    let (sold, bought) = match word.to_lowercase().as_str() {
        "buy" => (quote, base),
        "sell" => (base, quote),
        _ => return Err(super::super::sheet::unknown_type("Kraken", word)),
    };
    Swap {
        line: line.number_in_file(),
        id: line.text("txid"),
        account: "",
        note: "",
        moment: line.moment_utc("time")?,
        sold,
        bought,
        value: None,
    }
    .rows()
}

/// The two tickers of `XXBTZEUR`, `XBTEUR`, `XBT/EUR`, `ETHXBT` or `DOTUSDT`.
fn pair(text: &str) -> Result<(String, String), Refusal> {
    /// Assets in which others are priced, the longest first.
    const QUOTES: [&str; 26] = [
        "USDT", "USDC", "PYUSD", "ZEUR", "ZUSD", "ZGBP", "ZCAD", "ZJPY", "ZAUD", "XXBT", "XETH",
        "EUR", "USD", "GBP", "CAD", "JPY", "AUD", "CHF", "AED", "XBT", "BTC", "ETH", "DAI", "DOT",
        "SOL", "EURT",
    ];
    let code = text.trim().to_uppercase();
    let split = code
        .split_once('/')
        .filter(|(base, quote)| !base.is_empty() && !quote.is_empty());
    let found = split.or_else(|| {
        QUOTES
            .iter()
            .filter_map(|quote| code.strip_suffix(quote).map(|base| (base, *quote)))
            .find(|(base, quote)| {
                // Kraken's older codes of four letters stand in pairs of eight alone: XTZUSD is no
                // XT priced in ZUSD.
                let old = quote.len() == 4 && quote.starts_with(['X', 'Z']);
                base.len() >= 2 && (!old || base.len() == 4)
            })
    });
    found
        .map(|(base, quote)| (ticker(base), ticker(quote)))
        .ok_or_else(|| {
            Refusal::new(
                code::INVALID_SYMBOL,
                format!(
                    "pair “{}” is not known: write it with a slash, such as XBT/EUR",
                    shown(text)
                ),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_taken_apart() {
        for (text, base, quote) in [
            ("XXBTZEUR", "BTC", "EUR"),
            ("XBTEUR", "BTC", "EUR"),
            ("XBT/EUR", "BTC", "EUR"),
            ("XETHXXBT", "ETH", "BTC"),
            ("DOTUSDT", "DOT", "USDT"),
            ("XTZUSD", "XTZ", "USD"),
            ("XDGEUR", "DOGE", "EUR"),
        ] {
            assert_eq!(
                pair(text),
                Ok((base.to_owned(), quote.to_owned())),
                "{text}"
            );
        }
        for text in ["", "EUR", "NOPE", "/"] {
            assert!(pair(text).is_err(), "{text}");
        }
    }
}
