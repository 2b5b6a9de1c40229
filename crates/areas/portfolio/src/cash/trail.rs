//! How a balance came about.

use money::Currency;
use rust_decimal::Decimal;
use web::Problem;

use super::{
    api::balances_of,
    ledger::{self, CashLedger},
    service,
};
use crate::{
    trail::{Amount, Asked, Input, Place, Step, Trail, TrailQuery, cash_balances, figures},
    transactions::pages::kind_label,
};

figures! {
    /// Figures of a cash ledger.
    Cash {
        Balance: "cash_balance", "Balance", "Everything that transactions moved in the currency up to the end of the day, or up to the transaction that is named, added up.";
        Worth: "cash_worth", "Worth of a balance", "The balance × the last exchange rate into the currency of the totals.";
        Opening: "cash_opening", "Opening balance", "Everything that transactions moved in the currency before the first day, added up.";
        CameIn: "cash_came_in", "Came in", "Every movement above zero of the days, added up.";
        WentOut: "cash_went_out", "Went out", "Every movement below zero of the days, added up, as a positive amount.";
    }
}

/// `None` when there is no such balance.
pub(crate) async fn trail(asked: Asked<'_>, figure: Cash) -> Result<Option<Trail>, Problem> {
    let query = asked.query;
    let Ok(currency) = query.of.trim().parse::<Currency>() else {
        return Ok(None);
    };
    let place = asked.place();
    if figure == Cash::Worth || query.portfolio_id.is_none() {
        return Ok(together(place, currency, figure));
    }
    let ledger = service::ledger_of(asked.app, asked.user, asked.valuation, currency).await?;
    Ok(explain(place, &ledger, query, figure))
}

/// A balance over all portfolios that are valued.
fn together(place: Place<'_>, currency: Currency, figure: Cash) -> Option<Trail> {
    let mut balances = place.valuation.cash.iter();
    let balance = balances.find(|balance| balance.currency == currency)?;
    let amount = in_currency(balance.amount, currency);
    let worth = Amount::Money {
        amount: balance.value.unwrap_or_default(),
        currency: place.valuation.base,
    };
    match figure {
        Cash::Worth => {
            let of_currency = cash_balances(place).into_iter().zip(&place.valuation.cash);
            let inputs = of_currency.filter(|(_, cash)| cash.currency == currency);
            let value = balances_of(place.valuation)
                .iter()
                .filter(|row| row.currency == currency)
                .map(|row| row.value)
                .sum::<Option<Decimal>>();
            let result = value.map_or_else(
                || Amount::missing("there is no exchange rate"),
                |value| place.money(value),
            );
            let steps = vec![
                Step::new("Balance", amount),
                Step::new("At the last exchange rate", result.clone()),
            ];
            let trail = Trail::new(figure, result).about(currency.as_str());
            let inputs = inputs.map(|(input, _)| input).collect();
            Some(trail.ordered(inputs).steps(steps))
        }
        Cash::Balance => {
            let rows = balances_of(place.valuation);
            let rows = rows.iter().filter(|row| row.currency == currency);
            let inputs = rows.map(|row| {
                let scope = crate::scope::Scope::known(None, place.valuation.known_on);
                let href = super::href(row.portfolio_id, currency, &scope);
                let amount = in_currency(row.balance, currency);
                place.booked(format!("Balance of {}", row.portfolio), amount, Some(href))
            });
            let steps = vec![
                Step::new("All portfolios", amount.clone()),
                Step::new("Worth", worth),
            ];
            let trail = Trail::new(figure, amount).about(currency.as_str());
            Some(trail.ordered(inputs.collect()).steps(steps))
        }
        Cash::Opening | Cash::CameIn | Cash::WentOut => None,
    }
}

fn in_currency(amount: Decimal, currency: Currency) -> Amount {
    Amount::Money {
        amount: money::round_to_currency(amount, currency),
        currency,
    }
}

fn explain(
    place: Place<'_>,
    ledger: &CashLedger,
    query: &TrailQuery,
    figure: Cash,
) -> Option<Trail> {
    let currency = ledger.currency;
    let money = |amount| in_currency(amount, currency);
    let (from, to) = (query.from, query.to);
    let opening = from.map_or(Decimal::ZERO, |day| ledger.balance_before(day));
    let rows = match (figure, query.transaction_id) {
        (Cash::Opening, _) => from.map_or(&[][..], |day| {
            let before = day.yesterday().unwrap_or(day);
            ledger.between(None, Some(before))
        }),
        (_, Some(id)) => {
            let all = ledger.between(from, to);
            let last = all.iter().position(|row| row.transaction == id)?;
            all.get(..=last)?
        }
        (_, None) => ledger.between(from, to),
    };
    let counts = |row: &&ledger::Step| match figure {
        Cash::CameIn => row.amount > Decimal::ZERO,
        Cash::WentOut => row.amount < Decimal::ZERO,
        _ => true,
    };
    let rows: Vec<&ledger::Step> = rows.iter().filter(counts).collect();
    let sum = |is_in: bool| -> Decimal {
        let own = rows
            .iter()
            .filter(|row| (row.amount > Decimal::ZERO) == is_in);
        own.map(|row| row.amount).sum()
    };
    let closing = rows.last().map_or(opening, |row| row.balance);
    let (came_in, went_out) = (sum(true), -sum(false));
    let result = match figure {
        Cash::Opening => opening,
        Cash::CameIn => came_in,
        Cash::WentOut => went_out,
        Cash::Balance | Cash::Worth => closing,
    };
    let mut inputs: Vec<Input> = rows
        .iter()
        .map(|row| movement(place, currency, row))
        .collect();
    let mut steps = Vec::new();
    if figure == Cash::Balance {
        if let Some(day) = from.filter(|_| !opening.is_zero()) {
            let before = day.yesterday().unwrap_or(day);
            inputs.push(place.recorded(
                "What was there before".to_owned(),
                money(opening),
                before,
                None,
            ));
        }
        steps.extend([
            Step::new("Before the first day", money(opening)),
            Step::new("Came in", money(came_in)),
            Step::new("less what went out", money(-went_out)),
        ]);
    }
    steps.push(Step::new("Together", money(result)));
    let trail = Trail::new(figure, money(result)).about(currency.as_str());
    Some(trail.inputs(inputs).steps(steps))
}

fn movement(place: Place<'_>, currency: Currency, row: &ledger::Step) -> Input {
    let about = row.asset.map_or_else(String::new, |asset| {
        format!(" of {}", place.valuation.instrument(asset).symbol)
    });
    let text = format!("{}{about}", kind_label(row.kind));
    let amount = Amount::Money {
        amount: row.amount,
        currency,
    };
    place.recorded(text, amount, row.date, Some(row.transaction))
}
