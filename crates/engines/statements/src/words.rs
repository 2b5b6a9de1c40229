//! The words by which files call types of transaction and columns.

use ledger::TransactionKind;

use crate::mapping::Field;

/// The word that Bursar writes.
pub(crate) fn word_of_kind(kind: TransactionKind) -> &'static str {
    kind.as_str()
}

/// The type of transaction that a word stands for in most files (English, German, Dutch, French,
/// Spanish, Italian, Portuguese). Case, blanks and punctuation do not matter.
pub fn kind_of_word(word: &str) -> Option<TransactionKind> {
    Some(match normalized(word).as_str() {
        "buy" | "bought" | "purchase" | "kauf" | "koop" | "aankoop" | "achat" | "compra"
        | "acquisto" | "marketbuy" | "limitbuy" | "stopbuy" | "buymarket" | "buylimit"
        | "advancetradebuy" | "advancedtradebuy" => TransactionKind::Buy,
        "sell" | "sold" | "sale" | "verkauf" | "verkoop" | "vente" | "venta" | "venda"
        | "vendita" | "marketsell" | "limitsell" | "stopsell" | "sellmarket" | "selllimit"
        | "advancetradesell" | "advancedtradesell" => TransactionKind::Sell,
        "div" | "dividend" | "dividends" | "dividende" | "dividendo" | "cashdividend"
        | "qualifieddividend" | "dividendordinary" | "distribution" | "ausschüttung" | "ertrag"
        | "dividenddividend" => TransactionKind::Dividend,
        "interest" | "interests" | "int" | "lendinginterest" | "zins" | "zinsen" | "rente"
        | "intérêts" | "interesse" | "interés" | "interestpayment" | "interestoncash"
        | "creditinterest" | "bankinterest" => TransactionKind::Interest,
        "deposit" | "einlage" | "einzahlung" | "storting" | "dépôt" | "depósito" | "deposito"
        | "cashtopup" | "topup" | "cashin" | "cashdeposit" | "contribution" => {
            TransactionKind::Deposit
        }
        "withdrawal" | "withdraw" | "auszahlung" | "entnahme" | "onttrekking" | "opname"
        | "retrait" | "retirada" | "prelievo" | "cashout" | "cashwithdrawal" => {
            TransactionKind::Withdrawal
        }
        "fee" | "fees" | "charge" | "commission" | "gebühr" | "gebühren" | "kosten" | "frais"
        | "comisión" | "comissão" | "commissione" | "custodyfee" | "servicefee"
        | "managementfee" | "custodyfees" | "adrmgmtfee" => TransactionKind::Fee,
        "tax" | "taxes" | "steuer" | "steuern" | "belasting" | "impôt" | "impuesto" | "imposto"
        | "tassa" | "withholdingtax" | "nrataxadj" | "quellensteuer" => TransactionKind::Tax,
        "split" | "stocksplit" | "sharesplit" | "aktiensplit" | "reversesplit" => {
            TransactionKind::Split
        }
        _ => return kind_of_event(&normalized(word)),
    })
}

/// The rarer words, normalised.
fn kind_of_event(word: &str) -> Option<TransactionKind> {
    Some(match word {
        "short" | "sellshort" | "shortsell" | "shortsale" | "selltoopen" | "leerverkauf" => {
            TransactionKind::Short
        }
        "cover" | "buytocover" | "buytoclose" | "covershort" | "eindeckung" => {
            TransactionKind::Cover
        }
        "buytoopen" => TransactionKind::Buy,
        "selltoclose" => TransactionKind::Sell,
        "reinvesteddividend" | "dividendreinvestment" | "dividendreinvested" | "drip" => {
            TransactionKind::ReinvestedDividend
        }
        "stockdividend" | "dividendinshares" | "scripdividend" | "stockdividende" => {
            TransactionKind::StockDividend
        }
        "returnofcapital" | "capitalreturn" | "kapitalrückzahlung" => {
            TransactionKind::ReturnOfCapital
        }
        "conversion" | "currencyconversion" | "currencyexchange" | "fxconversion" | "forex"
        | "fxtrade" | "währungsumtausch" => TransactionKind::Conversion,
        "transferin" | "transferinbound" | "deliveryin" | "deliveryinbound" | "einlieferung" => {
            TransactionKind::TransferIn
        }
        "transferout" | "transferoutbound" | "deliveryout" | "deliveryoutbound"
        | "auslieferung" => TransactionKind::TransferOut,
        "spinoff" | "abspaltung" => TransactionKind::SpinOff,
        "merger" | "fusion" => TransactionKind::Merger,
        "symbolchange" | "namechange" | "tickerchange" | "isinchange" => {
            TransactionKind::SymbolChange
        }
        "exercise" | "exercised" | "optionexercise" | "ausübung" => TransactionKind::Exercise,
        "assignment" | "assigned" | "optionassignment" => TransactionKind::Assignment,
        "expiry" | "expired" | "expiration" | "optionexpiration" | "optionexpired" | "verfall" => {
            TransactionKind::Expiry
        }
        _ => return None,
    })
}

/// What to write instead of a word that brokers use for several types.
pub(crate) fn remedy_for_ambiguous(word: &str) -> Option<&'static str> {
    Some(match normalized(word).as_str() {
        "transfer" | "journal" | "übertrag" | "umbuchung" => {
            "write transfer_in or transfer_out for shares, deposit or withdrawal for cash"
        }
        "reinvest" | "reinvestment" | "reinvestdividend" => {
            "write reinvested_dividend for shares bought with a dividend, dividend for the cash alone"
        }
        "exchange" | "swap" | "convert" | "umtausch" => {
            "write conversion for currencies, merger or symbol_change for shares"
        }
        "corporateaction" | "reorganization" | "reorganisation" | "kapitalmaßnahme" => {
            "write split, spin_off, merger, symbol_change, stock_dividend or return_of_capital"
        }
        _ => return None,
    })
}

/// Lower case, letters and digits only: `Price / share` and `price_share` are the same header.
pub(crate) fn normalized(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Headers (normalised) under which a field is usually found, the surest first.
pub(crate) fn headers_of(field: Field) -> impl Iterator<Item = &'static str> {
    match field {
        Field::Date => {
            "date tradedate transactiondate activitydate rundate datetime dateandtime timestamp \
             time timeutc tradecreatedat executedat datum buchungstag handelstag data fecha \
             bookingdate"
        }
        Field::Type => {
            "type transactiontype activitytype action transaction buysell side way activity typ \
             transaktionstyp transactietype operation kind"
        }
        Field::Symbol => "symbol ticker code tickersymbol asset instrument wertpapier coin pair",
        Field::Isin => "isin identifier securityid",
        Field::Exchange => "exchange listingexchange market mic börse",
        Field::Name => {
            "name securityname holdingname product company wertpapiername produkt description \
             beschreibung bezeichnung"
        }
        Field::AssetClass => "assetclass instrumenttype assettype securitytype",
        Field::Quantity => {
            "quantity qty shares units noofshares quantitytransacted size stück anzahl aantal \
             baseamount nominal menge"
        }
        Field::Price => {
            "price unitprice tradeprice pricepershare priceshare priceperunit spotprice \
             priceattransaction spotpriceattransaction kurs preis koers quoteprice filledprice"
        }
        Field::Amount => {
            "amount grossamount subtotal total totalamount value netamount betrag bedrag wert \
             waardenetto trademoney funds cost quoteamount"
        }
        Field::Fees => {
            "fees fee commission ibcommission feescomm feeandcommission costs charges gebühr \
             gebühren kosten feesandorspread feeamount courtage"
        }
        Field::Taxes => "taxes tax withholdingtax steuer steuern belasting",
        Field::Currency => {
            "currency ccy currencyprimary currencycode währung valuta devise pricecurrency \
             currencypriceshare spotpricecurrency tradecurrency quotecurrency"
        }
        Field::QuoteCurrency => "securitycurrency",
        Field::FxRate => "fxrate exchangerate wechselkurs",
        Field::SettlementCurrency => "settlementcurrency settlecurrency accountcurrency",
        Field::Ratio => "ratio splitratio",
        Field::Note => "note notes comment comments memo notiz opmerking",
        Field::Account => "account accountid clientaccountid accountname konto",
        Field::ExternalId => "externalid transactionid id orderid tradeid reference txid",
        Field::TargetSymbol => "targetsymbol newsymbol",
        Field::TargetIsin => "targetisin newisin",
        Field::TargetExchange => "targetexchange",
        Field::TargetName => "targetname newname",
        Field::TargetAssetClass => "targetassetclass",
        Field::TargetCurrency => "targetcurrency",
        Field::CostShare => "costshare",
        Field::AcquiredOn => "acquiredon acquisitiondate dateacquired kaufdatum",
        Field::Underlying => "underlying underlyingsymbol underlyingticker basiswert",
        Field::ExpiresOn => "expireson expiry expirydate expiration expirationdate",
        Field::Strike => "strike strikeprice",
        Field::Right => "right putcall callput optiontype",
        Field::Multiplier => "multiplier contractmultiplier contractsize",
    }
    .split_whitespace()
}
