//! Trades of a Flex query that was exported as CSV: one line for each trade, the same fields as in
//! XML under longer names.

use crate::{
    Format, Statement, Unreadable,
    ibkr_flex::{Document, Element, statement_of},
    table::{Record, Table, sniff_delimiter},
    words::normalized,
};

/// True for the names of such a file.
pub(super) fn is_header(names: &[String]) -> bool {
    let keys: Vec<Option<&str>> = names.iter().map(|name| key(name)).collect();
    let has = |wanted: &str| keys.contains(&Some(wanted));
    let has_amount = has("tradePrice") || has("tradeMoney") || has("proceeds");
    let is_own = names
        .iter()
        .any(|name| matches!(&*normalized(name), "currencyprimary" | "ibcommission"));
    is_own && has("currency") && has("quantity") && has_amount && has("tradeDate")
}

/// The name of a column in XML.
fn key(name: &str) -> Option<&'static str> {
    Some(match &*normalized(name) {
        "clientaccountid" | "accountid" => "accountId",
        "currencyprimary" | "currency" => "currency",
        "assetclass" | "assetcategory" => "assetCategory",
        "subcategory" => "subCategory",
        "symbol" => "symbol",
        "description" => "description",
        "isin" => "isin",
        "securityid" => "securityID",
        "listingexchange" => "listingExchange",
        "underlyingsymbol" => "underlyingSymbol",
        "multiplier" => "multiplier",
        "strike" => "strike",
        "expiry" => "expiry",
        "putcall" => "putCall",
        "tradeid" => "tradeID",
        "transactionid" => "transactionID",
        "ibexecid" => "ibExecID",
        "datetime" => "dateTime",
        "tradedate" => "tradeDate",
        "reportdate" => "reportDate",
        "quantity" => "quantity",
        "tradeprice" => "tradePrice",
        "trademoney" => "tradeMoney",
        "proceeds" => "proceeds",
        "taxes" => "taxes",
        "ibcommission" => "ibCommission",
        "ibcommissioncurrency" => "ibCommissionCurrency",
        "netcash" => "netCash",
        "costbasis" | "cost" => "cost",
        "openclose" | "opencloseindicator" => "openCloseIndicator",
        "notescodes" | "notes" | "code" => "notes",
        "fifopnlrealized" => "fifoPnlRealized",
        "buysell" => "buySell",
        "levelofdetail" => "levelOfDetail",
        _ => return None,
    })
}

pub(super) fn read(text: &str) -> Result<Statement, Unreadable> {
    let delimiter = sniff_delimiter(text);
    let table = Table::read(text, delimiter, is_header)?;
    let table = table.ok_or(Unreadable::NoHeader {
        example: "Buy/Sell,TradeDate,Symbol,Quantity,TradePrice,CurrencyPrimary",
    })?;
    let keys: Vec<Option<&'static str>> = table.names.iter().map(|name| key(name)).collect();
    let document = Document {
        elements: table
            .records
            .iter()
            .map(|record| Element::trade(record.line, attributes(record, &keys)))
            .collect(),
        ..Document::default()
    };
    Ok(statement_of(&document, Format::IbkrFlexCsv))
}

fn attributes(record: &Record, keys: &[Option<&'static str>]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::with_capacity(keys.len());
    for (place, key) in keys.iter().enumerate() {
        let text = record.get(place);
        if let (Some(key), false) = (key, matches!(text, "" | "-" | "--" | "N/A")) {
            found.push(((*key).to_owned(), text.to_owned()));
        }
    }
    name_pair(&mut found);
    found
}

/// A query with few columns names no instrument for an exchange of currencies. Its commission is in
/// the base currency of the account, which then is the one that is exchanged; the note says so.
fn name_pair(attributes: &mut Vec<(String, String)>) {
    let get = |key: &str| {
        let found = attributes.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone())
    };
    let is_named = [
        "symbol",
        "isin",
        "securityID",
        "description",
        "assetCategory",
    ]
    .iter()
    .any(|key| get(key).is_some());
    if is_named {
        return;
    }
    if let (Some(base), Some(quote)) = (get("ibCommissionCurrency"), get("currency"))
        && base != quote
    {
        let pair = format!("{base}.{quote}");
        let note = format!("The file does not name the pair; taken for {pair}");
        for (key, value) in [
            ("assetCategory", "CASH".to_owned()),
            ("symbol", pair),
            ("note", note),
        ] {
            attributes.push((key.to_owned(), value));
        }
    }
}
