//! One line of a journal: what happened, then what is said beside it.

use ledger::{Asset, AssetIndex, Entry, Event, LotChoice, OptionTerms, Ratio, Settlement};
use money::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

/// `ACME USD`, or `ACME-C50 USD 100 call ACME 50`: an option on a hundred shares at a strike of 50.
pub(super) fn asset(words: &[&str], known: &[Asset]) -> Option<Asset> {
    let (symbol, currency) = (*words.first()?, words.get(1)?.parse().ok()?);
    let plain = Asset::new(symbol, currency);
    match words[2..] {
        [] => Some(plain),
        [multiplier, right, underlying, strike] => Some(Asset {
            multiplier: number(multiplier),
            option: Some(OptionTerms {
                underlying: index(underlying, known),
                strike: number(strike),
                right: serde_json::from_value(right.into()).unwrap(),
            }),
            ..plain
        }),
        _ => None,
    }
}

/// A transaction: the event up to the first comma, then words with their values.
pub(super) fn entry(line: &str, assets: &[Asset], before: &[Entry]) -> Option<Entry> {
    let mut parts = line.split(',').map(|part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        words
    });
    let head = parts.next()?;
    let beside: Vec<Vec<&str>> = parts.collect();
    let after = |word: &str| {
        let found = beside.iter().find(|words| words[0] == word);
        found.map(|words| &words[1..])
    };
    let aside = Beside {
        share: after("share").map(|words| number(words[0])),
        acquired_on: after("acquired").map(|words| words[0].parse().unwrap()),
        link: after("link").map(|words| link(words[0])),
    };
    let (date, kind, arguments) = (head.first()?, head.get(1)?, &head[2..]);
    let (event, currency) = event(kind, arguments, assets, &aside)?;
    let chosen = beside.iter().filter(|words| words[0] == "from");
    Some(Entry {
        id: Uuid::from_u128(before.len() as u128 + 1),
        date: date.parse().unwrap(),
        executed_at: after("at").map(|words| words[0].parse().unwrap()),
        event,
        fees: after("fee").map_or(Decimal::ZERO, |words| number(words[0])),
        taxes: after("tax").map_or(Decimal::ZERO, |words| number(words[0])),
        currency,
        settlement: after("settled").map(|words| Settlement {
            currency: words[0].parse().unwrap(),
            fx_rate: number(words[1]),
        }),
        lots: chosen
            .map(|words| chosen_lot(&words[1..], event.asset(), before))
            .collect(),
    })
}

/// What some types say beside the event.
struct Beside {
    share: Option<Decimal>,
    acquired_on: Option<jiff::civil::Date>,
    link: Option<Uuid>,
}

/// The event and its currency: where no amount is stated, that of the instrument.
fn event(
    kind: &str,
    arguments: &[&str],
    assets: &[Asset],
    beside: &Beside,
) -> Option<(Event, Currency)> {
    let own = |symbol: &str| {
        let asset = index(symbol, assets);
        (asset, assets[asset.0 as usize].currency)
    };
    match *arguments {
        [quantity, symbol, "for", amount, currency] => {
            let (quantity, amount) = (number(quantity), number(amount));
            let event = shares(kind, index(symbol, assets), (quantity, amount), beside)?;
            Some((event, currency.parse().unwrap()))
        }
        [symbol, "on", amount, currency] => {
            let event = charge(kind, Some(index(symbol, assets)), number(amount))?;
            Some((event, currency.parse().unwrap()))
        }
        [symbol, "into", target, ref rest @ ..] => {
            let (asset, currency) = own(symbol);
            let target = index(target, assets);
            let (event, stated) = into(kind, asset, target, rest, beside)?;
            Some((event, stated.unwrap_or(currency)))
        }
        [symbol, "for", amount, currency] if kind == "merger" => {
            let event = Event::Merger {
                asset: index(symbol, assets),
                target: None,
                amount: number(amount),
                cost_share: beside.share,
            };
            Some((event, currency.parse().unwrap()))
        }
        [symbol, amount, currency] => {
            let (asset, amount) = (index(symbol, assets), number(amount));
            let event = match kind {
                "dividend" => Event::Dividend { asset, amount },
                "return_of_capital" => Event::ReturnOfCapital { asset, amount },
                _ => return None,
            };
            Some((event, currency.parse().unwrap()))
        }
        [symbol, to_from] if kind == "split" => {
            let (asset, currency) = own(symbol);
            let ratio = ratio(to_from);
            Some((Event::Split { asset, ratio }, currency))
        }
        [quantity, symbol] if assets.iter().any(|asset| asset.symbol == symbol) => {
            let (asset, currency) = own(symbol);
            let event = shares(kind, asset, (number(quantity), Decimal::ZERO), beside)?;
            Some((event, currency))
        }
        [amount, currency] => Some((cash(kind, number(amount))?, currency.parse().unwrap())),
        _ => None,
    }
}

fn shares(
    kind: &str,
    asset: AssetIndex,
    (quantity, amount): (Decimal, Decimal),
    beside: &Beside,
) -> Option<Event> {
    Some(match kind {
        "buy" => Event::Buy {
            asset,
            quantity,
            amount,
        },
        "sell" => Event::Sell {
            asset,
            quantity,
            amount,
        },
        "short" => Event::Short {
            asset,
            quantity,
            amount,
        },
        "cover" => Event::Cover {
            asset,
            quantity,
            amount,
        },
        "reinvested_dividend" => Event::ReinvestedDividend {
            asset,
            quantity,
            amount,
        },
        "stock_dividend" => Event::StockDividend {
            asset,
            quantity,
            amount,
        },
        "transfer_in" => Event::TransferIn {
            asset,
            quantity,
            cost: amount,
            acquired_on: beside.acquired_on,
            link: beside.link,
        },
        "transfer_out" => Event::TransferOut {
            asset,
            quantity,
            link: beside.link,
        },
        "exercise" => Event::Exercise { asset, quantity },
        "assignment" => Event::Assignment { asset, quantity },
        "expiry" => Event::Expiry { asset, quantity },
        _ => return None,
    })
}

fn into(
    kind: &str,
    asset: AssetIndex,
    target: AssetIndex,
    rest: &[&str],
    beside: &Beside,
) -> Option<(Event, Option<Currency>)> {
    Some(match (kind, rest) {
        ("symbol_change", []) => (Event::SymbolChange { asset, target }, None),
        ("spin_off", [to_from]) => {
            let event = Event::SpinOff {
                asset,
                target,
                ratio: ratio(to_from),
                cost_share: beside.share.unwrap_or_default(),
            };
            (event, None)
        }
        ("merger", [to_from, money @ ..]) => {
            let (amount, currency) = match money {
                [] => (Decimal::ZERO, None),
                ["for", amount, currency] => (number(amount), Some(currency.parse().unwrap())),
                _ => return None,
            };
            let event = Event::Merger {
                asset,
                target: Some((target, ratio(to_from))),
                amount,
                cost_share: beside.share,
            };
            (event, currency)
        }
        _ => return None,
    })
}

fn charge(kind: &str, asset: Option<AssetIndex>, amount: Decimal) -> Option<Event> {
    match kind {
        "fee" => Some(Event::Fee { asset, amount }),
        "tax" => Some(Event::Tax { asset, amount }),
        _ => None,
    }
}

fn cash(kind: &str, amount: Decimal) -> Option<Event> {
    match kind {
        "interest" => Some(Event::Interest { amount }),
        "deposit" => Some(Event::Deposit { amount }),
        "withdrawal" => Some(Event::Withdrawal { amount }),
        "conversion" => Some(Event::Conversion { amount }),
        _ => charge(kind, None, amount),
    }
}

/// `from 2024-01-02 5`: five shares of the lot that was opened on that day.
fn chosen_lot(words: &[&str], asset: Option<AssetIndex>, before: &[Entry]) -> LotChoice {
    let date = words[0].parse().unwrap();
    let opened = before
        .iter()
        .find(|entry| entry.date == date && entry.event.asset() == asset);
    LotChoice {
        lot: opened.expect("a lot of that day").id,
        quantity: number(words[1]),
    }
}

fn index(symbol: &str, assets: &[Asset]) -> AssetIndex {
    let found = assets.iter().position(|asset| asset.symbol == symbol);
    AssetIndex(found.unwrap_or_else(|| panic!("no asset {symbol}")) as u32)
}

/// New for old: `7:1`.
fn ratio(text: &str) -> Ratio {
    let (to, from) = text.split_once(':').expect("a ratio is new:old");
    Ratio {
        to: number(to),
        from: number(from),
    }
}

/// A word of up to sixteen letters as a number.
fn link(word: &str) -> Uuid {
    let letters = word.bytes();
    Uuid::from_u128(letters.fold(0, |number, letter| number << 8 | u128::from(letter)))
}

fn number(text: &str) -> Decimal {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number"))
}
