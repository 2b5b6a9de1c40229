//! How realised gains came about.

use ledger::Side;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    model::{GainLine, GainsReport, LONG_TERM_MONTHS, Question},
    sums::{GainSums, Term},
    wash_sales::WashSale,
};
use crate::trail::{Amount, Asked, Input, Place, Step, Trail, TrailQuery, figures, rate_text};

figures! {
    /// Figures of sales: of all, of those of a year, a holding period or an instrument, or of one lot that
    /// a sale closed.
    Gains {
        Proceeds: "gains_proceeds", "Proceeds", "What the sales brought, net of their fees and taxes, at the exchange rates of the sales.";
        Cost: "gains_cost", "Cost of what was sold", "What the shares that were sold had cost, with fees and taxes, at the exchange rates of the purchases. Which lots were sold is the cost basis.";
        Gain: "gains_gain", "Realised gain", "Proceeds less cost: proceeds net of charges at the exchange rate of the sale, cost with charges at that of the purchase.";
        PriceGain: "gains_price_gain", "Realised price gain", "The part of the gain that the price made: proceeds less cost in the currency of quotation, at the exchange rate of the sale.";
        CurrencyGain: "gains_currency_gain", "Realised currency gain", "The part of the gain that the exchange rate made: cost in the currency of quotation × the change of the rate from purchase to sale.";
        Charges: "gains_charges", "Charges of sales", "Fees and taxes of purchase and sale. They are within proceeds and cost already.";
        WashLoss: "gains_wash_loss", "Loss with a replacement", "Losses whose instrument was bought again within thirty days before or after, by the shares that were replaced. For information: no figure is changed by it.";
    }
}

impl Gains {
    fn of(self, sums: &GainSums) -> Decimal {
        match self {
            Self::Proceeds => sums.proceeds,
            Self::Cost => sums.cost,
            Self::Gain | Self::WashLoss => sums.gain,
            Self::PriceGain => sums.price_gain,
            Self::CurrencyGain => sums.currency_gain,
            Self::Charges => sums.charges,
        }
    }

    fn is_signed(self) -> bool {
        matches!(self, Self::Gain | Self::PriceGain | Self::CurrencyGain)
    }
}

/// The address of a line: the transaction that closed the lot, and which of the lots that it closed.
pub(super) fn line_key(report: &GainsReport, line: &GainLine) -> String {
    let mut of_sale = report
        .lines
        .iter()
        .filter(|one| one.closed_by == line.closed_by);
    let at = of_sale.position(|one| std::ptr::eq(one, line));
    format!("{}.{}", line.closed_by, at.unwrap_or_default())
}

/// The address of a loss: the sale and the purchase that replaced it.
pub(super) fn loss_key(flag: &WashSale) -> String {
    let lot = flag.lot.unwrap_or_default();
    format!("{}.{lot}.{}", flag.sale, flag.replacement)
}

/// `None` when there is no such group.
pub(crate) fn trail(asked: Asked<'_>, figure: Gains) -> Option<Trail> {
    let (place, query) = (asked.place(), asked.query);
    let question = Question {
        year: query.year,
        long_term_months: query.months.unwrap_or(LONG_TERM_MONTHS),
        cost_basis: query.cost_basis,
    };
    let report = GainsReport::new(place.valuation, question);
    if figure == Gains::WashLoss {
        return replaced(place, &report, query);
    }
    let trail = |sums: &GainSums, lines: &[&GainLine], about: Option<&str>| {
        let trail = Trail::new(figure, place.money(figure.of(sums))).signed_if(figure.is_signed());
        let trail = match about {
            Some(about) => trail.about(about),
            None => trail,
        };
        let inputs = lines
            .iter()
            .map(|line| input(place, line, figure))
            .collect();
        trail.inputs(inputs).steps(steps(place, sums, figure))
    };
    let all = |of: &dyn Fn(&GainLine) -> bool| -> Vec<&GainLine> {
        report.lines.iter().filter(|line| of(line)).collect()
    };
    match query.group() {
        None => Some(trail(&report.totals, &all(&|_| true), None)),
        Some("term") => {
            let term = Term::ALL
                .into_iter()
                .find(|term| term.as_str() == query.of)?;
            let found = report.terms.iter().find(|one| one.term == term);
            let sums = found.map_or_else(GainSums::default, |one| one.sums);
            let lines = all(&|line| line.term == term);
            Some(trail(&sums, &lines, Some(label(term))))
        }
        Some("instrument") => {
            let mut instruments = report.instruments.iter();
            let found = instruments.find(|one| Some(one.instrument_id) == query.instrument_id)?;
            let lines = all(&|line| line.instrument_id == found.instrument_id);
            Some(trail(&found.sums, &lines, Some(&found.symbol)))
        }
        Some("line") => {
            let line = find_line(&report, &query.of)?;
            let own = Trail::new(figure, place.money(figure.of(&line.sums)))
                .signed_if(figure.is_signed())
                .about(&format!("{} sold on {}", line.symbol, line.sold_on));
            Some(
                own.ordered(sides(place, line))
                    .steps(line_steps(place, line, figure)),
            )
        }
        Some(_) => None,
    }
}

fn label(term: Term) -> &'static str {
    match term {
        Term::Short => "short-term",
        Term::Long => "long-term",
        Term::Unknown => "holding period unknown",
    }
}

fn find_line<'r>(report: &'r GainsReport, key: &str) -> Option<&'r GainLine> {
    let (sale, at) = key.split_once('.')?;
    let sale: Uuid = sale.parse().ok()?;
    let mut lines = report.lines.iter().filter(|line| line.closed_by == sale);
    lines.nth(at.parse().ok()?)
}

fn input(place: Place<'_>, line: &GainLine, figure: Gains) -> Input {
    let base = place.valuation.base;
    let money = |amount| money::round_to_currency(amount, base);
    let (proceeds, cost) = (money(line.sums.proceeds), money(line.sums.cost));
    let verbs = match line.side {
        Side::Long => ("sold", "bought"),
        Side::Short => ("sold short", "covered"),
    };
    let text = format!(
        "{} {} {} for {proceeds} {base}, {} for {cost} {base}",
        line.quantity, line.symbol, verbs.0, verbs.1
    );
    let amount = place.money(figure.of(&line.sums));
    place.recorded(text, amount, line.sold_on, Some(line.closed_by))
}

fn steps(place: Place<'_>, sums: &GainSums, figure: Gains) -> Vec<Step> {
    let step = |text: &str, amount| Step::new(text, place.money(amount));
    match figure {
        Gains::Proceeds => vec![step("All sales", sums.proceeds)],
        Gains::Cost => vec![step("All sales", sums.cost)],
        Gains::Charges => vec![step("All sales", sums.charges)],
        Gains::Gain | Gains::WashLoss => vec![
            step("Proceeds", sums.proceeds),
            step("less cost", -sums.cost),
            step("Gain", sums.gain),
        ],
        Gains::PriceGain => vec![
            step("Gain", sums.gain),
            step("less what exchange rates made", -sums.currency_gain),
            step("Price gain", sums.price_gain),
        ],
        Gains::CurrencyGain => vec![
            step("Gain", sums.gain),
            step("less what prices made", -sums.price_gain),
            step("Currency gain", sums.currency_gain),
        ],
    }
}

/// The rate that a booking was converted with.
fn rate(base: Decimal, local: Decimal) -> Option<Decimal> {
    base.checked_div(local).map(rate_text)
}

/// Sale and purchase of a lot, each at its own rate.
fn sides(place: Place<'_>, line: &GainLine) -> Vec<Input> {
    let (base, local) = (place.valuation.base, line.local_currency);
    let text = |what: &str, of_local: Decimal, of_base: Decimal| {
        let amount = money::round_to_currency(of_local, local);
        match rate(of_base, of_local).filter(|_| local != base) {
            Some(rate) => format!("{what} {amount} {local} × {rate} {base} for one"),
            None => format!("{what} {amount} {local}"),
        }
    };
    let shares = format!("{} {}", line.quantity, line.symbol);
    let (brought, took) = match line.side {
        Side::Long => ("brought, net of charges,", "had cost, charges included,"),
        Side::Short => ("brought when sold short", "cost when covered"),
    };
    // Of a short position the sale came first.
    let opened = (line.acquired_on.unwrap_or(line.sold_on), line.opened_by);
    let closed = (line.sold_on, Some(line.closed_by));
    let (sold, bought) = match line.side {
        Side::Long => (closed, opened),
        Side::Short => (opened, closed),
    };
    let (proceeds, cost) = (line.sums.proceeds, line.sums.cost);
    let proceeds_text = text(
        &format!("{shares} {brought}"),
        line.local_proceeds,
        proceeds,
    );
    let cost_text = text(&format!("{shares} {took}"), line.local_cost, cost);
    vec![
        place.recorded(proceeds_text, place.money(proceeds), sold.0, sold.1),
        place.recorded(cost_text, place.money(-cost), bought.0, bought.1),
    ]
}

fn line_steps(place: Place<'_>, line: &GainLine, figure: Gains) -> Vec<Step> {
    let local = |amount| Amount::Money {
        amount: money::round_to_currency(amount, line.local_currency),
        currency: line.local_currency,
    };
    let sums = &line.sums;
    let mut steps = Vec::new();
    if matches!(figure, Gains::PriceGain | Gains::CurrencyGain) {
        let gained = line.local_proceeds - line.local_cost;
        steps.push(Step::new(
            "Gain in the currency of quotation",
            local(gained),
        ));
        steps.push(Step::new("Gain", place.money(sums.gain)));
        steps.push(Step::new(
            "of which the price made",
            place.money(sums.price_gain),
        ));
        steps.push(Step::new(
            "and the exchange rate",
            place.money(sums.currency_gain),
        ));
        return steps;
    }
    steps.extend(self::steps(place, sums, figure));
    steps
}

fn replaced(place: Place<'_>, report: &GainsReport, query: &TrailQuery) -> Option<Trail> {
    let wanted = |flag: &&WashSale| query.group().is_none() || loss_key(flag) == query.of;
    let flags: Vec<&WashSale> = report.wash_sales.iter().filter(wanted).collect();
    if flags.is_empty() {
        return None;
    }
    let loss: Decimal = flags.iter().map(|flag| flag.loss).sum();
    let input = |flag: &&WashSale| {
        let text = flag.message.clone();
        place.recorded(text, place.exact(flag.loss), flag.sold_on, Some(flag.sale))
    };
    let inputs = flags.iter().map(input).collect();
    let steps = vec![Step::new("Together", place.money(loss))];
    Some(
        Trail::new(Gains::WashLoss, place.money(loss))
            .inputs(inputs)
            .steps(steps),
    )
}
