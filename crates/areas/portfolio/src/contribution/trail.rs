//! How contributions to the change in value came about.

use performance::{ContributionError, Detail, Held, Parts};
use rust_decimal::Decimal;
use web::Problem;

use super::{
    api::out_of_range,
    model::{By, Contributions},
    movers,
};
use crate::trail::{Amount, Asked, Input, Place, Step, Trail, TrailQuery, figures};

figures! {
    /// Figures of contributions: of all, or of one holding, asset class, currency or portfolio.
    Contribution {
        Total: "contribution_total", "Contribution", "Value at the end less value at the start, less what was put in (purchases and fees), plus what came out (sales and income). Over all holdings and cash this is the change in value that is neither paid in nor taken out.";
        Share: "contribution_share", "Share of the change", "The contribution over the average capital of the whole, each flow weighted by the days it was there, so that shares add up to the modified Dietz return.";
        Price: "contribution_price", "Contribution of prices", "The gain in the holding's own currency, at the closing rate of the day it is counted on. Counted is on every day with a booking, on the ends of the period and, in another currency, on every Friday.";
        Currency: "contribution_currency", "Contribution of exchange rates", "The value at the count before × the change of the exchange rate since, plus what a trade's own rate made against the close.";
        Income: "contribution_income", "Contribution of income", "Dividends and interest of the period, each at the exchange rate of its day.";
        Fees: "contribution_fees", "Fees and taxes of the period", "Fees and taxes of the period, each at the exchange rate of its day; the contribution is after them.";
        Start: "contribution_start", "Value at the start", "Every holding and cash balance at the close before the period.";
        End: "contribution_end", "Value at the end", "Every holding and cash balance at the last close of the period.";
        NetFlow: "contribution_net_flow", "Paid in less taken out", "Everything that crossed the border of the portfolio in the period: what came in less what went out, each at the exchange rate of its day.";
        PriceAndCurrency: "contribution_price_and_currency", "Price and currency", "The contributions of prices and of exchange rates together.";
        IncomeLessFees: "contribution_income_less_fees", "Income less fees", "Dividends and interest less fees and taxes.";
        Unexplained: "contribution_unexplained", "Unexplained", "The change in value less all contributions: nothing, unless some of it belongs to no holding.";
        MoverGain: "mover_gain", "Gain of a mover", "The holding's contribution to the change in value: value at the end less value at the start, less what was put in, plus what came out; fees and taxes included.";
        MoverReturn: "mover_return", "Return of a mover", "The gain over what was at stake: the size of the position at the start and what opened or enlarged it since, charges included; of a short position what it brought.";
    }
}

/// `None` when there is no such group, or nothing on record.
pub(crate) fn trail(asked: Asked<'_>, figure: Contribution) -> Result<Option<Trail>, Problem> {
    let (place, query) = (asked.place(), asked.query);
    let Some(days) = place.valuation.days(query.period()?) else {
        return Ok(None);
    };
    if matches!(figure, Contribution::MoverGain | Contribution::MoverReturn) {
        return mover(place, query, days, figure).map_err(|error| out_of_range(&error));
    }
    let found = Contributions::new(place.valuation, days, Detail::Currencies);
    let explained = found.and_then(|found| explain(place, &found, query, figure));
    explained.map_err(|error| out_of_range(&error))
}

/// A part of a contribution, in its own words.
fn part(parts: &Parts, figure: Contribution) -> Decimal {
    match figure {
        Contribution::Price => parts.price,
        Contribution::Currency => parts.currency,
        Contribution::Income => parts.income,
        Contribution::Fees => parts.fees,
        Contribution::PriceAndCurrency => parts.price.saturating_add(parts.currency),
        Contribution::IncomeLessFees => parts.income.saturating_sub(parts.fees),
        _ => parts.total,
    }
}

fn is_signed(figure: Contribution) -> bool {
    !matches!(
        figure,
        Contribution::Income
            | Contribution::Fees
            | Contribution::Start
            | Contribution::End
            | Contribution::NetFlow
    )
}

fn explain(
    place: Place<'_>,
    found: &Contributions,
    query: &TrailQuery,
    figure: Contribution,
) -> Result<Option<Trail>, ContributionError> {
    let whole = Parts {
        total: found.attribution.change,
        ..found.attribution.sum
    };
    let (parts, share, about) = match query.group() {
        None => (whole, found.share(), None),
        Some(word) => {
            let by = By::named(Some(word));
            let rows = found.rows(place.valuation, by)?;
            let Some(row) = rows.into_iter().find(|row| row.key() == query.of) else {
                return Ok(None);
            };
            (row.parts, row.share, Some(row.label))
        }
    };
    let result = match figure {
        Contribution::Share => {
            let lacks = found.lacks_share();
            let reason = lacks.unwrap_or_else(|| "there was no capital on average".to_owned());
            Amount::ratio(share.ok_or(reason))
        }
        Contribution::Start => place.money(found.start),
        Contribution::End => place.money(found.end),
        Contribution::NetFlow => place.money(found.net_flow),
        Contribution::Unexplained => place.money(found.attribution.unexplained),
        _ => place.money(part(&parts, figure)),
    };
    let trail = Trail::new(figure, result.clone()).signed_if(is_signed(figure));
    let trail = match about {
        Some(about) => trail.about(&about),
        None => trail,
    };
    let inputs = inputs(place, found, query, figure);
    Ok(Some(trail.ordered(inputs).steps(steps(
        place,
        found,
        &parts,
        (figure, result),
    ))))
}

/// The holdings that belong to the group, each in each portfolio.
fn inputs(
    place: Place<'_>,
    found: &Contributions,
    query: &TrailQuery,
    figure: Contribution,
) -> Vec<Input> {
    let valuation = place.valuation;
    let counts = |key: &super::model::Key| match query.group() {
        None => true,
        Some(word) => Contributions::group_of(valuation, By::named(Some(word)), key) == query.of,
    };
    let own = found.attribution.contributions.iter();
    let own = own.filter(|one| counts(&one.key));
    let inputs = own.filter_map(|one| {
        let (label, href) = match one.key.held {
            Held::Asset(asset) => {
                let symbol = valuation.instrument(asset).symbol.clone();
                (symbol, Some(place.holding_href(asset)))
            }
            Held::Cash(currency) => (format!("Cash in {currency}"), None),
        };
        let amount = match figure {
            Contribution::Start => one.start,
            Contribution::End => one.end,
            Contribution::NetFlow => one.net_flow,
            _ => part(&one.parts, figure),
        };
        let portfolio = valuation.portfolios.get(one.key.portfolio);
        let portfolio = portfolio.filter(|_| valuation.portfolios.len() > 1);
        let text = match portfolio {
            Some(portfolio) => format!("{label} in {}", portfolio.name),
            None => label,
        };
        let input = match figure {
            Contribution::Share => {
                let share = Amount::ratio(one.share.map_err(|reason| reason.to_string()));
                place.booked(text, share, href)
            }
            _ => place.booked(text, place.money(amount), href),
        };
        let on = match figure {
            Contribution::Start => found.days.from.yesterday().unwrap_or(found.days.from),
            _ => found.days.to,
        };
        let input = Input {
            source: "your transactions, closes and exchange rates".to_owned(),
            on: Some(on),
            age_days: Some(place.age(on)),
            quality: match one.key.held {
                Held::Asset(asset) => place.quality_at(asset, on),
                Held::Cash(_) => input.quality,
            },
            ..input
        };
        (!amount.is_zero()).then_some(input)
    });
    inputs.collect()
}

fn steps(
    place: Place<'_>,
    found: &Contributions,
    parts: &Parts,
    (figure, result): (Contribution, Amount),
) -> Vec<Step> {
    let step = |text: &str, amount| Step::new(text, place.money(amount));
    match figure {
        Contribution::Total | Contribution::PriceAndCurrency | Contribution::IncomeLessFees => {
            vec![
                step("Price", parts.price),
                step("Currency", parts.currency),
                step("Income", parts.income),
                step("less fees and taxes", -parts.fees),
                step("Contribution", parts.total),
            ]
        }
        Contribution::Share => vec![
            step("Contribution", parts.total),
            Step::new(
                "Average capital",
                place.float(found.attribution.average_capital),
            ),
            Step::new("One over the other", result),
        ],
        Contribution::Unexplained => vec![
            step("Change in value", found.attribution.change),
            step("less all contributions", -found.attribution.sum.total),
            Step::new("Unexplained", result),
        ],
        Contribution::Start | Contribution::End | Contribution::NetFlow => vec![
            step("Value at the start", found.start),
            step("Paid in less taken out", found.net_flow),
            step("Change in value", found.attribution.change),
            step("Value at the end", found.end),
        ],
        _ => vec![Step::new("Together", result)],
    }
}

/// A holding that moved, by the same list as the dashboard.
fn mover(
    place: Place<'_>,
    query: &TrailQuery,
    days: performance::Days,
    figure: Contribution,
) -> Result<Option<Trail>, ContributionError> {
    let valuation = place.valuation;
    let is_it = |asset| Some(valuation.instrument(asset).id) == query.instrument_id;
    let mut all = movers(valuation, days).into_iter();
    let Some(mover) = all.find(|mover| is_it(mover.asset)) else {
        return Ok(None);
    };
    let gain = place.float(mover.gain);
    let result = match figure {
        Contribution::MoverReturn => {
            let reason = "nothing was at stake at the start of the period";
            Amount::ratio(mover.ratio.ok_or(reason))
        }
        _ => gain.clone(),
    };
    let found = Contributions::new(valuation, days, Detail::Totals)?;
    let held = Held::Asset(mover.asset);
    let contributions = found.attribution.contributions.iter();
    let own: Vec<_> = contributions.filter(|one| one.key.held == held).collect();
    let start: Decimal = own.iter().map(|one| one.start).sum();
    let end: Decimal = own.iter().map(|one| one.end).sum();
    let net_flow: Decimal = own.iter().map(|one| one.net_flow).sum();
    let income: Decimal = own.iter().map(|one| one.parts.income).sum();
    let fees: Decimal = own.iter().map(|one| one.parts.fees).sum();
    let before = days.from.yesterday().unwrap_or(days.from);
    let href = Some(place.holding_href(mover.asset));
    let worth = |text: &str, amount, on| {
        let input = place.worth(text.to_owned(), place.money(amount), on, href.clone());
        Input {
            quality: place.quality_at(mover.asset, on),
            ..input
        }
    };
    let inputs = vec![
        worth("Value at the close before the period", -start, before),
        worth("Value at its last close", end, days.to),
        place.booked(
            "Sales and income less purchases and fees",
            place.money(-net_flow),
            href.clone(),
        ),
    ];
    let mut steps = vec![
        Step::new("of which income", place.money(income)),
        Step::new("and fees and taxes", place.money(-fees)),
        Step::new("Gain", gain),
    ];
    if figure == Contribution::MoverReturn {
        let stake = found.stakes.get(&held).copied().unwrap_or_default();
        steps.push(Step::new("What was at stake", place.money(stake)));
        steps.push(Step::new("One over the other", result.clone()));
    }
    let trail = Trail::new(figure, result).signed();
    let trail = trail.about(&valuation.instrument(mover.asset).symbol);
    Ok(Some(trail.ordered(inputs).steps(steps)))
}
