//! How income came about, and what the projection of the next twelve months is made of.

use ledger::TransactionKind;
use money::Currency;
use rust_decimal::Decimal;

use super::{
    model::{IncomeReport, IncomeSums, InstrumentIncome, Payment},
    payers::{Payer, year_before},
    projection::{self, Expected, ProjectedInstrument},
};
use crate::{
    trail::{Amount, Asked, Input, Place, Step, Trail, TrailQuery, figures},
    transactions::pages::kind_label,
};

figures! {
    /// Figures of income: of all, or of those of a year, a month, an instrument or a currency.
    Income {
        Dividends: "income_dividends", "Dividends", "Gross dividends, paid in cash, reinvested or paid in shares, each at the exchange rate of its day.";
        Interest: "income_interest", "Interest", "Interest, each at the exchange rate of its day; what was paid counts as negative.";
        Withheld: "income_withheld", "Withheld tax", "Taxes withheld from payments, or booked on their own, each at the exchange rate of its day.";
        Fees: "income_fees", "Fees of income", "Fees of the payments, each at the exchange rate of its day.";
        Net: "income_net", "Net income", "Dividends and interest less withheld taxes and fees, each at the exchange rate of its day. Capital that was given back is not among them.";
        ReturnOfCapital: "income_return_of_capital", "Returned capital", "Capital that was given back, each at the exchange rate of its day: it reduced the cost of the shares and is no income.";
        Paid: "income_paid", "Gross income in a currency", "What was paid in the currency, before tax and without capital that was given back.";
        PaidWithheld: "income_paid_withheld", "Withheld tax in a currency", "What was withheld in the currency.";
        YieldOnCost: "yield_on_cost", "Yield on cost", "Gross dividends of the last twelve months per share × the shares held now, over their cost; both in the currency of quotation.";
        TrailingYield: "trailing_yield", "Trailing yield", "Gross dividends of the last twelve months per share × the shares held now, over their value at the last close; both in the currency of quotation.";
        ProjectedGross: "projected_gross", "Projected dividends before tax", "Every payment of the last twelve months, per share and adjusted for splits, repeated on the same day a year later for the shares held now, at the last exchange rate. A projection, not a promise: growth, cuts and trades to come are not foreseen.";
        ProjectedNet: "projected_net", "Projected dividends after tax", "The projected dividends less tax at the rate that was withheld in the last twelve months. A projection, not a promise.";
        ProjectedDoubtful: "projected_doubtful", "Projected dividends with a doubt", "The part of the projected dividends before tax that comes from instruments with a doubt: irregular or overdue payments, a short history, a payment or rate that is not known.";
    }
}

impl Income {
    fn of(self, sums: &IncomeSums) -> Decimal {
        match self {
            Self::Dividends => sums.dividends,
            Self::Interest => sums.interest,
            Self::Withheld => sums.withheld,
            Self::Fees => sums.fees,
            Self::ReturnOfCapital => sums.return_of_capital,
            _ => sums.net,
        }
    }
}

/// `None` when there is no such group.
pub(crate) fn trail(asked: Asked<'_>, figure: Income) -> Option<Trail> {
    let (place, query) = (asked.place(), asked.query);
    match figure {
        Income::ProjectedGross | Income::ProjectedNet | Income::ProjectedDoubtful => {
            projected(place, query, figure)
        }
        Income::YieldOnCost | Income::TrailingYield => yields(place, query, figure),
        Income::Paid | Income::PaidWithheld => in_currency(place, query, figure),
        _ => received(place, query, figure),
    }
}

fn received(place: Place<'_>, query: &TrailQuery, figure: Income) -> Option<Trail> {
    let by = query.group();
    // The months are told of every year.
    let year = query.year.filter(|_| by != Some("month"));
    let report = IncomeReport::new(place.valuation, year);
    let (sums, about) = match by {
        None => (report.totals, year.map(|year| year.to_string())),
        Some("month") => {
            let mut months = report.months.iter();
            let found = months.find(|one| month_key(one.year, one.month) == query.of)?;
            (found.sums, Some(query.of.clone()))
        }
        Some("instrument") => {
            let found = instrument(&report, query)?;
            (found.sums, Some(found.symbol.clone()))
        }
        Some("currency") => {
            let currency: Currency = query.of.trim().parse().ok()?;
            let mut currencies = report.currencies.iter();
            let found = currencies.find(|one| one.paid_currency == currency)?;
            (found.sums, Some(currency.to_string()))
        }
        Some(_) => return None,
    };
    let counts = |paid: &&Payment| match by {
        Some("month") => month_key(paid.date.year(), paid.date.month()) == query.of,
        Some("instrument") => paid.instrument_id == query.instrument_id,
        Some("currency") => paid.paid_currency.as_str() == query.of.trim(),
        _ => true,
    };
    let payments = report.payments.iter().filter(counts);
    let inputs = payments
        .filter(|paid| !figure.of(&paid.sums).is_zero())
        .map(|paid| payment(place, paid, place.exact(figure.of(&paid.sums))))
        .collect();
    let result = place.money(figure.of(&sums));
    let trail = Trail::new(figure, result.clone());
    let trail = match about {
        Some(about) => trail.about(&about),
        None => trail,
    };
    let mut steps = Vec::new();
    if figure == Income::Net {
        steps.extend([
            Step::new("Dividends", place.money(sums.dividends)),
            Step::new("and interest", place.money(sums.interest)),
            Step::new("less withheld taxes", place.money(-sums.withheld)),
            Step::new("less fees", place.money(-sums.fees)),
        ]);
    }
    steps.push(Step::new("Together", result));
    Some(trail.inputs(inputs).steps(steps))
}

fn month_key(year: i16, month: i8) -> String {
    format!("{year}-{month:02}")
}

fn instrument<'r>(report: &'r IncomeReport, query: &TrailQuery) -> Option<&'r InstrumentIncome> {
    let mut instruments = report.instruments.iter();
    instruments.find(|one| Some(one.instrument_id) == query.instrument_id)
}

fn local(amount: Decimal, currency: Currency) -> Amount {
    Amount::Money {
        amount: money::round_to_currency(amount, currency),
        currency,
    }
}

fn payment(place: Place<'_>, paid: &Payment, amount: Amount) -> Input {
    let of = paid
        .symbol
        .as_ref()
        .map_or_else(String::new, |symbol| format!(" of {symbol}"));
    let gross = money::round_to_currency(paid.paid_amount, paid.paid_currency);
    let text = format!(
        "{}{of}, {gross} {}",
        kind_label(paid.kind),
        paid.paid_currency
    );
    place.recorded(text, amount, paid.date, Some(paid.transaction_id))
}

/// What was paid in a currency, in that currency.
fn in_currency(place: Place<'_>, query: &TrailQuery, figure: Income) -> Option<Trail> {
    let currency: Currency = query.of.trim().parse().ok()?;
    let report = IncomeReport::new(place.valuation, query.year);
    let mut currencies = report.currencies.iter();
    let found = currencies.find(|one| one.paid_currency == currency)?;
    let of = |paid: &Payment| match figure {
        Income::PaidWithheld => paid.paid_withheld,
        _ if paid.kind == TransactionKind::ReturnOfCapital => Decimal::ZERO,
        _ => paid.paid_amount,
    };
    let inputs = report
        .payments
        .iter()
        .filter(|paid| paid.paid_currency == currency && !of(paid).is_zero())
        .map(|paid| payment(place, paid, local(of(paid), currency)))
        .collect();
    let amount = match figure {
        Income::PaidWithheld => found.paid_withheld,
        _ => found.paid_amount,
    };
    let result = local(amount, currency);
    let steps = vec![Step::new("Together", result.clone())];
    Some(
        Trail::new(figure, result)
            .about(currency.as_str())
            .inputs(inputs)
            .steps(steps),
    )
}

fn yields(place: Place<'_>, query: &TrailQuery, figure: Income) -> Option<Trail> {
    let valuation = place.valuation;
    let report = IncomeReport::new(valuation, query.year);
    let found = instrument(&report, query)?;
    let ratio = match figure {
        Income::YieldOnCost => found.yield_on_cost,
        _ => found.trailing_yield,
    };
    let result = Amount::ratio(ratio.ok_or("nothing is held, or its cost or price is not known"));
    let trail = Trail::new(figure, result.clone()).about(&found.symbol);
    let mut holdings = valuation.open_holdings();
    let held = holdings.find(|held| valuation.instrument(held.asset).id == found.instrument_id);
    let Some(held) = held else {
        return Some(trail);
    };
    let currency = valuation.asset_currency(held.asset);
    let payer = Payer::of(valuation, held.asset);
    let inputs = payer
        .since(year_before(valuation.as_of))
        .map(|paid| {
            let text = format!("{} {currency} for one share", paid.amount.normalize());
            let amount = local(paid.amount * held.quantity, currency);
            place.recorded(text, amount, paid.date, None)
        })
        .collect();
    let whole = match figure {
        Income::YieldOnCost => ("Cost of the shares", held.local_cost),
        _ => ("Value of the shares", held.local_value),
    };
    let trailing = payer.trailing(valuation.as_of) * held.quantity;
    let steps = vec![
        Step::new(
            format!(
                "Twelve months of dividends on {} shares",
                held.quantity.normalize()
            ),
            local(trailing, currency),
        ),
        Step::new(whole.0, local(whole.1, currency)),
        Step::new("One over the other", result),
    ];
    Some(trail.inputs(inputs).steps(steps))
}

fn projected(place: Place<'_>, query: &TrailQuery, figure: Income) -> Option<Trail> {
    let whole = projection::project(place.valuation);
    let each = projection::expected(place.valuation);
    let of = |gross, net| match figure {
        Income::ProjectedNet => net,
        _ => gross,
    };
    let (amount, about, inputs) = match query.group() {
        None => {
            let amount = match figure {
                Income::ProjectedDoubtful => whole.doubtful_gross,
                _ => of(whole.gross, whole.net),
            };
            let own = whole.instruments.iter();
            let own =
                own.filter(|one| figure != Income::ProjectedDoubtful || !one.doubts.is_empty());
            let inputs = own.map(|one| {
                let doubts: Vec<&str> = one.doubts.iter().map(|doubt| doubt.sentence()).collect();
                let text = format!(
                    "{} {} × {} {} for one share. {}",
                    one.quantity,
                    one.symbol,
                    one.per_share,
                    one.local_currency,
                    doubts.join(" ")
                );
                place.booked(text.trim_end(), place.money(of(one.gross, one.net)), None)
            });
            (amount, None, inputs.collect())
        }
        Some("month") => {
            let mut months = whole.months.iter();
            let found = months.find(|one| month_key(one.year, one.month) == query.of)?;
            let counts = |one: &Expected| month_key(one.date.year(), one.date.month()) == query.of;
            let inputs = repeats(place, &each, of, |_, expected| counts(expected));
            (of(found.gross, found.net), Some(query.of.clone()), inputs)
        }
        Some("instrument") => {
            let wanted = |one: &ProjectedInstrument| Some(one.instrument_id) == query.instrument_id;
            let found = whole.instruments.iter().find(|one| wanted(one))?;
            let inputs = repeats(place, &each, of, |one, _| wanted(one));
            (
                of(found.gross, found.net),
                Some(found.symbol.clone()),
                inputs,
            )
        }
        Some(_) => return None,
    };
    let result = place.money(amount);
    let trail = Trail::new(figure, result.clone());
    let trail = match about {
        Some(about) => trail.about(&about),
        None => trail,
    };
    Some(
        trail
            .ordered(inputs)
            .steps(vec![Step::new("Together", result)]),
    )
}

/// Payments to come; each has its source a year before.
fn repeats(
    place: Place<'_>,
    each: &[(ProjectedInstrument, Vec<Expected>)],
    of: impl Fn(Decimal, Decimal) -> Decimal,
    counts: impl Fn(&ProjectedInstrument, &Expected) -> bool,
) -> Vec<Input> {
    let all = each
        .iter()
        .flat_map(|(one, expected)| expected.iter().map(move |expected| (one, expected)));
    let own = all.filter(|(one, expected)| counts(one, expected));
    own.map(|(one, expected)| {
        let before = year_before(expected.date);
        let text = format!(
            "{} {}, expected on {}",
            one.quantity, one.symbol, expected.date
        );
        let amount = place.money(of(expected.gross, expected.net));
        place.recorded(text, amount, before, None)
    })
    .collect()
}
