//! How providers write instruments, where that follows for certain from ticker, exchange, class and currency.

use sources::ProviderId;

use super::tables::{AMERICAN, EXCHANGES, Exchange, INDICES, IndexNames};
use crate::{AssetClass, feeds::Freshness};

/// Why a provider is not asked.
const NO_SYMBOL: &str = "how it writes this instrument does not follow for certain from ticker, exchange and \
                         currency; state it on the page “How sources write it” of the instrument";
const NO_UNIT: &str = "it does not say whether London's prices are pounds or pence; say on the instrument that it \
                       is quoted in pence, or state how the source writes it";
const NO_CURRENCY: &str = "it does not say in which currency its prices are, and the instrument is in another one \
                           than its exchange; mend that, or state how the source writes it";
const NOT_NUMBERED: &str =
    "the source knows companies by a number, and its list has none for this ticker";

type Spelled = Result<String, &'static str>;

/// Whether it is listed in the United States: there, or nobody knows where but in dollars.
pub(in crate::feeds) fn is_american(of: &Freshness) -> bool {
    match of.mic.as_deref() {
        Some(mic) => AMERICAN.contains(&mic),
        None => of.exchange.is_empty() && of.currency.as_deref() == Some("USD"),
    }
}

/// The provider's name for an instrument, or why it is not asked for it.
pub(in crate::feeds) fn spell(provider: ProviderId, of: &Freshness) -> Spelled {
    match provider {
        ProviderId::Simulator => return Ok(of.symbol.clone()),
        ProviderId::Folder => return file(of),
        ProviderId::SecEdgar => return Err(NOT_NUMBERED),
        _ => {}
    }
    match of.asset_class {
        AssetClass::Crypto => coin(provider, of).ok_or(NO_SYMBOL),
        AssetClass::Forex => currencies(provider, of).ok_or(NO_SYMBOL),
        AssetClass::Index => index(provider, &of.symbol).ok_or(NO_SYMBOL),
        AssetClass::Equity | AssetClass::Etf | AssetClass::Fund => listed(provider, of),
        // Of no exchange a bare word such as GOLD is somebody's share.
        AssetClass::Commodity if of.mic.is_some() => listed(provider, of),
        AssetClass::Commodity
        | AssetClass::Bond
        | AssetClass::Cash
        | AssetClass::Option
        | AssetClass::Alternative
        | AssetClass::Liability => Err(NO_SYMBOL),
    }
}

/// `ACME.csv`; where several instruments bear the ticker, `ACME.XTSE.csv`.
fn file(of: &Freshness) -> Spelled {
    if !of.has_namesake {
        return Ok(of.symbol.clone());
    }
    let mic = of.mic.as_deref().ok_or(NO_SYMBOL)?;
    Ok(format!("{}.{mic}", of.symbol))
}

fn listed(provider: ProviderId, of: &Freshness) -> Spelled {
    if is_american(of) {
        return american(provider, of);
    }
    let mic = of.mic.as_deref();
    let exchange = EXCHANGES
        .iter()
        .find(|exchange| Some(exchange.mic) == mic)
        .ok_or(NO_SYMBOL)?;
    let symbol = of.symbol.trim_end_matches('.');
    match provider {
        ProviderId::Yahoo => {
            let ending = match of.exchange.as_str() {
                // Yahoo's own word for the second market of Korea.
                "KOE" => Some(".KQ"),
                _ => exchange.yahoo,
            };
            let ending = ending.ok_or(NO_SYMBOL)?;
            let symbol = dashed(&numbered(symbol, exchange));
            Ok(format!("{symbol}{ending}"))
        }
        ProviderId::Stooq => {
            let ending = exchange.stooq.ok_or(NO_SYMBOL)?;
            check_money(of, exchange)?;
            let symbol = dashed(symbol.trim_start_matches('0')).to_lowercase();
            Ok(format!("{symbol}{ending}"))
        }
        ProviderId::AlphaVantage => {
            let ending = exchange.alpha_vantage.ok_or(NO_SYMBOL)?;
            check_money(of, exchange)?;
            Ok(format!("{symbol}{ending}"))
        }
        ProviderId::TwelveData => {
            let market = exchange.twelve_data.ok_or(NO_SYMBOL)?;
            Ok(format!("{}@{market}", numbered(symbol, exchange)))
        }
        _ => Err(NO_SYMBOL),
    }
}

fn american(provider: ProviderId, of: &Freshness) -> Spelled {
    let symbol = &of.symbol;
    let states_currency = matches!(provider, ProviderId::Yahoo | ProviderId::TwelveData);
    let is_in_dollars = of
        .currency
        .as_deref()
        .is_none_or(|currency| currency == "USD");
    if !states_currency && !is_in_dollars {
        return Err(NO_CURRENCY);
    }
    match provider {
        ProviderId::Yahoo => Ok(dashed(symbol)),
        ProviderId::Stooq => Ok(format!("{}.us", dashed(symbol).to_lowercase())),
        ProviderId::TwelveData => Ok(format!("{symbol}@US")),
        ProviderId::AlphaVantage | ProviderId::Cboe => Ok(symbol.clone()),
        _ => Err(NO_SYMBOL),
    }
}

/// Classes of shares: `BRK.B` and `ERIC B` have a dash.
fn dashed(symbol: &str) -> String {
    symbol.replace(['.', ' ', '/'], "-")
}

/// Hong Kong's numbers have four digits at least.
fn numbered(symbol: &str, exchange: &Exchange) -> String {
    if exchange.mic == "XHKG" && symbol.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{symbol:0>4}");
    }
    symbol.to_owned()
}

/// That prices of a source that names no currency can only be in that of the instrument.
fn check_money(of: &Freshness, exchange: &Exchange) -> Result<(), &'static str> {
    let currency = of.currency.as_deref();
    if currency.is_some_and(|currency| currency != exchange.currency) {
        return Err(NO_CURRENCY);
    }
    if exchange.mic == "XLON" && of.quote_unit != money::QuoteUnit::Minor {
        return Err(NO_UNIT);
    }
    Ok(())
}

/// Base and quote of `BTC`, `BTC-USD` or `BTC/USD`; the quote is that of the instrument.
fn pair(of: &Freshness) -> Option<(&str, &str)> {
    let currency = of.currency.as_deref();
    let (base, quote) = match of.symbol.split_once(['-', '/']) {
        Some((base, quote)) => (base, quote),
        None => (of.symbol.as_str(), currency?),
    };
    let is_plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let fits = currency.is_none_or(|currency| currency == quote);
    (fits && is_plain(base) && is_plain(quote)).then_some((base, quote))
}

fn coin(provider: ProviderId, of: &Freshness) -> Option<String> {
    let (base, quote) = pair(of)?;
    match provider {
        ProviderId::Kraken => {
            let base = match base {
                "BTC" => "XBT",
                "DOGE" => "XDG",
                other => other,
            };
            Some(format!("{base}{quote}"))
        }
        ProviderId::Coinbase | ProviderId::Yahoo => Some(format!("{base}-{quote}")),
        ProviderId::TwelveData => Some(format!("{base}/{quote}")),
        _ => None,
    }
}

fn currencies(provider: ProviderId, of: &Freshness) -> Option<String> {
    let symbol = of.symbol.trim_end_matches("=X");
    let is_code = |word: &str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    let (base, quote) = match symbol.split_once(['/', '-', '.']) {
        Some(halves) => halves,
        None if symbol.len() == 6 => symbol.split_at_checked(3)?,
        None => (symbol, of.currency.as_deref()?),
    };
    let fits = of
        .currency
        .as_deref()
        .is_none_or(|currency| currency == quote);
    if !(fits && is_code(base) && is_code(quote) && base != quote) {
        return None;
    }
    match provider {
        ProviderId::Yahoo => Some(format!("{base}{quote}=X")),
        ProviderId::Stooq => Some(format!("{base}{quote}").to_lowercase()),
        ProviderId::TwelveData => Some(format!("{base}/{quote}")),
        _ => None,
    }
}

fn index(provider: ProviderId, symbol: &str) -> Option<String> {
    let name = symbol.trim_start_matches('^');
    let Some(index) = INDICES.iter().find(|index| index.usual.contains(&name)) else {
        // A caret is how Yahoo marks an index, and nobody else's word for one that is not in the table.
        return (provider == ProviderId::Yahoo && symbol != name).then(|| symbol.to_owned());
    };
    let IndexNames {
        yahoo,
        stooq,
        twelve_data,
        fred,
        cboe,
        ..
    } = *index;
    let found = match provider {
        ProviderId::Yahoo => Some(yahoo),
        ProviderId::Stooq => stooq,
        ProviderId::TwelveData => twelve_data,
        ProviderId::Fred => fred,
        ProviderId::Cboe => cboe,
        _ => None,
    };
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use money::QuoteUnit;

    use super::*;

    const ASKED: [ProviderId; 5] = [
        ProviderId::Yahoo,
        ProviderId::Stooq,
        ProviderId::AlphaVantage,
        ProviderId::TwelveData,
        ProviderId::Cboe,
    ];

    fn of(symbol: &str, mic: &str, class: AssetClass, currency: &str) -> Freshness {
        Freshness {
            symbol: symbol.to_owned(),
            exchange: mic.to_owned(),
            mic: (!mic.is_empty()).then(|| mic.to_owned()),
            asset_class: class,
            currency: (!currency.is_empty()).then(|| currency.to_owned()),
            ..Freshness::example()
        }
    }

    fn spelled(of: &Freshness) -> Vec<String> {
        let one = |provider| spell(provider, of).unwrap_or_default();
        ASKED.map(one).to_vec()
    }

    #[test]
    fn a_listing_is_never_written_as_one_of_another_market() {
        let share = |symbol, mic, currency| spelled(&of(symbol, mic, AssetClass::Equity, currency));
        assert_eq!(
            share("BRK.B", "XNYS", "USD"),
            ["BRK-B", "brk-b.us", "BRK.B", "BRK.B@US", "BRK.B"]
        );
        // Telus on Toronto is not AT&T.
        assert_eq!(
            share("T", "XTSE", "CAD"),
            ["T.TO", "", "T.TRT", "T@XTSE", ""]
        );
        // Stooq has no Paris, and its bare tickers are Warsaw's.
        assert_eq!(share("OR", "XPAR", "EUR"), ["OR.PA", "", "", "OR@XPAR", ""]);
        assert_eq!(
            share("PKN", "XWAR", "PLN"),
            ["PKN.WA", "pkn", "", "PKN@XWAR", ""]
        );
        assert_eq!(
            share("ERIC B", "XSTO", "SEK"),
            ["ERIC-B.ST", "", "", "ERIC B@XSTO", ""]
        );
        assert_eq!(
            share("5", "XHKG", "HKD"),
            ["0005.HK", "5.hk", "", "0005@XHKG", ""]
        );
        assert_eq!(share("BMW", "TGAT", "EUR"), ["", "", "", "", ""]);
        // Futures are no shares.
        assert_eq!(share("ES", "XCME", "USD"), ["", "", "", "", ""]);
    }

    #[test]
    fn what_has_no_exchange_is_american_in_dollars_alone() {
        let share = |currency| spelled(&of("ACME", "", AssetClass::Equity, currency));
        assert_eq!(share("USD"), ["ACME", "acme.us", "ACME", "ACME@US", "ACME"]);
        for other in ["", "EUR"] {
            assert_eq!(share(other), ["", "", "", "", ""], "{other}");
        }
        let unknown = Freshness {
            exchange: "NOWHERE".to_owned(),
            ..of("ACME", "", AssetClass::Equity, "USD")
        };
        assert_eq!(spelled(&unknown), ["", "", "", "", ""]);
        let gold = of("GOLD", "", AssetClass::Commodity, "USD");
        assert_eq!(spelled(&gold), ["", "", "", "", ""]);
    }

    #[test]
    fn a_source_without_a_currency_is_asked_where_there_is_no_doubt() {
        let london = of("VOD", "XLON", AssetClass::Equity, "GBP");
        assert_eq!(spell(ProviderId::Stooq, &london), Err(NO_UNIT));
        let pence = Freshness {
            quote_unit: QuoteUnit::Minor,
            ..london
        };
        assert_eq!(
            spelled(&pence),
            ["VOD.L", "vod.uk", "VOD.LON", "VOD@XLON", ""]
        );
        let dollars = of("VUSD", "XLON", AssetClass::Etf, "USD");
        assert_eq!(spell(ProviderId::AlphaVantage, &dollars), Err(NO_CURRENCY));
        let euros = of("ACME", "XNYS", AssetClass::Equity, "EUR");
        assert_eq!(spelled(&euros), ["ACME", "", "", "ACME@US", ""]);
    }

    #[test]
    fn every_exchange_has_an_ending_of_its_own() {
        for (number, one) in EXCHANGES.iter().enumerate() {
            for other in &EXCHANGES[..number] {
                assert_ne!(one.mic, other.mic);
                for ending in [
                    |exchange: &Exchange| exchange.yahoo,
                    |exchange: &Exchange| exchange.stooq,
                    |exchange: &Exchange| exchange.alpha_vantage,
                    |exchange: &Exchange| exchange.twelve_data,
                ] {
                    let (one, other) = (ending(one), ending(other));
                    assert!(one.is_none() || one != other, "{one:?} twice");
                }
            }
        }
        assert!(EXCHANGES.iter().all(|one| !AMERICAN.contains(&one.mic)));
    }

    #[test]
    fn coins_and_currencies_are_pairs() {
        let coin = |symbol, currency, provider| {
            spell(provider, &of(symbol, "", AssetClass::Crypto, currency)).ok()
        };
        let is =
            |found: Option<String>, expected: &str| assert_eq!(found.as_deref(), Some(expected));
        is(coin("BTC", "USD", ProviderId::Kraken), "XBTUSD");
        is(coin("BTC-EUR", "EUR", ProviderId::Coinbase), "BTC-EUR");
        is(coin("ETH", "USD", ProviderId::TwelveData), "ETH/USD");
        assert_eq!(coin("BTC-EUR", "USD", ProviderId::Kraken), None);
        assert_eq!(coin("BTC", "", ProviderId::Kraken), None);
        assert_eq!(coin("BTC", "USD", ProviderId::Stooq), None);
        assert_eq!(coin("BTC", "USD", ProviderId::AlphaVantage), None);
        let rate = |symbol, currency, provider| {
            spell(provider, &of(symbol, "", AssetClass::Forex, currency)).ok()
        };
        for symbol in ["EURUSD", "EUR/USD", "EURUSD=X", "EUR"] {
            is(rate(symbol, "USD", ProviderId::Yahoo), "EURUSD=X");
            is(rate(symbol, "USD", ProviderId::Stooq), "eurusd");
            is(rate(symbol, "USD", ProviderId::TwelveData), "EUR/USD");
            assert_eq!(rate(symbol, "USD", ProviderId::AlphaVantage), None);
        }
        assert_eq!(rate("EURUSD", "CHF", ProviderId::Yahoo), None);
    }

    #[test]
    fn indices_have_a_name_at_each_source_or_none() {
        let index =
            |provider, symbol| spell(provider, &of(symbol, "", AssetClass::Index, "USD")).ok();
        let is =
            |found: Option<String>, expected: &str| assert_eq!(found.as_deref(), Some(expected));
        is(index(ProviderId::Yahoo, "SPX"), "^GSPC");
        is(index(ProviderId::Stooq, "IXIC"), "^ndq");
        is(index(ProviderId::Fred, "^GSPC"), "SP500");
        is(index(ProviderId::Fred, "VIX"), "VIXCLS");
        is(index(ProviderId::Cboe, "VIX"), "^VIX");
        is(index(ProviderId::Yahoo, "^SOX"), "^SOX");
        assert_eq!(index(ProviderId::Fred, "DAX"), None);
        assert_eq!(index(ProviderId::Cboe, "DAX"), None);
        assert_eq!(index(ProviderId::Yahoo, "HOMEMADE"), None);
        assert_eq!(index(ProviderId::AlphaVantage, "SPX"), None);
    }

    #[test]
    fn a_file_of_the_folder_is_of_one_instrument() {
        let telus = of("T", "XTSE", AssetClass::Equity, "CAD");
        assert_eq!(spell(ProviderId::Folder, &telus), Ok("T".to_owned()));
        let namesake = Freshness {
            has_namesake: true,
            ..telus
        };
        let spelled = spell(ProviderId::Folder, &namesake);
        assert_eq!(spelled, Ok("T.XTSE".to_owned()));
    }
}
