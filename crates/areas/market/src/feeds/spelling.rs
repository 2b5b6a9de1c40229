//! How providers spell instruments, where that follows from symbol and exchange.

use sources::ProviderId;

use super::Freshness;
use crate::AssetClass;

/// Exchange, and the endings that Yahoo and Stooq give its symbols.
const ENDINGS: [(&str, &str, &str); 18] = [
    ("XLON", ".L", ".uk"),
    ("LSE", ".L", ".uk"),
    ("XETR", ".DE", ".de"),
    ("XFRA", ".F", ".de"),
    ("XPAR", ".PA", ""),
    ("XAMS", ".AS", ""),
    ("XBRU", ".BR", ""),
    ("XMIL", ".MI", ""),
    ("XMAD", ".MC", ""),
    ("XSWX", ".SW", ""),
    ("XVTX", ".SW", ""),
    ("XSTO", ".ST", ""),
    ("XTSE", ".TO", ""),
    ("XASX", ".AX", ""),
    ("XTKS", ".T", ".jp"),
    ("XHKG", ".HK", ".hk"),
    ("XBUD", ".BD", ".hu"),
    ("XWAR", ".WA", ""),
];

/// Indices, as they are usually written, and the series of FRED with their values.
const SERIES: [(&str, &str); 10] = [
    ("SPX", "SP500"),
    ("GSPC", "SP500"),
    ("SP500", "SP500"),
    ("DJI", "DJIA"),
    ("DJIA", "DJIA"),
    ("IXIC", "NASDAQCOM"),
    ("COMP", "NASDAQCOM"),
    ("NDX", "NASDAQ100"),
    ("VIX", "VIXCLS"),
    ("N225", "NIKKEI225"),
];

/// Whether it trades in the United States, as far as can be told: what has no exchange does.
pub(super) fn is_american(of: &Freshness) -> bool {
    !ENDINGS
        .iter()
        .any(|(exchange, ..)| *exchange == of.exchange)
        && of
            .currency
            .as_deref()
            .is_none_or(|currency| currency == "USD")
}

/// The provider's name for an instrument; `None` where it cannot have one.
pub(super) fn spell(provider: ProviderId, of: &Freshness) -> Option<String> {
    let ending = ENDINGS
        .iter()
        .find(|(exchange, ..)| *exchange == of.exchange);
    let is_foreign = ending.is_some();
    let currency = of.currency.as_deref().unwrap_or("USD");
    let crypto = of.asset_class == AssetClass::Crypto;
    let symbol = &of.symbol;
    match provider {
        ProviderId::Kraken => {
            let base = if symbol == "BTC" { "XBT" } else { symbol };
            crypto.then(|| format!("{base}{currency}"))
        }
        ProviderId::Coinbase => crypto.then(|| format!("{symbol}-{currency}")),
        ProviderId::Yahoo if crypto => Some(format!("{symbol}-{currency}")),
        ProviderId::TwelveData if crypto => Some(format!("{symbol}/{currency}")),
        ProviderId::Yahoo => {
            let ending = ending.map_or("", |(_, yahoo, _)| *yahoo);
            Some(format!("{}{ending}", symbol.replace('.', "-")))
        }
        ProviderId::Stooq if crypto => None,
        ProviderId::Stooq => {
            let ending = ending.map_or(".us", |(_, _, stooq)| *stooq);
            Some(format!(
                "{}{ending}",
                symbol.replace('.', "-").to_lowercase()
            ))
        }
        // EDGAR knows companies by a number, which its directory tells.
        ProviderId::SecEdgar => None,
        ProviderId::Fred => {
            let name = symbol.trim_start_matches('^');
            let series = SERIES.iter().find(|(index, _)| *index == name);
            series.map(|(_, series)| (*series).to_owned())
        }
        ProviderId::Cboe if of.asset_class == AssetClass::Index => {
            Some(format!("^{}", symbol.trim_start_matches('^')))
        }
        // Without an exchange these mean the United States.
        ProviderId::AlphaVantage | ProviderId::TwelveData | ProviderId::Cboe if is_foreign => None,
        _ => Some(symbol.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InstrumentId;

    fn spelled(
        provider: ProviderId,
        symbol: &str,
        exchange: &str,
        asset_class: AssetClass,
    ) -> Option<String> {
        let of = Freshness {
            id: InstrumentId(uuid::Uuid::nil()),
            symbol: symbol.to_owned(),
            exchange: exchange.to_owned(),
            asset_class,
            currency: None,
            quote_unit: money::QuoteUnit::Major,
            is_simulated: false,
            calendar: None,
            last_day: None,
            source: None,
            tried_at: None,
        };
        spell(provider, &of)
    }

    #[test]
    fn each_provider_gets_its_own_spelling() {
        let share =
            |provider, symbol, exchange| spelled(provider, symbol, exchange, AssetClass::Equity);
        assert_eq!(
            share(ProviderId::Yahoo, "BRK.B", "XNYS").as_deref(),
            Some("BRK-B")
        );
        assert_eq!(
            share(ProviderId::Yahoo, "VOD", "XLON").as_deref(),
            Some("VOD.L")
        );
        assert_eq!(
            share(ProviderId::Stooq, "AAPL", "").as_deref(),
            Some("aapl.us")
        );
        assert_eq!(share(ProviderId::AlphaVantage, "VOD", "XLON"), None);
        assert_eq!(share(ProviderId::Kraken, "AAPL", ""), None);
        let coin = |provider| spelled(provider, "BTC", "", AssetClass::Crypto);
        assert_eq!(coin(ProviderId::Kraken).as_deref(), Some("XBTUSD"));
        assert_eq!(coin(ProviderId::Coinbase).as_deref(), Some("BTC-USD"));
        assert_eq!(coin(ProviderId::Stooq), None);
        let index = |provider, symbol| spelled(provider, symbol, "", AssetClass::Index);
        assert_eq!(index(ProviderId::Fred, "^GSPC").as_deref(), Some("SP500"));
        assert_eq!(index(ProviderId::Fred, "VIX").as_deref(), Some("VIXCLS"));
        assert_eq!(index(ProviderId::Fred, "DAX"), None);
        assert_eq!(index(ProviderId::Cboe, "VIX").as_deref(), Some("^VIX"));
        assert_eq!(share(ProviderId::SecEdgar, "AAPL", "XNAS"), None);
    }
}
