//! eToro's account activity. Amounts are in dollars, the currency of its accounts; times are UTC.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use crate::{
    Format, Row, Security, Statement, dates::First, draft, model::Refusal, numbers::negated,
    securities::Named,
};

use super::sheet::{Line, Sheet, begin, not_supported, nothing, unknown_type};

pub(crate) const LAYOUTS: &[&str] = &[
    "date type details amount units|unitscontracts realizedequitychange realizedequity balance \
     positionid assettype",
];

pub(crate) fn read(sheet: &Sheet) -> Statement {
    sheet.learn_numbers(&["amount", "units unitscontracts", "balance"]);
    sheet.set_first(First::Day);
    let mut statement = Statement::new(Format::Etoro);
    sheet.each(&mut statement, |line| Ok(vec![row(line)?]));
    statement
}

fn row(line: &Line<'_>) -> Result<Row, Refusal> {
    use TransactionKind as Kind;
    let word = line.text("type");
    let kind = match word.to_lowercase().as_str() {
        "open position" => Kind::Buy,
        "position closed" => Kind::Sell,
        "dividend" => Kind::Dividend,
        "interest payment" | "interest" => Kind::Interest,
        "deposit" => Kind::Deposit,
        "withdraw request" | "withdrawal" => Kind::Withdrawal,
        "withdraw fee"
        | "withdrawal conversion fee"
        | "deposit conversion fee"
        | "overnight fee"
        | "overnight refund"
        | "rollover fee"
        | "weekend fee"
        | "fee"
        | "commission" => Kind::Fee,
        "sdrt" | "stamp duty" => Kind::Tax,
        "edit stop loss"
        | "start copy"
        | "stop copy"
        | "account balance to mirror"
        | "mirror balance to account" => {
            return Err(nothing(format!("{word} moves money within the account")));
        }
        _ => return Err(unknown_type("eToro", word)),
    };
    let is_contract = line.text("assettype").eq_ignore_ascii_case("CFD");
    if is_contract && kind.states_quantity() {
        return Err(not_supported(
            "contracts for difference hold no shares and are not supported: enter their result by \
             hand",
        ));
    }
    let moved = line.needed("amount")?;
    let mut draft = begin(line, line.moment_utc("date")?, kind, Currency::USD);
    draft.amount = Some(match kind {
        Kind::Buy | Kind::Sell | Kind::Deposit | Kind::Withdrawal => moved.abs(),
        Kind::Fee | Kind::Tax => negated(moved),
        _ => moved,
    });
    if kind.states_quantity() {
        draft.quantity = line
            .number("units unitscontracts")?
            .map(|units| units.abs());
    }
    if kind.states_quantity() || matches!(kind, Kind::Dividend | Kind::Tax) {
        draft.security = security(line);
    }
    if draft.amount == Some(Decimal::ZERO) && kind == Kind::Fee {
        return Err(nothing("the charge of zero changes nothing"));
    }
    draft.check()
}

/// `NKE/USD` is an instrument and the currency it is quoted in.
fn security(line: &Line<'_>) -> Option<Security> {
    let (symbol, quote) = line.text("details").split_once('/')?;
    Named {
        symbol,
        asset_class: match line.text("assettype") {
            "CFD" => "",
            class => class,
        },
        currency: draft::currency("details", quote).ok().map(|found| found.0),
        ..Named::default()
    }
    .security()
}
