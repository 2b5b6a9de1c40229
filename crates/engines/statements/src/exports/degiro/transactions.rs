//! The list of transactions: one line for each execution, with its value in the currency of the
//! exchange and in that of the account.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Row, Statement,
    draft::{self, product, unit_price},
    model::Refusal,
};

use super::{
    super::{
        sheet::{Line, Sheet, begin},
        sums::{plus, positive_rate, settle},
    },
    DATE, named,
};

const QUANTITY: &str = "quantity aantal anzahl quantité número cantidad quantidade quantità";
const PRICE: &str = "price koers kurs cours precio preço prezzo preços";
const LOCAL: &str =
    "localvalue lokalewaarde wertinlokalwährung montantdevise valorlocal controvalorelocale";
const VALUE: &str = "value waarde wert montant valor controvalore valueeur waardeeur werteur";
const TOTAL: &str = "total totaal gesamt montanttotal totale totaleur totaaleur gesamteur";
const FEES: &str = "transactionandorthird transactionandorthirdpartyfees \
                    transactionandorthirdpartyfeeseur transactiekostenenof \
                    transactiekostenenofkostenvanderden transactiekostenenofkostenvanderdeneur \
                    transaktionsgebühren transaktionsgebührenundoder \
                    transaktionsgebührenundodergebührendritter fraisdecourtage \
                    costesdetransacción custosdetransação costiditransazione";
const AUTO_FX: &str = "autofxfee autofxkosten autofxgebühr";

pub(super) fn read(sheet: &Sheet, statement: &mut Statement) {
    sheet.learn_numbers(&[
        QUANTITY,
        PRICE,
        LOCAL,
        VALUE,
        TOTAL,
        FEES,
        "exchangerate wisselkoers",
    ]);
    sheet.each(statement, |line| Ok(vec![row(line)?]));
}

/// The currency of a column, which stands beside the amount; that of the account may stand in the
/// header instead.
fn currency_of(line: &Line<'_>, names: &str) -> Result<(Currency, Decimal), Refusal> {
    if names == TOTAL && line.sheet().has("totaleur totaaleur gesamteur") {
        return Ok((Currency::EUR, Decimal::ONE));
    }
    match line.text_beside(names) {
        text if text.chars().any(char::is_alphabetic) => draft::currency(names, text),
        _ => Ok((Currency::EUR, Decimal::ONE)),
    }
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    let quantity = line.needed(QUANTITY)?;
    let kind = if quantity < Decimal::ZERO {
        TransactionKind::Sell
    } else {
        TransactionKind::Buy
    };
    let (currency, factor) = currency_of(line, PRICE)?;
    let local = product(line.needed(LOCAL)?.abs(), currency_of(line, LOCAL)?.1)?;
    let (account, _) = currency_of(line, TOTAL)?;
    let value = line.number(VALUE)?.map_or(local, |value| value.abs());
    let fees = plus(
        line.number_or_zero(FEES)?.abs(),
        line.number_or_zero(AUTO_FX)?.abs(),
    )?;
    let mut draft = begin(line, line.moment(DATE)?, kind, currency);
    draft.security = named(line).security();
    if let Some(security) = &mut draft.security {
        security.currency = Some(currency);
    }
    draft.quantity = Some(quantity.abs());
    draft.price = Some(product(line.needed(PRICE)?, factor)?);
    draft.amount = Some(local);
    if account == currency {
        draft.fees = fees;
        return draft.check();
    }
    // Fees are stated in the account's currency; the row holds them in that of the price.
    let rate = positive_rate(value, local)?;
    draft.fees = unit_price(fees, rate)?;
    settle(&mut draft, account, line.needed(TOTAL)?.abs())?;
    draft.check()
}
